//! Two servers that start at the same moment on the same database that nobody has used: both make it ready, neither harms it.

use crate::common::{
    scene::{Place, person},
    serve::Serve,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_at_once_on_a_fresh_sqlite_folder() {
    for _ in 0..3 {
        both_work(&Place::sqlite()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_at_once_on_a_fresh_postgres_database() {
    for _ in 0..3 {
        let Some(place) = Place::postgres() else { return };
        both_work(&place).await;
    }
}

async fn both_work(place: &Place) {
    let [one, other] = [(); 2].map(|()| Serve::begin(&place.data(), place.database.url(), &[]));
    let (one, other) = (one.ready(), other.ready());
    let people = place.set(&one).await;
    let there = people.at(&other.url);
    assert_eq!(there.root.get("/me").await.ok()["name"], "root");
    assert_eq!(
        people.root.get("/public-key").await.text(),
        there.root.get("/public-key").await.text(),
        "each has a key of its own"
    );
    // Each sees at once what the other did, and both append to one log.
    for number in 0..5 {
        let name = format!("person-{number}");
        let (at, elsewhere) = if number % 2 == 0 { (&people, &there) } else { (&there, &people) };
        person(&at.root, &name).await;
        elsewhere.root.put(&format!("/groups/risk/members/{name}"), json!({})).await.ok();
        let (one, other) = tokio::join!(at.root.get("/log/checkpoint"), elsewhere.root.get("/log/checkpoint"));
        assert_eq!((one.status, other.status), (200, 200), "{} {}", one.text(), other.text());
        assert_eq!(one.text(), other.text(), "two checkpoints over one log");
    }
    one.stop();
    other.stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}
