//! Serving nodes: their reports, what they may fetch, and the permits that are renewed for them.

use crate::{
    database::{Fresh, both},
    world::{World, at, digest, event, origin, parse},
};
use domain::{StatementId, deployment::Basis, infrastructure::Policy, signoff::Status};
use store::*;
use uuid::Uuid;

both! {
    reports_are_kept_listed_and_forgotten
    only_what_is_in_force_may_be_fetched
    permits_past_half_of_their_time_are_found_once_they_can_end_later
}

async fn reports_are_kept_listed_and_forgotten(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let place = world.infrastructure.id;
    let node = |name: &str, report: &str, second: i64| Node {
        infrastructure_id: place,
        name: parse(name),
        account_id: world.user.id,
        report: report.to_owned(),
        log_refusal: None,
        reported_at: at(second),
    };
    let (first, other) = (node("node-1", "{}", 10), node("a-node", "{}", 20));
    let elsewhere = Node { infrastructure_id: second.infrastructure.id, ..first.clone() };
    let size = store.log_size().await.unwrap();
    let mut tx = store.write(origin()).await.unwrap();
    for node in [&first, &other, &elsewhere] {
        assert!(tx.keep_node(node).await.unwrap());
    }
    tx.commit().await.unwrap();
    assert_eq!(store.log_size().await.unwrap(), size, "reports are not part of the record");

    let later = Node { log_refusal: Some("It shrank.".to_owned()), ..node("node-1", r#"{"url":"x"}"#, 30) };
    let mut tx = store.write(origin()).await.unwrap();
    assert!(tx.keep_node(&later).await.unwrap());
    let usurped = Node { account_id: second.user.id, ..node("node-1", "{}", 40) };
    assert!(!tx.keep_node(&usurped).await.unwrap(), "the name is another account's");
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.nodes(place).await.unwrap(), [other.clone(), later.clone()]);
    assert_eq!(reader.node(place, &later.name).await.unwrap(), Some(later.clone()));
    assert_eq!(reader.node(place, &parse("node-2")).await.unwrap(), None);
    assert_eq!(reader.count_nodes(place).await.unwrap(), 2);
    assert_eq!(reader.log_refusals(place).await.unwrap(), [(later.name.clone(), "It shrank.".to_owned())]);
    assert_eq!(reader.log_refusals(second.infrastructure.id).await.unwrap(), []);
    assert_eq!(reader.count_log_refusals().await.unwrap(), 1);
    drop(reader);

    let mut tx = store.write(origin()).await.unwrap();
    tx.remove_node(place, &parse("nobody")).await.unwrap();
    tx.remove_node(place, &later.name).await.unwrap();
    tx.forget_nodes(at(20)).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.nodes(place).await.unwrap(), [other], "exactly at the moment is not before it");
    assert_eq!(reader.nodes(second.infrastructure.id).await.unwrap(), []);
}

async fn only_what_is_in_force_may_be_fetched(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let (place, bytes, file) = (world.infrastructure.id, world.version.model_digest, world.files[0].clone());
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.served_version(place, bytes).await.unwrap(), Some(world.version.clone()));
    assert_eq!(reader.served_file(place, file.sha256).await.unwrap(), Some(file.clone()));
    assert_eq!(reader.served_version(second.infrastructure.id, bytes).await.unwrap(), None);
    assert_eq!(reader.served_file(second.infrastructure.id, file.sha256).await.unwrap(), None);
    assert_eq!(reader.served_version(place, digest("other")).await.unwrap(), None);
    drop(reader);

    let stopped = Deployment { current_revision: 2, ..world.deployment.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&stopped).await.unwrap();
    tx.record(event("stopped"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.served_version(place, bytes).await.unwrap(), None);
    assert_eq!(reader.served_file(place, file.sha256).await.unwrap(), None);
}

/// The world's permit was signed at second 8 and ends at second 90 000: half of its time is over at 45 004.
async fn permits_past_half_of_their_time_are_found_once_they_can_end_later(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let none = StatementId::from_uuid(Uuid::nil());
    let renewable = async |second: i64| store.read().await.unwrap().renewable(at(second), none, 10).await.unwrap();
    assert_eq!(renewable(45_004).await, [], "nothing approves it");

    let approved = |end: i64| Round { status: Status::Approved, not_after: Some(at(end)), ..world.round.clone() };
    save(&store, &approved(90_001)).await;
    assert_eq!(renewable(45_003).await, []);
    assert_eq!(renewable(45_004).await, std::slice::from_ref(&world.share));
    let behind = store.read().await.unwrap().renewable(at(45_004), world.share.permit_id, 10).await.unwrap();
    assert_eq!(behind, [], "it was looked at");
    save(&store, &approved(90_000)).await;
    assert_eq!(renewable(80_000).await, [], "its end cannot move");

    // What went in on another ground needs the policy that let it in.
    let with = async |basis: Basis, policy: Policy| {
        let mut tx = store.write(origin()).await.unwrap();
        tx.update(&world.round).await.unwrap();
        tx.update(&Share { basis, ..world.share.clone() }).await.unwrap();
        tx.update(&Infrastructure { policy, ..world.infrastructure.clone() }).await.unwrap();
        tx.record(event("changed"), About::default());
        tx.commit().await.unwrap();
        renewable(80_000).await.len()
    };
    for (basis, policy, found) in [
        (Basis::Approved, Policy::Allow, 0),
        (Basis::Acknowledged, Policy::Prevent, 0),
        (Basis::Acknowledged, Policy::Warn, 1),
        (Basis::Acknowledged, Policy::Allow, 1),
        (Basis::Unapproved, Policy::Prevent, 0),
        (Basis::Unapproved, Policy::Warn, 0),
        (Basis::Unapproved, Policy::Allow, 1),
    ] {
        assert_eq!(with(basis, policy).await, found, "{basis} under {policy}");
    }
    // Where that policy asks for an approval by now, its end bounds the permit as well.
    for (basis, policy) in [(Basis::Acknowledged, Policy::Prevent), (Basis::Unapproved, Policy::Warn)] {
        with(basis, policy).await;
        for (end, found) in [(90_000, 0), (90_001, 1)] {
            save(&store, &approved(end)).await;
            assert_eq!(renewable(80_000).await.len(), found, "{basis} under {policy}, approved until {end}");
        }
    }
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&Deployment { current_revision: 2, ..world.deployment.clone() }).await.unwrap();
    tx.record(event("stopped"), About::default());
    tx.commit().await.unwrap();
    assert_eq!(renewable(80_000).await, [], "it is no longer in force");
}

async fn save(store: &Store, round: &Round) {
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(round).await.unwrap();
    tx.record(event("approved"), About::default());
    tx.commit().await.unwrap();
}
