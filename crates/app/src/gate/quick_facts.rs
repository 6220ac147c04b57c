//! The facts of the gate by one query, where all else is remembered: who asks and where, and the people of the project. So a pipeline that asks
//! about many versions waits once for each.

use crate::{
    Error, OpContext,
    base::{cache::gate_facts::GateFacts, governed_version::GovernedVersion, signed_decisions::SignedDecisions, version_people},
    gate::{
        asker::Asker,
        candidate::candidate,
        facts::of_version,
        same_bytes::{MOST, WordsOnBytes},
    },
    views::GateRequest,
};
use domain::{VersionRef, gate};
use store::StatementKind;

/// The facts about this version for a caller who saw the log at this size. None where they need more than one query: then a
/// [`crate::gate::facts::load`] gives facts or error.
///
/// # Errors
/// When the database does not answer; no such infrastructure, or none that the caller sees.
pub(super) async fn load(
    op: &OpContext,
    request: &GateRequest,
    name: &VersionRef,
    seen: u64,
) -> Result<Option<GateFacts>, Error> {
    let Some(before) = Asker::remembered(op, &request.infrastructure, seen)? else { return Ok(None) };
    let place = before.infrastructure().id;
    let Some(asked) = op.store.asked_version(name, place, MOST).await? else { return Ok(None) };
    // The query saw the log as large as it was by then: what is remembered must hold at that size too.
    let Some(asker) = Asker::remembered(op, &request.infrastructure, asked.size)? else { return Ok(None) };
    let Some(found) = GovernedVersion::of(asked.rows) else { return Ok(None) };
    let bytes = found.version.model_digest;
    if asker.infrastructure().id != place
        || request.digest.is_some_and(|digest| digest != bytes)
        || asker.is_known_to_be_allowed(op, &found)? != Some(true)
        || !WordsOnBytes::among(op, &asked.statements).only_approve_besides(&found)
    {
        return Ok(None);
    }
    let is_own = |statement: &&store::Statement| statement.version_id == found.version.id;
    let decisions = SignedDecisions::among(op, asked.statements.iter().filter(is_own));
    let mut judged = candidate(op, &found, &decisions, None);
    // Only an answer that something is missing names the people who can act.
    if gate::lacking(&judged, &asker.infrastructure().accepts.0, op.now).is_some() {
        let Some(people) = version_people::remembered(op, &found, asked.size) else { return Ok(None) };
        judged.signoffs = candidate(op, &found, &decisions, Some(&people)).signoffs;
    }
    let permit = asked.statements.into_iter().find(|statement| statement.kind == StatementKind::Permit);
    of_version(op, &asker, found, judged, permit).map(Some)
}
