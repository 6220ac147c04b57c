//! Writers and readers: all or nothing, one after the other, one moment.

use crate::{
    database::{Fresh, both},
    world::{World, at, digest, event, id, origin, parse},
};
use domain::Timestamp;
use store::*;

both! {
    what_is_committed_is_there
    a_dropped_writer_keeps_nothing
    a_taken_name_or_key_is_told_as_such
    nothing_is_kept_after_a_failed_statement
    a_missing_row_is_neither_changed_nor_taken_away
    a_change_without_an_event_is_refused
    a_row_must_refer_to_something
    writers_run_one_after_the_other
    a_reader_sees_one_moment
    an_altered_event_keeps_no_older_state_of_a_row_alive
    events_that_others_go_through_meanwhile_are_no_gap
    a_key_is_claimed_once
    a_key_is_free_again_when_its_writer_fails
    answers_are_kept_and_forgotten
}

async fn what_is_committed_is_there(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let mut tx = store.write(world.origin()).await.unwrap();
    let closed = User { active: false, email: None, ..world.user.clone() };
    tx.update(&closed).await.unwrap();
    assert_eq!(tx.user(closed.id).await.unwrap(), Some(closed.clone()), "a writer sees its own change");
    assert_eq!(tx.origin().request, "request-1");
    tx.record(event("closed"), About::default());
    tx.commit().await.unwrap();
    store.close().await;
    let again = fresh.store().await;
    assert_eq!(again.read().await.unwrap().user(closed.id).await.unwrap(), Some(closed));
}

async fn a_dropped_writer_keeps_nothing(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&world.user).await.unwrap();
    tx.record(event("lost"), About::default());
    drop(tx);
    assert_eq!(store.log_size().await.unwrap(), 0);
    assert_eq!(store.read().await.unwrap().user(world.user.id).await.unwrap(), None);
    world.write(&store).await;
}

async fn a_taken_name_or_key_is_told_as_such(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let other = World::new(2);
    macro_rules! taken {
        ($($row:expr),* $(,)?) => {$({
            let mut tx = store.write(origin()).await.unwrap();
            let error = tx.insert(&$row).await.unwrap_err();
            assert!(matches!(error, StoreError::Exists), "{}: {error:?}", stringify!($row));
        })*};
    }
    taken! {
        world.user,
        User { name: world.user.name.clone(), ..other.user.clone() },
        Invitation { lookup: world.invitation.lookup.clone(), user_id: world.user.id, ..other.invitation.clone() },
        Token { lookup: world.token.lookup.clone(), user_id: world.user.id, ..other.token.clone() },
        Group { name: world.group.name.clone(), ..other.group.clone() },
        world.group_member,
        Project { name: world.project.name.clone(), ..other.project.clone() },
        world.project_member,
        Model { project_id: world.project.id, name: world.model.name.clone(), ..other.model.clone() },
        Version { model_id: world.model.id, uploader_id: world.user.id, ..other.version.clone() },
        world.round,
        Infrastructure { name: world.infrastructure.name.clone(), ..other.infrastructure.clone() },
        world.infrastructure_member,
        world.permit,
        Deployment {
            infrastructure_id: world.infrastructure.id,
            service: world.deployment.service.clone(),
            model_id: world.model.id,
            ..other.deployment.clone()
        },
        world.revision,
        world.share,
    }
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&other.user).await.unwrap();
    let renamed = User { name: world.user.name.clone(), ..other.user.clone() };
    assert!(matches!(tx.update(&renamed).await, Err(StoreError::Exists)));
}

async fn nothing_is_kept_after_a_failed_statement(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&world.user).await.unwrap();
    tx.record(event("first"), About::default());
    assert!(matches!(tx.insert(&world.user).await, Err(StoreError::Exists)));
    assert!(matches!(tx.commit().await, Err(StoreError::Failed | StoreError::Database(_))));
    // Without an event too, where PostgreSQL answers the commit of a failed transaction with success.
    let upload = upload(&world);
    let mut tx = store.write(origin()).await.unwrap();
    assert!(tx.add_upload(&upload).await.is_err(), "there is no such model");
    assert!(matches!(tx.commit().await, Err(StoreError::Failed)));
    assert_eq!(store.read().await.unwrap().user(world.user.id).await.unwrap(), None);
    assert_eq!(store.log_size().await.unwrap(), 0);
}

fn upload(world: &World) -> Upload {
    Upload { id: id(1, 50), model_id: world.model.id, user_id: world.user.id, created_at: at(0), expires_at: at(10) }
}

async fn a_missing_row_is_neither_changed_nor_taken_away(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    let mut tx = store.write(origin()).await.unwrap();
    macro_rules! gone {
        ($($row:ident $table:literal)*) => {$(
            assert!(matches!(tx.update(&world.$row).await, Err(StoreError::Gone($table))));
            assert!(matches!(tx.delete(&world.$row).await, Err(StoreError::Gone($table))));
        )*};
    }
    gone! {
        user "users" invitation "invitations" token "tokens" group "user_groups" group_member "group_members"
        project "projects" project_member "project_members" model "models" version "versions" round "rounds"
        infrastructure "infrastructures" infrastructure_member "infrastructure_members" permit "statements"
        deployment "deployments" revision "revisions" share "shares"
    }
    tx.commit().await.unwrap();
    assert_eq!(store.log_size().await.unwrap(), 0);
}

async fn a_change_without_an_event_is_refused(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&world.user).await.unwrap();
    tx.record(event("user"), About::default());
    tx.insert(&world.group).await.unwrap();
    let error = tx.commit().await.unwrap_err();
    let StoreError::Unrecorded(row) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*row, format!("user_groups/{}", world.group.id));
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.user(world.user.id).await.unwrap(), None, "not even what was recorded");
    assert_eq!(reader.log_size().await.unwrap(), 0);
}

async fn a_row_must_refer_to_something(fresh: Fresh) {
    let store = fresh.store().await;
    let mut tx = store.write(origin()).await.unwrap();
    let error = tx.insert(&World::new(1).model).await.unwrap_err();
    assert!(matches!(&error, StoreError::Database(_)), "{error:?}");
    assert!(!error.is_outage(), "trying again does not help");
}

async fn writers_run_one_after_the_other(fresh: Fresh) {
    let store = fresh.store().await;
    let mut first = store.write(origin()).await.unwrap();
    let (began, mut has_begun) = tokio::sync::oneshot::channel();
    let second = tokio::spawn({
        // Another server, with connections of its own.
        let other = fresh.store().await;
        async move {
            let mut tx = other.write(origin()).await.unwrap();
            began.send(()).unwrap();
            let seen = tx.user_by_name(&parse("user-1")).await.unwrap();
            tx.record(event("second"), About::default());
            tx.commit().await.unwrap();
            seen
        }
    });
    first.insert(&World::new(1).user).await.unwrap();
    first.record(event("first"), About::default());
    assert!(has_begun.try_recv().is_err(), "the second one waits");
    first.commit().await.unwrap();
    assert!(second.await.unwrap().is_some(), "the second one sees what the first one did");

    // Many at once: no position is given twice, none is left out.
    let many = (0..8).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write(origin()).await.unwrap();
            tx.record(event(&format!("many-{n}")), About::default());
            tx.record(event(&format!("many-{n}-again")), About::default());
            tx.commit().await.unwrap();
        })
    });
    for task in many.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut reader = store.read().await.unwrap();
    let events = reader.events(About::default(), 0, Timestamp::from_micros(0), 100).await.unwrap();
    assert_eq!(events.iter().map(|event| event.position).collect::<Vec<_>>(), (0..18).collect::<Vec<_>>());
    assert!(verify::verify(&mut reader, &[]).await.unwrap().findings.is_empty());
}

async fn a_reader_sees_one_moment(fresh: Fresh) {
    let store = fresh.store().await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.log_size().await.unwrap(), 0);
    World::new(1).write(&store).await;
    assert_eq!(reader.log_size().await.unwrap(), 0);
    assert_eq!(reader.users("", 10).await.unwrap(), []);
    drop(reader);
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.log_size().await.unwrap(), 16);
    assert_eq!(reader.users("", 10).await.unwrap().len(), 1);
}

/// An origin with an idempotency key.
fn with_key(world: &World, request: &str) -> Origin {
    Origin { key: Some((world.user.id, "key-1".to_owned(), digest(request))), ..world.origin() }
}

async fn a_key_is_claimed_once(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let tx = store.write(with_key(&world, "request")).await.unwrap();
    tx.commit().await.unwrap();
    let again = store.write(with_key(&world, "request")).await;
    assert!(matches!(again.err(), Some(StoreError::KeyUsed)));
    let stored = store.read().await.unwrap().stored_response(world.user.id, "key-1").await.unwrap();
    let lost = StoredResponse { request_hash: digest("request"), answer: None };
    assert_eq!(stored, Some(lost), "the answer was not kept yet");
    // The refused writer holds nothing back.
    store.write(origin()).await.unwrap().commit().await.unwrap();
}

async fn a_key_is_free_again_when_its_writer_fails(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    drop(store.write(with_key(&world, "request")).await.unwrap());
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.stored_response(world.user.id, "key-1").await.unwrap(), None);
    store.write(with_key(&world, "another")).await.unwrap().commit().await.unwrap();
}

async fn answers_are_kept_and_forgotten(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    store.write(with_key(&world, "request")).await.unwrap().commit().await.unwrap();
    let mut tx = store.write(origin()).await.unwrap();
    tx.keep_response(world.user.id, "key-1", 201, b"{}").await.unwrap();
    tx.forget_responses(at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let answer = async || {
        let mut reader = store.read().await.unwrap();
        reader.stored_response(world.user.id, "key-1").await.unwrap()
    };
    assert_eq!(answer().await.unwrap().answer, Some((201, b"{}".to_vec())));
    let mut tx = store.write(origin()).await.unwrap();
    tx.forget_responses(at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(answer().await, None);
}

/// A process that starts goes through the log. Somebody altered an event before it, so that the others should not be read.
async fn an_altered_event_keeps_no_older_state_of_a_row_alive(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    fresh.raw.execute("CREATE TABLE older AS SELECT * FROM users").await;
    let mut tx = store.write(world.origin()).await.unwrap();
    tx.update(&User { active: false, ..world.user.clone() }).await.unwrap();
    tx.record(event("closed"), About::default());
    tx.commit().await.unwrap();
    fresh.raw.execute("UPDATE users SET active = older.active, seal = older.seal FROM older WHERE older.id = users.id").await;
    fresh
        .raw
        .execute("UPDATE events SET body = (SELECT body FROM events AS other WHERE other.position = 4) WHERE position = 3")
        .await;

    let started = fresh.store().await;
    assert!(
        started.read().await.unwrap().user(world.user.id).await.unwrap().is_some_and(|user| user.active),
        "it knows nothing yet"
    );
    assert!(matches!(started.learn_log().await, Err(StoreError::Altered(_))));
    assert!(matches!(started.read().await.unwrap().user(world.user.id).await, Err(StoreError::PutBack(_))));
}

/// The next writer has the log as soon as the one before it has committed, and both then go through the new event. What the one has
/// reached just before the other asks is no gap.
async fn events_that_others_go_through_meanwhile_are_no_gap(fresh: Fresh) {
    let store = fresh.store().await;
    store.learn_log().await.unwrap();
    let writing = (0..4).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..500 {
                let mut tx = store.write(origin()).await.expect("no event is missing");
                tx.record(event(&format!("event-{writer}-{n}")), About::default());
                tx.commit().await.unwrap();
            }
        })
    });
    for task in writing.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
