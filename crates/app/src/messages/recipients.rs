//! Who gets a message about an event: the people of its audiences who may see what it tells of, can be reached, and want to hear of it.
//! Nobody is told of their own act.

use crate::{
    Error, OpContext,
    base::{find, governed_version::GovernedVersion, project_people::ProjectPeople, standing, version_people},
    views::RoundOfEvent,
};
use domain::{
    InfrastructureId, Timestamp, UserId, VersionId,
    access::Action,
    event::{Actor, Event},
    infrastructure::InfrastructureRole,
    notice::{self, Audience, Notice, Topic, Wanted},
    people::{AccountKind, Directory, ProjectRole},
    signoff::{SignOff, State},
    turn::{self, Expected},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{LoggedEvent, MemberKind, Reader, User};

/// Somebody who gets a message.
pub(super) struct Recipient {
    pub user: UserId,
    pub topic: Topic,
    /// Until when the message waits, to go out with others in one mail; none for a mail of its own, at once.
    pub gathered: Option<Timestamp>,
}

/// Those who get a message about this event.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn of(op: &OpContext, reader: &mut Reader, event: &LoggedEvent) -> Result<Vec<Recipient>, Error> {
    let notices = notice::notices(&event.event);
    let Some(topic) = notice::topic(&event.event) else { return Ok(Vec::new()) };
    let mut people = match event.about.version {
        Some(version) => of_version(op, reader, event, version, &notices).await?,
        None => Vec::new(),
    };
    if notices.iter().any(|notice| notice.to == Audience::Administrators) {
        people.extend(webhook_keepers(reader, event).await?.into_iter().map(|user| (user, None)));
    }
    if notices.iter().any(|notice| notice.to == Audience::InfrastructureKeepers) {
        people.extend(keepers(reader, event).await?.into_iter().map(|user| (user, None)));
    }
    let actor = match &event.actor {
        Actor::User { id, .. } => Some(*id),
        Actor::Clock | Actor::Console => None,
    };
    let morning = op.morning().await?.unwrap_or_default();
    let choices = reader.wanted_messages_of(people.iter().map(|(user, _)| user.id)).await?;
    let (mut recipients, mut met) = (Vec::new(), BTreeSet::new());
    for (user, turn) in people {
        if Some(user.id) == actor || !can_be_reached(&user) || !met.insert(user.id) {
            continue;
        }
        let choice = choices.get(&user.id).copied().unwrap_or_default();
        let wanted = match choice {
            Wanted::All | Wanted::EachMorning => true,
            Wanted::MyTurn => turn.is_some() || topic.asks(),
            Wanted::Required => {
                let decides = turn == Some(Expected::Decide) && topic == Topic::ReviewRequested;
                decides || topic.is_required() && (turn.is_some() || !topic.is_of_turn())
            }
            Wanted::Nothing => false,
        };
        // Somebody who is away finds one mail when they are back.
        let away = user.absence.as_ref().map(|absence| &absence.0).filter(|absence| absence.holds(op.now));
        let gathered = match (away, choice) {
            (Some(absence), _) => Some(morning.after(absence.until)),
            (None, Wanted::EachMorning) => Some(morning.after(op.now)),
            (None, _) => None,
        };
        if wanted {
            recipients.push(Recipient { user: user.id, topic, gathered });
        }
    }
    Ok(recipients)
}

/// Whether a message can reach the person behind an account.
pub(super) fn can_be_reached(user: &User) -> bool {
    user.active && user.kind == AccountKind::Person && user.email.is_some()
}

/// The people of these audiences who may see the version, each with what is expected of them now.
async fn of_version(
    op: &OpContext,
    reader: &mut Reader,
    event: &LoggedEvent,
    version: VersionId,
    notices: &[Notice],
) -> Result<Vec<(User, Option<Expected>)>, Error> {
    let told = RoundOfEvent::of(&event.event);
    let found = version_of(reader, version, &told).await?;
    let round = match told.round {
        Some(number) if number != found.signoff().round => reader
            .round(version, &found.signoff().step, number)
            .await?
            .map_or_else(|| found.signoff().clone(), |round| round.signoff.0),
        _ => found.signoff().clone(),
    };
    let mut named = BTreeSet::new();
    for notice in notices {
        match &notice.to {
            Audience::Account(user) => _ = named.insert(*user),
            Audience::Accounts(names) => {
                for name in names {
                    named.extend(reader.user_by_name(name).await?.map(|user| user.id));
                }
            }
            Audience::Participants => named.extend(participants(&round, event.at)),
            Audience::Requester => named.extend(round.review().map(|review| review.requested.by)),
            Audience::Subscribers => named.extend(reader.subscribers(&found.name).await?),
            _ => {}
        }
    }
    let named: Vec<_> = named.into_iter().collect();
    let people = version_people::load(op, reader, &found, &named).await?;
    let facts = people.facts(op, &found);
    let expected = |turn: turn::Turn| turn.people.into_iter().map(move |user| (user, turn.expected)).collect::<Vec<_>>();
    let turns: BTreeMap<_, _> = turn::turns(found.signoff(), &facts).into_iter().flat_map(expected).collect();
    let mut ids: BTreeSet<UserId> = named.into_iter().collect();
    for notice in notices {
        match &notice.to {
            Audience::NextInTurn => ids.extend(turns.keys()),
            Audience::Reviewers => {
                if let Some(review) = found.signoff().review() {
                    ids.extend(review.reviewers.tasks().flat_map(|task| facts.able(&task, found.signoff(), review)));
                }
            }
            Audience::Authors => {
                ids.extend(people.directory.actors().filter(|person| facts.authors.made_by(person)).map(|person| person.id));
            }
            Audience::ProjectManagers => {
                let managers = people.directory.actors().filter(|person| person.has_role(ProjectRole::Manager));
                ids.extend(managers.map(|person| person.id));
            }
            // These are known by now, or are asked for elsewhere.
            Audience::Subscribers
            | Audience::Account(_)
            | Audience::Accounts(_)
            | Audience::Requester
            | Audience::Participants
            | Audience::Administrators
            | Audience::InfrastructureKeepers => {}
        }
    }
    let users = reader.users_among(ids.iter().map(|user| user.uuid())).await?;
    let may_see = |user: &User| may_see(op, &found, &people.directory, user);
    let with_turn = |user: User| {
        let turn = turns.get(&user.id).copied();
        (user, turn)
    };
    Ok(users.into_iter().filter(may_see).map(with_turn).collect())
}

/// The version of an event, with the sign-off that the event is about.
pub(super) async fn version_of(reader: &mut Reader, version: VersionId, told: &RoundOfEvent) -> Result<GovernedVersion, Error> {
    let found = find::known_version(reader, version).await?;
    match told.step.clone().filter(|step| found.sign_off_on(step).is_some()) {
        Some(step) => found.with_sign_off_on(&step).ok_or_else(|| Error::internal("a sign-off that was there is gone")),
        None => Ok(found),
    }
}

/// Whether a person may see the version: an author or a former reviewer may have left the project.
pub(super) fn may_see(op: &OpContext, found: &GovernedVersion, directory: &Directory, user: &User) -> bool {
    let Some(person) = directory.person(user.id) else { return false };
    let standing = standing::in_project(op, user, &person.groups, &person.roles, &found.project, found.signoffs());
    standing::granted(&standing, Action::ReadProject)
}

/// The requester of a round, and everybody who had given an answer in it or decided it by then.
fn participants(round: &SignOff, then: Timestamp) -> BTreeSet<UserId> {
    let mut people = round.requesters.clone();
    if let Some(review) = round.review() {
        people.insert(review.requested.by);
        people.extend(review.answers.iter().filter(|answer| answer.at <= then).map(|answer| answer.by));
    }
    let acts = match &round.state {
        State::Approved { approval, .. } | State::Expired { approval, .. } => vec![&approval.act],
        State::Rejected { rejection, .. } => vec![rejection],
        State::Abandoned { abandonment, .. } => vec![abandonment],
        State::Revoked { approval, revocation, .. } => vec![&approval.act, revocation],
        State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => Vec::new(),
    };
    people.extend(acts.into_iter().filter(|act| act.at <= then).map(|act| act.by));
    people
}

/// Whether a person is an admin or deployer of an infrastructure that an event is about.
pub(super) async fn keeps(reader: &mut Reader, user: &User, event: &LoggedEvent) -> Result<bool, Error> {
    let groups = reader.group_ids(user.id).await?.into_iter().collect();
    for infrastructure in infrastructures(reader, event).await? {
        let roles = reader.infrastructure_roles_on(user.id, &groups, infrastructure).await?;
        if roles.iter().any(|member| member.role.includes(InfrastructureRole::Deployer)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those who keep the webhook of an event: administrators, and the managers of its project.
async fn webhook_keepers(reader: &mut Reader, event: &LoggedEvent) -> Result<Vec<User>, Error> {
    let mut keepers = reader.administrators().await?;
    if let Some(project) = event.about.project {
        let people = ProjectPeople::load(reader, [project], &[], &[]).await?;
        let directory = people.directory(project, &[], &[]);
        let managers = directory.actors().filter(|person| person.has_role(ProjectRole::Manager)).map(|person| person.id.uuid());
        keepers.extend(reader.users_among(managers).await?);
    }
    Ok(keepers)
}

/// Whether a person is among those who keep the webhook of an event.
pub(super) async fn keeps_webhook(reader: &mut Reader, user: &User, event: &LoggedEvent) -> Result<bool, Error> {
    Ok(webhook_keepers(reader, event).await?.iter().any(|keeper| keeper.id == user.id))
}

/// The infrastructures that an event is about.
pub(super) async fn infrastructures(reader: &mut Reader, event: &LoggedEvent) -> Result<BTreeSet<InfrastructureId>, Error> {
    let mut found: BTreeSet<_> = event.about.infrastructure.into_iter().collect();
    if let Event::ApprovalEnding { services, .. } = &event.event {
        for service in services {
            found.extend(reader.infrastructure_by_name(&service.infrastructure).await?.map(|found| found.id));
        }
    }
    Ok(found)
}

/// The admins and deployers of the infrastructures that an event is about.
async fn keepers(reader: &mut Reader, event: &LoggedEvent) -> Result<Vec<User>, Error> {
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for infrastructure in infrastructures(reader, event).await? {
        let members = reader.infrastructure_members(infrastructure).await?;
        for member in members.iter().filter(|member| member.role.includes(InfrastructureRole::Deployer)) {
            match member.member_kind {
                MemberKind::User => users.push(member.member_id),
                MemberKind::Group => groups.push(member.member_id.into()),
            }
        }
    }
    users.extend(reader.memberships_among(groups).await?.iter().map(|member| member.user_id.uuid()));
    Ok(reader.users_among(users).await?)
}
