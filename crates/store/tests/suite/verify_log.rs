//! Whatever somebody does to the log behind the server's back is found; a log rewritten from end to end, by a checkpoint.

use crate::{
    database::{Fresh, Raw, both, seal_key},
    world::{World, event},
};
use domain::Timestamp;
use proof::{EventLeaf, Frontier, Sha256};
use store::{
    LogHead, LoggedEvent, Store,
    verify::{Report, TreeHead, verify},
};

both! {
    altered_events_are_found
    a_body_that_names_other_events_or_statements_is_found
    deleted_and_inserted_events_are_found
    events_far_outside_of_the_log_are_found
    a_log_that_was_cut_off_is_found_by_a_checkpoint
    a_rewritten_log_is_found_by_a_checkpoint
    altered_nodes_are_found
    an_altered_head_is_found
}

/// A store with 17 events, the last of which speaks of no row, and a copy of its log.
struct Tampered {
    store: Store,
    raw: Raw,
    /// The checkpoint over all of it.
    head: TreeHead,
}

const LOG: [&str; 3] = ["events", "log_nodes", "log_head"];

impl Tampered {
    async fn new(fresh: &Fresh) -> Self {
        let store = fresh.store().await;
        let world = World::new(1);
        world.write(&store).await;
        let mut tx = store.write(world.origin()).await.unwrap();
        tx.record(event("refused"), world.about());
        tx.commit().await.unwrap();
        for table in LOG {
            fresh.raw.execute(format!("CREATE TABLE copy_{table} AS SELECT * FROM {table}")).await;
        }
        let frontier = store.read().await.unwrap().log_frontier().await.unwrap();
        Self { store, raw: fresh.raw.clone(), head: TreeHead { size: frontier.size(), root: frontier.root() } }
    }

    async fn restore(&self) {
        for table in LOG {
            self.raw.execute(format!("DELETE FROM {table}")).await;
            self.raw.execute(format!("INSERT INTO {table} SELECT * FROM copy_{table}")).await;
        }
        assert_eq!(self.verify(&[self.head]).await.findings, []);
    }

    async fn verify(&self, heads: &[TreeHead]) -> Report {
        verify(&mut self.store.read().await.unwrap(), heads).await.unwrap()
    }

    /// Runs a statement and fails unless it did something that is found.
    async fn assert_found(&self, sql: &str, expected: &[(&str, &str)]) {
        assert_ne!(self.raw.execute(sql).await, 0, "{sql}");
        let findings = self.verify(&[]).await.findings;
        for (what, problem) in expected {
            let found = findings.iter().any(|finding| finding.what == *what && finding.problem.contains(problem));
            assert!(found, "{sql}: {what} ({problem}) is not among {findings:#?}");
        }
        self.restore().await;
    }

    /// The bodies of the events.
    async fn bodies(&self) -> Vec<Vec<u8>> {
        self.raw.blobs("SELECT body FROM events ORDER BY position").await
    }

    /// Makes leaves, nodes and head of the log what they would be for these bodies, as somebody with the key of the server can.
    async fn rewrite(&self, bodies: &[Vec<u8>]) {
        let mut frontier = Frontier::new();
        self.raw.execute("DELETE FROM log_nodes").await;
        for (position, body) in bodies.iter().enumerate() {
            let event_leaf = EventLeaf::of(position as u64, body);
            let leaf = event_leaf.hash().unwrap();
            let seal = seal_key().event(&event_leaf.to_bytes().unwrap());
            let [body, bytes, digest, seal] =
                [body.as_slice(), leaf.as_bytes(), event_leaf.body.as_bytes(), &seal].map(|bytes| self.raw.bytes(bytes));
            let sql = format!(
                "UPDATE events SET body = {body}, leaf = {bytes}, body_digest = {digest}, seal = {seal} WHERE position = {position}"
            );
            self.raw.execute(sql).await;
            for node in frontier.append(leaf) {
                let hash = self.raw.bytes(node.hash.as_bytes());
                self.raw.execute(format!("INSERT INTO log_nodes VALUES ({}, {}, {hash})", node.level, node.index)).await;
            }
        }
        self.raw.execute(format!("DELETE FROM events WHERE position >= {}", bodies.len())).await;
        let last_event_at = bodies.last().map(|body| LoggedEvent::parse(body).unwrap().at);
        self.set_head(&LogHead { frontier, last_event_at }).await;
    }

    /// Puts a head there, with the seal that a server gives it.
    async fn set_head(&self, head: &LogHead) {
        let [edge, seal] = [head.frontier.to_bytes(), seal_key().head(head)].map(|bytes| self.raw.bytes(&bytes));
        let (size, at) = (head.frontier.size(), head.last_event_at.unwrap().micros());
        let sql = format!("UPDATE log_head SET size = {size}, frontier = {edge}, last_event_at = {at}, seal = {seal}");
        self.raw.execute(sql).await;
    }
}

/// The same event with another id of its request.
fn another(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains("request-1"));
    text.replace("request-1", "request-2").into_bytes()
}

async fn altered_events_are_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let bodies = tampered.bodies().await;
    let body = tampered.raw.bytes(&another(&bodies[3]));
    let sql = format!("UPDATE events SET body = {body} WHERE position = 3");
    tampered.assert_found(&sql, &[("events/3", "the leaf names the digest of another body")]).await;
    let digest = tampered.raw.bytes(Sha256::of(&another(&bodies[3])).as_bytes());
    let sql = format!("UPDATE events SET body = {body}, body_digest = {digest} WHERE position = 3");
    tampered.assert_found(&sql, &[("events/3", "altered"), ("log_nodes/1/1", "not the hash"), ("log_head/1", "root")]).await;
    let digest = |digest: &[u8]| {
        let digest = tampered.raw.bytes(digest);
        format!("UPDATE events SET body_digest = {digest} WHERE position = 3")
    };
    tampered.assert_found(&digest(&[1; 32]), &[("events/3", "altered"), ("log_nodes/1/1", "not the hash")]).await;
    tampered.assert_found(&digest(b"short"), &[("events/3", "the digest of the event's body was altered")]).await;
    let sql = format!("UPDATE events SET body = {} WHERE position = 3", tampered.raw.bytes(b""));
    tampered.assert_found(&sql, &[("events/3", "body is gone")]).await;
    let sql = format!("UPDATE events SET body = {} WHERE position = 3", tampered.raw.bytes(b"{}"));
    tampered.assert_found(&sql, &[("events/3", "altered"), ("events/3", "not understood")]).await;
    let sql = format!("UPDATE events SET leaf = {} WHERE position = 3", tampered.raw.bytes(&[1; 32]));
    tampered.assert_found(&sql, &[("events/3", "altered")]).await;

    let id = tampered.raw.either("randomblob(16)", "gen_random_uuid()");
    for column in ["actor_id", "project_id", "version_id", "infrastructure_id"] {
        for value in [id, "NULL"] {
            let sql = format!("UPDATE events SET {column} = {value} WHERE position = 5");
            tampered.assert_found(&sql, &[("events/5", "differ from its body")]).await;
        }
    }
    for change in ["at = at + 1", "kind = 'user.created'"] {
        let sql = format!("UPDATE events SET {change} WHERE position = 5");
        tampered.assert_found(&sql, &[("events/5", "differ from its body")]).await;
    }

    let swap = "UPDATE events SET position = -1 WHERE position = 3; UPDATE events SET position = 3 WHERE position = 4; \
                UPDATE events SET position = 4 WHERE position = -1";
    tampered.assert_found(swap, &[("events/3", "another position"), ("events/4", "another position")]).await;
}

async fn a_body_that_names_other_events_or_statements_is_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let bodies = tampered.bodies().await;
    let permit = bodies.iter().position(|body| String::from_utf8_lossy(body).contains("\"statements\":[")).unwrap();
    let text = String::from_utf8(bodies[permit].clone()).unwrap();
    let named = text.split_once("\"statements\":[\"").unwrap().1[..64].to_owned();
    // Whoever rewrites the whole log can name what they like, and contradicts the rows and the other events.
    for (position, from, to, problem) in [
        (5, "\"previous\":4", "\"previous\":3", "another event as the previous event"),
        (5, "\"previous\":4,", "", "another event as the previous event"),
        (0, "\"position\":0", "\"position\":0,\"previous\":0", "another event as the previous event"),
        (1, "\"rows\"", "\"statements\":[\"@\"],\"rows\"", "more statements than were signed"),
    ] {
        let mut rewritten = bodies.clone();
        let text = String::from_utf8(rewritten[position].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        rewritten[position] = text.replace(from, &to.replace('@', &named)).into_bytes();
        tampered.rewrite(&rewritten).await;
        let findings = tampered.verify(&[]).await.findings;
        assert_eq!(findings.len(), 1, "{to}: {findings:#?}");
        assert!(findings[0].what == format!("events/{position}") && findings[0].problem.contains(problem), "{}", findings[0]);
        tampered.restore().await;
    }
    let mut rewritten = bodies.clone();
    rewritten[permit] = text.replace(&named, &"0".repeat(64)).into_bytes();
    tampered.rewrite(&rewritten).await;
    let findings = tampered.verify(&[]).await.findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].what.starts_with("statements/"), "{}", findings[0]);
    assert!(findings[0].problem.contains("names another statement"), "{}", findings[0]);
    tampered.restore().await;
}

async fn deleted_and_inserted_events_are_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    tampered.assert_found("DELETE FROM events WHERE position = 5", &[("events/5", "deleted"), ("log_head/1", "root")]).await;
    tampered.assert_found("DELETE FROM events WHERE position IN (5, 6, 7)", &[("events/5-7", "deleted")]).await;
    tampered.assert_found("DELETE FROM events WHERE position = 0", &[("events/0", "deleted")]).await;
    tampered.assert_found("DELETE FROM events WHERE position = 16", &[("log_head/1", "17 events, but the log has 16")]).await;
    let columns = "at, kind, actor_id, project_id, version_id, infrastructure_id, body, body_digest, leaf, seal";
    let insert = |position: i64| format!("INSERT INTO events SELECT {position}, {columns} FROM events WHERE position = 3");
    tampered.assert_found(&insert(17), &[("events/17", "another position"), ("log_head/1", "the log has 18")]).await;
    tampered.assert_found(&insert(20), &[("events/17-19", "deleted"), ("events/20", "another position")]).await;
    // Pushed in between: every later event moves on by one.
    let push = format!(
        "UPDATE events SET position = -position - 2 WHERE position >= 8; UPDATE events SET position = -position - 1 WHERE position < 0; {}",
        insert(8)
    );
    tampered.assert_found(&push, &[("events/8", "another position"), ("events/9", "another position")]).await;
}

async fn events_far_outside_of_the_log_are_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    for position in [i64::MIN, -1, 5_000_000_000, i64::MAX] {
        let sql = format!(
            "INSERT INTO events SELECT {position}, at, kind, NULL, NULL, NULL, NULL, body, body_digest, leaf, seal FROM events WHERE position = 3"
        );
        tampered.assert_found(&sql, &[(&format!("events/{position}"), "inserted")]).await;
    }
}

async fn a_log_that_was_cut_off_is_found_by_a_checkpoint(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let mut bodies = tampered.bodies().await;
    bodies.pop();
    tampered.rewrite(&bodies).await;
    let report = tampered.verify(&[]).await;
    assert_eq!((report.events, &report.findings), (16, &Vec::new()), "by itself the store looks whole");
    let findings = tampered.verify(&[tampered.head]).await.findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].what, "log");
    assert!(findings[0].problem.contains("covers 17 events, but the log has 16"), "{}", findings[0]);
    tampered.restore().await;
}

async fn a_rewritten_log_is_found_by_a_checkpoint(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let earlier = TreeHead {
        size: 4,
        root: {
            let bodies = tampered.bodies().await;
            let mut frontier = Frontier::new();
            for (position, body) in (0..).zip(&bodies[..4]) {
                frontier.append(EventLeaf::of(position, body).hash().unwrap());
            }
            frontier.root()
        },
    };
    let mut bodies = tampered.bodies().await;
    bodies[6] = another(&bodies[6]);
    tampered.rewrite(&bodies).await;
    assert_eq!(tampered.verify(&[]).await.findings, [], "by itself the store looks whole");
    assert_eq!(tampered.verify(&[earlier]).await.findings, [], "what it covers is as it was");
    let findings = tampered.verify(&[earlier, tampered.head]).await.findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].what, "log");
    assert!(findings[0].problem.contains("first 17 events") && findings[0].problem.contains("rewritten"), "{}", findings[0]);
    tampered.restore().await;
    // An older checkpoint that is still right stays right when the log grows.
    World::new(2).write(&tampered.store).await;
    assert_eq!(tampered.verify(&[earlier, tampered.head]).await.findings, []);
    let wrong = TreeHead { size: 4, root: Sha256::of(b"another") };
    assert_eq!(tampered.verify(&[wrong]).await.findings.len(), 1);
}

async fn altered_nodes_are_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let hash = tampered.raw.bytes(&[1; 32]);
    let at = "WHERE level = 2 AND position = 1";
    tampered.assert_found(&format!("UPDATE log_nodes SET hash = {hash} {at}"), &[("log_nodes/2/1", "not the hash")]).await;
    tampered.assert_found(&format!("DELETE FROM log_nodes {at}"), &[("log_nodes/2/1", "deleted")]).await;
    let sql = format!("UPDATE log_nodes SET position = 50 {at}");
    tampered.assert_found(&sql, &[("log_nodes/2/1", "deleted"), ("log_nodes/2/50", "inserted")]).await;
    for (level, position) in [(0, 0), (2, 4), (300, 0), (-1, 0), (1, -1)] {
        let sql = format!("INSERT INTO log_nodes VALUES ({level}, {position}, {hash})");
        tampered.assert_found(&sql, &[(&format!("log_nodes/{level}/{position}"), "inserted")]).await;
    }
}

async fn an_altered_head_is_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh).await;
    let two = tampered.raw.bytes(&[1; 64]);
    for (change, problem) in [
        // 17 and 18 both are two ones in binary, and so two subtrees: only the seal tells them apart.
        ("size = 18".to_owned(), "does not bear the seal"),
        ("size = 16".to_owned(), "damaged"),
        ("size = -1".to_owned(), "out of range"),
        (format!("frontier = {two}"), "does not bear the seal"),
        ("last_event_at = last_event_at + 1".to_owned(), "does not bear the seal"),
        ("last_event_at = NULL".to_owned(), "does not bear the seal"),
        (format!("frontier = {}", tampered.raw.bytes(b"short")), "damaged"),
    ] {
        tampered.assert_found(&format!("UPDATE log_head SET {change}"), &[("log_head/1", problem)]).await;
    }
    tampered.assert_found("DELETE FROM log_head", &[("log_head/1", "gone")]).await;
    let head = tampered.store.read().await.unwrap().log_head().await.unwrap();
    let later = head.last_event_at.map(|at| Timestamp::from_micros(at.micros() + 1));
    tampered.set_head(&LogHead { last_event_at: later, ..head }).await;
    let findings = tampered.verify(&[]).await.findings;
    assert!(
        findings.iter().any(|finding| finding.what == "log_head/1" && finding.problem.contains("another time")),
        "{findings:#?}"
    );
    tampered.restore().await;
}
