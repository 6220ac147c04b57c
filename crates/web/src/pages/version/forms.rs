//! What people send from the version's page: a review request, feedback, a decision. Each form brings the tag of the state that its page
//! showed. A form with several buttons is carried out only if the button is that of the choice.

use super::{draft::Draft, evidence::Tab, page::answer, sent::Sent};
use crate::{
    auth::PasswordAttempt,
    http::{Failure, Routes, StrictPath},
    pages::{
        failures::sentence,
        parts,
        shell::{Shell, Visit, see},
    },
    urls::pages as paths,
};
use app::{
    Error, reviews,
    views::{CommentRequest, DecisionRequest, DecisionWord, Done, GiveFeedbackRequest, NotifyText, RequestReviewRequest, Review},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    Duration, SlotName, VersionRef,
    signoff::{Notify, Verdict},
};

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

impl Sent {
    /// The page again, with what was typed.
    async fn again(self, draft: Draft) -> Result<Response, Failure> {
        let shell = Shell::of(&self.op, &self.web, &self.headers).await?;
        let query = self.form.text("step").map(|step| ("step".to_owned(), step)).into_iter().collect();
        answer(&Visit { op: self.op, shell }, &self.name, Tab::Summary, &query, &draft).await
    }

    /// What came of a command: the page after it, or the page again with the reason.
    async fn outcome(self, draft: Draft, made: Result<Done<Review>, Failure>, says: &str) -> Result<Response, Failure> {
        match made {
            Ok(done) if done.already_done => self.done(&done.result, &format!("That was done before. {says}")),
            Ok(done) => self.done(&done.result, says),
            Err(failure) => {
                let draft = self.refused(draft, failure).await?;
                self.again(draft).await
            }
        }
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
    let password = sent.password();
    let brings_password = password.is_some();
    let request = DecisionRequest { decision, comment, valid_for, password };
    let made = attempt.command(&sent.op, brings_password, reviews::decide(&sent.op, &what, request, sent.seen())).await;
    let says = match decision {
        DecisionWord::Approve => format!("You approved {model}."),
        DecisionWord::Reject => format!("You rejected {model}. It is locked."),
    };
    sent.outcome(draft, made, &says).await
}
