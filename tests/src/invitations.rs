//! No single administrator signs as somebody else: an invitation for an account that signed needs a second administrator, and what is
//! signed afterwards says by whose invitation.

use crate::bad_input::unchanged;
use domain::Duration;
use serde_json::{Value, json};
use testkit::{Client, PASSWORD, Reply, Scene, TestServer, both};

const OTHER_PASSWORD: &str = "another password for tests";

both! {
    async fn one_administrator_does_not_take_over_an_account_that_signed(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        // A person whom the first administrator made is no second administrator.
        let puppet = server.person_as("puppet", "administrator").await;
        let code = invited(&scene.root, "approver", true).await;
        unchanged(server, redeem(server, &code)).await.refused_helpfully(401, "invitation_unconfirmed");
        for administrator in [&scene.root, &puppet] {
            let problem = unchanged(server, confirm(administrator, "approver")).await;
            problem.refused_helpfully(403, "no_second_administrator");
        }
        unchanged(server, confirm(&scene.manager, "approver")).await.refused(403, "forbidden");
        // Nor does the puppet give out what its maker confirms.
        let code = invited(&puppet, "approver", true).await;
        unchanged(server, confirm(&scene.root, "approver")).await.refused_helpfully(403, "no_second_administrator");
        unchanged(server, redeem(server, &code)).await.refused(401, "invitation_unconfirmed");
        // The approver goes on as before.
        scene.approver.get("/me").await.ok();
        scene.approved().await;
    }

    async fn a_second_administrator_confirms_and_every_later_decision_says_so(server: &TestServer) {
        let scene = Scene::set(server).await;
        let before = scene.approved().await;
        let second = server.appointed("second").await;
        let code = invited(&scene.root, "approver", true).await;
        assert_eq!(confirm(&second, "approver").await.ok()["already_done"], json!(false));
        assert_eq!(unchanged(server, confirm(&second, "approver")).await.ok()["already_done"], json!(true));
        let version = scene.requested().await;
        let approver = signed_in(&scene.approver, redeem(server, &code).await);
        let approved = approver.approve(&version).await.ok();
        let password = &approved["decision"]["password"];
        assert_eq!((&password["issued_by"], &password["confirmed_by"]), (&json!("root"), &json!("second")), "{password}");
        assert!(password["redeemed_at"].is_string());
        let shown = scene.root.get("/users/approver").await.ok();
        assert_eq!(&shown["password"], password);
        assert!(shown["signed_at"].is_string(), "{shown}");
        // The signed statement has it, and the earlier one says what was true then.
        let signer = decided_by(&scene.root, &version.path).await;
        assert_eq!((&signer["invited_by"], &signer["invitation_confirmed_by"]), (&json!("root"), &json!("second")));
        let signer = decided_by(&scene.root, &before.path).await;
        assert_eq!((&signer["invited_by"], &signer["invitation_confirmed_by"]), (&json!("root"), &Value::Null));
        // The record names all three steps.
        let events = scene.root.audit("").await;
        let last = |kind: &str| events.iter().rev().find(|event| event["type"] == kind).unwrap().clone();
        assert_eq!(last("invitation.issued")["data"]["needs_confirmation"], json!(true));
        assert_eq!(last("invitation.confirmed")["actor"], json!("second"));
        assert_eq!(last("invitation.redeemed")["data"]["confirmed_by"]["name"], json!("second"));
        assert_eq!(last("invitation.redeemed")["credential"], json!("invitation"));
        // A newer invitation has to be confirmed anew.
        let code = invited(&scene.root, "approver", true).await;
        unchanged(server, redeem(server, &code)).await.refused(401, "invitation_unconfirmed");
    }

    async fn where_there_is_one_administrator_the_console_confirms(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        let code = invited(&scene.root, "approver", true).await;
        let name = "approver".parse().unwrap();
        app::people::invitations::confirm(&server.console(), &name, Default::default()).await.unwrap();
        let version = scene.requested().await;
        let approver = signed_in(&scene.approver, redeem(server, &code).await);
        let approved = approver.reject(&version).await.ok();
        assert_eq!(approved["decision"]["password"]["confirmed_by"], json!("the server's console"), "{approved}");
        let events = scene.root.audit("").await;
        let confirmed = events.iter().find(|event| event["type"] == "invitation.confirmed").unwrap();
        assert_eq!(confirmed["credential"], json!("console"), "{confirmed}");
    }

    async fn an_invitation_from_before_the_first_decision_does_not_outlive_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let code = invited(&scene.root, "approver", false).await;
        scene.approved().await;
        unchanged(server, redeem(server, &code)).await.refused_helpfully(401, "invitation_unconfirmed");
        // Rejecting and revoking are signatures too.
        for act in ["reject", "revoke"] {
            let name = format!("approver-{act}");
            let person = server.person(&name).await;
            let approved = scene.approved().await;
            scene.set_reviewers(&["user:approver", &format!("user:{name}")]).await;
            let version = scene.requested().await;
            if act == "reject" {
                person.reject(&version).await.ok();
            } else {
                scene.root.put(&format!("/projects/diagnosis/members/{name}"), json!({"role": "manager"})).await.ok();
                person.revoke(&approved).await.ok();
            }
            invited(&scene.root, &name, true).await;
        }
    }

    async fn an_account_that_never_signed_shows_by_whose_invitation_it_signs_first(server: &TestServer) {
        let scene = Scene::set(server).await;
        let code = invited(&scene.root, "approver", false).await;
        let version = scene.requested().await;
        let approver = signed_in(&scene.approver, redeem(server, &code).await);
        let approved = approver.approve(&version).await.ok();
        let password = &approved["decision"]["password"];
        assert_eq!((&password["issued_by"], &password["confirmed_by"]), (&json!("root"), &Value::Null), "{password}");
    }

    async fn nobody_takes_over_the_second_administrator_first(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        let second = server.appointed("second").await;
        let code = invited(&scene.root, "second", true).await;
        unchanged(server, redeem(server, &code)).await.refused_helpfully(401, "invitation_unconfirmed");
        second.get("/me").await.ok();
        // A role that is taken and given again is another appointment, by one hand.
        scene.root.patch("/users/second", json!({"role": "user"})).await.ok();
        scene.root.patch("/users/second", json!({"role": "administrator"})).await.ok();
        invited(&scene.root, "approver", true).await;
        unchanged(server, confirm(&second, "approver")).await.refused(403, "no_second_administrator");
        // Closing and opening the signer's account changes nothing.
        scene.root.patch("/users/approver", json!({"active": false})).await.ok();
        scene.root.patch("/users/approver", json!({"active": true})).await.ok();
        let code = invited(&scene.root, "approver", true).await;
        unchanged(server, redeem(server, &code)).await.refused(401, "invitation_unconfirmed");
        // Nor does an administrator make tokens for a person.
        unchanged(server, scene.root.post("/tokens", json!({"service": "approver"}))).await.refused(409, "already_exists");
    }

    async fn an_appointment_by_the_console_counts_once_its_invitation_is_redeemed(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        // The first administrator knows this one's password.
        let puppet = server.person_as("puppet", "administrator").await;
        let name = "puppet".parse().unwrap();
        let code = app::people::invitations::create_administrator(&server.console(), &name).await.unwrap().invitation;
        invited(&scene.root, "approver", true).await;
        unchanged(server, confirm(&puppet, "approver")).await.refused(403, "no_second_administrator");
        assert_ne!(scene.root.get("/users/puppet").await.ok()["appointed_by_console"], json!(true));
        // An invitation by the first administrator in its place appoints nobody.
        let other = invited(&scene.root, "puppet", false).await;
        unchanged(server, redeem(server, &code)).await.refused(401, "invitation_cancelled");
        let puppet = signed_in(&puppet, redeem(server, &other).await);
        unchanged(server, confirm(&puppet, "approver")).await.refused(403, "no_second_administrator");
        // The person redeems the console's: whoever knew the password before is out.
        let code = app::people::invitations::create_administrator(&server.console(), &name).await.unwrap().invitation;
        let second = signed_in(&puppet, redeem(server, &code).await);
        puppet.get("/me").await.refused(401, "token_revoked");
        confirm(&second, "approver").await.ok();
        assert_eq!(scene.root.audit("").await.iter().filter(|event| event["type"] == "administrator.appointed").count(), 1);
        invited(&scene.root, "puppet", true).await;
        server.verify().await;
    }

    async fn a_confirmation_needs_the_person(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        let second = server.appointed("second").await;
        invited(&scene.root, "approver", true).await;
        let token = second.post("/tokens", json!({})).await.ok();
        let program = second.with_token("second", token["token"].as_str().unwrap());
        unchanged(server, confirm(&program, "approver")).await.refused_helpfully(403, "session_required");
        server.clock.advance(Duration::from_seconds(15 * 60));
        unchanged(server, confirm(&second, "approver")).await.refused_helpfully(403, "reauthentication_required");
        let with = |password: &str| second.post("/users/approver/invitation/confirm", json!({"password": password}));
        unchanged(server, with("wrong")).await.refused(401, "sign_in_failed");
        with(PASSWORD).await.ok();
        unchanged(server, confirm(&second, "reader")).await.refused_helpfully(404, "not_found");
    }
}

/// Invites somebody again; gives the code.
async fn invited(administrator: &Client, name: &str, needs_confirmation: bool) -> String {
    let invited = administrator.post(&format!("/users/{name}/invitation"), json!({})).await.ok();
    assert_eq!(invited["needs_confirmation"].as_bool().unwrap_or_default(), needs_confirmation, "{}", invited["user"]);
    invited["invitation"].as_str().unwrap().to_owned()
}

async fn confirm(administrator: &Client, name: &str) -> Reply {
    administrator.post(&format!("/users/{name}/invitation/confirm"), json!({})).await
}

/// Redeems an invitation.
async fn redeem(server: &TestServer, code: &str) -> Reply {
    server.anonymous().post("/sessions", json!({"invitation": code, "password": OTHER_PASSWORD})).await
}

/// The person who redeemed an invitation.
fn signed_in(before: &Client, reply: Reply) -> Client {
    before.with_token(&before.name, reply.ok()["token"].as_str().unwrap())
}

/// The signer in the newest decision of a version, as the server signed it.
async fn decided_by(reader: &Client, version: &str) -> Value {
    let statements = reader.get(&format!("{version}/statements")).await.ok();
    let envelope = &statements["items"][0]["envelope"];
    let payload = proof::Envelope::from_json_bytes(envelope.to_string().as_bytes()).unwrap();
    let statement: Value = serde_json::from_slice(payload.payload()).unwrap();
    statement["predicate"]["decided_by"].clone()
}
