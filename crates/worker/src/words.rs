//! The words of what happened, for mails and chats. A sentence names the person, what the person did, and the thing.

use app::messages::{Asked, By, Happening, Letter};
use domain::{
    Timestamp,
    notice::Topic,
    signoff::{Status, Verdict},
    turn::Expected,
};

/// What the mail is about, in a few words: behind the name of the thing in the subject.
pub(crate) fn subject(what: &Happening) -> String {
    let thing = thing(what);
    let words = match what.topic {
        Topic::VersionRegistered => "registered",
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
        Topic::DueSoon => "answer due soon",
        Topic::Overdue => "answer overdue",
        Topic::Escalated => "answer overdue for long",
        Topic::RenewalDue => "approval ends",
        Topic::Deployed => "deployed",
        Topic::Stopped => "taken out of service",
        Topic::DeploymentDenied => "deployment denied",
        Topic::DeploymentWarned => "deployed with a warning, or not deployed because of it",
        Topic::OutOfPolicy => "out of policy",
        Topic::LapseAcknowledged => "out of policy, and tolerated",
        Topic::PolicyWeakened => "policy weakened",
        Topic::WebhookDisabled => "webhook disabled",
        Topic::Test => return "Countersign: test message".to_owned(),
    };
    format!("{thing}: {words}")
}

/// What is asked of the recipient, or that nothing is. The first line of a mail.
pub(crate) fn ask(letter: &Letter) -> String {
    let Some(Asked { expected, slot, due, .. }) = &letter.expected else {
        return match letter.what.topic {
            Topic::RenewalDue if letter.what.status.is_some_and(Status::is_open) => {
                "A renewal is open: please see that it is decided in time.".to_owned()
            }
            Topic::RenewalDue => "Somebody should ask for a renewal.".to_owned(),
            Topic::WebhookDisabled => "Please look at the webhook, and switch it on again once it answers.".to_owned(),
            Topic::Escalated => "Please see that somebody answers.".to_owned(),
            _ => "Nothing is asked of you.".to_owned(),
        };
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
    let by = due.map(|due| format!(" by {}", minute(due))).unwrap_or_default();
    format!("Your answer is needed{by}: {act}.")
}

/// What happened, in a sentence.
pub(crate) fn sentence(what: &Happening) -> String {
    let who = match &what.by {
        By::Account(_, name) => name.as_str(),
        By::Clock => "The clock",
        By::Console => "Somebody at the server's console",
    };
    let thing = thing(what);
    let place = what.infrastructure.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
    let service = what.service.as_ref().map(ToString::to_string).unwrap_or_default();
    let at = what.end.map(|end| format!(" at {}", minute(end))).unwrap_or_default();
    let by = what.end.map(|end| format!(" by {}", minute(end))).unwrap_or_default();
    let did = match what.topic {
        Topic::VersionRegistered => format!("registered {thing}"),
        Topic::ReviewRequested if what.by == By::Clock => {
            return format!(
                "The renewal of {thing} is open, because its approval ends. The approval goes on until the renewal is decided."
            );
        }
        Topic::ReviewRequested => format!("requested a review of {thing}"),
        Topic::RequestTakenBack => format!("took the review request for {thing} back"),
        Topic::ReviewersReloaded => format!("took the project's present reviewers into the review of {thing}"),
        Topic::FeedbackGiven | Topic::VerdictChanged => feedback(what, &thing),
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
        Topic::Delegated => format!("delegated a task in the review of {thing}"),
        Topic::DueSoon => return format!("An answer in the review of {thing} is due{by}."),
        Topic::Overdue => return format!("An answer in the review of {thing} is overdue. It was due{by}."),
        Topic::Escalated => return format!("An answer in the review of {thing} is overdue for long. It was due{by}."),
        Topic::RenewalDue => return format!("The approval of {thing} ends{at}. {}", services(what)),
        Topic::Deployed => format!("deployed {thing}{place}"),
        Topic::Stopped => format!("stopped the service {service}{place}"),
        Topic::DeploymentDenied => format!("wanted to deploy {thing}{place}, and the gate denied it"),
        Topic::DeploymentWarned => format!("met a warning of the gate about {thing}{place}"),
        Topic::OutOfPolicy => return format!("{thing} is in service{place} and out of policy."),
        Topic::LapseAcknowledged => format!("tolerates for now that the service {service}{place} is out of policy"),
        Topic::PolicyWeakened => format!("weakened the policy of {thing}"),
        Topic::WebhookDisabled => {
            return format!("The server does not call the webhook {thing} any more. What waited for it was given up.");
        }
        Topic::Test => return "An administrator tried whether messages arrive. This one has arrived.".to_owned(),
    };
    format!("{who} {did}.")
}

/// The version, or else the webhook, or the infrastructure.
pub(crate) fn thing(what: &Happening) -> String {
    match (&what.version, &what.webhook, &what.infrastructure) {
        (Some(version), ..) => version.to_string(),
        (None, Some(webhook), _) => webhook.to_string(),
        (None, None, Some(infrastructure)) => infrastructure.to_string(),
        (None, None, None) => "Countersign".to_owned(),
    }
}

fn feedback(what: &Happening, thing: &str) -> String {
    let Some((slot, verdict)) = &what.feedback else { return format!("gave feedback on {thing}") };
    let verdict = match verdict {
        Verdict::Approve => "approve",
        Verdict::MinorIssue => "minor issue",
        Verdict::MajorIssue => "major issue",
    };
    if what.topic == Topic::VerdictChanged {
        format!("changed the feedback on {thing} for “{slot}” to “{verdict}”")
    } else {
        format!("gave feedback on {thing} for “{slot}”: “{verdict}”")
    }
}

/// The label of the link.
pub(crate) fn button(letter: &Letter) -> &'static str {
    match &letter.expected {
        Some(Asked { expected: Expected::Decide, .. }) => "Go to your decision",
        Some(_) => "Go to your answer",
        None => open(&letter.what),
    }
}

/// The label of the link for somebody of whom nothing is asked.
pub(crate) fn open(what: &Happening) -> &'static str {
    match (&what.version, &what.webhook, &what.infrastructure) {
        (Some(_), ..) => "Open the version",
        (None, Some(_), _) => "Open the webhook",
        (None, None, Some(_)) => "Open the infrastructure",
        (None, None, None) => "Open Countersign",
    }
}

/// How the sign-off stands, and when it happened.
pub(crate) fn facts(what: &Happening) -> String {
    let stands = what.status.map(|status| format!("The sign-off is {}. ", status.to_string().replace('_', " ")));
    format!("{}When: {}.", stands.unwrap_or_default(), minute(what.at))
}

/// A moment to the minute: `2026-11-29 13:39 UTC`. Nobody needs the seconds here.
pub(crate) fn minute(moment: Timestamp) -> String {
    let text = moment.to_string().replace('T', " ");
    format!("{} UTC", text.get(..16).unwrap_or(&text))
}

/// What happens to the services that rest on an approval that ends.
fn services(what: &Happening) -> String {
    let named = |stops: bool| {
        let of = what.services.iter().filter(|service| service.stops == stops);
        of.map(|service| format!("{} on {}", service.service, service.infrastructure)).collect::<Vec<_>>().join(", ")
    };
    match (named(true), named(false)) {
        (stop, out) if stop.is_empty() && out.is_empty() => "No service rests on it.".to_owned(),
        (stop, out) if out.is_empty() => format!("Then these services stop: {stop}."),
        (stop, out) if stop.is_empty() => format!("Then these services are out of policy: {out}."),
        (stop, out) => format!("Then these services stop: {stop}. These are out of policy: {out}."),
    }
}

/// A text of at most so many characters. An ellipsis stands for the rest.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
