//! The pages, for people. There are no pages yet, but every link leads on: the server sends a program that follows a link
//! with its token to the resource of the API that the page shows. That stays so when browsers get the page.

use crate::{
    auth::Op,
    http::{Face, Failure, FromPath, Routes, StrictPath, Web, parameter},
    urls::{self, Urls},
};
use app::Error;
use axum::{
    extract::{RawPathParams, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::VersionRef;

/// What the pages bring.
pub(crate) fn face() -> Face {
    Face {
        routes: Routes::new().get(urls::pages::VERSION, version),
        failures: write_text,
        content_security_policy: "default-src 'none'; frame-ancestors 'none'",
    }
}

/// The page of a version: for a program, the version in the API.
async fn version(_: Op, State(web): State<Web>, StrictPath(version): StrictPath<VersionRef>) -> Result<Response, Failure> {
    let address = web.urls.version(&version);
    let location = HeaderValue::try_from(Urls::on_this_host(&address)).map_err(Error::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

impl FromPath for VersionRef {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let (project, model) = (parameter(parameters, "project")?, parameter(parameters, "model")?);
        Ok(Self { project, model, number: parameter(parameters, "version")? })
    }
}

/// A failure as a text that a person can read in a browser.
fn write_text(failure: &Failure, request: &str, answer: Response) -> Response {
    let (mut head, _) = answer.into_parts();
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // Pages will word the next step as a link or a button.
    let text = format!("{}\n{}\n\nRequest: {request}\n", failure.error, failure.error.code.remedy());
    (head, text).into_response()
}
