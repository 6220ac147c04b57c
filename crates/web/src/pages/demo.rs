//! The demo's bar on every page: being somebody else, and the tour. Only a server of the demo has these routes, and they answer only a
//! browser on this machine. The switch gives no right: it signs in with the password that everybody in the demo has.

pub(super) mod bar;
mod catcher;
mod mailbox;
mod visitor;

use super::{
    door::safe,
    shell::{Shell, see, see_saying},
};
use crate::{
    auth::{DoorForm, Visitor, keep_cookie, keep_session},
    http::{Failure, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error,
    people::{sign_in, tokens},
    views::SignInRequest,
};
use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::Response,
};
use bar::{DemoBar, OFF, TOUR};
use domain::Duration;
use visitor::OnThisMachine;

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(paths::PERSON, be)
        .post(paths::TOUR, step)
        // What a form leaves in the browser's list of addresses.
        .get(paths::PERSON, to_inbox)
        .get(paths::TOUR, to_inbox)
        .merge(mailbox::routes())
        .merge(catcher::routes())
}

/// Signs the browser in as another person. The session of the person before ends.
async fn be(
    State(web): State<Web>,
    _: OnThisMachine,
    headers: HeaderMap,
    visitor: Result<Visitor, Failure>,
    DoorForm { op, form }: DoorForm,
) -> Result<Response, Failure> {
    let demo = web.options.demo.clone().ok_or_else(nobody)?;
    let persona = demo.personas.iter().find(|persona| persona.account.as_str() == form.get("account")).ok_or_else(nobody)?;
    let request = SignInRequest {
        user: Some(persona.account.clone()),
        password: demo.password.clone(),
        invitation: None,
        label: Some("browser".to_owned()),
    };
    let session = sign_in::in_browser(&op, request).await?;
    if let Ok(Visitor(before)) = visitor {
        tokens::revoke_current(&before).await?;
    }
    let shell = Shell::for_nobody(&web, &headers);
    let says = format!("You are {} now.", persona.name);
    let mut answer = see_saying(&web, &safe(form.get("then"), &shell), &says)?;
    answer.headers_mut().append(header::SET_COOKIE, keep_session(&web, &session)?);
    Ok(answer)
}

async fn to_inbox(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    see(&Shell::for_nobody(&web, &headers).at.inbox())
}

fn nobody() -> Error {
    Error::not_found("person of the demo", "")
}

/// Goes on or back in the tour, ends it or begins it again.
async fn step(
    State(web): State<Web>,
    _: OnThisMachine,
    headers: HeaderMap,
    DoorForm { form, .. }: DoorForm,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let present = shell.demo.as_ref().and_then(DemoBar::step).map_or(0, |(number, _)| number);
    let last = shell.demo.as_ref().map_or(0, DemoBar::steps);
    let kept = match form.get("go") {
        "next" => (present + 1).min(last).to_string(),
        "back" => present.saturating_sub(1).max(1).to_string(),
        "begin" => "1".to_owned(),
        "end" => OFF.to_owned(),
        _ => present.to_string(),
    };
    let mut answer = see(&came_from(&headers, &shell))?;
    let kept = keep_cookie(web.urls.is_https(), TOUR, &kept, Duration::from_days(1))?;
    answer.headers_mut().append(header::SET_COOKIE, kept);
    Ok(answer)
}

/// The page whose form was sent.
fn came_from(headers: &HeaderMap, shell: &Shell) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok()?.parse::<Uri>().ok());
    safe(referer.as_ref().and_then(Uri::path_and_query).map_or("", |path| path.as_str()), shell)
}
