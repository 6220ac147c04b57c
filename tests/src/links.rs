//! Every address that an answer carries leads to something: in views, problems, headers and signed statements. The caller who got the
//! address reads what the address leads to, unless the caller may not see it; a request without a token is told to sign in.

use reqwest::Method;
use serde_json::json;
use testkit::{Client, Reply, Scene, TestServer, both};

both! {
    async fn every_address_in_an_answer_can_be_followed(server: &TestServer) {
        let scene = Scene::set(server).await;
        crate::scenario::tell(&scene).await;
        let version = scene.version().await;
        for client in [&scene.scientist, &scene.approver, &scene.root] {
            client.get(&version.path).await.ok();
            client.get(&format!("{}/review", version.path)).await.ok();
            client.get("/inbox").await.ok();
        }
        scene.scientist.command(&version, "revoke", json!({"comment": "No."})).await;
        for version in ["1", "2"] {
            scene.scientist.get(&format!("/projects/diagnosis/models/tumour/versions/{version}/statements")).await.ok();
        }
        let addresses = server.addresses();
        assert_eq!(kinds(&addresses), ["/api/v1/infrastructures/", "/api/v1/projects/", "/projects/"]);
        for (client, path) in addresses {
            follow(&scene.root, &path).await.ok();
            let reply = follow(&client, &path).await;
            // A deployer learns the address of a sign-off from the gate, for the people who can act on it.
            if client.token == scene.operator.token && path.contains("/projects/") {
                reply.refused(404, "not_found");
            } else {
                reply.ok();
            }
            let reply = server.anonymous().request_outside(Method::GET, &path).send().await;
            assert_eq!(reply.status, 401, "{path} without a token: {}", reply.text());
        }
    }
}

/// What an address leads to: the answer, or the answer to which it sends on.
async fn follow(client: &Client, path: &str) -> Reply {
    let reply = client.request_outside(Method::GET, path).send().await;
    if reply.status != 303 {
        return reply;
    }
    let location = reply.header("location");
    assert!(location.starts_with("/api/v1/"), "{path} leads to {location}");
    client.request_outside(Method::GET, location).send().await
}

/// How the paths begin, each beginning once: so that the test does not pass for want of addresses.
fn kinds(addresses: &[(Client, String)]) -> Vec<&'static str> {
    let known = ["/api/v1/infrastructures/", "/api/v1/projects/", "/projects/"];
    known.into_iter().filter(|known| addresses.iter().any(|(_, path)| path.starts_with(known))).collect()
}
