//! The gate's no, as an error that leads on.

use crate::{
    Error,
    error::{Details, Kind},
};
use domain::{
    Name,
    gate::{Answer, Reason, Verdict},
    signoff::Status,
};

/// The gate's denial or warning as an error that says what is missing and who can act.
pub fn refusal(infrastructure: &Name, service: &Name, answer: Answer) -> Error {
    let versions: Vec<_> = answer
        .reasons
        .iter()
        .map(|reason| format!("{} is {}", reason.version, reason.status.map_or("not governed", |status| status.as_str())))
        .collect();
    let versions = versions.join(", ");
    let first = answer.reasons.first();
    let details = Details {
        status: first.and_then(|reason| reason.status).map(|status| status.to_string()),
        missing: first.map(|reason| reason.missing.clone()),
        who_can: first.map(|reason| reason.who_can.clone()).unwrap_or_default(),
        link: first.and_then(|reason| reason.link.clone()),
        answer: Some(answer.clone()),
    };
    let error = match answer.verdict {
        Verdict::Warn => Error::new(
            Kind::NotAcknowledged,
            "not_acknowledged",
            format!("{infrastructure} warns about {infrastructure}/{service}: {versions}"),
        )
        .hint("To go on all the same, acknowledge it with a reason; both are recorded."),
        Verdict::Deny | Verdict::Allow => {
            Error::new(Kind::DeniedByPolicy, "denied_by_policy", format!("{infrastructure} prevents this deployment: {versions}"))
                .hint(first.map_or_else(|| "Name a version that is approved.".to_owned(), way_on))
        }
    };
    Error { details: Some(Box::new(details)), ..error }
}

/// What leads to an approval from where a version stands.
fn way_on(reason: &Reason) -> String {
    let version = &reason.version;
    match reason.status {
        None => "Register these bytes as a version, and ask for its review.".to_owned(),
        Some(Status::NotStarted) => format!("Ask for a review: countersign review request {version}."),
        Some(Status::WaitingForFeedback | Status::WaitingForApproval) => {
            format!("Wait for the decision: countersign gate {version} --infra NAME --wait.")
        }
        Some(_) => format!("A project manager can open the next round: countersign review reset {version}."),
    }
}
