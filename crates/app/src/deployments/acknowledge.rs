//! Acknowledges that a service is out of policy: known, and tolerated for a while, so that the red count above every page keeps its meaning.
//! Nothing else changes: the service stays out of policy, and its versions get no new permits.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, find, reason},
    deployments::{lapse, present},
    views::{self, AcknowledgeLapseRequest, Done},
};
use domain::{
    Duration, Name,
    access::{Action, Scope},
    deployment::LapseAcknowledgement,
    event::Event,
    signoff::Act,
};
use store::Json;

/// How long a lapse can be tolerated before somebody has to say so again.
const LONGEST: Duration = Duration::from_days(365);

/// Says that a service is known to be out of policy, and tolerated for a while.
///
/// # Errors
/// No such deployment; not a deployer; no reason; a time that is too long; a service that is in policy.
pub async fn acknowledge_lapse(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    request: AcknowledgeLapseRequest,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    let user = op.user()?.id;
    let reason = reason::checked(request.reason.as_deref(), "the lapse is tolerated")?;
    if request.valid_for > LONGEST {
        return Err(Error::invalid("/valid_for", format!("a lapse can be tolerated for {LONGEST} at most: then say so again")));
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let mut deployment = present::deployed(&mut tx, &infrastructure, service).await?;
    present::expect(expected, Some(&deployment))?;
    let because = lapse::reasons(op, &mut tx, &deployment, &infrastructure).await?;
    if because.is_empty() {
        let message = format!("{service} on {} is in policy: there is nothing to tolerate", infrastructure.name);
        return Err(Error::new(Code::NotOutOfPolicy, message));
    }
    let (revision, until) = (deployment.current_revision, op.now.plus(request.valid_for));
    // A second press of the button says nothing new.
    let said = deployment.lapse_acknowledged.as_ref().map(|known| &known.0).is_some_and(|known| {
        let same = known.act.by == user && known.act.comment.as_deref() == Some(&*reason) && known.until >= until;
        same && known.counts(revision, &because, op.now)
    });
    if said {
        drop(tx);
        return Ok(Done { already_done: true, result: present::shown(op, &infrastructure, &deployment).await? });
    }
    let act = Act { by: user, signatory: op.signatory(), at: op.now, comment: Some(reason.clone()), path: None };
    deployment.lapse_acknowledged = Some(Json(LapseAcknowledgement { revision, because: because.clone(), act, until }));
    tx.update(&deployment).await?;
    let event = Event::LapseAcknowledged { service: service.clone(), revision, because, until, reason };
    change::record(op, &mut tx, Subject::Infrastructure(&infrastructure), event).await?;
    present::commit(op, tx, &infrastructure, &deployment).await
}
