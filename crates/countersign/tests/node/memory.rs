//! The memory of a node: what bounds it, and that it comes back.

use crate::common::{
    node::{Node, NodeOptions, patients},
    scene::Place,
};
use std::{
    fs,
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

/// MiB that all bodies together may have.
const BODIES: usize = 512;
/// MiB that a node may have beside them: its program, connections, and what the allocator holds back.
const BESIDE: usize = 200;
/// How long memory may take to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// MiB of memory that the node has now, its own code left out.
fn memory(node: &Node) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

/// Begins a request whose body lacks its end, of so many bytes.
fn stalled(node: &Node, bytes: usize) -> TcpStream {
    let mut stream = TcpStream::connect(node.url.trim_start_matches("http://")).unwrap();
    let head = format!("POST /v2/models/tumour/infer HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", bytes + 1);
    stream.write_all(head.as_bytes()).unwrap();
    // What has no room is read all the same, and not kept.
    stream.write_all(&vec![b' '; bytes]).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_take_no_more_memory_than_is_stated_and_give_it_back() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let version = people.approved(&place, "logistic-regression");
    people.deploy(version).await.ok();
    node.until("tumour", &patients(), |answer| answer.status == 200).await;
    let before = memory(&node);
    let most = BODIES + BESIDE;
    let (mut open, mut peak) = (Vec::new(), 0);
    for _ in 0..80 {
        // Of a length for which a buffer that doubles would take almost twice as much.
        open.push(stalled(&node, (9 << 20) - 1));
        peak = peak.max(memory(&node));
    }
    println!("{before} MiB before, {peak} MiB with bodies");
    assert!(peak > BODIES / 2, "the node kept what it has room for: {peak} MiB");
    assert!(peak < most, "the node had {peak} MiB");
    drop(open);
    let begun = Instant::now();
    while memory(&node) > before + 64 {
        assert!(begun.elapsed() < PATIENCE, "the node keeps {} MiB after {before} MiB", memory(&node));
        // Memory comes back while there is work, however little.
        node.until("tumour", &patients(), |answer| answer.status == 200).await;
    }
    node.until("tumour", &patients(), |answer| answer.status == 200).await;
    node.stop();
    server.stop();
}
