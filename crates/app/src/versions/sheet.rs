//! Draws up the sign-off sheet of a round, from the record and the signed statements.

use crate::{
    Error, Limit, OpContext, record, reviews, versions,
    views::{AuditEvent, Sheet, SignedDecision, StatementView},
};
use domain::{SignOffRef, VersionRef};
use proof::{ApprovalPredicate, Envelope, Statement};

/// How many events of the version are read at the most, in pages.
const MOST_PAGES: usize = 20;

/// The sign-off sheet of the present round, or of an earlier one.
///
/// # Errors
/// No such version or round, or none that the caller may see.
pub async fn sheet(op: &OpContext, name: &VersionRef, round: Option<u32>) -> Result<Sheet, Error> {
    let version = versions::show(op, name).await?;
    let mut review = reviews::show(op, &SignOffRef { version: name.clone(), step: None }, round).await?;
    // A sheet is about what was done, and the same for every reader.
    (review.may, review.turns) = (Vec::new(), Vec::new());
    let statements = versions::statements(op, name).await?.items.into_iter();
    let of_round = statements.filter(|statement| statement.round == review.round && statement.step == review.step);
    let decisions = of_round.filter_map(|statement| signed(op, &statement)).collect();
    let (events, more_events) = events(op, name, review.round).await?;
    let head = record::head(op).await?;
    Ok(Sheet {
        files: versions::files::list(op, name).await?.items,
        version,
        review,
        decisions,
        events,
        more_events,
        log_size: head.size,
        log_root: head.root,
        drawn_up_at: op.now,
    })
}

/// What a statement says, if this server signed it.
fn signed(op: &OpContext, statement: &StatementView) -> Option<SignedDecision> {
    let envelope = serde_json::to_vec(&statement.envelope).ok()?;
    let envelope = Envelope::from_json_bytes(&envelope).ok()?;
    let says = Statement::<ApprovalPredicate>::verify(&envelope, &op.keys.public_key()).ok()?.predicate;
    Some(SignedDecision {
        statement: statement.id,
        decision: says.decision,
        meaning: says.meaning,
        decided_by: says.decided_by,
        policy: says.policy,
        independent: says.independent,
        approvers: says.approvers,
        considered: says.considered.hex(),
    })
}

/// The events of a round, and whether there are more.
async fn events(op: &OpContext, name: &VersionRef, round: u32) -> Result<(Vec<AuditEvent>, bool), Error> {
    let (mut events, mut from) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = reviews::history(op, name, from, Some(Limit::MOST)).await?;
        events.extend(page.items.into_iter().filter(|event| is_of(event, round)));
        from = page.next.and_then(|next| next.parse().ok());
        if from.is_none() {
            return Ok((events, false));
        }
    }
    Ok((events, true))
}

/// Whether an event is of a round: it names the round, or it opened the round.
fn is_of(event: &AuditEvent, round: u32) -> bool {
    let names = |field: &str| event.data.get(field).and_then(serde_json::Value::as_u64) == Some(round.into());
    names("round") || names("next_round")
}
