//! The inbox: what waits for the caller, in buckets by what is expected, oldest first.

use crate::{
    Error, OpContext,
    find::{self, Found},
    governance,
    views::{Inbox, InboxItem, Turn},
};
use domain::{
    Duration, GroupId, ProjectId, UserId,
    access::Scope,
    people::{Container, ProjectRole},
    signoff::{Review, SignOff, State},
    turn::{self, Expected},
};
use std::collections::{BTreeSet, HashMap};
use store::{MemberKind, Reader, Round};

/// How many rounds are looked through, and how many are shown: an inbox beyond that is worked off from its old end.
const LOOKED_THROUGH: u32 = 20_000;
const SHOWN: usize = 300;
/// How long a decision counts as recent.
const RECENT: Duration = Duration::from_days(14);

/// The caller's inbox.
///
/// # Errors
/// When nobody is signed in.
pub async fn inbox(op: &OpContext) -> Result<Inbox, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let me = Me::load(op, &mut reader).await?;
    let mut inbox = Inbox::default();
    let mut open = reader.waiting_rounds(LOOKED_THROUGH).await?;
    open.extend(reader.lapsed_rounds(LOOKED_THROUGH).await?);
    open.extend(reader.reset_rounds(LOOKED_THROUGH).await?);
    for round in me.concern(&mut reader, open).await? {
        let found = load(&mut reader, round).await?;
        sort_in(op, &mut reader, &me, &found, &mut inbox).await?;
    }
    let decided = reader.decided_rounds(op.now.minus(RECENT), LOOKED_THROUGH).await?;
    for round in me.took_part(decided) {
        let found = load(&mut reader, round).await?;
        let status = found.signoff().status();
        let why = format!("The round was decided: {status}.");
        let item = InboxItem {
            version: found.name.clone(),
            status,
            expected: None,
            slot: None,
            why,
            since: Some(found.round.changed_at),
            people: Vec::new(),
            link: op.version_link(&found.name),
        };
        inbox.recently_decided.push(item);
    }
    for bucket in [&mut inbox.decide, &mut inbox.give_feedback, &mut inbox.answer, &mut inbox.waiting_on_others] {
        bucket.sort_by(|a, b| (a.since, &a.version).cmp(&(b.since, &b.version)));
    }
    Ok(inbox)
}

/// The caller, with all that could make a round concern them.
struct Me {
    id: UserId,
    groups: BTreeSet<GroupId>,
    roles: HashMap<ProjectId, BTreeSet<ProjectRole>>,
}

impl Me {
    async fn load(op: &OpContext, reader: &mut Reader) -> Result<Self, Error> {
        let id = op.user()?.id;
        let groups = reader.group_ids(id).await?.into_iter().collect();
        let mut roles: HashMap<ProjectId, BTreeSet<ProjectRole>> = HashMap::new();
        for member in reader.project_roles(id).await? {
            debug_assert!(matches!(member.member_kind, MemberKind::User | MemberKind::Group));
            roles.entry(member.project_id).or_default().insert(member.role);
        }
        Ok(Self { id, groups, roles })
    }

    /// The rounds that could be the caller's turn or be waited for by them; cheap, so that the others are never loaded whole.
    async fn concern(&self, reader: &mut Reader, rounds: Vec<Round>) -> Result<Vec<Round>, Error> {
        let mut concerned = Vec::new();
        let mut project_of = HashMap::new();
        for round in rounds {
            if concerned.len() >= SHOWN {
                break;
            }
            let signoff = &round.signoff.0;
            let named = signoff.review().is_some_and(|review| self.is_named(review)) || signoff.requesters.contains(&self.id);
            if named || (!self.roles.is_empty() && self.has_role(reader, &round, &mut project_of).await?) {
                concerned.push(round);
            }
        }
        Ok(concerned)
    }

    async fn has_role(
        &self,
        reader: &mut Reader,
        round: &Round,
        project_of: &mut HashMap<domain::ModelId, ProjectId>,
    ) -> Result<bool, Error> {
        let Some(version) = reader.version(round.version_id).await? else {
            return Ok(false);
        };
        let project = match project_of.get(&version.model_id) {
            Some(project) => *project,
            None => {
                let Some(model) = reader.model(version.model_id).await? else {
                    return Ok(false);
                };
                project_of.insert(version.model_id, model.project_id);
                model.project_id
            }
        };
        Ok(self.roles.contains_key(&project))
    }

    fn is_named(&self, review: &Review) -> bool {
        let holds = |container: &Container| match container {
            Container::User(user) => *user == self.id,
            Container::Group(group) => self.groups.contains(group),
            // Roles are looked up with the project.
            Container::Role(_) => false,
        };
        review.reviewers.tasks().any(|task| review.reviewers.assigned(&task).unwrap_or_default().iter().any(holds))
            || review.delegations.iter().any(|delegation| delegation.to == self.id)
            || review.answers.iter().any(|answer| answer.by == self.id)
    }

    fn took_part(&self, rounds: Vec<Round>) -> Vec<Round> {
        let part = |signoff: &SignOff| match &signoff.state {
            State::Approved { approval, .. } | State::Revoked { approval, .. } | State::Expired { approval, .. } => {
                approval.act.by == self.id
            }
            State::Rejected { rejection, .. } => rejection.by == self.id,
            State::Abandoned { abandonment, .. } => abandonment.by == self.id,
            _ => false,
        };
        let mine = |round: &Round| {
            let signoff = &round.signoff.0;
            part(signoff)
                || signoff.review().is_some_and(|review| {
                    review.requested.by == self.id || review.answers.iter().any(|answer| answer.by == self.id)
                })
        };
        rounds.into_iter().filter(mine).take(SHOWN).collect()
    }
}

async fn load(reader: &mut Reader, round: Round) -> Result<Found, Error> {
    let version = reader.version(round.version_id).await?.ok_or_else(|| Error::not_found("version", round.version_id))?;
    Ok(Found { round, ..find::belongings(reader, version).await? })
}

async fn sort_in(op: &OpContext, reader: &mut Reader, me: &Me, found: &Found, inbox: &mut Inbox) -> Result<(), Error> {
    let surroundings = find::surroundings(op, reader, found, &[]).await?;
    let turns = turn::turns(found.signoff(), &surroundings.situation(op, found));
    let mut mine = false;
    for turn in &turns {
        if !turn.people.contains(&me.id) {
            continue;
        }
        mine = true;
        let bucket = match turn.expected {
            Expected::Decide => &mut inbox.decide,
            Expected::GiveFeedback => &mut inbox.give_feedback,
            Expected::ReconsiderFeedback | Expected::RequestFinalApproval | Expected::Reset | Expected::RequestReview => {
                &mut inbox.answer
            }
        };
        let people = turn.people.iter().filter(|user| **user != me.id).map(|user| surroundings.directory.show(*user)).collect();
        bucket.push(InboxItem {
            expected: Some(turn.expected),
            slot: Turn::slot(turn.task.as_ref()),
            why: turn.why.clone(),
            since: turn.since,
            people,
            ..item(op, found)
        });
    }
    let asked = found.signoff().requesters.contains(&me.id) || found.version.uploader_id == me.id;
    if !mine && asked {
        let views = governance::turns_view(&turns, &surroundings.directory);
        let why = views.iter().map(|turn| turn.why.clone()).collect::<Vec<_>>().join(" ");
        let mut people: Vec<_> = views.into_iter().flat_map(|turn| turn.people).collect();
        people.sort();
        people.dedup();
        inbox.waiting_on_others.push(InboxItem {
            why,
            since: turns.iter().filter_map(|turn| turn.since).min(),
            people,
            ..item(op, found)
        });
    }
    Ok(())
}

fn item(op: &OpContext, found: &Found) -> InboxItem {
    InboxItem {
        version: found.name.clone(),
        status: found.signoff().status(),
        expected: None,
        slot: None,
        why: String::new(),
        since: None,
        people: Vec::new(),
        link: op.version_link(&found.name),
    }
}
