//! Records for each deployment that a lapse puts out of policy, and says why.

use crate::{
    Error, OpContext,
    base::{
        governed_version::{self, GovernedVersion},
        signed_decisions::SignedDecisions,
    },
    gate::candidate,
};
use domain::{
    Timestamp, UserId, VersionRef,
    deployment::{self, Basis, PolicyStanding},
    gate::{Lack, lacking},
    signoff::{Act, SignOff, State},
};
use store::{Deployment, Infrastructure, Reader};

/// How a version in service stands with the policy now, and where it is not in policy, why.
pub(crate) async fn standing(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    decisions: &SignedDecisions,
    basis: Basis,
    infrastructure: &Infrastructure,
) -> Result<(PolicyStanding, Option<String>), Error> {
    let lacks = lacking(&candidate::candidate(op, found, decisions, None), &infrastructure.accepts.0, op.now);
    let standing = deployment::standing(basis, lacks.as_ref(), infrastructure.policy, infrastructure.on_lapse);
    let reason = match standing {
        PolicyStanding::InPolicy => None,
        PolicyStanding::OutOfPolicy | PolicyStanding::Disabled => {
            let signoff = lacks.as_ref().and_then(|lacks| found.sign_off_on(&lacks.step)).unwrap_or(found.signoff());
            // With its renewal still open, it is the end of the approval that says why.
            let signoff = signoff.renewed().unwrap_or(signoff);
            Some(match (&found.version.retired, lacks.as_ref().map(|lacks| lacks.lack)) {
                (Some(retired), _) => format!("{} was retired {}", found.name, by(reader, &retired.0).await?),
                (None, Some(Lack::NotSigned)) => {
                    format!("this server has not signed the approval that its database shows for {}", found.name)
                }
                (None, Some(Lack::ProjectNotAccepted)) => {
                    format!("{} does not accept approvals of the project {}", infrastructure.name, found.project.name)
                }
                (None, Some(Lack::NotIndependent)) => {
                    format!(
                        "{} wants an approver who was neither author nor requester, and the approver of {} was",
                        infrastructure.name, found.name
                    )
                }
                (None, _) => why(op, reader, &found.name, signoff, basis, infrastructure).await?,
            })
        }
    };
    Ok((standing, reason))
}

/// Why a service is out of policy: what each of its versions lacks, in the order of its versions. Empty for a service in policy.
pub(crate) async fn reasons(
    op: &OpContext,
    reader: &mut Reader,
    deployment: &Deployment,
    infrastructure: &Infrastructure,
) -> Result<Vec<String>, Error> {
    let shares = governed_version::shares(reader.last_shares([deployment.id], 0).await?);
    let decisions = SignedDecisions::of(op, reader, shares.iter().map(|(share, ..)| share.version_id)).await?;
    let mut reasons = Vec::new();
    for (share, _, found) in &shares {
        reasons.extend(standing(op, reader, found, &decisions, share.basis, infrastructure).await?.1);
    }
    Ok(reasons)
}

/// Who or what ended the approval that a version in service needs, in a sentence; or since when it needs one.
async fn why(
    op: &OpContext,
    reader: &mut Reader,
    name: &VersionRef,
    signoff: &SignOff,
    basis: Basis,
    infrastructure: &Infrastructure,
) -> Result<String, Error> {
    let round = signoff.round;
    Ok(match &signoff.state {
        State::Revoked { revocation, .. } => {
            format!("the approval of {name} was revoked {}", by(reader, revocation).await?)
        }
        State::Expired { approval, .. } | State::Approved { approval, .. } => match approval.not_after {
            Some(end) if end <= op.now => format!("the approval of {name} ended on {}", day(end)),
            _ => format!("the approval of {name} is for other bytes than those in service"),
        },
        // Nothing that it rested on was taken away: more is asked for now.
        _ if basis != Basis::Approved => {
            let (place, policy) = (&infrastructure.name, infrastructure.policy);
            format!("{name} went into service without an approval, and the policy of {place} has become {policy} since")
        }
        State::Rejected { rejection, .. } => {
            format!("the approval of {name} holds no more: round {round} was rejected {}", by(reader, rejection).await?)
        }
        State::Abandoned { abandonment, .. } => {
            format!("the approval of {name} holds no more: round {round} was abandoned {}", by(reader, abandonment).await?)
        }
        State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => {
            format!("the approval of {name} holds no more: its sign-off was reset, and round {round} is not decided")
        }
    })
}

/// A moment as a sentence says it: *2026-03-11, 12:10 UTC*.
fn day(moment: Timestamp) -> String {
    let text = moment.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day}, {time} UTC"),
        _ => text,
    }
}

async fn by(reader: &mut Reader, act: &Act) -> Result<String, Error> {
    let who = match &act.signatory {
        Some(signatory) => signatory.display_name.to_string(),
        None => name_of(reader, act.by).await?,
    };
    Ok(match act.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty()) {
        Some(comment) => format!("by {who}: {comment}"),
        None => format!("by {who}"),
    })
}

/// The display name of today, for records from before names were kept.
async fn name_of(reader: &mut Reader, user: UserId) -> Result<String, Error> {
    Ok(reader.user(user).await?.map_or_else(|| user.to_string(), |user| user.display_name.to_string()))
}
