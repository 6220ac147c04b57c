//! The log: its root, its proofs, and reading it.

use crate::{
    database::{Fresh, both},
    world::{World, at, event, id, origin},
};
use domain::{Timestamp, event::Actor};
use proof::{EventLeaf, Sha256, merkle};
use std::collections::HashMap;
use store::*;

both! {
    root_and_proofs_are_those_of_the_tree
    a_proof_of_what_is_not_there_is_an_error
    events_are_read_back_and_filtered
    events_carry_the_digests_of_their_rows
    an_event_names_its_statements_and_the_one_before_it
    a_clock_that_was_set_back_hides_no_event
    at_the_end_of_the_log_nothing_is_looked_for
}

/// The tree of RFC 9162, section 2.1.1, straight from its definition.
fn naive_root(leaves: &[Sha256]) -> Sha256 {
    match leaves {
        [] => merkle::empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
            merkle::node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

async fn root_and_proofs_are_those_of_the_tree(fresh: Fresh) {
    let store = fresh.store().await;
    let mut roots = HashMap::from([(0, merkle::empty_root())]);
    // Commits of several lengths, so that sizes of every shape are seen and some are never heads.
    for length in [1, 1, 3, 1, 2, 9, 1, 16] {
        let mut tx = store.write(origin()).await.unwrap();
        for number in 0..length {
            tx.record(event(&format!("event-{number}")), About::default());
        }
        tx.commit().await.unwrap();
        let frontier = store.read().await.unwrap().log_frontier().await.unwrap();
        assert_eq!(roots.insert(frontier.size(), frontier.root()), None, "one root for one size");
    }
    let mut reader = store.read().await.unwrap();
    let size = reader.log_size().await.unwrap();
    assert_eq!((size, store.log_size().await.unwrap()), (34, 34));
    let mut leaves = Vec::new();
    for position in 0..size {
        leaves.push(merkle::leaf_hash(&reader.event_bytes(position).await.unwrap().unwrap().leaf));
    }
    let root = naive_root(&leaves);
    for (size, root) in &roots {
        assert_eq!(naive_root(&leaves[..*size as usize]), *root, "at size {size}");
    }
    for position in 0..size {
        let proof = reader.inclusion_proof(position).await.unwrap();
        assert_eq!((proof.size, proof.root), (size, root));
        merkle::verify_inclusion(&leaves[position as usize], position, size, &proof.hashes, &root).unwrap();
    }
    for earlier in 0..=size {
        let proof = reader.consistency_proof(earlier).await.unwrap();
        assert_eq!((proof.size, proof.root), (size, root));
        let old = naive_root(&leaves[..earlier as usize]);
        merkle::verify_consistency(earlier, size, &proof.hashes, &old, &root).unwrap();
    }
}

async fn a_proof_of_what_is_not_there_is_an_error(fresh: Fresh) {
    let store = fresh.store().await;
    let mut reader = store.read().await.unwrap();
    assert!(matches!(reader.inclusion_proof(0).await, Err(StoreError::Log(_))));
    assert!(matches!(reader.consistency_proof(1).await, Err(StoreError::Log(_))));
    assert_eq!(reader.event_bytes(0).await.unwrap(), None);
    assert_eq!(reader.log_frontier().await.unwrap().root(), merkle::empty_root());
}

async fn events_are_read_back_and_filtered(fresh: Fresh) {
    let store = fresh.store().await;
    let (first, second) = (World::new(1), World::new(2));
    first.write(&store).await;
    second.write(&store).await;
    let later = Origin { at: at(500), actor: Actor::Clock, ..origin() };
    let mut tx = store.write(later).await.unwrap();
    let about = |world: &World| {
        [
            About { project: Some(world.project.id), ..About::default() },
            About { version: Some(world.version.id), ..About::default() },
            About { infrastructure: Some(world.infrastructure.id), ..About::default() },
        ]
    };
    for about in about(&first) {
        tx.record(event("later"), about);
    }
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let long_ago = Timestamp::from_micros(i64::MIN);
    let all = reader.events(About::default(), 0, long_ago, 100).await.unwrap();
    assert_eq!(all.iter().map(|event| event.position).collect::<Vec<_>>(), (0..35).collect::<Vec<_>>());
    let fifth = &all[5];
    assert_eq!((fifth.at, &fifth.about, fifth.user()), (at(0), &first.about(), Some(first.user.id)));
    assert_eq!((fifth.event.clone(), fifth.request.as_str()), (event("project"), "request-1"));
    assert_eq!(all[34].user(), None);
    let nonces: std::collections::HashSet<_> = all[..16].iter().map(|event| &event.nonce).collect();
    assert_eq!(nonces.len(), 16, "each event of a transaction has a nonce of its own");

    let positions = async |reader: &mut Reader, about, from, since, limit| {
        let events = reader.events(about, from, since, limit).await.unwrap();
        events.into_iter().map(|event| event.position).collect::<Vec<_>>()
    };
    assert_eq!(positions(&mut reader, About::default(), 33, long_ago, 100).await, [33, 34]);
    assert_eq!(positions(&mut reader, About::default(), 0, at(500), 100).await, [32, 33, 34]);
    assert_eq!(positions(&mut reader, About::default(), 0, at(501), 100).await, Vec::<u64>::new());
    for (about, last) in about(&first).into_iter().zip([32, 33, 34]) {
        assert_eq!(positions(&mut reader, about, 0, long_ago, 2).await, [0, 1]);
        assert_eq!(positions(&mut reader, about, 15, long_ago, 9).await, [15, last]);
        assert_eq!(positions(&mut reader, about, 0, at(500), 9).await, [last]);
    }
    for about in about(&second) {
        assert_eq!(positions(&mut reader, about, 0, long_ago, 100).await, (16..32).collect::<Vec<_>>());
    }
    // Each thing that is named narrows it; a version speaks for its project.
    let (one, other) = (first.about(), second.about());
    let of = |version, project, infrastructure| About { version, project, infrastructure, ..About::default() };
    for (about, expected) in [
        (of(one.version, None, one.infrastructure), 16),
        (of(None, one.project, one.infrastructure), 16),
        (of(one.version, one.project, one.infrastructure), 16),
        (of(one.version, None, other.infrastructure), 0),
        (of(None, one.project, other.infrastructure), 0),
    ] {
        assert_eq!(positions(&mut reader, about, 0, long_ago, 100).await.len(), expected, "{about:?}");
    }
    let last = reader.last_event_of(first.version.id).await.unwrap().unwrap();
    assert_eq!((last.position, last.actor), (33, Actor::Clock));
    assert_eq!(reader.last_event_of(id(9, 9)).await.unwrap(), None);

    let search = async |reader: &mut Reader, search: EventSearch| {
        let events = reader.search_events(&EventSearch { limit: 100, ..search }).await.unwrap();
        events.into_iter().map(|event| event.position).collect::<Vec<_>>()
    };
    let any = EventSearch::default;
    assert_eq!(search(&mut reader, any()).await, (0..35).rev().collect::<Vec<_>>(), "the newest first");
    let between = EventSearch { from: Some(3), before: Some(6), ..any() };
    assert_eq!(search(&mut reader, between.clone()).await, [5, 4, 3]);
    assert_eq!(search(&mut reader, EventSearch { oldest_first: true, ..between }).await, [3, 4, 5]);
    assert_eq!(reader.search_events(&EventSearch { limit: 2, ..any() }).await.unwrap().len(), 2);
    assert_eq!(search(&mut reader, EventSearch { since: Some(at(500)), ..any() }).await, [34, 33, 32]);
    assert_eq!(search(&mut reader, EventSearch { until: Some(at(500)), unattended: true, ..any() }).await, Vec::<u64>::new());
    assert_eq!(search(&mut reader, EventSearch { unattended: true, ..any() }).await, [34, 33, 32]);
    assert_eq!(
        search(&mut reader, EventSearch { actor: Some(second.user.id), ..any() }).await,
        (16..32).rev().collect::<Vec<_>>()
    );
    assert_eq!(search(&mut reader, EventSearch { kinds: vec!["model.created"], ..any() }).await.len(), 35);
    assert_eq!(search(&mut reader, EventSearch { kinds: vec!["model.create"], ..any() }).await, Vec::<u64>::new());
    for about in about(&second) {
        assert_eq!(search(&mut reader, EventSearch { about, ..any() }).await, (16..32).rev().collect::<Vec<_>>());
    }
}

async fn events_carry_the_digests_of_their_rows(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    let name = format!("group_members/{}/{}", world.group.id, world.user.id);
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&world.user).await.unwrap();
    tx.insert(&world.group).await.unwrap();
    tx.record(event("both"), About::default());
    tx.insert(&world.group_member).await.unwrap();
    tx.delete(&world.group_member).await.unwrap();
    tx.record(event("in-and-out"), About::default());
    tx.record(event("nothing"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let events = reader.events(About::default(), 0, at(0), 9).await.unwrap();
    let rows =
        |position: usize| events[position].rows.iter().map(|(row, digest)| (row.clone(), digest.is_some())).collect::<Vec<_>>();
    let created = [(format!("users/{}", world.user.id), true), (format!("user_groups/{}", world.group.id), true)];
    assert_eq!(rows(0), created);
    assert_eq!(rows(1), [(name.clone(), true), (name, false)]);
    assert_eq!(rows(2), []);
    assert!(verify::verify(&mut reader, &[]).await.unwrap().findings.is_empty());
}

async fn an_event_names_its_statements_and_the_one_before_it(fresh: Fresh) {
    let store = fresh.store().await;
    let (first, second) = (World::new(1), World::new(2));
    first.write(&store).await;
    let mut tx = store.write(origin()).await.unwrap();
    let about = |version| About { version, ..About::default() };
    for version in [None, Some(second.version.id), Some(first.version.id), Some(second.version.id), Some(first.version.id)] {
        tx.record(event("later"), about(version));
    }
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let events = reader.events(About::default(), 0, at(0), 100).await.unwrap();
    let previous: Vec<_> = events.iter().map(|event| event.previous).collect();
    assert_eq!(previous[..3], [None, Some(0), Some(1)], "every event of a world is about its version");
    assert_eq!(previous[16..], [None, None, Some(15), Some(17), Some(18)]);
    let payload = proof::Envelope::from_json_bytes(&first.permit.envelope).unwrap().payload_digest();
    for event in &events {
        let of_permit = event.rows.iter().any(|(row, _)| *row == format!("statements/{}", first.permit.id));
        let named: Vec<_> = event.statements.iter().map(|digest| *digest.as_bytes()).collect();
        assert_eq!(named, if of_permit { vec![*payload.as_bytes()] } else { Vec::new() }, "{event:?}");
        let bytes = reader.event_bytes(event.position).await.unwrap().unwrap();
        let leaf = EventLeaf::parse(&bytes.leaf).unwrap();
        assert_eq!((event.format, leaf.position, leaf.check_body(&bytes.body)), (2, event.position, Ok(())));
        assert_eq!(serde_json::from_slice::<LoggedEvent>(&bytes.body).unwrap(), *event);
    }
}

async fn a_clock_that_was_set_back_hides_no_event(fresh: Fresh) {
    let store = fresh.store().await;
    for second in [10, 20, 5, 6, 30, 7] {
        let mut tx = store.write(Origin { at: at(second), ..origin() }).await.unwrap();
        tx.record(event(&format!("second-{second}")), About::default());
        tx.commit().await.unwrap();
    }
    let mut reader = store.read().await.unwrap();
    for (from, since, limit, positions) in [
        (0, 15, 9, &[1, 4][..]),
        (2, 15, 9, &[4]),
        (0, 6, 9, &[0, 1, 3, 4, 5]),
        (2, 6, 2, &[3, 4]),
        (0, 31, 9, &[]),
        (9, 0, 9, &[]),
    ] {
        let found = reader.events(About::default(), from, at(since), limit).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|event| event.position).collect();
        assert_eq!(found, positions, "from {from}, since {since}");
    }
}

async fn at_the_end_of_the_log_nothing_is_looked_for(fresh: Fresh) {
    let store = fresh.store().await;
    World::new(1).write(&store).await;
    let mut reader = store.read().await.unwrap();
    let size = reader.log_size().await.unwrap();
    // No server wrote this event: a reader of all events comes upon it.
    let columns = "at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal";
    let sql = format!("INSERT INTO events SELECT {}, {columns} FROM events WHERE position = 3", size + 5);
    drop(reader);
    assert_eq!(fresh.raw.execute(sql).await, 1);
    let mut reader = store.read().await.unwrap();
    for from in [size, size + 1] {
        assert_eq!(reader.events(About::default(), from, Timestamp::from_micros(0), 9).await.unwrap(), []);
    }
}
