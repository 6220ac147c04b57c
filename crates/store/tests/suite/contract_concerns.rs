//! The index of people: named users, members of named groups, holders of roles, requesters and uploaders find their rounds.

use crate::{
    database::{Fresh, both},
    world::{World, at, event, id, origin},
};
use domain::{
    StepName, Timestamp, UserId, VersionId,
    people::{Container, ProjectRole},
    reviewers::Reviewers,
    signoff::{Act, Approval, Notify, Review, SignOff, State},
};
use store::*;
use uuid::Uuid;

both! {
    rounds_are_found_by_those_whom_they_concern
    a_decided_round_is_found_by_those_who_took_part
    pages_go_on_where_the_last_one_ended
    projects_are_found_by_members_and_reviewers
}

/// The round of a world, waiting for the final approval by its user or by contributors, requested by a stranger.
pub fn waiting(world: &World) -> Round {
    let by = |n| Act { by: id(77, n), at: at(6), signatory: None, comment: None, path: None };
    let approvers = vec![Container::User(id(78, 1)), Container::Group(world.group.id), Container::Role(ProjectRole::Contributor)];
    let review = Review {
        requested: by(1),
        skip_feedback: true,
        notify: Notify::Nobody,
        since: at(6),
        reviewers: Reviewers { slots: Vec::new(), approvers },
        delegations: Vec::new(),
        handed_on: false,
        requested_at: None,
        answers: Vec::new(),
        past_issues: Vec::new(),
        shown: world.version.shown,
        changed: Default::default(),
    };
    let state = State::WaitingForApproval { review };
    Round::of(
        &SignOff {
            version: world.version.id,
            step: StepName::standard(),
            round: 1,
            requesters: [id(77, 1)].into(),
            former_authors: [].into(),
            editors: [].into(),
            renews: None,
            state,
            beside: None,
        },
        1,
        at(6),
    )
}

const BEGINNING: Timestamp = Timestamp::from_micros(i64::MIN);

async fn numbers(reader: &mut Reader, user: UserId) -> Vec<VersionId> {
    let found = reader.rounds_waiting(user, (BEGINNING, VersionId::from_uuid(Uuid::nil()), ""), 9).await.unwrap();
    found.into_iter().map(|(_, version, _)| version.id).collect()
}

/// All people whom the waiting round of this world concerns find the round.
pub async fn finds(reader: &mut Reader, world: &World) {
    // By name, as requester, and by group, role and upload at once.
    for user in [id(78, 1), id(77, 1), world.user.id] {
        assert_eq!(numbers(reader, user).await, [world.version.id], "{user}");
        let projects = reader.projects_of(world.user.id, "", 9).await.unwrap();
        assert_eq!(projects, std::slice::from_ref(&world.project));
    }
}

async fn rounds_are_found_by_those_whom_they_concern(fresh: Fresh) {
    let store = fresh.store().await;
    let (mut world, other) = (World::new(1), World::new(2));
    world.round = waiting(&world);
    world.write(&store).await;
    other.write(&store).await;
    let mut reader = store.read().await.unwrap();
    finds(&mut reader, &world).await;
    assert_eq!(numbers(&mut reader, other.user.id).await, [] as [VersionId; 0]);
    let found = reader.rounds_waiting(id(78, 1), (BEGINNING, VersionId::from_uuid(Uuid::nil()), ""), 9).await.unwrap();
    assert_eq!(found, [(world.round.clone(), world.version.clone(), world.model.clone())]);
    assert_eq!(reader.open_rounds_of_project(world.project.id).await.unwrap(), found);
    assert_eq!(reader.open_rounds_of_project(other.project.id).await.unwrap(), []);
    assert_eq!(reader.rounds_waiting_of(&[world.version.id, other.version.id]).await.unwrap(), found);
    assert_eq!(reader.rounds_waiting_of(&[other.version.id]).await.unwrap(), []);
    drop(reader);

    // A holder of the role by themselves, one of a higher and one of a lower role.
    let mut tx = store.write(origin()).await.unwrap();
    for (n, role) in [(1, ProjectRole::Contributor), (2, ProjectRole::Manager), (3, ProjectRole::Reader)] {
        let member = Uuid::from(id::<UserId>(79, n));
        let row = ProjectMember { member_kind: MemberKind::User, member_id: member, role, ..world.project_member.clone() };
        tx.insert(&row).await.unwrap();
    }
    tx.record(event("members"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    for (n, found) in [(1, 1), (2, 1), (3, 0)] {
        assert_eq!(numbers(&mut reader, id(79, n)).await.len(), found, "member {n}");
    }
}

async fn a_decided_round_is_found_by_those_who_took_part(fresh: Fresh) {
    let store = fresh.store().await;
    let mut world = World::new(1);
    world.round = waiting(&world);
    world.write(&store).await;
    let State::WaitingForApproval { review } = world.round.signoff.0.state.clone() else { panic!("it waits") };
    let act = Act { by: id(78, 1), at: at(9), signatory: None, comment: None, path: None };
    let approval = Approval { act, not_after: None, model_digest: world.version.model_digest, independent: true };
    let decided = SignOff { state: State::Approved { review, approval }, ..world.round.signoff.0.clone() };
    let decided = Round::of(&decided, 2, at(9));
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&decided).await.unwrap();
    tx.record(event("decided"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    for user in [id(78, 1), id(77, 1)] {
        assert_eq!(numbers(&mut reader, user).await, [] as [VersionId; 0], "it waits for nobody");
        assert_eq!(reader.rounds_decided(user, at(9), 9, 0).await.unwrap().len(), 1);
        assert_eq!(reader.rounds_decided(user, at(10), 9, 0).await.unwrap(), []);
        assert_eq!(reader.rounds_decided(user, at(0), 9, 1).await.unwrap(), []);
    }
    assert_eq!(reader.rounds_decided(id(9, 9), at(0), 9, 0).await.unwrap(), []);
}

async fn pages_go_on_where_the_last_one_ended(fresh: Fresh) {
    let store = fresh.store().await;
    for n in 1..=5 {
        let mut world = World::new(n);
        world.round = waiting(&world);
        // Three of them changed at the same moment.
        world.round.changed_at = at(i64::from(n.min(3)));
        world.write(&store).await;
    }
    let mut reader = store.read().await.unwrap();
    let (mut after, mut step, mut seen) = ((BEGINNING, VersionId::from_uuid(Uuid::nil())), String::new(), Vec::new());
    loop {
        let page = reader.rounds_waiting(id(78, 1), (after.0, after.1, &step), 2).await.unwrap();
        let Some((round, ..)) = page.last() else { break };
        (after, step) = ((round.changed_at, round.version_id), round.step.to_string());
        seen.extend(page.iter().map(|(_, version, _)| version.id));
    }
    assert_eq!(seen, (1..=5).map(|n| id(n, 7)).collect::<Vec<VersionId>>());
}

async fn projects_are_found_by_members_and_reviewers(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, mut second) = (World::new(1), World::new(2));
    second.project.reviewers.0.approvers.push(Container::User(world.user.id));
    world.write(&store).await;
    second.write(&store).await;
    let mut reader = store.read().await.unwrap();
    let found = reader.projects_of(world.user.id, "", 9).await.unwrap();
    assert_eq!(found, [world.project.clone(), second.project.clone()]);
    assert_eq!(reader.projects_of(world.user.id, "project-1", 9).await.unwrap(), [second.project.clone()]);
    assert_eq!(reader.projects_of(world.user.id, "", 1).await.unwrap(), [world.project]);
    assert_eq!(reader.projects_of(second.user.id, "", 9).await.unwrap(), [second.project.clone()], "by the group");
    assert_eq!(reader.projects_of(id(9, 9), "", 9).await.unwrap(), []);
    drop(reader);
    second.project.reviewers.0 = Reviewers::default();
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&second.project).await.unwrap();
    tx.record(event("reviewers"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.projects_of(world.user.id, "project-1", 9).await.unwrap(), [], "no longer a reviewer");
}
