//! A backup of the database is put in place, and the newest events are gone with what it replaces. The operator sees it, and goes on.

use crate::common::{cli::Terminal, scene::Place};
use serde_json::Value;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_that_the_log_is_forked_and_goes_on_in_the_record() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    server.stop();
    let file = place.data().join("countersign.db");
    let backup = place.desk().join("backup.db");
    fs::copy(&file, &backup).unwrap();
    let reason = ["continue-log", "--reason", "The disk failed."];
    let refused = place.admin(&reason).refused(1, "there is nothing to go on after");
    assert!(refused.stdout.is_empty(), "{refused:?}");

    let server = place.serve();
    people.root.at(&server.url).put("/groups/risk/members/itops", serde_json::json!({})).await.ok();
    server.stop();
    for left in ["countersign.db-wal", "countersign.db-shm"] {
        // Gone already where SQLite closed in order.
        let _ = fs::remove_file(place.data().join(left));
    }
    fs::copy(&backup, &file).unwrap();

    let server = place.serve();
    let health = reqwest::get(format!("{}/health", server.url)).await.unwrap();
    assert_eq!(health.status(), 503);
    let text = health.text().await.unwrap();
    assert!(text.contains("log_forked") && text.contains("but a checkpoint over"), "{text}");
    let metrics = people.root.at(&server.url).outside("/metrics").await;
    assert!(metrics.contains("countersign_log_forked 1"), "{metrics}");
    server.stop();
    let data = place.data().display().to_string();
    let doctor = Terminal::new(place.desk()).run(&["doctor", "--data", &data]);
    assert!(doctor.code == 1 && doctor.stdout.contains("nothing is signed: the log has"), "{doctor:?}");
    assert!(place.findings().iter().any(|finding| finding["what"] == "log"));

    place.admin(&["continue-log", "--reason", " "]).refused(1, "say why");
    let checkpoint = place.admin(&reason).done();
    assert!(checkpoint.stdout.contains("\n— "), "{checkpoint:?}");
    assert_eq!(place.findings(), [] as [Value; 0]);
    let rotated = place.admin(&["rotate-log-key", "--reason", "Yearly change."]).done();
    assert_eq!(rotated.stdout.matches("\n— ").count(), 2, "both keys sign: {rotated:?}");
    let trust = place.admin(&["public-key"]).done();
    assert_eq!(trust.stdout.matches("Countersign log: ").count(), 3, "{trust:?}");
    place.serve().stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}
