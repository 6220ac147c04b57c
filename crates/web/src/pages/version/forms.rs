//! What people send from the version's page: a review request, feedback, a decision. Each form brings the tag of the state that its page
//! showed. A form with several buttons is carried out only if the button is that of the choice.

use super::{draft::Draft, evidence::Tab, page::answer};
use crate::{
    auth::{PasswordAttempt, SentForm},
    http::{Failure, Form, Routes, StrictPath, Web},
    pages::{
        failures::sentence,
        parts,
        shell::{Shell, Visit, see, see_linking},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    error::Kind,
    reviews,
    views::{
        CommentRequest, DecisionRequest, DecisionWord, Done, GiveFeedbackRequest, NotifyText, Password, RequestReviewRequest,
        Review,
    },
};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    Duration, SignOffRef, SlotName, VersionRef,
    signoff::{Notify, Verdict},
};
use std::collections::HashMap;

const FORMS: [&str; 7] = [
    paths::DECISION,
    paths::FEEDBACK,
    paths::WITHDRAW,
    paths::REQUEST,
    paths::FINAL_APPROVAL,
    paths::BACK_TO_FEEDBACK,
    paths::TAKE_BACK,
];

pub(super) fn routes() -> Routes {
    let routes = Routes::new()
        .post(paths::DECISION, decide)
        .post(paths::FEEDBACK, give_feedback)
        .post(paths::WITHDRAW, withdraw)
        .post(paths::REQUEST, request)
        .post(paths::FINAL_APPROVAL, ask_for_decision)
        .post(paths::BACK_TO_FEEDBACK, back)
        .post(paths::TAKE_BACK, take_back);
    // The page that a refused form left in the address bar.
    FORMS.into_iter().fold(routes, |routes, path| routes.get(path, to_version))
}

async fn to_version(Visit { shell, .. }: Visit, StrictPath(name): StrictPath<VersionRef>) -> Result<Response, Failure> {
    see(&shell.at.version(&name))
}

/// A form of a version's page.
struct Sent {
    web: Web,
    headers: HeaderMap,
    name: VersionRef,
    op: OpContext,
    form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let StrictPath(name) = StrictPath::from_request_parts(&mut parts, web).await?;
        let headers = parts.headers.clone();
        let SentForm { op, form } = SentForm::from_request(Request::from_parts(parts, body), web).await?;
        Ok(Self { web: web.clone(), headers, name, op, form })
    }
}

impl Sent {
    fn sign_off(&self) -> SignOffRef {
        SignOffRef { version: self.name.clone(), step: None }
    }

    /// The tag of the state that the page showed.
    fn seen(&self) -> Option<&str> {
        Some(self.form.get("if_match")).filter(|tag| !tag.is_empty())
    }

    /// The page after the form was carried out.
    fn done(&self, review: &Review, says: String) -> Result<Response, Failure> {
        let at = Shell::for_nobody(&self.web, &self.headers).at;
        let sheet = at.sheet(&self.name, &review.round, "");
        let is_decided = review.decision.is_some() && !review.status.is_open();
        see_linking(&self.web, &at.version(&self.name), &says, is_decided.then_some((&sheet, "Sign-off sheet")))
    }

    /// The page again, with what was typed.
    async fn again(self, draft: Draft) -> Result<Response, Failure> {
        let shell = Shell::of(&self.op, &self.web, &self.headers).await?;
        answer(&Visit { op: self.op, shell }, &self.name, Tab::Summary, &HashMap::new(), &draft).await
    }

    /// What came of a command: the page after it, or the page again with the reason.
    async fn outcome(self, draft: Draft, made: Result<Done<Review>, Failure>, says: &str) -> Result<Response, Failure> {
        let failure = match made {
            Ok(done) if done.already_done => return self.done(&done.result, format!("That was done before. {says}")),
            Ok(done) => return self.done(&done.result, says.to_owned()),
            Err(failure) => failure,
        };
        match failure.error.kind() {
            Kind::NotFound | Kind::Internal | Kind::Unavailable | Kind::Full => Err(failure),
            Kind::Conflict | Kind::Stale => {
                let happened = self.what_happened().await.unwrap_or_default();
                let problem = format!("{happened} {}", sentence(&failure.error.message));
                self.again(draft.refused(&failure, problem.trim().to_owned())).await
            }
            _ => {
                let problem = sentence(&failure.error.message);
                self.again(draft.refused(&failure, problem)).await
            }
        }
    }

    /// Who did something last, and when.
    async fn what_happened(&self) -> Option<String> {
        let last = crate::pages::version::history::load(&self.op, &self.name).await.ok()?.into_iter().next()?;
        let when = parts::time::ago_in_words(last.at, self.web.server.now());
        Some(format!("{} {}, {when}.", last.who, last.did))
    }
}

/// Feedback of one's own, as typed.
async fn give_feedback(sent: Sent) -> Result<Response, Failure> {
    let slot = sent.form.get("slot").to_owned();
    let draft = Draft::of(slot.clone(), "verdict", &sent.form);
    let (go, verdict) = (sent.form.get("go").to_owned(), draft.choice.clone());
    if go == "again" {
        return sent.again(draft).await;
    }
    if go != verdict || verdict.is_empty() {
        return sent
            .again(draft.wrong(StatusCode::UNPROCESSABLE_ENTITY, "Choose what you think, then press the button below it."))
            .await;
    }
    let slot: SlotName = slot.parse().map_err(|_| Error::invalid("slot", "there is no such slot"))?;
    let verdict: Verdict = verdict.parse().map_err(|_| Error::invalid("verdict", "this is no verdict"))?;
    let request = GiveFeedbackRequest { slot: slot.clone(), verdict, comment: sent.form.text("comment") };
    let made = reviews::feedback::give(&sent.op, &sent.sign_off(), request, sent.seen()).await;
    let says = format!("You gave your feedback in {slot}: {}.", parts::status::words(verdict).to_lowercase());
    sent.outcome(draft, made.map_err(Failure::from), &says).await
}

async fn withdraw(sent: Sent) -> Result<Response, Failure> {
    let slot: SlotName = sent.form.get("slot").parse().map_err(|_| Error::invalid("slot", "there is no such slot"))?;
    let made = reviews::feedback::withdraw(&sent.op, &sent.sign_off(), slot, sent.seen()).await;
    sent.outcome(Draft::default(), made.map_err(Failure::from), "You withdrew your feedback.").await
}

async fn request(sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::of("request", "notify", &sent.form);
    let notify = if sent.form.get("notify") == "none" { Notify::Nobody } else { Notify::All };
    let request = RequestReviewRequest { skip_feedback: draft.skip_feedback, notify: NotifyText(notify) };
    let made = reviews::request(&sent.op, &sent.sign_off(), request, sent.seen()).await;
    sent.outcome(draft, made.map_err(Failure::from), "You requested the review.").await
}

async fn ask_for_decision(sent: Sent) -> Result<Response, Failure> {
    let made = reviews::request_final(&sent.op, &sent.sign_off(), sent.seen()).await;
    sent.outcome(Draft::default(), made.map_err(Failure::from), "You asked for the final approval.").await
}

async fn back(sent: Sent) -> Result<Response, Failure> {
    let made = reviews::back(&sent.op, &sent.sign_off(), sent.seen()).await;
    sent.outcome(Draft::default(), made.map_err(Failure::from), "The review is back at feedback.").await
}

async fn take_back(sent: Sent) -> Result<Response, Failure> {
    let made = reviews::take_back(&sent.op, &sent.sign_off(), sent.seen()).await;
    sent.outcome(Draft::default(), made.map_err(Failure::from), "You took your request back.").await
}

/// The final decision, or the end of the review without one.
async fn decide(attempt: PasswordAttempt, sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::of("decision", "decision", &sent.form);
    let (go, decision) = (sent.form.get("go").to_owned(), draft.choice.clone());
    if go == "again" {
        return sent.again(draft).await;
    }
    let word = match decision.as_str() {
        choice if choice != go => None,
        "approve" => Some(Some(DecisionWord::Approve)),
        "reject" => Some(Some(DecisionWord::Reject)),
        "abandon" => Some(None),
        _ => None,
    };
    let Some(word) = word else {
        return sent
            .again(draft.wrong(StatusCode::UNPROCESSABLE_ENTITY, "Choose one of the three, then press the button below it."))
            .await;
    };
    let comment = sent.form.text("comment");
    let (what, model) = (sent.sign_off(), format!("{} v{}", sent.name.model, sent.name.number));
    let Some(decision) = word else {
        let made = reviews::abandon(&sent.op, &what, CommentRequest { comment }, sent.seen()).await;
        let says = format!("You abandoned the review of {model}.");
        return sent.outcome(draft, made.map_err(Failure::from), &says).await;
    };
    let valid_for = match sent
        .form
        .text("valid_for")
        .filter(|_| decision == DecisionWord::Approve)
        .map(|length| length.parse::<Duration>())
    {
        None => None,
        Some(Ok(length)) => Some(length),
        Some(Err(error)) => {
            return sent.again(draft.wrong(StatusCode::UNPROCESSABLE_ENTITY, sentence(&error.to_string()))).await;
        }
    };
    let password =
        Some(sent.form.get("password")).filter(|password| !password.is_empty()).map(|password| Password(password.to_owned()));
    let brings_password = password.is_some();
    let request = DecisionRequest { decision, comment, valid_for, password };
    let made = attempt.command(&sent.op, brings_password, reviews::decide(&sent.op, &what, request, sent.seen())).await;
    let says = match decision {
        DecisionWord::Approve => format!("You approved {model}."),
        DecisionWord::Reject => format!("You rejected {model}. It is locked."),
    };
    sent.outcome(draft, made, &says).await
}
