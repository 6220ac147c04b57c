//! The policies that an infrastructure had, as the record keeps them.

use crate::{
    Error, OpContext,
    base::find,
    infrastructures::actor,
    views::{List, PolicyPeriod},
};
use domain::{
    Name,
    access::{Action, Scope},
    event::Event,
};

/// The most changes that are read.
const MOST: u32 = 200;

const KINDS: [&str; 3] = ["infrastructure.created", "infrastructure.policy_changed", "infrastructure.policy_changed"];

/// The policies of an infrastructure, the present one first; the last 200 of them.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn list(op: &OpContext, name: &Name) -> Result<List<PolicyPeriod>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, name, Action::ReadDeployments).await?;
    let (mut periods, mut until) = (Vec::new(), None);
    for logged in reader.last_events_on(infrastructure.id, KINDS, u64::MAX, MOST).await? {
        let (policy, on_lapse, weakened, reason) = match logged.event {
            Event::InfrastructureCreated { policy, on_lapse, .. } => (policy, on_lapse, false, None),
            Event::PolicyChanged { to, on_lapse_to, weakened, reason, .. } => (to, on_lapse_to, weakened, Some(reason)),
            _ => continue,
        };
        let (by, _) = actor::named(logged.actor);
        periods.push(PolicyPeriod { policy, on_lapse, weakened, reason, by, since: logged.at, until });
        until = Some(logged.at);
    }
    Ok(List::whole(periods))
}
