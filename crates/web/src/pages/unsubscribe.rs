//! The page behind the link at the end of each mail. Looking at the page ends nothing: mail scanners follow links. The form does, and so does the
//! request that a mail program sends by itself (RFC 8058), which comes from no page of this server and without a session.

use super::{door::CodePath, parts, shell::Shell};
use crate::{
    http::{Failure, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::messages;
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{DisplayName, notice::Wanted};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::UNSUBSCRIBE, show).post(paths::UNSUBSCRIBE, end)
}

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage<'a> {
    shell: &'a Shell,
    code: &'a str,
    name: DisplayName,
    /// Whether this person gets no mail, before the form or by it.
    has_ended: bool,
}

async fn show(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
) -> Result<Response, Failure> {
    page(&web, &headers, &code).await
}

async fn end(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
) -> Result<Response, Failure> {
    messages::unsubscribe(&web.server, &code).await?;
    page(&web, &headers, &code).await
}

async fn page(web: &Web, headers: &HeaderMap, code: &str) -> Result<Response, Failure> {
    let (name, wanted) = messages::wanted_by_code(&web.server, code).await?;
    let shell = Shell::for_nobody(web, headers);
    shell.page(StatusCode::OK, &UnsubscribePage { shell: &shell, code, name, has_ended: wanted == Wanted::Nothing })
}
