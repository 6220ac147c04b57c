//! Uploads, and the files that nothing refers to.

use crate::{
    database::{Fresh, both},
    world::{World, at, digest, id, origin},
};
use domain::UploadId;
use store::*;

both! {
    an_upload_from_its_begin_to_its_end
    expired_uploads_are_listed
    only_unused_files_are_listed
}

fn upload(world: &World, number: u32, expires_at: i64) -> Upload {
    Upload { id: id(1, number), model_id: world.model.id, user_id: world.user.id, created_at: at(0), expires_at: at(expires_at) }
}

fn file(upload: UploadId, name: &str, content: &str, size: u64) -> UploadedFile {
    UploadedFile { upload_id: upload, name: name.to_owned(), sha256: digest(content), size }
}

async fn an_upload_from_its_begin_to_its_end(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let upload = upload(&world, 61, 10);
    let mut tx = store.write(origin()).await.unwrap();
    tx.add_upload(&upload).await.unwrap();
    tx.add_uploaded_file(&file(upload.id, "b", "one", 3), at(0)).await.unwrap();
    tx.add_uploaded_file(&file(upload.id, "a", "two", 5), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.upload(upload.id).await.unwrap(), Some(upload.clone()));
    assert_eq!(reader.upload(id(9, 9)).await.unwrap(), None);
    let files = [file(upload.id, "a", "two", 5), file(upload.id, "b", "one", 3)];
    assert_eq!(reader.uploaded_files(upload.id).await.unwrap(), files);
    assert_eq!(reader.upload_totals(upload.id).await.unwrap(), (2, 8));
    assert_eq!(reader.upload_totals(id(9, 9)).await.unwrap(), (0, 0));
    drop(reader);

    // The same name again takes the place of the first.
    let mut tx = store.write(origin()).await.unwrap();
    tx.add_uploaded_file(&file(upload.id, "a", "three", 7), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.upload_totals(upload.id).await.unwrap(), (2, 10));
    assert_eq!(reader.uploaded_files(upload.id).await.unwrap()[0].sha256, digest("three"));
    drop(reader);

    let mut tx = store.write(origin()).await.unwrap();
    tx.end_upload(upload.id).await.unwrap();
    tx.end_upload(upload.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.upload(upload.id).await.unwrap(), None);
    assert_eq!(reader.uploaded_files(upload.id).await.unwrap(), [], "its files go with it");
}

async fn expired_uploads_are_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let (early, late) = (upload(&world, 61, 10), upload(&world, 62, 20));
    let mut tx = store.write(origin()).await.unwrap();
    tx.add_upload(&early).await.unwrap();
    tx.add_upload(&late).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.expired_uploads(at(9)).await.unwrap(), []);
    assert_eq!(reader.expired_uploads(at(10)).await.unwrap(), [early]);
    assert_eq!(reader.expired_uploads(at(20)).await.unwrap().len(), 2);
}

async fn only_unused_files_are_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let upload = upload(&world, 61, 10);
    let taken = &world.files[0];
    let mut tx = store.write(origin()).await.unwrap();
    tx.add_upload(&upload).await.unwrap();
    tx.add_uploaded_file(&file(upload.id, "a", "uploaded", 1), at(0)).await.unwrap();
    let of_version = UploadedFile { sha256: taken.sha256, ..file(upload.id, "b", "", 10) };
    tx.add_uploaded_file(&of_version, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let unused = async |before| store.read().await.unwrap().unused_files(at(before), 9).await.unwrap();
    assert_eq!(unused(100).await, [], "the upload refers to both");

    let mut tx = store.write(origin()).await.unwrap();
    tx.end_upload(upload.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unused(100).await, [digest("uploaded")], "a version refers to the other one");
    assert_eq!(unused(0).await, [], "too young");

    // The same content arrives once more: it is young again.
    let again = Upload { id: id(1, 62), ..upload.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.add_upload(&again).await.unwrap();
    tx.add_uploaded_file(&file(again.id, "a", "uploaded", 1), at(50)).await.unwrap();
    tx.end_upload(again.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unused(50).await, []);
    assert_eq!(unused(51).await, [digest("uploaded")]);

    let mut tx = store.write_outside().await.unwrap();
    assert!(!tx.forget_unused_file(digest("uploaded"), at(50)).await.unwrap(), "it is too young");
    assert!(!tx.forget_unused_file(taken.sha256, at(1_000)).await.unwrap(), "a version refers to it");
    assert!(tx.forget_unused_file(digest("uploaded"), at(51)).await.unwrap());
    assert!(!tx.hold_unknown_file(taken.sha256).await.unwrap(), "the database knows it");
    assert!(tx.hold_unknown_file(digest("uploaded")).await.unwrap());
    tx.release_unknown_file(digest("uploaded")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unused(100).await, []);
}
