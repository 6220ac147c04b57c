//! Each request over HTTP/1.1 says once which host it is for (RFC 9112, section 3.2). A request that does not may have been read in another way
//! by a proxy in front.

use super::Failure;
use app::{Error, error::Code};
use axum::{
    extract::Request,
    http::{Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses a request without a host, or with several.
pub(super) async fn require(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        let message =
            if hosts == 0 { "the header Host is missing: send one" } else { "there are several Host headers: send one" };
        return Failure::from(Error::new(Code::MalformedHost, message)).into_response();
    }
    next.run(request).await
}
