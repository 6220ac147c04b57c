//! Users, invitations, tokens and groups.

use crate::{
    database::{Fresh, both},
    world::{World, at, event, id, origin, parse},
};
use domain::people::{AccountKind, InstanceRole};
use std::slice;
use store::*;

both! {
    users_are_found_and_listed
    invitations_and_tokens_are_found
    groups_and_their_members
}

/// A person of this name in the first world.
fn person(number: u32, name: &str) -> User {
    let email = Some(format!("{name}@example.org"));
    User { id: id(1, number), name: parse(name), email, role: InstanceRole::User, ..World::new(1).user }
}

/// Adds users beside the first world.
async fn add(store: &Store, users: &[&User]) {
    let mut tx = store.write(origin()).await.unwrap();
    for user in users {
        tx.insert(*user).await.unwrap();
    }
    tx.record(event("people"), About::default());
    tx.commit().await.unwrap();
}

async fn users_are_found_and_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let (anna, closed, robot) = (person(61, "a-person"), person(62, "b-person"), person(63, "c-robot"));
    let closed =
        User { role: InstanceRole::Administrator, active: false, password_hash: Some("$argon2id$".to_owned()), ..closed };
    let robot = User { role: InstanceRole::Administrator, kind: AccountKind::Service, email: None, ..robot };
    add(&store, &[&robot, &closed, &anna]).await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.user(closed.id).await.unwrap().as_ref(), Some(&closed));
    assert_eq!(reader.user(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.user_by_name(&robot.name).await.unwrap().as_ref(), Some(&robot));
    assert_eq!(reader.user_by_name(&parse("nobody")).await.unwrap(), None);
    assert_eq!(reader.users("", 2).await.unwrap(), [anna, closed.clone()]);
    assert_eq!(reader.service_accounts("", 5).await.unwrap(), slice::from_ref(&robot));
    assert_eq!(reader.service_accounts(robot.name.as_str(), 5).await.unwrap(), []);
    assert_eq!(reader.users("b-person", 2).await.unwrap(), [robot, world.user.clone()]);
    assert_eq!(reader.users("user-1", 2).await.unwrap(), []);
    assert_eq!(reader.administrators().await.unwrap().len(), 1, "neither closed accounts nor services count");
}

async fn invitations_and_tokens_are_found(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let redeemed = Invitation { id: id(1, 61), lookup: vec![1], redeemed_at: Some(at(5)), ..world.invitation.clone() };
    let cancelled = Invitation { id: id(1, 62), lookup: vec![2], cancelled_at: Some(at(5)), ..world.invitation.clone() };
    let earlier = Token {
        id: id(1, 63),
        lookup: vec![3],
        created_at: at(1),
        revoked_at: Some(at(6)),
        parent: Some(world.token.id),
        ..world.token.clone()
    };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&redeemed).await.unwrap();
    tx.insert(&cancelled).await.unwrap();
    tx.insert(&earlier).await.unwrap();
    tx.record(event("more"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.invitation_by_lookup(&[1]).await.unwrap(), Some(redeemed));
    assert_eq!(reader.invitation_by_lookup(&[9]).await.unwrap(), None);
    assert_eq!(reader.open_invitations(world.user.id).await.unwrap(), [world.invitation]);
    assert_eq!(reader.open_invitations(id(9, 9)).await.unwrap(), []);
    assert_eq!(reader.token(world.token.id).await.unwrap(), Some(world.token.clone()));
    assert_eq!(reader.token(id(9, 9)).await.unwrap(), None);
    let caller = Some((earlier.clone(), world.user.clone()));
    assert_eq!(reader.caller(earlier.id).await.unwrap(), caller);
    assert_eq!(reader.caller(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.caller_by_lookup(&[3]).await.unwrap(), caller);
    assert_eq!(reader.caller_by_lookup(&[9]).await.unwrap(), None);
    assert_eq!(reader.children(world.token.id).await.unwrap(), slice::from_ref(&earlier));
    assert_eq!(reader.children(earlier.id).await.unwrap(), []);
    assert_eq!(reader.tokens(world.user.id).await.unwrap(), [earlier, world.token]);
}

async fn groups_and_their_members(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    let outsider = person(61, "a-person");
    add(&store, &[&outsider]).await;
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&second.group).await.unwrap();
    let also = GroupMember { group_id: second.group.id, ..world.group_member.clone() };
    tx.insert(&also).await.unwrap();
    tx.record(event("more"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let name = &world.user.name;
    let both = [(world.group.id, name.clone()), (second.group.id, name.clone())];
    assert_eq!(reader.members_of_groups("", 9).await.unwrap(), both);
    assert_eq!(reader.members_of_groups("", 1).await.unwrap(), both[..1]);
    assert_eq!(reader.members_of_groups("group-1", 9).await.unwrap(), both[1..]);
    assert_eq!(reader.groups_among([world.group.id, id(9, 9)]).await.unwrap(), slice::from_ref(&world.group));
    assert_eq!(reader.memberships_among([world.group.id, id(9, 9)]).await.unwrap(), slice::from_ref(&world.group_member));
    let among = reader.users_among([outsider.id.uuid(), world.group.id.uuid(), id(9, 9)]).await.unwrap();
    assert_eq!(among, [outsider.clone(), world.user.clone()], "by themselves and through a group, in the order of their names");
    assert_eq!(reader.users_among([]).await.unwrap(), []);
    for name in ["user-1", "user-1@example.org"] {
        assert_eq!(reader.users_named([name, "nobody"]).await.unwrap(), slice::from_ref(&world.user), "{name}");
    }
    for name in ["user 1", "former 1"] {
        assert_eq!(reader.users_named([name]).await.unwrap(), [outsider.clone(), world.user.clone()], "{name}");
    }
    assert_eq!(reader.users_named([]).await.unwrap(), []);
    assert_eq!(reader.group_by_name(&second.group.name).await.unwrap(), Some(second.group.clone()));
    assert_eq!(reader.groups("", 1).await.unwrap(), slice::from_ref(&world.group));
    assert_eq!(reader.groups("group-1", 5).await.unwrap(), [second.group]);
    assert_eq!(reader.group_users(world.group.id).await.unwrap(), slice::from_ref(&world.user));
    assert_eq!(reader.group_member(world.group.id, world.user.id).await.unwrap(), Some(world.group_member.clone()));
    assert_eq!(reader.group_member(world.group.id, outsider.id).await.unwrap(), None);
    let mut ids = reader.group_ids(world.user.id).await.unwrap();
    ids.sort();
    assert_eq!(ids, [world.group.id, also.group_id]);
    assert_eq!(reader.group_ids(outsider.id).await.unwrap(), []);
    let mut memberships = reader.memberships(world.user.id).await.unwrap();
    memberships.sort_by_key(|member| member.group_id);
    assert_eq!(memberships, [world.group_member, also]);
}
