//! One changed byte, wherever it is: in the server's store, on the way, in the node's cache. Nothing of it is ever served.

use super::proxy::Proxy;
use crate::common::{
    node::{NodeOptions, patients},
    scene::Place,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

/// The file with this content, somewhere below a folder.
fn find(folder: &Path, content: &[u8]) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if fs::read(entry.path()).is_ok_and(|bytes| bytes == content) {
                return entry.path();
            }
        }
    }
    panic!("there is no such file");
}

fn model() -> Vec<u8> {
    fs::read(format!("{}/../../examples/tumour/logistic-regression/model.onnx", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_servers_store() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    let stored = find(&place.data().join("files"), &model());
    flip(&stored);
    people.deploy(version).await.ok();
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let answer = node.until("tumour", &patients(), |answer| answer.reason().contains("something else")).await;
    assert_eq!(answer.status, 503);
    // Put right, it is served without anybody doing more: the node tries again.
    flip(&stored);
    node.until("tumour", &patients(), |answer| answer.is_from(version)).await;
    node.stop();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_way() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    // A name inside of the ONNX file, which comes by only when the file does.
    let proxy = Proxy::start(&server.url, b"LinearClassifier").await;
    let options = NodeOptions::of(&place, &server, &people).await;
    let node = NodeOptions { server: proxy.url.clone(), ..options.clone() }.start();
    let answer = node.until("tumour", &patients(), |answer| answer.reason().contains("something else")).await;
    assert_eq!(answer.status, 503);
    assert!(proxy.altered.load(Ordering::SeqCst) > 0);
    drop(node);
    // A permit altered on the way is worth nothing either.
    let proxy = Proxy::start(&server.url, b"\"payload\":\"eyJ").await;
    let node = NodeOptions { server: proxy.url.clone(), ..options }.start();
    let answer = node.until("tumour", &patients(), |answer| answer.reason().contains("altered after it was signed")).await;
    assert_eq!(answer.status, 503);
    assert!(proxy.altered.load(Ordering::SeqCst) > 0, "{answer:#?}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_nodes_cache() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    let options = NodeOptions::of(&place, &server, &people).await;
    let mut node = options.start();
    node.until("tumour", &patients(), |answer| answer.is_from(version)).await;
    let cached = find(&options.cache, &model());
    node.kill();
    drop(node);
    flip(&cached);
    // With the server there, the right bytes are fetched again.
    let mut node = options.start();
    node.until("tumour", &patients(), |answer| answer.is_from(version)).await;
    assert_eq!(fs::read(&cached).unwrap(), model());
    node.kill();
    drop(node);
    flip(&cached);
    server.kill();
    let node = options.start();
    let answer = node.until("tumour", &patients(), |answer| answer.reason().contains("cannot be reached")).await;
    assert_eq!(answer.status, 503, "nothing is served that was not verified");
}
