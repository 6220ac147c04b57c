//! The rounds that wait for somebody, which all inboxes share. The server reads them all once, and then only those of versions that
//! changed.

use crate::{
    Caller, Error, OpContext,
    base::{
        cache::waiting_rounds::{WaitingRound, WaitingRounds, WaitingTurn},
        governed_version,
        server::Server,
    },
    reviews::round_projects::{RoundProject, RoundProjects},
    views::Turn,
};
use domain::{
    Timestamp, UserId, VersionId, due,
    turn::{self, Expected},
};
use std::{collections::HashSet, sync::Arc};
use store::RoundOf;
use uuid::Uuid;

/// How many versions are read at once. Each page is read on its own: many open reviews must not keep a connection that others wait for.
const PAGE: u32 = 500;

/// How many changed versions are looked at one by one; after more of them all are read.
const MOST_CHANGED: usize = 500;

/// Reads what waits, so that nobody's first look has to.
///
/// # Errors
/// When the database does not answer.
pub async fn prepare_inboxes(server: &Arc<Server>) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "clock");
    rounds(&op).await.map(drop)
}

/// Since when each open review waits for feedback, for the request of the decision, or for the decision.
pub(crate) async fn waiting_since(op: &OpContext) -> Result<Vec<Timestamp>, Error> {
    let is_open = |turn: &&WaitingTurn| !matches!(turn.expected, Expected::Reset | Expected::RequestReview);
    let since = |round: &WaitingRound| {
        let open = round.turns.iter().filter(is_open);
        open.map(|turn| turn.since.or(round.due.map(|(since, _)| since)).unwrap_or(op.now)).min()
    };
    Ok(rounds(op).await?.all().filter_map(|(_, round)| since(round)).collect())
}

/// What waits, as of now.
pub(crate) async fn rounds(op: &OpContext) -> Result<Arc<WaitingRounds>, Error> {
    let size = op.log_size().await?;
    if let Some(rounds) = unchanged(op, size) {
        return Ok(rounds);
    }
    let _turn = op.cache.waiting_line.turn().await?;
    // Another request may have read them meanwhile.
    let rounds = match op.cache.waiting(size, op.now) {
        Some((rounds, changed)) if changed.is_empty() => return Ok(rounds),
        Some((rounds, changed)) if changed.len() <= MOST_CHANGED => {
            let mut rounds = WaitingRounds::clone(&rounds);
            look_at(op, &mut Reading::default(), &mut rounds, &changed).await?;
            rounds
        }
        _ => look_at_all(op).await?,
    };
    let rounds = Arc::new(rounds);
    op.cache.keep_waiting(size, Arc::clone(&rounds));
    Ok(rounds)
}

fn unchanged(op: &OpContext, size: u64) -> Option<Arc<WaitingRounds>> {
    op.cache.waiting(size, op.now).filter(|(_, changed)| changed.is_empty()).map(|(rounds, _)| rounds)
}

async fn look_at_all(op: &OpContext) -> Result<WaitingRounds, Error> {
    let (mut rounds, mut reading) = (WaitingRounds::default(), Reading::default());
    let mut after = VersionId::from_uuid(Uuid::nil());
    loop {
        let versions = op.read().await?.versions_waiting(after, PAGE).await?;
        let Some(last) = versions.last() else { return Ok(rounds) };
        after = *last;
        look_at(op, &mut reading, &mut rounds, &versions).await?;
    }
}

/// What is read once for many rounds.
#[derive(Default)]
struct Reading {
    projects: RoundProjects,
    people: HashSet<Arc<[UserId]>>,
}

impl Reading {
    /// These people, in order and once in memory.
    fn people(&mut self, mut people: Vec<UserId>) -> Arc<[UserId]> {
        people.sort_unstable();
        people.dedup();
        if let Some(known) = self.people.get(people.as_slice()) {
            return Arc::clone(known);
        }
        let people: Arc<[UserId]> = people.into();
        self.people.insert(Arc::clone(&people));
        people
    }
}

/// Puts what waits of these versions in the place of what waited before.
async fn look_at(op: &OpContext, reading: &mut Reading, rounds: &mut WaitingRounds, versions: &[VersionId]) -> Result<(), Error> {
    let mut reader = op.read().await?;
    let found = reader.rounds_waiting_of(versions).await?;
    reading.projects.meet(&mut reader, &found).await?;
    drop(reader);
    versions.iter().for_each(|version| rounds.put(*version, Vec::new()));
    for (place, of_version) in found.chunk_by(|one, other| one.0.version_id == other.0.version_id).enumerate() {
        let mut waiting = Vec::new();
        for item in of_version {
            let delegations = item.0.signoff.0.review().into_iter().flat_map(|review| &review.delegations);
            let ends = delegations.filter_map(|delegation| delegation.until).filter(|until| op.now < *until);
            ends.for_each(|end| rounds.holds_until(end));
            waiting.extend(waiting_round(op, reading, item));
        }
        rounds.put(of_version[0].0.version_id, waiting);
        // Lets other tasks on this thread run.
        if place % 50 == 49 {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

fn waiting_round(op: &OpContext, reading: &mut Reading, of: &RoundOf) -> Option<WaitingRound> {
    let (round, version, model) = of;
    let (project, signoff) = (reading.projects.get(model.project_id)?, &round.signoff.0);
    let (name, turns) = (project.version_name(of), turns(op, project, of));
    let end = due::of(signoff, &project.row.rules.0).filter(|_| version.retired.is_none());
    let due = signoff.review().map(|review| review.since).zip(end);
    let turn = |turn: turn::Turn| WaitingTurn {
        expected: turn.expected,
        slot: Turn::slot(turn.task.as_ref()),
        people: reading.people(turn.people),
        since: turn.since,
    };
    Some(WaitingRound {
        project: model.project_id,
        version: name,
        step: round.step.clone(),
        turns: turns.into_iter().map(turn).collect(),
        due,
        askers: signoff.requesters.iter().copied().chain([version.uploader_id]).collect(),
    })
}

/// Whose turn it is in a round.
pub(super) fn turns(op: &OpContext, project: &RoundProject, of: &RoundOf) -> Vec<turn::Turn> {
    let (round, version, _) = of;
    let signoff = &round.signoff.0;
    let (name, authors) = (project.version_name(of), governed_version::authors(version, [signoff]));
    turn::turns(signoff, &project.facts(op, &name, version, &authors))
}
