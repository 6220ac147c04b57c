//! Switching and rolling back under load: not one request fails, and each is answered by a version that was in force.

use crate::common::{
    node::{NodeOptions, patients},
    scene::Place,
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::interval;

/// Switches and rollbacks together.
const SWITCHES: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_through_twenty_switches() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = Arc::new(NodeOptions::of(&place, &server, &people).await.start());
    let versions = [people.approved(&place, "logistic-regression"), people.approved(&place, "gradient-boosting")];
    people.deploy(versions[0]).await.ok();
    let inputs = patients();
    node.until("tumour", &inputs, |answer| answer.is_from(versions[0])).await;

    // The newest revision that was asked for, and the newest that was seen to be in force.
    let (asked, seen) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(1)));
    let done = Arc::new(AtomicBool::new(false));
    let load = {
        let (node, inputs, asked, seen, done) = (node.clone(), inputs.clone(), asked.clone(), seen.clone(), done.clone());
        tokio::spawn(async move {
            // 50 requests a second, whether the ones before were answered or not.
            let mut ticks = interval(Duration::from_millis(20));
            let mut requests = Vec::new();
            while !done.load(Ordering::SeqCst) {
                ticks.tick().await;
                let (node, inputs, asked, seen) = (node.clone(), inputs.clone(), asked.clone(), seen.clone());
                requests.push(tokio::spawn(async move {
                    let oldest = seen.load(Ordering::SeqCst);
                    let answer = node.predict("tumour", &inputs).await;
                    assert_eq!(answer.status, 200, "{answer:#?}");
                    let newest = asked.load(Ordering::SeqCst);
                    assert!((oldest..=newest).contains(&answer.revision), "{oldest} {newest} {answer:#?}");
                    // Odd revisions are the first version's, even ones the second's.
                    assert!(answer.is_from(versions[usize::from(answer.revision % 2 == 0)]), "{answer:#?}");
                }));
            }
            let count = requests.len();
            for request in requests {
                request.await.expect("no request fails");
            }
            count
        })
    };
    for revision in 2..SWITCHES + 2 {
        asked.store(revision, Ordering::SeqCst);
        if revision % 3 == 0 {
            let path = "/infrastructures/production/deployments/tumour";
            people.operator.change(reqwest::Method::POST, &format!("{path}/rollback"), path, &json!({})).await.ok();
        } else {
            people.deploy(versions[usize::from(revision % 2 == 0)]).await.ok();
        }
        node.until("tumour", &inputs, |answer| answer.revision == revision).await;
        seen.store(revision, Ordering::SeqCst);
    }
    done.store(true, Ordering::SeqCst);
    let requests = load.await.unwrap();
    println!("{requests} requests through {SWITCHES} switches");
    assert!(requests > 20);
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_revisions_in_a_second_end_with_the_last() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let node = NodeOptions::of(&place, &server, &people).await.start();
    let versions = ["logistic-regression", "gradient-boosting", "random-forest"].map(|model| people.approved(&place, model));
    let inputs = patients();
    for version in versions {
        people.deploy(version).await.ok();
    }
    node.until("tumour", &inputs, |answer| answer.is_from(versions[2])).await;
    for _ in 0..20 {
        assert!(node.predict("tumour", &inputs).await.is_from(versions[2]));
    }
    let shares = versions.map(|version| format!("diagnosis/tumour:{version}"));
    let weights = json!([{"version": shares[0], "weight": 60}, {"version": shares[1], "weight": 40}]);
    people.deploy_shares(weights).await.ok();
    node.until("tumour", &inputs, |answer| answer.revision == 4).await;
    let mut counts = [0_u32; 2];
    for _ in 0..400 {
        let answer = node.predict("tumour", &inputs).await;
        counts[usize::from(answer.is_from(versions[1]))] += 1;
    }
    assert!((180..=300).contains(&counts[0]) && counts[1] >= 100, "60 to 40: {counts:?}");
    let forced = node.ask(&format!("/v2/models/tumour/versions/{}/infer", versions[1]), &inputs).await;
    assert!(forced.is_from(versions[1]));
    assert_eq!(node.ask(&format!("/v2/models/tumour/versions/{}/infer", versions[2]), &inputs).await.status, 404);
    node.stop();
    server.stop();
}
