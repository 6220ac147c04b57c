//! Writes outside of the record go on beside a writer that holds the head of the log, and beside each other.

use crate::{
    database::{Fresh, on_postgres},
    world::{World, at, digest, event, id, origin, parse},
};
use domain::{Digest, UploadId};
use store::*;

fn upload(world: &World) -> Upload {
    Upload { id: id(1, 61), model_id: world.model.id, user_id: world.user.id, created_at: at(0), expires_at: at(100) }
}

fn file(upload: UploadId, sha256: Digest) -> UploadedFile {
    UploadedFile { upload_id: upload, name: "a".to_owned(), sha256, size: 1 }
}

#[tokio::test]
async fn they_do_not_wait_for_the_head_of_the_log() {
    on_postgres(|fresh: Fresh| async move {
        let store = fresh.store().await;
        let world = World::new(1);
        world.write(&store).await;
        let node = Node {
            infrastructure_id: world.infrastructure.id,
            name: parse("node-1"),
            account_id: world.user.id,
            report: "{}".to_owned(),
            log_refusal: None,
            reported_at: at(1),
        };
        let mut writer = store.write(origin()).await.unwrap();
        writer.update(&Infrastructure { revision: 2, ..world.infrastructure.clone() }).await.unwrap();
        writer.record(event("changed"), About::default());

        let mut tx = store.write_outside().await.unwrap();
        tx.claim_key((world.user.id, "key".to_owned(), digest("request")), at(1)).await.unwrap();
        tx.keep_node(&node).await.unwrap();
        tx.add_upload(&upload(&world)).await.unwrap();
        tx.add_uploaded_file(&file(upload(&world).id, digest("content")), at(1)).await.unwrap();
        tx.keep_response(world.user.id, "key", 201, b"{}").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.read().await.unwrap().node(node.infrastructure_id, &node.name).await.unwrap(), Some(node));

        writer.commit().await.unwrap();
        assert_eq!(verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap().findings, []);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_claimed_by_one_of_two() {
    on_postgres(|fresh: Fresh| async move {
        let store = fresh.store().await;
        let world = World::new(1);
        world.write(&store).await;
        let claim = (world.user.id, "key".to_owned(), digest("request"));
        let mut first = store.write_outside().await.unwrap();
        first.claim_key(claim.clone(), at(1)).await.unwrap();
        let (other, second) = (store.clone(), claim.clone());
        let waiting = tokio::spawn(async move { other.write_outside().await.unwrap().claim_key(second, at(2)).await });
        first.commit().await.unwrap();
        assert!(matches!(waiting.await.unwrap(), Err(StoreError::KeyUsed)));
    })
    .await;
}

/// Clean-up found a file that nothing refers to, and somebody begins to refer to it just now.
#[tokio::test]
async fn a_file_that_is_taken_is_not_cleaned_up() {
    on_postgres(|fresh: Fresh| async move {
        let store = fresh.store().await;
        let world = World::new(1);
        world.write(&store).await;
        let content = digest("content");
        let mut tx = store.write_outside().await.unwrap();
        tx.note_stored_file(content, 1, at(1)).await.unwrap();
        tx.add_upload(&upload(&world)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.read().await.unwrap().unused_files(at(50), 9).await.unwrap(), [content]);

        let mut taking = store.write_outside().await.unwrap();
        taking.upload_for_change(upload(&world).id).await.unwrap().unwrap();
        taking.add_uploaded_file(&file(upload(&world).id, content), at(60)).await.unwrap();
        let other = store.clone();
        let cleaning = tokio::spawn(async move {
            let mut tx = other.write_outside().await.unwrap();
            let forgotten = tx.forget_unused_file(content, at(50)).await.unwrap();
            let held = tx.hold_unknown_file(content).await.unwrap();
            tx.commit().await.unwrap();
            (forgotten, held)
        });
        taking.commit().await.unwrap();
        assert_eq!(cleaning.await.unwrap(), (false, false));

        // The other way round: an upload that ends keeps a file from being added to it.
        let mut ending = store.write_outside().await.unwrap();
        ending.upload_for_change(upload(&world).id).await.unwrap().unwrap();
        let (other, id) = (store.clone(), upload(&world).id);
        let adding = tokio::spawn(async move { other.write_outside().await.unwrap().upload_for_change(id).await.unwrap() });
        ending.end_upload(id).await.unwrap();
        ending.commit().await.unwrap();
        assert_eq!(adding.await.unwrap(), None);
    })
    .await;
}
