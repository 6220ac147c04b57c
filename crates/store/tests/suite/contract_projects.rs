//! Projects and infrastructures, who may do what there, and models.

use crate::{
    database::{Fresh, both},
    world::{World, event, id, origin, parse},
};
use domain::{infrastructure::InfrastructureRole, people::ProjectRole};
use std::slice;
use store::*;

both! {
    projects_and_models_are_found_and_listed
    roles_are_own_and_through_groups
    infrastructures_are_found_and_listed
    infrastructure_roles_are_own_and_through_groups
}

async fn projects_and_models_are_found_and_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let another = Model { id: id(1, 61), name: parse("another"), ..world.model.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&another).await.unwrap();
    tx.record(event("another"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.project(world.project.id).await.unwrap(), Some(world.project.clone()));
    let projects = reader.project_ids().await.unwrap();
    let like = format!("%{}%", world.project.name);
    assert_eq!(reader.projects_like(&projects, &like, 9).await.unwrap(), slice::from_ref(&world.project));
    assert_eq!(reader.projects_like(&[], &like, 9).await.unwrap(), []);
    assert_eq!(reader.models_like(&projects, "%noth%", 9).await.unwrap(), [(another.clone(), world.project.clone())]);
    reader.users_like("%a%", 9).await.unwrap();
    assert_eq!(reader.model_count(world.project.id).await.unwrap(), 2);
    assert_eq!(reader.model_counts().await.unwrap()[world.project.name.as_str()], 2);
    assert!(reader.open_counts().await.unwrap().values().all(|open| *open > 0));
    assert_eq!(reader.project(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.project_by_name(&second.project.name).await.unwrap(), Some(second.project.clone()));
    assert_eq!(reader.project_by_name(&parse("none")).await.unwrap(), None);
    assert_eq!(reader.projects("", 1).await.unwrap(), slice::from_ref(&world.project));
    assert_eq!(reader.projects("project-1", 5).await.unwrap(), [second.project]);
    assert_eq!(reader.model(another.id).await.unwrap(), Some(another.clone()));
    assert_eq!(reader.model(id(9, 9)).await.unwrap(), None);
    let found = reader.model_by_name(world.project.id, &world.model.name).await.unwrap();
    assert_eq!(found, Some(world.model.clone()));
    assert_eq!(reader.model_by_name(world.project.id, &second.model.name).await.unwrap(), None);
    assert_eq!(reader.models(world.project.id, "", 1).await.unwrap(), [another]);
    assert_eq!(reader.models(world.project.id, "another", 5).await.unwrap(), [world.model]);
}

async fn roles_are_own_and_through_groups(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let own = ProjectMember {
        member_kind: MemberKind::User,
        member_id: world.user.id.uuid(),
        role: ProjectRole::Manager,
        ..world.project_member.clone()
    };
    // A user with the id of a group is not that group.
    let namesake = ProjectMember { member_kind: MemberKind::User, ..second.project_member.clone() };
    let elsewhere = ProjectMember { project_id: second.project.id, ..own.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    for member in [&own, &namesake, &elsewhere] {
        tx.insert(member).await.unwrap();
    }
    tx.record(event("members"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let (project, user) = (world.project.id, world.user.id);
    let through_group = world.project_member.clone();
    let both = [through_group.clone(), own.clone()];
    assert_eq!(reader.project_members(project).await.unwrap(), both);
    assert_eq!(reader.members_of_projects([project, id(9, 9)]).await.unwrap(), both);
    let found = reader.project_member(project, MemberKind::User, own.member_id).await.unwrap();
    assert_eq!(found, Some(own.clone()));
    assert_eq!(reader.project_member(project, MemberKind::Group, own.member_id).await.unwrap(), None);
    let sorted = |mut members: Vec<ProjectMember>| {
        members.sort_by_key(|member| (member.project_id, member.member_kind));
        members
    };
    assert_eq!(sorted(reader.project_roles(user).await.unwrap()), [own.clone(), through_group.clone(), elsewhere.clone()]);
    let groups = reader.group_ids(user).await.unwrap().into_iter().collect();
    assert_eq!(sorted(reader.project_roles_in(user, &groups, project).await.unwrap()), [own, through_group]);
    assert_eq!(reader.project_roles_in(user, &groups, second.project.id).await.unwrap(), [elsewhere]);
}

async fn infrastructures_are_found_and_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let (first, second) = (World::new(1), World::new(2));
    first.write(&store).await;
    second.write(&store).await;
    let (first, second) = (first.infrastructure, second.infrastructure);
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.infrastructure(first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(reader.infrastructure(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.infrastructure_by_name(&second.name).await.unwrap(), Some(second.clone()));
    assert_eq!(reader.infrastructure_by_name(&parse("none")).await.unwrap(), None);
    assert_eq!(reader.infrastructures("", 1).await.unwrap(), [first]);
    assert_eq!(reader.infrastructures("infrastructure-1", 5).await.unwrap(), [second]);
}

async fn infrastructure_roles_are_own_and_through_groups(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let through_group = InfrastructureMember {
        member_kind: MemberKind::Group,
        member_id: world.group.id.uuid(),
        role: InfrastructureRole::Viewer,
        ..world.infrastructure_member.clone()
    };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&through_group).await.unwrap();
    tx.record(event("members"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let (infrastructure, own) = (world.infrastructure.id, world.infrastructure_member.clone());
    let members = reader.infrastructure_members(infrastructure).await.unwrap();
    assert_eq!(members, [through_group.clone(), own.clone()]);
    let names = reader.infrastructure_member_names(infrastructure).await.unwrap();
    let user = (world.user.name.clone(), Some(world.user.display_name.clone()));
    let expected = [(own.member_id, user), (through_group.member_id, (world.group.name.clone(), None))];
    assert_eq!(names, expected.into());
    let found = reader.infrastructure_member(infrastructure, MemberKind::User, own.member_id).await.unwrap();
    assert_eq!(found, Some(own.clone()));
    let found = reader.infrastructure_member(infrastructure, MemberKind::Group, own.member_id).await.unwrap();
    assert_eq!(found, None);
    let groups = reader.group_ids(world.user.id).await.unwrap().into_iter().collect();
    let mut roles = reader.infrastructure_roles_on(world.user.id, &groups, infrastructure).await.unwrap();
    roles.sort_by_key(|member| member.member_kind);
    assert_eq!(roles, [own, through_group]);
    let mut everywhere = reader.infrastructure_roles(world.user.id, &groups).await.unwrap();
    everywhere.sort_by_key(|member| member.member_kind);
    assert_eq!(everywhere, roles);
    assert_eq!(reader.infrastructures_among([infrastructure]).await.unwrap(), slice::from_ref(&world.infrastructure));
    assert_eq!(reader.infrastructure_roles_on(world.user.id, &groups, second.infrastructure.id).await.unwrap(), []);
}
