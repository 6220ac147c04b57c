//! Acknowledges a warning of the gate with a reason, for the record.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::find,
    gate::{answer::answer, facts, same_bytes::Readers},
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

/// The answer for a caller who goes on over a warning for this reason. If the gate warns, the record keeps the reason: a
/// deployment by other means than this server leaves no other trace.
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
    let known = facts::load(op, &mut tx, request, name.clone(), Readers::Caller).await?;
    let shown = answer(op, &known);
    // More people read the record than may see what the caller sees.
    let known = facts::load(op, &mut tx, request, name, Readers::Record).await?;
    let answer = gate::check(known.policy, &known.accepts, std::slice::from_ref(&known.candidate), op.now);
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
    change::record(op, &mut tx, Subject::Ids(About { infrastructure: Some(infrastructure.id), ..known.about }), event).await?;
    tx.commit().await?;
    Ok(GateAnswer { acknowledged: true, ..shown })
}
