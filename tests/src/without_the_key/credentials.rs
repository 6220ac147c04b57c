//! A row that somebody wrote or altered is no credential: no token, no invitation, no password.

use super::{id as key, keep, literal, put_back, sql};
use proof::Sha256;
use serde_json::{Value, json};
use testkit::{Client, PASSWORD, Scene, TestServer, both};

/// The id of an account.
async fn user(server: &TestServer, name: &str) -> domain::UserId {
    server.app.store.read().await.unwrap().user_by_name(&name.parse().unwrap()).await.unwrap().unwrap().id
}

/// Has the person make a token; nobody has used it yet.
async fn token(of: &Client) -> (String, String) {
    let token = of.post("/tokens", json!({"scopes": ["read"]})).await.ok();
    let text = |field: &str| token[field].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

async fn is_refused(server: &TestServer, token: &str) {
    let reply = server.anonymous().with_token("somebody", token).get("/inbox").await;
    assert!(reply.status >= 400, "{}: {}", reply.status, reply.text());
}

async fn sign_in(server: &TestServer, name: &str, password: &str) -> Result<Value, u16> {
    let reply = server.anonymous().post("/sessions", json!({"user": name, "password": password})).await;
    if reply.status < 300 { Ok(reply.json) } else { Err(reply.status) }
}

both! {
    async fn a_token_that_was_written_into_the_database_opens_nothing(server: &TestServer) {
        Scene::set(server).await;
        let secret = format!("csn_{}", "A".repeat(43));
        let [lookup, seal] = [Sha256::of(secret.as_bytes()).as_bytes().to_vec(), vec![0; 40]].map(|bytes| literal(server, &bytes));
        let id = key(server, "01900000-0000-7000-8000-000000000001");
        let insert = format!(
            "INSERT INTO tokens (id, user_id, kind, label, lookup, mac, scopes, created_at, expires_at, seal) \
             SELECT {id}, id, 'session', 'sign-in', {lookup}, {lookup}, 'read review', 0, 9000000000000000, {seal} FROM users WHERE name = 'approver'"
        );
        sql(server, &insert).await;
        is_refused(server, &secret).await;
        sql(server, &format!("DELETE FROM tokens WHERE id = {id}")).await;
        server.verify().await;
    }

    async fn a_token_that_was_altered_opens_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let [own, other] = [user(server, "scientist").await, user(server, "approver").await].map(|id| key(server, &id.to_string()));
        for (column, altered, back) in [
            ("user_id", other, own),
            ("scopes", "'read review administer'".to_owned(), "'read'".to_owned()),
            ("kind", "'session'".to_owned(), "'personal'".to_owned()),
            ("expires_at", "expires_at + 1".to_owned(), "expires_at - 1".to_owned()),
        ] {
            let (id, secret) = token(&scene.scientist).await;
            let id = key(server, &id);
            sql(server, &format!("UPDATE tokens SET {column} = {altered} WHERE id = {id}")).await;
            is_refused(server, &secret).await;
            sql(server, &format!("UPDATE tokens SET {column} = {back} WHERE id = {id}")).await;
            server.anonymous().with_token("scientist", &secret).get("/inbox").await.ok();
        }
        server.verify().await;
    }

    async fn a_revoked_token_stays_revoked(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (id, secret) = token(&scene.scientist).await;
        scene.scientist.delete(&format!("/tokens/{id}")).await.ok();
        let id = key(server, &id);
        keep(server, "tokens").await;
        sql(server, &format!("UPDATE tokens SET revoked_at = NULL WHERE id = {id}")).await;
        is_refused(server, &secret).await;
        put_back(server, "tokens", "revoked_at", "id").await;
    }

    async fn the_password_of_another_account_opens_nothing(server: &TestServer) {
        Scene::set(server).await;
        assert!(sign_in(server, "approver", PASSWORD).await.is_ok());
        for deed in [
            // Everybody of these tests has one password, so only the account tells the hashes apart.
            "UPDATE users SET password_hash = (SELECT password_hash FROM users AS other WHERE other.name = 'scientist') WHERE name = 'approver'",
            // What the `argon2` command gives for `a password for tests`.
            "UPDATE users SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$1PMPMVPOGtKiMSnDsQC6hJ4Ls0pVJtX8y1HKc1N1p2Q' WHERE name = 'approver'",
        ] {
            keep(server, "users").await;
            sql(server, deed).await;
            assert!(sign_in(server, "approver", PASSWORD).await.is_err_and(|status| status >= 400), "{deed}");
            put_back(server, "users", "password_hash", "id").await;
        }
    }

    async fn an_invitation_that_was_altered_opens_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let invited = scene.root.post("/users", json!({"name": "accomplice", "display_name": "An accomplice"})).await.ok();
        let approver = key(server, &user(server, "approver").await.to_string());
        keep(server, "invitations").await;
        sql(server, &format!("UPDATE invitations SET user_id = {approver} WHERE redeemed_at IS NULL")).await;
        let redeem = json!({"invitation": invited["invitation"], "password": "a password of the attacker"});
        let reply = server.anonymous().post("/sessions", redeem).await;
        assert!(reply.status >= 400, "{}", reply.text());
        put_back(server, "invitations", "user_id", "id").await;
        assert!(sign_in(server, "approver", PASSWORD).await.is_ok());
    }
}
