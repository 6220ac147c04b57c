//! The server is killed at random points of a stream of commands and started again on the same data, many times over. Whatever it
//! acknowledged must be there; what it did not is there whole or not at all; and its log goes on from what it signed before.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "crash/checkpoints.rs"]
mod checkpoints;
#[path = "crash/commands.rs"]
mod commands;
#[path = "crash/facts.rs"]
mod facts;
#[path = "crash/files.rs"]
mod files;
#[path = "crash/history.rs"]
mod history;
#[path = "crash/ledger.rs"]
mod ledger;

use common::{
    random::Random,
    scene::{People, Place},
    serve::Serve,
};
use ledger::Ledger;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// After how many kills the whole store is verified, stored files included.
const VERIFY_EACH: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_done_on_sqlite() {
    play(&Place::sqlite(), 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_done_on_postgres() {
    let Some(place) = Place::postgres() else { return };
    play(&place, 25).await;
}

async fn play(place: &Place, kills: usize) {
    let start = Instant::now();
    let mut random = Random::seeded();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let mut ledger = Ledger::begin(&people).await;
    let mut signed = checkpoints::signed(&people.root).await;
    for kill in 1..=kills {
        let here = people.at(&server.url);
        let mid_file = kill % 3 == 0;
        stream_until_killed(&mut server, &here, &mut ledger, &mut random, mid_file).await;
        place.database.wait_until_left();
        if kill % VERIFY_EACH == 0 {
            assert_eq!(place.findings(), [] as [serde_json::Value; 0], "after {kill} kills");
        }
        server = place.serve();
        let people = people.at(&server.url);
        ledger.settle(&people, &mut random).await;
        signed = checkpoints::continued(&people.root, &signed).await;
    }
    let people = people.at(&server.url);
    ledger.check_everything(&people).await;
    server.stop();
    assert_eq!(place.findings(), [] as [serde_json::Value; 0], "at the end");
    println!("{kills} kills in {:?}: {}", start.elapsed(), ledger.summary());
    assert!(ledger.acknowledged() > kills, "the server was hardly ever left to do something: {}", ledger.summary());
    assert!(ledger.broken_off() > kills / 4, "the server was hardly ever killed at work: {}", ledger.summary());
    assert_eq!(ledger.mid_file(), kills / 3, "not in the middle of a file when it should have been: {}", ledger.summary());
}

/// Two people at work, until the server is gone: one registers versions, the other decides on them and keeps everything else.
/// With `mid_file` the end comes in the middle of a file, wherever else things are.
async fn stream_until_killed(server: &mut Serve, people: &People, ledger: &mut Ledger, random: &mut Random, mid_file: bool) {
    let (tick, mut ticks) = mpsc::unbounded_channel();
    let mid_file = mid_file.then(|| random.below(6));
    let after = random.below(12);
    let moment = Duration::from_micros(random.next() % 12_000);
    let (mut one, mut other) = (random.split(), random.split());
    let (files, facts) = ledger.parts();
    let registering = files.register_versions(people, &mut one, mid_file, tick.clone());
    let commanding = facts.command(people, &mut other, tick);
    let killing = async {
        let mut done = 0;
        while let Some(event) = ticks.recv().await {
            match event {
                Tick::MidFile => break,
                Tick::Done if mid_file.is_some() => {}
                Tick::Done => done += 1,
            }
            if done > after {
                tokio::time::sleep(moment).await;
                break;
            }
        }
        server.kill();
    };
    tokio::join!(registering, commanding, killing);
}

/// What the one who kills the server listens to.
#[derive(Debug)]
enum Tick {
    /// A change was acknowledged.
    Done,
    /// A file is on its way, and no more of it will come.
    MidFile,
}
