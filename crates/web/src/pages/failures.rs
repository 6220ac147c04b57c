//! The pages for what went wrong: what, why, and how to go on. A program that asked for no page reads the same as a text.

pub(crate) use super::parts::sentence;

use super::{
    door, parts,
    shell::{Shell, html, see},
};
use crate::{
    auth::is_signed_in,
    http::{Asked, Failure},
    urls::{Urls, pages::At},
};
use app::error::{Code, Kind};
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    shell: Shell,
    icon: &'static str,
    title: &'static str,
    lead: String,
    more: String,
    link: Option<String>,
    request: &'a str,
}

/// Writes a failure as a page, or as a text for a program. Somebody who is not signed in is sent to sign in, and comes back.
pub(crate) fn write_failure(failure: &Failure, asked: &Asked, answer: Response) -> Response {
    if !asked.wants_page {
        return text(failure, asked, answer);
    }
    let sent_on = (failure.error.kind() == Kind::Unauthenticated).then(|| match failure.unsent() {
        Some(unsent) => door::sign_in_and_go_on(&asked.web, asked.uri.path(), unsent),
        None => to_sign_in(failure, asked),
    });
    let page = sent_on.unwrap_or_else(|| page(failure, asked, &answer));
    let Ok(page) = page else { return text(failure, asked, answer) };
    let (mut head, body) = page.into_parts();
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = answer.headers().get(&name) {
            head.headers.insert(name, value.clone());
        }
    }
    Response::from_parts(head, body)
}

fn to_sign_in(failure: &Failure, asked: &Asked) -> Result<Response, Failure> {
    // A form cannot be sent again by a link: its page can be opened again.
    let then = asked.uri.path_and_query().map_or("/", |then| then.as_str());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("then", then);
    if failure.error.code != Code::NotSignedIn {
        query.append_pair("ended", "1");
    }
    if asked.method != Method::GET && asked.method != Method::HEAD {
        query.append_pair("unsent", "1");
    }
    see(&format!("{}?{}", At(asked.web.urls.clone()).sign_in(), query.finish()))
}

fn page(failure: &Failure, asked: &Asked, answer: &Response) -> Result<Response, Failure> {
    let error = &failure.error;
    let (icon, title) = match error.kind() {
        Kind::NotFound => ("search", "Not found"),
        Kind::Forbidden | Kind::DeniedByPolicy => ("lock", "Not for you"),
        Kind::RateLimited => ("clock", "Too many requests"),
        Kind::Unavailable | Kind::Full => ("sync", "Not now"),
        Kind::Internal => ("warn", "Something broke"),
        Kind::Conflict | Kind::Stale => ("stale", "Changed meanwhile"),
        _ => ("warn", "That did not work"),
    };
    let lead = match error.kind() {
        Kind::NotFound => "It does not exist, or is not yours to see.".to_owned(),
        Kind::Internal if matches!(error.code, Code::InDoubt | Code::NotShown) => {
            "Look whether it was done before you repeat it.".to_owned()
        }
        Kind::Internal => "Nothing was changed.".to_owned(),
        _ => sentence(&error.message),
    };
    let details = error.details.as_deref();
    let who = details.map(|details| details.who_can.join(", ")).filter(|who| !who.is_empty());
    let more = who.map(|who| format!("Ask {who}.")).unwrap_or_default();
    let link = details.and_then(|details| details.link.as_deref()).map(|link| Urls::on_this_host(link).to_owned());
    let mut headers = HeaderMap::new();
    headers.extend(asked.cookies.clone().map(|cookies| (header::COOKIE, cookies)));
    let shell = Shell { says: None, is_known: is_signed_in(&headers, &asked.web), ..Shell::for_nobody(&asked.web, &headers) };
    let page = FailurePage { shell, icon, title, lead, more, link, request: &asked.id };
    Ok((answer.status(), html(&page)?).into_response())
}

fn text(failure: &Failure, asked: &Asked, answer: Response) -> Response {
    let (mut head, _) = answer.into_parts();
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let text = format!("{}\n{}\n\nRequest: {}\n", failure.error, failure.error.code.remedy(), asked.id);
    (head, text).into_response()
}
