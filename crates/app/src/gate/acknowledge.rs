//! Going on over a warning of the gate, with a reason that the record keeps.

use crate::{
    Error, OpContext,
    base::find,
    gate::{answer::answer, facts},
    views::{GateAnswer, GateRequest},
};
use domain::{
    VersionRef,
    access::{Action, Scope},
    deployment::{self, Admission},
    event::Event,
    gate,
};
use store::About;

/// The longest reason for going on over a warning, in characters.
const LONGEST_REASON: usize = 10_000;

/// The answer to somebody who knows that the gate may warn, and goes on for this reason. Where it does warn, that is recorded:
/// whoever deploys by other means than this server leaves no other trace of it.
pub(crate) async fn acknowledge(
    op: &OpContext,
    request: &GateRequest,
    name: Option<VersionRef>,
    reason: &str,
) -> Result<GateAnswer, Error> {
    op.needs(Scope::Deploy)?;
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("/acknowledge", format!("the reason is too long: at most {LONGEST_REASON} characters")));
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, &request.infrastructure, Action::Deploy).await?;
    let known = facts::load(op, &mut tx, request, name).await?;
    let shown = answer(op, &known);
    let answer = gate::check(known.policy, std::slice::from_ref(&known.candidate), op.now);
    let Admission::Admitted { acknowledgement: Some(reason) } = deployment::admit(&answer, Some(reason)) else {
        return Ok(shown);
    };
    let event = Event::GateAcknowledged {
        infrastructure: known.infrastructure,
        version: known.version,
        model_digest: known.candidate.model_digest,
        answer,
        reason,
    };
    tx.record(event, About { infrastructure: Some(infrastructure.id), ..known.about });
    tx.commit().await?;
    Ok(GateAnswer { acknowledged: true, ..shown })
}
