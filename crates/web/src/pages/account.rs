//! One's own account: sessions and tokens, and the colours of pages.

use super::{
    parts,
    shell::{Shell, Visit, keep_colours, see, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error, Page,
    people::{tokens, users},
    views::{Token, User},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::TokenId;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::ACCOUNT, show).post(paths::COLOURS, colours).post(paths::END_SESSION, end)
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    shell: &'a Shell,
    user: User,
    sessions: Vec<Token>,
    tokens: Vec<Token>,
}

async fn show(Visit { op, shell }: Visit) -> Result<Response, Failure> {
    let user = users::me(&op).await?;
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = tokens::list(&op, None, &Page { after, limit: 200 }).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    all.reverse();
    let (sessions, tokens) = all.into_iter().partition(|token| token.is_session);
    shell.page(StatusCode::OK, &AccountPage { shell: &shell, user, sessions, tokens })
}

/// Chooses the colours of the pages, and goes back to the page.
async fn colours(State(web): State<Web>, headers: HeaderMap, SentForm { form, .. }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let mut answer = see(&back(&headers, &shell))?;
    answer.headers_mut().append(header::SET_COOKIE, keep_colours(&web, form.get("colours"))?);
    Ok(answer)
}

/// The page that the form stood on, as the browser says: a path of this server, whatever the host is called.
fn back(headers: &HeaderMap, shell: &Shell) -> String {
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if path.starts_with(&shell.at.inbox()) && !path.starts_with("//") { path.to_owned() } else { shell.at.account() }
}

async fn end(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let id: TokenId =
        form.get("token").parse().map_err(|_| Error::invalid("token", "this is not the id of a session or token"))?;
    tokens::revoke(&op, id).await?;
    see_saying(&web, &Shell::for_nobody(&web, &headers).at.account(), "Ended.")
}
