//! Changes the policy of an infrastructure, with a reason. The event says whether the change weakens the policy.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{find, reason, tag},
    infrastructures::{self, accepts},
    views::{self, ChangePolicyRequest, Done},
};
use domain::{
    Name,
    access::{Action, Scope},
    event::Event,
};
use store::{Infrastructure, Json};

/// Changes what an infrastructure does with versions that are not approved, and which approvals it accepts. `expected` is the tag of the
/// infrastructure that the caller saw.
///
/// # Errors
/// Not an admin of the infrastructure; a blank reason; no tag, or an old one where the policy is not yet what was asked for.
pub async fn change(
    op: &OpContext,
    name: &Name,
    request: ChangePolicyRequest,
    expected: Option<&str>,
) -> Result<Done<views::Infrastructure>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let before = find::infrastructure(op, &mut tx, name, Action::ManageInfrastructure).await?;
    let reason = reason::checked(Some(&request.reason), "the policy changes")?;
    let what = format!("the infrastructure “{name}”");
    tag::require(expected, &what)?;
    let (from, to) = (before.policy, request.policy);
    let (on_lapse_from, on_lapse_to) = (before.on_lapse, request.on_lapse.unwrap_or(before.on_lapse));
    let accepts_from = before.accepts.0.clone();
    let accepts_to = accepts::changed(&mut tx, &accepts_from, request.projects, request.independent_approval).await?;
    // Before the check of the tag: a client that repeats a change after a lost answer still sends the tag from before the change.
    if (from, on_lapse_from, &accepts_from) == (to, on_lapse_to, &accepts_to) {
        return Ok(Done { already_done: true, result: infrastructures::view::infrastructure(op, &mut tx, &before).await? });
    }
    tag::expect(expected, &(&before).into(), &what)?;
    let accepts = Json(accepts_to.clone());
    let after = Infrastructure { policy: to, on_lapse: on_lapse_to, accepts, revision: before.revision + 1, ..before };
    tx.update(&after).await?;
    let weakened = accepts::weakens((from, on_lapse_from, &accepts_from), (to, on_lapse_to, &accepts_to));
    change::record(
        op,
        &mut tx,
        Subject::Infrastructure(&after),
        Event::PolicyChanged { from, to, on_lapse_from, on_lapse_to, accepts_from, accepts_to, weakened, reason },
    )
    .await?;
    tx.commit().await?;
    let result =
        infrastructures::view::infrastructure(op, &mut op.read_back().await?, &after).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}
