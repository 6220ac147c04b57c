//! The page of an act on a review: what the act would do, to whom, to what runs; and its form. Somebody who may not do it reads why.

use super::{
    acts::{Act, Reason},
    draft::Draft,
    sent::Sent,
};
use crate::{
    auth::PasswordAttempt,
    http::{Failure, Form, Routes, StrictPath},
    pages::{
        failures::sentence,
        parts,
        shell::{Shell, Visit},
    },
    urls::pages::At,
};
use app::{
    Error, OpContext, Page,
    people::users,
    reviews,
    views::{
        CommentRequest, DelegateRequest, Done, LapsedService, NotifyText, Possible, RequestReviewRequest, ResetRequest,
        RestoreRequest, RetireRequest, Review, RevokeRequest,
    },
};
use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    SignOffRef, StepName, VersionRef,
    deployment::PolicyStanding,
    signoff::{Notify, Status},
};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Act::ALL.into_iter().fold(Routes::new(), |routes, act| {
        routes
            .get(act.path(), move |visit, name, query| show(act, visit, name, query))
            .post(act.path(), move |attempt, sent| carry_out(act, attempt, sent))
    })
}

/// The most accounts that are offered for a delegation.
const OFFERED: u32 = 200;

#[derive(Template)]
#[template(path = "act.html")]
struct ActPage<'a> {
    shell: &'a Shell,
    at: &'a At,
    act: Act,
    on: &'a SignOffRef,
    review: &'a Review,
    /// Why who looks may not do it; empty for those who may.
    barred: String,
    /// What runs on the approval that the act would end.
    services: Vec<LapsedService>,
    /// The tasks that can be delegated: the name of a slot, or empty for the final approval.
    tasks: Vec<String>,
    /// To whom a task can be delegated: account, display name.
    offered: Vec<(String, String)>,
    needs_password: bool,
    typed: &'a Form,
    draft: &'a Draft,
}

async fn show(
    act: Act,
    visit: Visit,
    StrictPath(version): StrictPath<VersionRef>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let step = query.get("step").map(|step| step.parse::<StepName>()).transpose();
    let step = step.map_err(|error| Error::invalid("step", format!("{error}")))?;
    page(act, &visit, &SignOffRef { version, step }, &Form::default(), &Draft::default()).await
}

async fn carry_out(act: Act, attempt: PasswordAttempt, sent: Sent) -> Result<Response, Failure> {
    let on = sent.sign_off();
    let review = reviews::show(&sent.op, &on, None).await?;
    let failure = match command(act, &attempt, &sent, &on).await {
        Ok(done) if done.already_done => {
            return sent.done(&done.result, &format!("That was done before. {}", act.says(&review)));
        }
        Ok(done) => return sent.done(&done.result, &act.says(&review)),
        Err(failure) => failure,
    };
    let draft = sent.refused(Draft::default(), failure).await?;
    let shell = Shell::of(&sent.op, &sent.web, &sent.headers).await?;
    page(act, &Visit { op: sent.op, shell }, &on, &sent.form, &draft).await
}

async fn command(act: Act, attempt: &PasswordAttempt, sent: &Sent, on: &SignOffRef) -> Result<Done<Review>, Failure> {
    let (op, seen, comment) = (&sent.op, sent.seen(), sent.form.text("comment"));
    let password = sent.password();
    let brings_password = password.is_some();
    Ok(match act {
        Act::Delegate => {
            let to = sent.form.get("to").trim();
            let to = to.parse().map_err(|_| Error::invalid("to", "choose the account of the person who can act for you"))?;
            let slot = sent.form.text("slot").map(|slot| slot.parse()).transpose();
            let slot = slot.map_err(|_| Error::invalid("slot", "there is no such slot"))?;
            let request = DelegateRequest { slot, to, until: sent.form.text("until") };
            reviews::delegate(op, on, request, seen).await?
        }
        Act::Abandon => reviews::abandon(op, on, CommentRequest { comment }, seen).await?,
        Act::ReloadReviewers => reviews::reload_reviewers(op, on, CommentRequest { comment }, seen).await?,
        Act::CancelAbandon => reviews::cancel_abandon(op, on, seen).await?,
        Act::Renew => {
            let notify = if sent.form.get("notify") == "none" { Notify::Nobody } else { Notify::All };
            let skip_feedback = !sent.form.get("skip_feedback").is_empty();
            reviews::renew(op, on, RequestReviewRequest { skip_feedback, notify: NotifyText(notify) }, seen).await?
        }
        Act::Revoke => {
            let request = RevokeRequest { comment, dry_run: false, password };
            attempt.command(op, brings_password, reviews::revoke(op, on, request, seen)).await?
        }
        Act::Reset => {
            let reload_reviewers = !sent.form.get("reload").is_empty();
            let request = ResetRequest { reload_reviewers, comment, dry_run: false, password };
            attempt.command(op, brings_password, reviews::reset(op, on, request, seen)).await?
        }
        Act::Retire => {
            let retirement = reviews::retire(op, on.version.clone(), RetireRequest { comment, password }, seen);
            attempt.command(op, brings_password, retirement).await?
        }
        Act::Restore => {
            let restoring = reviews::restore(op, on.version.clone(), RestoreRequest { comment, password }, seen);
            attempt.command(op, brings_password, restoring).await?
        }
    })
}

/// The page, with what was typed.
async fn page(act: Act, Visit { op, shell }: &Visit, on: &SignOffRef, typed: &Form, draft: &Draft) -> Result<Response, Failure> {
    let shell = shell.clone().here("projects");
    let review = reviews::show(op, on, None).await?;
    let command = act.command().as_str();
    let mine: Vec<&Possible> = review.may.iter().filter(|possible| possible.command == command).collect();
    let allowed: Vec<_> = mine.iter().filter(|possible| possible.allowed).collect();
    let reason = mine.iter().find_map(|possible| possible.reason.as_deref()).unwrap_or("There is nothing to do here now");
    let barred = if allowed.is_empty() { sentence(reason) } else { String::new() };
    let tasks = allowed.iter().map(|possible| possible.slot.clone().unwrap_or_default()).collect();
    let page = ActPage {
        at: &shell.at,
        services: if barred.is_empty() { services(act, op, on, &review).await? } else { Vec::new() },
        offered: if act == Act::Delegate && barred.is_empty() { offered(op).await? } else { Vec::new() },
        needs_password: needs_password(act, &review) && reviews::needs_password(op),
        tasks,
        barred,
        act,
        on,
        typed,
        draft,
        shell: &shell,
        review: &review,
    };
    shell.page(draft.status(), &page)
}

/// Whether the act is one that its person signs.
fn needs_password(act: Act, review: &Review) -> bool {
    let approved = review.status == Status::Approved;
    act == Act::Revoke || matches!(act, Act::Reset | Act::Retire | Act::Restore) && approved
}

/// What runs on the approval that the act would end.
async fn services(act: Act, op: &OpContext, on: &SignOffRef, review: &Review) -> Result<Vec<LapsedService>, Error> {
    let (comment, seen) = (Some(act.words(review)), Some(review.etag.to_string()));
    let tried = match act {
        Act::Revoke => reviews::revoke(op, on, RevokeRequest { comment, dry_run: true, password: None }, seen.as_deref()).await?,
        Act::Reset => {
            let request = ResetRequest { comment, dry_run: true, ..ResetRequest::default() };
            reviews::reset(op, on, request, seen.as_deref()).await?
        }
        _ => return Ok(Vec::new()),
    };
    Ok(tried.result.services)
}

async fn offered(op: &OpContext) -> Result<Vec<(String, String)>, Error> {
    let users = users::list(op, Page { after: String::new(), limit: OFFERED }).await?;
    Ok(users.items.into_iter().map(|user| (user.name.to_string(), user.display_name.to_string())).collect())
}

impl ActPage<'_> {
    fn title(&self) -> String {
        let error = if self.draft.problem.is_empty() { "" } else { "Error: " };
        format!("{error}{}: {}", self.act.words(self.review), self.review.version.model)
    }

    fn reason(&self) -> Reason {
        self.act.reason(self.review)
    }

    fn is(&self, act: Act) -> bool {
        self.act == act
    }

    /// What was typed as the reason.
    fn comment(&self) -> &str {
        self.typed.get("comment")
    }
}

/// What becomes of a service, in words.
fn becomes(service: &LapsedService) -> &'static str {
    match service.standing {
        PolicyStanding::Disabled => "is taken out of service",
        _ => "serves out of policy until its permit ends",
    }
}
