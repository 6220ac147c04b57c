//! The inbox: what waits for the caller, by task, oldest first. What waits is known from the rounds that all inboxes share; only what is
//! shown is read.

mod buckets;
mod filter;
mod items;
mod me;
pub(super) mod waiting;

pub use waiting::prepare_inboxes;
pub(crate) use waiting::{rounds as waiting_rounds, waiting_since};

use crate::{
    Error, OpContext,
    base::cache::waiting_rounds::{WaitingRound, WaitingRounds},
    reviews::round_projects::RoundProjects,
    views::{Inbox, InboxCounts, InboxItem},
};
use buckets::{Bucket, Buckets, Entry};
use domain::{Duration, VersionId, access::Scope};
use filter::Filter;
use me::Me;
use std::collections::{HashMap, HashSet};

/// How many rounds are taken from the database at once.
const PAGE: u32 = 100;

/// How long a decision counts as recent.
const RECENT: Duration = Duration::from_days(14);

/// The caller's inbox. It lists what has all of these words; with no words, everything.
///
/// # Errors
/// When nobody is signed in.
pub async fn inbox(op: &OpContext, words: &str) -> Result<Inbox, Error> {
    op.needs(Scope::Read)?;
    let (me, mut projects) = (Me::load(op).await?, RoundProjects::default());
    let rounds = waiting::rounds(op).await?;
    let entries = entries(op, &me, &mut projects, &rounds).await?;
    let filter = Filter::load(op, words, entries.iter().map(|(_, round)| *round)).await?;
    let mut buckets = Buckets::default();
    entries.iter().for_each(|(entry, round)| buckets.put(*entry, filter.finds(round)));
    let items = in_words(op, &me, &mut projects, &buckets.versions()).await?;
    let recently_decided = recently_decided(op, &me, &mut projects).await?;
    let Buckets { decide, give_feedback, answer, waiting_on_others } = &buckets;
    let counts = InboxCounts {
        decide: decide.count,
        give_feedback: give_feedback.count,
        answer: answer.count,
        waiting_on_others: waiting_on_others.count,
        recently_decided: recently_decided.len() as u64,
    };
    let is_cut = |bucket: &Bucket<'_>| bucket.count > Inbox::LISTED as u64;
    let more =
        [decide, give_feedback, answer, waiting_on_others].into_iter().any(is_cut) || recently_decided.len() >= Inbox::LISTED;
    Ok(Inbox {
        decide: decide.list(&items),
        give_feedback: give_feedback.list(&items),
        answer: answer.list(&items),
        waiting_on_others: waiting_on_others.list(&items),
        recently_decided,
        more,
        counts,
    })
}

/// How many tasks wait for the caller.
///
/// # Errors
/// When nobody is signed in.
pub async fn waiting_count(op: &OpContext) -> Result<u64, Error> {
    op.needs(Scope::Read)?;
    let user = op.user()?.id;
    Ok(waiting::rounds(op).await?.all().map(|(_, round)| round.turns_of(user).count() as u64).sum())
}

/// What waits for the caller, and what the caller asked for and waits for others.
async fn entries<'a>(
    op: &OpContext,
    me: &Me<'_>,
    projects: &mut RoundProjects,
    rounds: &'a WaitingRounds,
) -> Result<Vec<(Entry<'a>, &'a WaitingRound)>, Error> {
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    for (id, round) in rounds.all() {
        entries.extend(round.turns_of(me.user.id).map(|turn| (Entry::mine(id, round, turn), round)));
        if round.waits_on_others(me.user.id) {
            others.push((id, round));
        }
    }
    // A person who has the turn sees the version. A person who only asked may have left the project.
    let doubtful: Vec<_> = others.iter().filter(|(_, round)| !me.sees_all_of(round.project)).map(|(id, _)| *id).collect();
    let hidden = hidden(op, me, projects, &doubtful).await?;
    let seen = others.into_iter().filter(|(id, _)| !hidden.contains(id));
    entries.extend(seen.map(|(id, round)| (Entry::of_others(id, round), round)));
    Ok(entries)
}

/// The versions among these that the caller may not see.
async fn hidden(
    op: &OpContext,
    me: &Me<'_>,
    projects: &mut RoundProjects,
    versions: &[VersionId],
) -> Result<HashSet<VersionId>, Error> {
    let mut hidden: HashSet<_> = versions.iter().copied().collect();
    for versions in versions.chunks(PAGE as usize) {
        let mut reader = op.read().await?;
        let page = reader.rounds_waiting_of(versions).await?;
        projects.meet(&mut reader, &page).await?;
        for (round, _, model) in &page {
            if projects.get(model.project_id).is_some_and(|project| me.sees(op, project, &round.signoff.0)) {
                hidden.remove(&round.version_id);
            }
        }
    }
    Ok(hidden)
}

/// What the rounds of these versions put into the caller's inbox.
async fn in_words(
    op: &OpContext,
    me: &Me<'_>,
    projects: &mut RoundProjects,
    versions: &[VersionId],
) -> Result<HashMap<VersionId, Vec<InboxItem>>, Error> {
    let mut items: HashMap<_, Vec<_>> = HashMap::new();
    for versions in versions.chunks(PAGE as usize) {
        let mut reader = op.read().await?;
        let page = reader.rounds_waiting_of(versions).await?;
        projects.meet(&mut reader, &page).await?;
        drop(reader);
        for of in &page {
            if let Some(project) = projects.get(of.2.project_id).filter(|project| me.sees(op, project, &of.0.signoff.0)) {
                items.entry(of.0.version_id).or_default().extend(items::waiting(op, me, project, of));
            }
        }
        // Lets other tasks on this thread run.
        tokio::task::yield_now().await;
    }
    Ok(items)
}

/// The first of the decisions in which the caller took part, the last one first.
async fn recently_decided(op: &OpContext, me: &Me<'_>, projects: &mut RoundProjects) -> Result<Vec<InboxItem>, Error> {
    let mut decided = Vec::new();
    for offset in (0..).step_by(PAGE as usize) {
        let mut reader = op.read().await?;
        let page = reader.rounds_decided(me.user.id, op.now.minus(RECENT), PAGE, offset).await?;
        projects.meet(&mut reader, &page).await?;
        drop(reader);
        for of in &page {
            if let Some(project) = projects.get(of.2.project_id).filter(|project| me.sees(op, project, &of.0.signoff.0))
                && me.took_part(&of.0.signoff.0)
                && decided.len() < Inbox::LISTED
            {
                decided.push(items::decided(op, project, of));
            }
        }
        if page.len() < PAGE as usize || decided.len() >= Inbox::LISTED {
            break;
        }
    }
    Ok(decided)
}
