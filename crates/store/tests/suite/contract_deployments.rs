//! Deployments, their revisions and shares, and the signed statements.

use crate::{
    database::{Fresh, both},
    world::{World, at, event, id, origin, parse},
};
use domain::{DeploymentId, InfrastructureId, StatementId, VersionId, VersionRef, deployment::RevisionKind};
use std::slice;
use store::*;
use uuid::Uuid;

both! {
    deployments_are_found_and_listed
    what_serves_a_version_now
    statements_are_found
}

async fn deployments_are_found_and_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let another = Deployment { id: id(1, 61), service: parse("another"), ..world.deployment.clone() };
    let stop = Revision {
        number: 2,
        kind: RevisionKind::Stop,
        answer: None,
        acknowledgement: Some("no longer needed".to_owned()),
        ..world.revision.clone()
    };
    let mut tx = store.write(origin()).await.unwrap();
    let first = Revision { deployment_id: another.id, ..world.revision.clone() };
    tx.insert(&another).await.unwrap();
    tx.insert(&first).await.unwrap();
    tx.insert(&stop).await.unwrap();
    tx.record(event("more"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let (deployment, infrastructure) = (world.deployment.clone(), world.infrastructure.id);
    let found = reader.deployment_by_name(infrastructure, &deployment.service).await.unwrap();
    assert_eq!(reader.services_like("%noth!%r%", 9).await.unwrap(), []);
    let services = reader.services_like("%noth%r%", 9).await.unwrap();
    assert_eq!(services.iter().map(|(found, _)| found.id).collect::<Vec<_>>(), [another.id]);
    let everywhere = reader.deployments_everywhere(DeploymentId::from_uuid(Uuid::nil()), 9).await.unwrap();
    let ids = [(deployment.id, infrastructure), (another.id, infrastructure), (second.deployment.id, second.infrastructure.id)];
    assert_eq!(everywhere.iter().map(|(found, place)| (found.id, place.id)).collect::<Vec<_>>(), ids);
    let later = reader.deployments_everywhere(deployment.id, 1).await.unwrap();
    assert_eq!(later.iter().map(|(found, _)| found.id).collect::<Vec<_>>(), [another.id]);
    // The other one serves nothing.
    let models = [world.model.id, second.model.id];
    let mut serving = reader.first_of_models(models, 9).await.unwrap();
    serving.sort_by_key(|(found, ..)| found.id);
    assert_eq!(serving.iter().map(|(found, ..)| found.id).collect::<Vec<_>>(), [deployment.id, second.deployment.id]);
    assert_eq!(reader.first_of_models(models, 0).await.unwrap(), []);
    assert_eq!(reader.services_of_model(world.model.id).await.unwrap(), [(infrastructure, deployment.service.clone())]);
    let place = ServedWhere {
        version: world.version.number,
        infrastructure: world.infrastructure.name.clone(),
        stage: world.infrastructure.stage.clone(),
        weight: world.share.weight,
    };
    assert_eq!(reader.served_where(world.model.id).await.unwrap(), [place]);
    let (project, model) = (world.project.name.clone(), world.model.name.clone());
    let named = |deployment: &Deployment| (deployment.service.clone(), project.clone(), model.clone());
    assert_eq!(reader.service_names(infrastructure, 9).await.unwrap(), [named(&another), named(&deployment)]);
    assert_eq!(reader.service_names(infrastructure, 1).await.unwrap(), [named(&another)]);
    assert_eq!(found, Some(deployment.clone()));
    let found = reader.deployment_by_name(second.infrastructure.id, &deployment.service).await.unwrap();
    assert_eq!(found, None);
    let whole = |deployment: Deployment, revision| (deployment, revision, world.model.clone(), world.project.clone());
    assert_eq!(reader.whole_deployments(infrastructure, "", 1).await.unwrap(), [whole(another, first)]);
    let whole = whole(deployment.clone(), world.revision.clone());
    assert_eq!(reader.whole_deployments(infrastructure, "another", 5).await.unwrap(), slice::from_ref(&whole));
    assert_eq!(reader.whole_deployment(infrastructure, &deployment.service).await.unwrap(), Some(whole.clone()));
    assert_eq!(reader.deployments_among([deployment.id]).await.unwrap(), slice::from_ref(&whole));
    assert_eq!(reader.deployments_among([]).await.unwrap(), []);
    assert_eq!(reader.whole_deployment(second.infrastructure.id, &deployment.service).await.unwrap(), None);
    assert_eq!(reader.revision(deployment.id, 1).await.unwrap(), Some(world.revision.clone()));
    assert_eq!(reader.revision(deployment.id, 3).await.unwrap(), None);
    assert_eq!(reader.revisions(deployment.id, 5).await.unwrap(), [stop.clone(), world.revision.clone()]);
    assert_eq!(reader.revisions(deployment.id, 1).await.unwrap(), [stop]);
}

/// The permit among what is spoken of a version.
async fn permit_in_service(
    reader: &mut Reader,
    world: &World,
    version: VersionId,
    infrastructure: InfrastructureId,
) -> Option<Statement> {
    let spoken = reader.spoken_of(world.version.model_digest, version, infrastructure, 9).await.unwrap();
    spoken.into_iter().find(|statement| statement.kind == StatementKind::Permit)
}

async fn what_serves_a_version_now(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let version = world.version.id;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.shares(world.deployment.id, 1).await.unwrap(), slice::from_ref(&world.share));
    assert_eq!(reader.shares(world.deployment.id, 2).await.unwrap(), []);
    let serving = reader.serving(version).await.unwrap();
    assert_eq!(serving, [(world.deployment.clone(), world.share.clone())]);
    let permit = permit_in_service(&mut reader, &world, version, world.infrastructure.id).await;
    assert_eq!(permit, Some(world.permit.clone()));
    assert_eq!(permit_in_service(&mut reader, &world, version, id(9, 9)).await, None);
    drop(reader);

    // The next revision splits the traffic under newer permits; only what it serves is in service.
    let permit = |number: u32, issued: i64| Statement { id: id(1, number), issued_at: at(issued), ..world.permit.clone() };
    let share = |place: u32, weight: u8, permit: StatementId| Share {
        revision: 2,
        place,
        weight,
        permit_id: permit,
        ..world.share.clone()
    };
    let (newer, newest, unused) = (permit(61, 20), permit(62, 30), permit(63, 40));
    let (first, other) = (share(0, 60, newest.id), share(1, 40, newer.id));
    let deployment = Deployment { current_revision: 2, ..world.deployment.clone() };
    let revision = Revision { number: 2, ..world.revision.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&deployment).await.unwrap();
    tx.insert(&revision).await.unwrap();
    for statement in [&newer, &newest, &unused] {
        tx.insert(statement).await.unwrap();
    }
    tx.insert(&other).await.unwrap();
    tx.insert(&first).await.unwrap();
    tx.record(event("split"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.shares(deployment.id, 2).await.unwrap(), [first.clone(), other.clone()], "in their order");
    let whole = |share: &Share, permit: &Statement| {
        let World { version, model, project, round, .. } = world.clone();
        (share.clone(), permit.clone(), version, model, project, round)
    };
    let present = [whole(&first, &newest), whole(&other, &newer)];
    assert_eq!(reader.last_shares([deployment.id, id(9, 9)], 0).await.unwrap(), present);
    let all = [present.as_slice(), &[whole(&world.share, &world.permit)]].concat();
    assert_eq!(reader.last_shares([deployment.id], 1).await.unwrap(), all, "the newest revision first");
    assert_eq!(reader.last_shares([], 9).await.unwrap(), []);
    let past = |share: &Share| PastShare {
        revision: share.revision,
        version: VersionRef {
            project: world.project.name.clone(),
            model: world.model.name.clone(),
            number: world.version.number,
        },
        weight: share.weight,
        model_digest: share.model_digest,
        basis: share.basis,
    };
    assert_eq!(reader.past_shares(deployment.id, 1).await.unwrap(), [past(&first), past(&other), past(&world.share)]);
    assert_eq!(reader.past_shares(deployment.id, 2).await.unwrap(), [past(&first), past(&other)]);
    let earlier =
        [reader.served_otherwise(deployment.id, 2).await.unwrap(), reader.served_otherwise(deployment.id, 1).await.unwrap()];
    assert_eq!(earlier, [Some(1), None]);
    let mut serving = reader.serving(version).await.unwrap();
    serving.sort_by_key(|(_, share)| share.place);
    assert_eq!(serving, [(deployment.clone(), first), (deployment.clone(), other)]);
    let permit = permit_in_service(&mut reader, &world, version, world.infrastructure.id).await;
    assert_eq!(permit, Some(newest));
    drop(reader);

    // A revision that serves nothing.
    let stopped = Deployment { current_revision: 3, ..deployment };
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&stopped).await.unwrap();
    tx.record(event("stopped"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.serving(version).await.unwrap(), []);
    assert_eq!(permit_in_service(&mut reader, &world, version, world.infrastructure.id).await, None);
}

async fn statements_are_found(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let decision = |number: u32, issued: i64| Statement {
        id: id(1, number),
        kind: StatementKind::Decision,
        infrastructure_id: None,
        issued_at: at(issued),
        not_after: None,
        ..world.permit.clone()
    };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&decision(61, 30)).await.unwrap();
    tx.insert(&decision(62, 20)).await.unwrap();
    tx.record(event("decisions"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.statement(world.permit.id).await.unwrap(), Some(world.permit.clone()));
    assert_eq!(reader.statement(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.decisions(world.version.id).await.unwrap(), [decision(62, 20), decision(61, 30)]);
    assert_eq!(reader.decisions(id(9, 9)).await.unwrap(), []);
    let of = reader.decisions_of([world.version.id, id(9, 9)]).await.unwrap();
    assert_eq!(of, [decision(62, 20), decision(61, 30)]);
    let on_bytes = reader.decisions_on_bytes(world.version.model_digest, 1).await.unwrap();
    assert_eq!(on_bytes, [decision(61, 30)], "the last one first");
    let (bytes, version) = (world.version.model_digest, world.version.id);
    // On an infrastructure where nothing is in service.
    let spoken = reader.spoken_of(bytes, version, id(9, 9), 9).await.unwrap();
    assert_eq!(spoken, [decision(61, 30), decision(62, 20)], "the last one first");
    assert_eq!(reader.spoken_of(bytes, version, id(9, 9), 1).await.unwrap(), [decision(61, 30)]);
    let of_others = reader.spoken_of(bytes, id(9, 9), id(9, 9), 9).await.unwrap();
    assert_eq!(of_others, [decision(61, 30), decision(62, 20)], "also those on other versions with the same bytes");
    let in_service = reader.spoken_of(bytes, version, world.infrastructure.id, 9).await.unwrap();
    assert_eq!(in_service.len(), 3, "and the permit");
    assert_eq!(reader.versions_among([version, id(9, 9)]).await.unwrap(), [world.version]);
}
