//! What a token can lead to: tokens that are made with a token end with it.

use crate::bad_input::unchanged;
use domain::Duration;
use serde_json::{Value, json};
use testkit::{Client, TestServer, both};

both! {
    async fn a_revoked_token_takes_along_all_that_were_made_with_it(server: &TestServer) {
        let root = server.administrator().await;
        let (first, id) = made_with(&root, json!({})).await;
        let (second, _) = made_with(&first, json!({})).await;
        let (third, _) = made_with(&second, json!({"scopes": ["read"]})).await;
        let (service, _) = made_with(&second, json!({"service": "pipeline"})).await;
        let (other, _) = made_with(&root, json!({})).await;
        for token in [&first, &second, &third, &service, &other] {
            token.get("/me").await.ok();
        }
        root.delete(&format!("/tokens/{id}")).await.ok();
        for token in [&first, &second, &third, &service] {
            unchanged(server, token.get("/me")).await.refused_helpfully(401, "token_revoked");
        }
        other.get("/me").await.ok();
        root.get("/me").await.ok();
        let revoked = root.audit("").await.into_iter().filter(|event| event["type"] == "token.revoked").count();
        assert_eq!(revoked, 4, "the record has each of them");
        unchanged(server, root.delete(&format!("/tokens/{id}"))).await.ok();
    }

    async fn a_token_that_ends_itself_takes_its_children_along_and_a_session_does_not(server: &TestServer) {
        let root = server.administrator().await;
        let session = json!({"user": "root", "password": testkit::PASSWORD});
        let session = server.anonymous().post("/sessions", session).await.ok();
        let session_id = session["id"].as_str().unwrap().to_owned();
        let session = root.with_token("root", session["token"].as_str().unwrap());
        let (kept, _) = made_with(&session, json!({})).await;
        session.delete("/sessions/current").await.ok();
        kept.get("/me").await.ok();
        // A person who does not trust the session ends the session by its id, and all that came of it.
        root.delete(&format!("/tokens/{session_id}")).await.ok();
        kept.get("/me").await.refused(401, "token_revoked");

        let (parent, _) = made_with(&root, json!({})).await;
        let (child, _) = made_with(&parent, json!({})).await;
        parent.delete("/sessions/current").await.ok();
        child.get("/me").await.refused(401, "token_revoked");
    }

    async fn no_token_outlives_the_token_that_it_was_made_with(server: &TestServer) {
        let root = server.administrator().await;
        let (parent, _) = made_with(&root, json!({"expires_in": "2d"})).await;
        let longer = unchanged(server, parent.post("/tokens", json!({"expires_in": "3d"}))).await.refused_helpfully(422, "invalid");
        assert_eq!(longer["errors"][0]["pointer"], "/expires_in");
        let (child, _) = made_with(&parent, json!({})).await;
        let (service, _) = made_with(&parent, json!({"service": "pipeline"})).await;
        let (shorter, _) = made_with(&parent, json!({"expires_in": "2d"})).await;
        server.clock.advance(Duration::from_days(2));
        for token in [&parent, &child, &service, &shorter] {
            unchanged(server, token.get("/me")).await.refused_helpfully(401, "token_expired");
        }
    }
}

/// A token that this client makes, with its id.
async fn made_with(client: &Client, request: Value) -> (Client, String) {
    let token = client.post("/tokens", request).await.ok();
    (client.with_token(&client.name, token["token"].as_str().unwrap()), token["id"].as_str().unwrap().to_owned())
}
