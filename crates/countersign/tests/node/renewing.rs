//! The approval of a version in service is renewed: no request fails, and the version goes on past the end of the earlier approval.

use crate::common::{
    node::{Node, NodeOptions, patients},
    scene::Place,
};
use std::time::{Duration, Instant};

/// How long the first approval holds: the time in which a test registers, deploys and renews.
const FIRST: Duration = Duration::from_secs(20);

/// The end of the permit of the version in service, in seconds since 1970.
async fn permit_end(node: &Node) -> u64 {
    let text = reqwest::get(format!("{}/metrics", node.url)).await.unwrap().text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with("countersign_node_permit_end_timestamp_seconds{"));
    line.unwrap_or_else(|| panic!("{text}")).rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_approval_leaves_no_gap() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    people.disable_on_lapse().await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let inputs = patients();
    let version = people.registered(&place, "logistic-regression");
    let name = format!("diagnosis/tumour:{version}");
    let (scientist, approver) = (place.terminal(&people.scientist), place.terminal(&people.approver));
    scientist.run(&["review", "request", &name, "--skip-feedback"]).done();
    let first = Instant::now();
    approver.decide(&["approve", &name, "--comment", "Good.", "--valid-for", &format!("{}s", FIRST.as_secs())]).done();
    people.deploy(version).await.ok();
    node.until("tumour", &inputs, |answer| answer.is_from(version)).await;
    let before = permit_end(&node).await;

    let serving = async {
        // Beyond the first approval's end, and until the new permit is there.
        let mut asked = 0;
        while first.elapsed() < FIRST + Duration::from_secs(3) {
            let answer = node.predict("tumour", &inputs).await;
            assert!(
                answer.is_from(version) && answer.approved == "true",
                "{:?} after the approval: {answer:#?}",
                first.elapsed()
            );
            asked += 1;
            tokio::task::yield_now().await;
        }
        asked
    };
    let renewing = async {
        let renewed = tokio::task::spawn_blocking(move || {
            scientist.run(&["review", "renew", &name, "--skip-feedback"]).done();
            approver.decide(&["approve", &name, "--comment", "Still good.", "--valid-for", "30d"]).done();
        });
        renewed.await.unwrap();
        while permit_end(&node).await == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        first.elapsed()
    };
    let (asked, renewed) = tokio::join!(serving, renewing);
    assert!(renewed < FIRST, "the machine was too slow for the test: the new permit came after {renewed:?}");
    assert!(permit_end(&node).await > before + 3600, "the permit rests on the new approval");
    assert!(asked > 100, "{asked}");
    let shown = people.operator.get("/infrastructures/production/deployments/tumour").await.ok();
    assert_eq!((&shown["standing"], &shown["revision"]["number"]), (&"in_policy".into(), &1.into()));
    node.stop();
    server.stop();
}
