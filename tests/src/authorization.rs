//! Asks a running server for every operation of its OpenAPI document in every role. The
//! requests are valid, so only the right to make them decides. The table of statuses is a text file for review.

mod operations;
mod stage;

use serde_json::Value;
use stage::{ROLES, Stage};
use std::fmt::Write;
use testkit::{Backend, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_in_every_role() {
    let server = TestServer::start(Backend::Sqlite).await;
    let stage = Stage::set(&server).await;
    let document = server.anonymous().get("/openapi.json").await.ok();
    let mut table = format!("{:<100}", "");
    for role in ROLES {
        write!(table, " {role:>13}").unwrap();
    }
    table.push('\n');
    for operation in operations(&document) {
        write!(table, "{operation:<100}").unwrap();
        for role in ROLES {
            let probe = operations::prepare(&stage, &operation, role).await.unwrap_or_else(|| {
                panic!("`{operation}` is in the OpenAPI document, but not in tests/src/authorization/operations.rs: say there how to ask for it")
            });
            let reply = stage.send(probe, role).await;
            assert!(reply.status < 500, "{operation} as {role}: {}", reply.text());
            write!(table, " {:>13}", reply.status).unwrap();
        }
        table.push('\n');
    }
    server.verify().await;
    insta::assert_snapshot!(table);
}

/// Each operation of the document as `METHOD /path`, without where the API begins.
fn operations(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let path = path.strip_prefix("/api/v1").unwrap_or_else(|| panic!("{path} is outside of the API"));
        let methods =
            item.as_object().unwrap().keys().filter(|key| ["get", "put", "post", "patch", "delete"].contains(&key.as_str()));
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let operations: Vec<_> = operations.collect();
    assert!(operations.len() > 60, "the document lost most of its operations: {operations:?}");
    operations
}
