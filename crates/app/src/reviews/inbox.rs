//! The inbox: what waits for the caller, by task, oldest first. The first look reads the rounds that concern the caller. A later look
//! reads what has changed since.

use crate::{
    Error, OpContext,
    base::{cache::inbox_rounds::InboxRounds, governed_version, standing, turns},
    reviews::{
        inbox::buckets::Buckets,
        round_projects::{RoundProject, RoundProjects},
    },
    views::{Inbox, InboxItem, SlotMark, Turn},
};
use domain::{
    Duration, GroupId, ProjectId, Timestamp, VersionId,
    access::{Action, Scope},
    people::ProjectRole,
    signoff::{SignOff, State},
    turn,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use store::{RoundOf, User};
use uuid::Uuid;

mod buckets;

/// How many rounds are taken from the database at once. Each page is read on its own: a long inbox must not keep a connection
/// that others wait for.
const PAGE: u32 = 500;

/// How many changed versions are looked at one by one; after more of them all are read.
const MOST_CHANGED: usize = 500;

/// How long a decision counts as recent.
const RECENT: Duration = Duration::from_days(14);

/// The caller's inbox.
///
/// # Errors
/// When nobody is signed in.
pub async fn inbox(op: &OpContext) -> Result<Inbox, Error> {
    op.needs(Scope::Read)?;
    let me = Me::load(op).await?;
    let mut projects = RoundProjects::default();
    let rounds = waiting(op, &me, &mut projects).await?;
    let mut buckets = Buckets::default();
    rounds.items().for_each(|item| buckets.put(item));
    for offset in (0..).step_by(PAGE as usize) {
        let mut reader = op.read().await?;
        let page = reader.rounds_decided(me.user.id, op.now.minus(RECENT), PAGE, offset).await?;
        projects.meet(&mut reader, &page).await?;
        drop(reader);
        for item in &page {
            if let Some(project) = projects.get(item.2.project_id).filter(|project| me.sees(op, project, &item.0.signoff.0))
                && me.took_part(&item.0.signoff.0)
            {
                buckets.decided(|| decided(op, project, item));
            }
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(buckets.inbox())
}

/// How many tasks wait for the caller.
///
/// # Errors
/// When nobody is signed in.
pub async fn waiting_count(op: &OpContext) -> Result<u64, Error> {
    op.needs(Scope::Read)?;
    let me = Me::load(op).await?;
    let rounds = waiting(op, &me, &mut RoundProjects::default()).await?;
    Ok(rounds.items().filter(|item| item.expected.is_some()).count() as u64)
}

/// What waits for the caller or others. Only versions that changed since the caller last looked are read again.
async fn waiting(op: &OpContext, me: &Me<'_>, projects: &mut RoundProjects) -> Result<Arc<InboxRounds>, Error> {
    let size = match op.seen {
        Some(size) => size,
        None => op.cache.log_size(&op.store).await?,
    };
    let rounds = match op.cache.inbox(size, me.user.id, op.now) {
        Some((rounds, changed)) if changed.is_empty() => return Ok(rounds),
        Some((rounds, changed)) if changed.len() <= MOST_CHANGED => {
            Arc::new(look_again(op, me, projects, InboxRounds::clone(&rounds), &changed).await?)
        }
        _ => Arc::new(look_at_all(op, me, projects).await?),
    };
    op.cache.keep_inbox(size, me.user.id, rounds.clone());
    Ok(rounds)
}

async fn look_again(
    op: &OpContext,
    me: &Me<'_>,
    projects: &mut RoundProjects,
    mut rounds: InboxRounds,
    changed: &[VersionId],
) -> Result<InboxRounds, Error> {
    let mut reader = op.read().await?;
    let found = reader.rounds_waiting_of(changed).await?;
    projects.meet(&mut reader, &found).await?;
    changed.iter().for_each(|version| rounds.forget(*version));
    sort_in(op, me, projects, &found, &mut rounds).await;
    Ok(rounds)
}

async fn look_at_all(op: &OpContext, me: &Me<'_>, projects: &mut RoundProjects) -> Result<InboxRounds, Error> {
    let mut rounds = InboxRounds::default();
    let mut after = (Timestamp::from_micros(i64::MIN), VersionId::from_uuid(Uuid::nil()), String::new());
    loop {
        let mut reader = op.read().await?;
        let page = reader.rounds_waiting(me.user.id, (after.0, after.1, &after.2), PAGE).await?;
        projects.meet(&mut reader, &page).await?;
        drop(reader);
        sort_in(op, me, projects, &page, &mut rounds).await;
        match page.last() {
            Some((round, ..)) if page.len() >= PAGE as usize => {
                after = (round.changed_at, round.version_id, round.step.to_string());
            }
            _ => return Ok(rounds),
        }
    }
}

/// Puts what these rounds mean for the caller into the inbox.
async fn sort_in(op: &OpContext, me: &Me<'_>, projects: &RoundProjects, found: &[RoundOf], rounds: &mut InboxRounds) {
    for (place, item) in found.iter().enumerate() {
        let round = &item.0;
        let delegations = round.signoff.0.review().into_iter().flat_map(|review| &review.delegations);
        let ends = delegations.filter_map(|delegation| delegation.until).filter(|until| op.now < *until);
        ends.for_each(|end| rounds.holds_until(end));
        if let Some(project) = projects.get(item.2.project_id).filter(|project| me.sees(op, project, &round.signoff.0)) {
            rounds.put(round.version_id, (round.step.clone(), round.number), items(op, me, project, item));
        }
        // Lets other tasks on this thread run.
        if place % 50 == 49 {
            tokio::task::yield_now().await;
        }
    }
}

/// The caller, with all that could make a round concern them.
struct Me<'a> {
    user: &'a User,
    groups: BTreeSet<GroupId>,
    roles: HashMap<ProjectId, BTreeSet<ProjectRole>>,
}

impl<'a> Me<'a> {
    async fn load(op: &'a OpContext) -> Result<Self, Error> {
        let user = op.user()?;
        let mut reader = op.read().await?;
        let groups = reader.group_ids(user.id).await?.into_iter().collect();
        Ok(Self { user, groups, roles: standing::roles(&mut reader, user.id).await? })
    }

    /// Whether they may see a version of the project today, whatever part they once had.
    fn sees(&self, op: &OpContext, project: &RoundProject, signoff: &SignOff) -> bool {
        let none = BTreeSet::new();
        let roles = self.roles.get(&project.row.id).unwrap_or(&none);
        let standing = standing::in_project(op, self.user, &self.groups, roles, &project.row, [signoff]);
        standing::granted(&standing, Action::ReadProject)
    }

    fn took_part(&self, signoff: &SignOff) -> bool {
        let decided = match &signoff.state {
            State::Approved { approval, .. } | State::Revoked { approval, .. } | State::Expired { approval, .. } => {
                approval.act.by == self.user.id
            }
            State::Rejected { rejection, .. } => rejection.by == self.user.id,
            State::Abandoned { abandonment, .. } => abandonment.by == self.user.id,
            _ => false,
        };
        let of_review = |review: &domain::signoff::Review| {
            review.requested.by == self.user.id || review.answers.iter().any(|answer| answer.by == self.user.id)
        };
        decided || signoff.review().is_some_and(of_review)
    }
}

/// What a round puts into the caller's inbox.
fn items(op: &OpContext, me: &Me<'_>, project: &RoundProject, of: &RoundOf) -> Vec<InboxItem> {
    let (round, version, _) = of;
    let signoff = &round.signoff.0;
    let (name, authors) = (project.version_name(of), governed_version::authors(version, [signoff]));
    let facts = project.facts(op, &name, version, &authors);
    let turns = turn::turns(signoff, &facts);
    let slots = SlotMark::all(signoff, &project.row.reviewers.0);
    let item = |expected, slot, why, since, people| {
        let (status, link) = (signoff.status(), op.settings.links.version_page(&name));
        let (version, step, slots) = (name.clone(), signoff.step.clone(), slots.clone());
        InboxItem { version, step, status, expected, slot, why, since, slots, people, link }
    };
    let mine = turns.iter().filter(|turn| turn.people.contains(&me.user.id)).map(|turn| {
        let others = turn.people.iter().filter(|user| **user != me.user.id);
        let people = others.map(|user| project.directory.show(*user)).collect();
        item(Some(turn.expected), Turn::slot(turn.task.as_ref()), turn.why.clone(), turn.since, people)
    });
    let mut items: Vec<_> = mine.collect();
    if items.is_empty() && (signoff.requesters.contains(&me.user.id) || version.uploader_id == me.user.id) {
        let views = turns::view(&turns, &project.directory);
        let why = views.iter().map(|turn| turn.why.clone()).collect::<Vec<_>>().join(" ");
        let people: BTreeSet<_> = views.into_iter().flat_map(|turn| turn.people).collect();
        let since = turns.iter().filter_map(|turn| turn.since).min();
        items.push(item(None, None, why, since, people.into_iter().collect()));
    }
    items
}

fn decided(op: &OpContext, project: &RoundProject, of: &RoundOf) -> InboxItem {
    let (round, version) = (&of.0, project.version_name(of));
    let (status, signoff) = (round.status, &round.signoff.0);
    InboxItem {
        step: round.step.clone(),
        status,
        expected: None,
        slot: None,
        why: format!("The round was decided: {status}."),
        since: Some(round.changed_at),
        slots: SlotMark::all(signoff, &project.row.reviewers.0),
        people: Vec::new(),
        link: op.settings.links.version_page(&version),
        version,
    }
}
