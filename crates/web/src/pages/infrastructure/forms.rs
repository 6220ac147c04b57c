//! What people send from the page of an infrastructure: another policy, which approvals count, members.

use super::{
    draft::Draft,
    page::{InfrastructurePath, Pages, page},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, StrictPath, Web},
    pages::{
        buttons::mendable,
        infrastructures::{names, read},
        shell::{Shell, Visit, see, see_saying},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    infrastructures::{members, policy},
    views::{ChangePolicyRequest, SetInfrastructureMemberRequest},
};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::HeaderMap,
    response::Response,
};
use domain::{Name, infrastructure::OnLapse};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(paths::POLICY, change_policy)
        .post(paths::ACCEPTS, change_accepts)
        .post(paths::PLACE_MEMBERS, change_members)
        // The page that a refused form left in the address bar.
        .get(paths::POLICY, to_page)
        .get(paths::ACCEPTS, to_page)
        .get(paths::PLACE_MEMBERS, to_page)
}

async fn to_page(
    Visit { shell, .. }: Visit,
    StrictPath(InfrastructurePath(name)): StrictPath<InfrastructurePath>,
) -> Result<Response, Failure> {
    see(&shell.at.infrastructure(&name))
}

/// A form of an infrastructure's page.
struct Sent {
    web: Web,
    headers: HeaderMap,
    name: Name,
    op: OpContext,
    form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let StrictPath(InfrastructurePath(name)) = StrictPath::from_request_parts(&mut parts, web).await?;
        let headers = parts.headers.clone();
        let SentForm { op, form } = SentForm::from_request(Request::from_parts(parts, body), web).await?;
        Ok(Self { web: web.clone(), headers, name, op, form })
    }
}

impl Sent {
    fn seen(&self) -> Option<&str> {
        Some(self.form.get("if_match")).filter(|tag| !tag.is_empty())
    }

    async fn again(self, draft: Draft) -> Result<Response, Failure> {
        let shell = Shell::of(&self.op, &self.web, &self.headers).await?;
        page(&self.op, shell, &self.name, Pages::default(), &draft).await
    }

    /// The page after the change, or the page again with the reason.
    async fn outcome(self, draft: Draft, made: Result<String, Error>) -> Result<Response, Failure> {
        let error = match made {
            Ok(says) => {
                let shell = Shell::for_nobody(&self.web, &self.headers);
                return see_saying(&self.web, &shell.at.infrastructure(&self.name), &says);
            }
            Err(error) => error,
        };
        let (status, problem) = mendable(error)?;
        self.again(draft.wrong(status, problem)).await
    }
}

async fn change_policy(sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::of("policy", &sent.form);
    if sent.form.get("go") != "change" {
        return sent.again(draft).await;
    }
    let made = match policy_request(&sent.form) {
        Ok(request) => policy::change(&sent.op, &sent.name, request, sent.seen()).await,
        Err(error) => Err(error),
    };
    let made = made.map(|done| match done.already_done {
        true => format!("The policy of {} is {} already.", sent.name, done.result.policy),
        false => format!("The policy of {} is {} now.", sent.name, done.result.policy),
    });
    sent.outcome(draft, made).await
}

fn policy_request(form: &Form) -> Result<ChangePolicyRequest, Error> {
    let policy = form.get("policy");
    if policy.is_empty() {
        return Err(Error::invalid("/policy", "choose one of the three policies"));
    }
    Ok(ChangePolicyRequest {
        policy: read("/policy", policy)?,
        on_lapse: match form.get("on_lapse") {
            "" => None,
            chosen => Some(read::<OnLapse>("/on_lapse", chosen)?),
        },
        projects: None,
        independent_approval: None,
        reason: form.text("reason").unwrap_or_default(),
    })
}

/// Which approvals count: a form of its own, so that nobody changes the policy by the way.
async fn change_accepts(sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::of("accepts", &sent.form);
    if sent.form.get("go") != "change" {
        return sent.again(draft).await;
    }
    let made = accept(&sent).await;
    let made = made.map(|already_done| match already_done {
        true => format!("{} accepts these approvals already.", sent.name),
        false => format!("You changed which approvals {} accepts.", sent.name),
    });
    sent.outcome(draft, made).await
}

async fn accept(sent: &Sent) -> Result<bool, Error> {
    let projects: Result<Vec<Name>, Error> = names(sent.form.get("projects")).map(|name| read("/projects", name)).collect();
    let projects = projects?;
    let request = ChangePolicyRequest {
        policy: read("/policy", sent.form.get("policy"))?,
        on_lapse: None,
        projects: Some((!projects.is_empty()).then_some(projects)),
        independent_approval: Some(!sent.form.get("independent").is_empty()),
        reason: sent.form.text("reason").unwrap_or_default(),
    };
    Ok(policy::change(&sent.op, &sent.name, request, sent.seen()).await?.already_done)
}

/// Gives a role, or takes the role away of the member whose button was pressed.
async fn change_members(sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::of("member", &sent.form);
    let removed = sent.form.get("remove").to_owned();
    if sent.form.get("go") == "again" {
        return sent.again(draft).await;
    }
    if !removed.is_empty() {
        let made = members::remove(&sent.op, &sent.name, &removed).await;
        let says = format!("{removed} has no role on {} any more.", sent.name);
        return sent.outcome(draft, made.map(|_| says)).await;
    }
    let member = draft.member.clone();
    let made = match read("/role", &draft.role) {
        Ok(role) => members::set(&sent.op, &sent.name, &member, SetInfrastructureMemberRequest { role }).await,
        Err(error) => Err(error),
    };
    let says = format!("{member} is {} of {} now.", draft.role, sent.name);
    sent.outcome(draft, made.map(|_| says)).await
}
