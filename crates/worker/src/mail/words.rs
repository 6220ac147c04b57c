//! The words of a mail. A sentence names the person, what the person did, and the thing.

use app::messages::{By, Letter};
use domain::{notice::Topic, signoff::Verdict, turn::Expected};

/// What the mail is about, in a few words: behind the name of the thing in the subject.
pub(super) fn subject(letter: &Letter) -> String {
    let thing = thing(letter);
    let what = match letter.topic {
        Topic::ReviewRequested => "review requested",
        Topic::RequestTakenBack => "review request taken back",
        Topic::ReviewersReloaded => "reviewers reloaded",
        Topic::FeedbackGiven => "feedback given",
        Topic::VerdictChanged => "verdict changed",
        Topic::FieldsChanged => "fields changed",
        Topic::FinalApprovalRequested => "final approval requested",
        Topic::Approved => "approved",
        Topic::Rejected => "rejected",
        Topic::Abandoned => "review abandoned",
        Topic::AbandonCancelled => "abandon cancelled",
        Topic::Reset => "sign-off reset",
        Topic::Retired => "retired",
        Topic::Restored => "restored",
        Topic::Revoked => "approval revoked",
        Topic::Expired => "approval expired",
        Topic::Delegated => "a task was delegated to you",
        Topic::DeploymentDenied => "deployment denied",
        Topic::DeploymentWarned => "deployed with a warning, or not deployed because of it",
        Topic::OutOfPolicy => "out of policy",
        Topic::PolicyWeakened => "policy weakened",
        Topic::Test => return "Countersign: test message".to_owned(),
    };
    format!("{thing}: {what}")
}

/// What is asked of the recipient, or that nothing is. The first line of a mail.
pub(super) fn ask(letter: &Letter) -> String {
    let Some((expected, slot, _)) = &letter.expected else {
        return "Nothing is asked of you.".to_owned();
    };
    let slot = slot.as_ref().map(|slot| format!(" for “{slot}”")).unwrap_or_default();
    let act = match expected {
        Expected::Decide => "approve or reject the version".to_owned(),
        Expected::GiveFeedback => format!("give your feedback{slot}"),
        Expected::ReconsiderFeedback => format!("look again at your feedback{slot}"),
        Expected::RequestFinalApproval => "ask for the final approval".to_owned(),
        Expected::ReloadReviewers => "name a final approver, and reload the reviewers".to_owned(),
        Expected::Reset => "open the next round with a reset".to_owned(),
        Expected::RequestReview => "request the review".to_owned(),
    };
    format!("Your answer is needed: {act}.")
}

/// What happened, in a sentence.
pub(super) fn sentence(letter: &Letter) -> String {
    let who = match &letter.by {
        By::Person(name) => name.as_str(),
        By::Clock => "The clock",
        By::Console => "Somebody at the server's console",
    };
    let thing = thing(letter);
    let place = letter.infrastructure.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
    let did = match letter.topic {
        Topic::ReviewRequested => format!("requested a review of {thing}"),
        Topic::RequestTakenBack => format!("took the review request for {thing} back"),
        Topic::ReviewersReloaded => format!("took the project's present reviewers into the review of {thing}"),
        Topic::FeedbackGiven | Topic::VerdictChanged => feedback(letter, &thing),
        Topic::FieldsChanged => format!("changed fields of {thing}"),
        Topic::FinalApprovalRequested => format!("asked for the final approval of {thing}"),
        Topic::Approved => format!("approved {thing}"),
        Topic::Rejected => format!("rejected {thing}"),
        Topic::Abandoned => format!("abandoned the review of {thing}"),
        Topic::AbandonCancelled => format!("goes on with the abandoned review of {thing}"),
        Topic::Reset => format!("reset the sign-off of {thing}"),
        Topic::Retired => format!("retired {thing}"),
        Topic::Restored => format!("brought the retired version {thing} back"),
        Topic::Revoked => format!("revoked the approval of {thing}"),
        Topic::Expired => return format!("The approval of {thing} has expired."),
        Topic::Delegated => format!("delegated a task in the review of {thing} to you"),
        Topic::DeploymentDenied => format!("wanted to deploy {thing}{place}, and the gate denied it"),
        Topic::DeploymentWarned => format!("met a warning of the gate about {thing}{place}"),
        Topic::OutOfPolicy => return format!("{thing} is in service{place} and out of policy."),
        Topic::PolicyWeakened => format!("weakened the policy of {thing}"),
        Topic::Test => return "An administrator tried whether messages arrive. This one has arrived.".to_owned(),
    };
    format!("{who} {did}.")
}

/// The version, or else the infrastructure.
fn thing(letter: &Letter) -> String {
    match (&letter.version, &letter.infrastructure) {
        (Some(version), _) => version.to_string(),
        (None, Some(infrastructure)) => infrastructure.to_string(),
        (None, None) => "Countersign".to_owned(),
    }
}

fn feedback(letter: &Letter, thing: &str) -> String {
    let Some((slot, verdict)) = &letter.feedback else { return format!("gave feedback on {thing}") };
    let verdict = match verdict {
        Verdict::Approve => "approve",
        Verdict::MinorIssue => "minor issue",
        Verdict::MajorIssue => "major issue",
    };
    if letter.topic == Topic::VerdictChanged {
        format!("changed the feedback on {thing} for “{slot}” to “{verdict}”")
    } else {
        format!("gave feedback on {thing} for “{slot}”: “{verdict}”")
    }
}

/// The label of the link.
pub(super) fn button(letter: &Letter) -> &'static str {
    match (&letter.expected, &letter.version, &letter.infrastructure) {
        (Some((Expected::Decide, ..)), ..) => "Go to your decision",
        (Some(_), ..) => "Go to your answer",
        (None, Some(_), _) => "Open the version",
        (None, None, Some(_)) => "Open the infrastructure",
        (None, None, None) => "Open Countersign",
    }
}

/// How the sign-off stands, and when it happened.
pub(super) fn facts(letter: &Letter) -> String {
    let stands = letter.status.map(|status| format!("The sign-off is {}. ", status.to_string().replace('_', " ")));
    // A timestamp is written as `2026-11-29T13:39:07Z`; nobody needs the seconds here.
    let when = letter.at.to_string().replace('T', " ");
    format!("{}When: {} UTC.", stands.unwrap_or_default(), when.get(..16).unwrap_or(&when))
}
