//! The gate's refusal as an error that says how to go on.

use crate::{
    Error,
    base::{
        error::{Code, Details},
        signed_decisions::not_signed,
    },
};
use domain::{
    Name, NextStep,
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
    let unsigned = answer.reasons.iter().find(|reason| reason.lack == Lack::NotSigned);
    let error = match answer.verdict {
        _ if unsigned.is_some() => not_signed(unsigned.map_or("", |reason| &reason.version)),
        Verdict::Warn => {
            Error::new(Code::NotAcknowledged, format!("{infrastructure} warns about {infrastructure}/{service}: {versions}"))
                .next(NextStep::Acknowledge)
        }
        Verdict::Deny | Verdict::Allow => {
            Error::new(Code::DeniedByPolicy, format!("{infrastructure} prevents this deployment: {versions}"))
                .next(first.map_or(NextStep::ChooseApprovedVersion, |reason| way_on(reason, infrastructure)))
        }
    };
    Error { details: Some(Box::new(details)), ..error }
}

/// Why a version is not in force, in words.
fn lack(reason: &Reason) -> String {
    let version = &reason.version;
    match (reason.lack, reason.status) {
        (Lack::NotSigned, _) => format!("this server has not signed the approval of {version}"),
        (Lack::PastItsEnd, _) => format!("the approval of {version} has ended"),
        (Lack::OtherDigest, _) => format!("the approval of {version} is for other bytes"),
        (Lack::Retired, _) => format!("{version} is retired"),
        (Lack::ProjectNotAccepted, _) => format!("it does not accept approvals of the project of {version}"),
        (Lack::NotIndependent, _) => format!("the approver of {version} was an author or the requester"),
        (Lack::SameBytesRejected, _) => format!("{version} with the same bytes was rejected"),
        (Lack::SameBytesRevoked, _) => format!("the approval of {version} with the same bytes was revoked"),
        (Lack::NotApproved, Some(status)) => format!("{version} is {status}"),
        (Lack::NotGoverned, _) | (Lack::NotApproved, None) => format!("{version} is not governed"),
    }
}

/// What leads to an approval from where a version stands.
fn way_on(reason: &Reason, infrastructure: &Name) -> NextStep {
    // What nobody governs is named by its digest.
    let (Some(status), Ok(version)) = (reason.status, reason.version.parse()) else {
        return NextStep::RegisterVersion;
    };
    match status {
        _ if reason.lack == Lack::Retired => NextStep::RestoreVersion { version },
        _ if reason.lack == Lack::ProjectNotAccepted => NextStep::AskForAcceptance { infrastructure: infrastructure.clone() },
        Status::Approved if reason.lack == Lack::NotIndependent => NextStep::RenewIndependently { version },
        Status::NotStarted => NextStep::RequestReview { version },
        Status::WaitingForFeedback | Status::WaitingForApproval => {
            NextStep::WaitForDecision { version, infrastructure: infrastructure.clone() }
        }
        _ => NextStep::OpenNextRound { version },
    }
}
