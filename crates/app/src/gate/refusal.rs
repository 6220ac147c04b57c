//! The gate's refusal as an error that says how to go on.

use crate::{
    Error,
    base::error::{Details, Kind},
};
use domain::{
    Name,
    gate::{Answer, Lack, Reason, Verdict},
    signoff::Status,
};

/// The gate's denial or warning as an error that says what is missing and who can act.
pub fn refusal(infrastructure: &Name, service: &Name, answer: Answer) -> Error {
    let versions: Vec<_> = answer.reasons.iter().map(lack).collect();
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
                .hint(
                    first.map_or_else(|| "Name a version that is approved.".to_owned(), |reason| way_on(reason, infrastructure)),
                )
        }
    };
    Error { details: Some(Box::new(details)), ..error }
}

/// Why a version is not in force, in words.
fn lack(reason: &Reason) -> String {
    let version = &reason.version;
    match (reason.lack, reason.status) {
        (Lack::PastItsEnd, _) => format!("the approval of {version} has ended"),
        (Lack::OtherDigest, _) => format!("the approval of {version} is for other bytes"),
        (Lack::NotApproved, Some(status)) => format!("{version} is {status}"),
        (Lack::NotGoverned, _) | (Lack::NotApproved, None) => format!("{version} is not governed"),
    }
}

/// What leads to an approval from where a version stands.
fn way_on(reason: &Reason, infrastructure: &Name) -> String {
    let version = &reason.version;
    match reason.status {
        None => "Register these bytes as a version, and ask for its review.".to_owned(),
        Some(Status::NotStarted) => format!("Ask for a review: countersign review request {version}."),
        Some(Status::WaitingForFeedback | Status::WaitingForApproval) => {
            format!("Wait for the decision: countersign gate {version} --infra {infrastructure} --wait.")
        }
        Some(_) => format!("A project manager can open the next round: countersign review reset {version}."),
    }
}
