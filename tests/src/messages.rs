//! Who gets a message about what, and what becomes of it: nobody is told twice, nobody of their own act, and nobody of what they may not see.

use app::messages::{self, Attempt};
use domain::{Duration, MessageId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Scene, TestServer, both};

/// The scene, with an address for everybody.
async fn set(server: &TestServer) -> Scene {
    let scene = Scene::set(server).await;
    for name in ["root", "manager", "scientist", "itops", "riskofficer", "business", "approver", "operator"] {
        address(&scene, name, &format!("{name}@example.org")).await;
    }
    scene
}

async fn address(scene: &Scene, name: &str, email: &str) {
    scene.root.patch(&format!("/users/{name}"), json!({"email": email})).await.ok();
}

/// All messages: to whom, about what. The oldest first.
async fn all(scene: &Scene) -> Vec<Value> {
    let mut items = scene.root.get("/messages?limit=200").await.ok()["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// Who gets a message about this topic.
async fn told(server: &TestServer, scene: &Scene, topic: &str) -> Vec<String> {
    server.announce().await;
    let about = all(scene).await.into_iter().filter(|message| message["topic"] == topic);
    let mut names: Vec<_> = about.map(|message| message["to"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A message that was given up, to the administrator.
async fn given_up(server: &TestServer, scene: &Scene) -> MessageId {
    let test = scene.root.post("/messages/test", json!({})).await.ok();
    let id: MessageId = test["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(messages::take(&server.app, 10).await.unwrap(), [[id]]);
    messages::not_sent(&server.app, &[id], Attempt::Refused("550 no such mailbox".to_owned())).await.unwrap();
    id
}

both! {
    async fn each_event_is_told_to_those_whom_it_concerns(server: &TestServer) {
        let scene = set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(told(server, &scene, "review_requested").await, ["approver", "business", "itops", "riskofficer"]);
        scene.itops.feedback(&version, IT, "minor_issue").await.ok();
        assert_eq!(told(server, &scene, "feedback_given").await, ["scientist"], "not the person who gave it");
        scene.scientist.command(&version, "final", json!({})).await.ok();
        assert_eq!(told(server, &scene, "final_approval_requested").await, ["approver"]);
        scene.approver.approve(&version).await.ok();
        assert_eq!(told(server, &scene, "approved").await, ["itops", "scientist"]);
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.approver.revoke(&version).await.ok();
        assert_eq!(told(server, &scene, "revoked").await, ["itops", "manager", "root", "scientist"]);
        assert_eq!(told(server, &scene, "out_of_policy").await, ["manager", "operator", "root", "scientist"]);
        let known = json!({"reason": "The next version is in review.", "valid_for": "30d"});
        scene.operator.post("/infrastructures/production/deployments/tumour/acknowledge-lapse", known).await.ok();
        assert_eq!(told(server, &scene, "lapse_acknowledged").await, ["root"]);
        let body = json!({"policy": "allow", "reason": "A test."});
        let tag = scene.root.etag("/infrastructures/staging").await;
        scene.root.request(Method::PUT, "/infrastructures/staging/policy").header("if-match", &tag).json(&body).send().await.ok();
        assert_eq!(told(server, &scene, "policy_weakened").await, ["operator"]);
        // What concerns nobody is told to nobody.
        let before = all(&scene).await.len();
        scene.version().await;
        server.announce().await;
        assert_eq!(all(&scene).await.len(), before);
    }

    async fn subscribers_hear_of_new_versions_and_of_services(server: &TestServer) {
        let scene = set(server).await;
        scene.manager.put("/me/subscriptions", json!({"to": "diagnosis/tumour", "subscribed": true})).await.ok();
        let (one, two) = (scene.approved().await, scene.approved().await);
        assert_eq!(told(server, &scene, "version_registered").await, ["manager", "manager"]);
        scene.operator.deploy("production/tumour", &one).await.ok();
        assert_eq!(told(server, &scene, "deployed").await, ["manager"]);
        // Several versions at once: one message for each.
        let half = |version: &testkit::Version| json!({"version": version.name, "weight": 50});
        let tag = scene.operator.etag("/infrastructures/production/deployments/tumour").await;
        let shares = json!({"shares": [half(&one), half(&two)]});
        let deploy = scene.operator.request(Method::POST, "/infrastructures/production/deployments/tumour");
        deploy.header("if-match", &tag).json(&shares).send().await.ok();
        assert_eq!(told(server, &scene, "deployed").await, ["manager"; 3]);
    }

    async fn a_letter_leads_where_its_reader_may_go(server: &TestServer) {
        let scene = set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.approver.revoke(&version).await.ok();
        assert!(told(server, &scene, "out_of_policy").await.contains(&"operator".to_owned()));
        let to = async |name: &str, topic: &str| {
            let message = all(&scene).await.into_iter().find(|message| message["to"] == name && message["topic"] == topic).unwrap();
            messages::Letters::new(&server.app).read(message["id"].as_str().unwrap().parse().unwrap()).await.unwrap()
        };
        assert!(to("operator", "out_of_policy").await.unwrap().what.link.ends_with("/infrastructures/production"));
        assert!(to("scientist", "out_of_policy").await.unwrap().what.link.ends_with(&version.path));
        // Before the message goes out, the author leaves the project.
        scene.root.delete("/projects/diagnosis/members/scientist").await.ok();
        let refused = to("scientist", "revoked").await.unwrap_err();
        assert!(refused.contains("may no longer see"), "{refused}");
    }

    async fn a_denied_deployment_is_told_to_author_and_managers(server: &TestServer) {
        let scene = set(server).await;
        let version = scene.version().await;
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        assert_eq!(told(server, &scene, "deployment_denied").await, ["manager", "root", "scientist"]);
    }

    async fn nobody_hears_of_what_they_may_not_see_or_twice(server: &TestServer) {
        let scene = set(server).await;
        let version = scene.requested().await;
        // Several servers make messages of one log.
        let beside = server.beside().await;
        let (one, other) = tokio::join!(messages::announce(&server.app), messages::announce(&beside.app));
        one.unwrap();
        other.unwrap();
        assert_eq!(told(server, &scene, "review_requested").await, ["approver"]);
        beside.end().await;
        // The author has left the project, and one person has no address.
        scene.root.delete("/projects/diagnosis/members/scientist").await.ok();
        scene.root.patch("/users/manager", json!({"email": null})).await.ok();
        scene.approver.reject(&version).await.ok();
        assert_eq!(told(server, &scene, "rejected").await, ["root"]);
    }

    async fn people_choose_what_they_hear_of(server: &TestServer) {
        let scene = set(server).await;
        scene.approver.put("/me/messages", json!({"wanted": "my_turn"})).await.ok();
        scene.itops.put("/me/messages", json!({"wanted": "nothing"})).await.ok();
        scene.itops.put("/me/messages", json!({"wanted": "some"})).await.refused(422, "invalid");
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(told(server, &scene, "review_requested").await, ["business", "riskofficer"], "it is not the approver's turn yet");
        scene.scientist.command(&version, "final", json!({})).await.ok();
        assert_eq!(told(server, &scene, "final_approval_requested").await, ["approver"]);
    }

    async fn a_subscriber_hears_of_each_step_and_of_nothing_that_is_hidden(server: &TestServer) {
        let scene = set(server).await;
        let outsider = server.person("outsider").await;
        address(&scene, "outsider", "outsider@example.org").await;
        let subscribe = json!({"to": "diagnosis/tumour", "subscribed": true});
        outsider.put("/me/subscriptions", subscribe.clone()).await.refused(404, "not_found");
        scene.root.put("/projects/diagnosis/members/outsider", json!({"role": "reader"})).await.ok();
        outsider.put("/me/subscriptions", subscribe).await.ok();
        for wrong in ["", "diagnosis/", "diagnosis/tumour:0", "diagnosis/tumour:1:2", "Diagnosis"] {
            let status = outsider.put("/me/subscriptions", json!({"to": wrong, "subscribed": true})).await.status;
            assert!(status == 422 || status == 404, "{wrong}: {status}");
        }
        let version = scene.requested().await;
        assert_eq!(told(server, &scene, "review_requested").await, ["approver", "outsider"]);
        let page = server.browser_of("outsider").await.get(&version.path).await.text();
        assert!(page.contains("Subscribe</button>") && !page.contains("Unsubscribe"), "not to this version alone: {page}");
        // Out of the project: the subscription tells nothing any more, and can be ended.
        scene.root.delete("/projects/diagnosis/members/outsider").await.ok();
        scene.approver.reject(&version).await.ok();
        assert_eq!(told(server, &scene, "rejected").await, ["manager", "root", "scientist"]);
        let ended = outsider.put("/me/subscriptions", json!({"to": "diagnosis/tumour", "subscribed": false})).await.ok();
        assert_eq!(ended["items"], json!([]));
    }

    async fn a_link_ends_the_messages_without_a_session_and_a_look_at_it_does_not(server: &TestServer) {
        let scene = set(server).await;
        scene.requested().await;
        server.announce().await;
        let id: MessageId = all(&scene).await[0]["id"].as_str().unwrap().parse().unwrap();
        let letter = messages::Letters::new(&server.app).read(id).await.unwrap().unwrap();
        let path = letter.unsubscribe.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned())).unwrap();
        let nobody = server.anonymous();
        let wanted = async || scene.approver.get("/me/messages").await.ok()["wanted"].clone();
        let shown = nobody.request_outside(Method::GET, &path).send().await;
        assert!(shown.status == 200 && shown.text().contains("The approver"), "{}", shown.text());
        assert_eq!(wanted().await, "all");
        // As a mail program sends it: from nowhere, and without a cookie (RFC 8058).
        let one_click = nobody.request_outside(Method::POST, &path).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(one_click.bytes(b"List-Unsubscribe=One-Click").send().await.status, 200);
        assert_eq!(wanted().await, "nothing");
        let (user, mac) = path.rsplit_once('/').unwrap().1.split_at(32);
        for forged in [format!("{user}{}", "0".repeat(mac.len())), format!("{}{mac}", "0".repeat(32)), "x".to_owned()] {
            let reply = nobody.request_outside(Method::POST, &format!("/unsubscribe/{forged}")).send().await;
            assert_eq!(reply.status, 404, "{forged}");
        }
    }

    async fn a_message_is_taken_by_one_worker_and_comes_back_from_a_dead_one(server: &TestServer) {
        let scene = set(server).await;
        let test = scene.root.post("/messages/test", json!({})).await.ok();
        let id: MessageId = test["id"].as_str().unwrap().parse().unwrap();
        let beside = server.beside().await;
        let (one, other) = tokio::join!(messages::take(&server.app, 10), messages::take(&beside.app, 10));
        assert_eq!([one.unwrap(), other.unwrap()].concat(), [[id]], "one of them has it");
        beside.end().await;
        server.clock.advance(Duration::from_seconds(121));
        assert_eq!(messages::take(&server.app, 10).await.unwrap(), [[id]], "its worker has died");
        messages::sent(&server.app, &[id]).await.unwrap();
        server.clock.advance(Duration::from_seconds(121));
        assert!(messages::take(&server.app, 10).await.unwrap().is_empty());
        assert_eq!(all(&scene).await[0]["state"], "sent");
    }

    async fn a_test_that_is_asked_for_twice_at_once_is_sent_once(server: &TestServer) {
        let scene = set(server).await;
        let failed = given_up(server, &scene).await.to_string();
        server.clock.advance(Duration::from_seconds(1));
        let test = async || scene.root.post("/messages/test", json!({})).await.ok()["id"].clone();
        let first = test().await;
        assert_ne!(first, failed, "what was given up is no reason to wait");
        server.clock.advance(Duration::from_seconds(4));
        assert_eq!(test().await, first, "a double click");
        server.clock.advance(Duration::from_seconds(2));
        assert_ne!(test().await, first, "another attempt");
        assert_eq!(all(&scene).await.len(), 3);
    }

    async fn failed_attempts_are_repeated_for_a_day_and_then_given_up(server: &TestServer) {
        let scene = set(server).await;
        scene.root.post("/messages/test", json!({})).await.ok();
        // The mail server was gone for two days: that was no attempt.
        server.clock.advance(Duration::from_days(2));
        let mut attempts = 0;
        loop {
            let taken = messages::take(&server.app, 10).await.unwrap();
            for message in taken.concat() {
                attempts += 1;
                messages::not_sent(&server.app, &[message], Attempt::TryAgain("451 try later".to_owned())).await.unwrap();
            }
            let message = all(&scene).await[0].clone();
            assert_eq!(message["error"], "451 try later");
            if message["state"] == "failed" {
                break;
            }
            server.clock.advance(Duration::from_seconds(300));
        }
        assert_eq!(attempts, 14);
    }

    async fn what_was_given_up_is_seen_and_tried_again(server: &TestServer) {
        let scene = set(server).await;
        let id = given_up(server, &scene).await;
        let failed = scene.root.get("/messages?state=failed").await.ok()["items"][0].clone();
        assert_eq!((&failed["id"], &failed["error"]), (&json!(id.to_string()), &json!("550 no such mailbox")));
        let page = server.browser_of("root").await.get("/admin/mail?state=failed").await.text();
        assert!(page.contains("550 no such mailbox") && page.contains("Given up"), "{page}");
        assert_eq!(scene.root.post("/messages/retry", json!({"message": id.to_string()})).await.ok()["retried"], 1);
        assert_eq!(scene.root.post("/messages/retry", json!({})).await.ok()["retried"], 0, "it waits already");
        assert_eq!(messages::take(&server.app, 10).await.unwrap(), [[id]]);
        scene.root.get("/messages?state=lost").await.refused(422, "invalid");
        scene.root.get("/messages?after=none").await.refused(422, "invalid");
        scene.scientist.post("/messages/test", json!({})).await.refused(403, "forbidden");
        scene.root.patch("/users/root", json!({"email": null})).await.ok();
        scene.root.post("/messages/test", json!({})).await.refused_helpfully(409, "no_mail_address");
    }

    async fn who_wants_one_mail_each_morning_gets_all_in_one(server: &TestServer) {
        let scene = set(server).await;
        scene.scientist.put("/me/messages", json!({"wanted": "each_morning"})).await.ok();
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "minor_issue").await.ok();
        scene.riskofficer.feedback(&version, testkit::RISK, "approve").await.ok();
        server.announce().await;
        let gathered: Vec<_> = all(&scene).await.into_iter().filter(|message| message["to"] == "scientist").collect();
        assert_eq!(gathered.len(), 2, "{gathered:?}");
        // It is nine o'clock on Monday.
        assert!(gathered.iter().all(|message| message["due_at"] == "2026-01-06T07:00:00.000000Z"), "{gathered:?}");
        let ids: Vec<MessageId> = gathered.iter().map(|message| message["id"].as_str().unwrap().parse().unwrap()).collect();
        let mut waiting = messages::take(&server.app, 100).await.unwrap();
        assert!(waiting.iter().all(|mail| mail.len() == 1 && !ids.contains(&mail[0])), "the others' mails go out at once");
        server.clock.advance(Duration::from_seconds(22 * 3600));
        // Two workers: one of them has the whole mail.
        let (one, other) = tokio::join!(messages::take(&server.app, 100), messages::take(&server.app, 100));
        waiting = [one.unwrap(), other.unwrap()].concat();
        let mails: Vec<_> = waiting.iter().filter(|mail| ids.contains(&mail[0])).collect();
        assert_eq!(mails, [&ids], "one mail of both, and once");
        for id in ids {
            messages::sent(&server.app, &[id]).await.unwrap();
        }
        let sent = all(&scene).await.into_iter().filter(|message| message["to"] == "scientist" && message["state"] == "sent");
        assert_eq!(sent.count(), 2);
    }

    async fn who_switches_all_off_but_what_is_required_hears_of_that(server: &TestServer) {
        let scene = set(server).await;
        for person in [&scene.scientist, &scene.itops, &scene.approver] {
            person.put("/me/messages", json!({"wanted": "required"})).await.ok();
        }
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(told(server, &scene, "review_requested").await, ["business", "riskofficer"]);
        scene.riskofficer.feedback(&version, testkit::RISK, "approve").await.ok();
        assert_eq!(told(server, &scene, "feedback_given").await, Vec::<String>::new());
        scene.scientist.command(&version, "final", json!({})).await.ok();
        assert_eq!(told(server, &scene, "final_approval_requested").await, ["approver"], "a final decision is theirs");
        // Without feedback the request asks for the decision.
        scene.requested().await;
        let asked = told(server, &scene, "review_requested").await;
        assert_eq!(asked.iter().filter(|name| *name == "approver").count(), 1, "{asked:?}");
        scene.root.put("/me/messages", json!({"wanted": "sometimes"})).await.refused(422, "invalid");
    }

    async fn a_letter_says_what_is_asked_now(server: &TestServer) {
        let scene = set(server).await;
        let version = scene.requested().await;
        server.announce().await;
        let id: MessageId = all(&scene).await[0]["id"].as_str().unwrap().parse().unwrap();
        let letter = messages::Letters::new(&server.app).read(id).await.unwrap().unwrap();
        assert!(letter.expected.is_some() && letter.what.link.ends_with("#decide"), "{letter:?}");
        scene.approver.approve(&version).await.ok();
        let letter = messages::Letters::new(&server.app).read(id).await.unwrap().unwrap();
        assert!(letter.expected.is_none() && !letter.what.link.contains('#'), "it was decided meanwhile: {letter:?}");
        scene.root.patch("/users/approver", json!({"email": null})).await.ok();
        let nobody = messages::Letters::new(&server.app).read(id).await.unwrap().unwrap_err();
        assert!(nobody.contains("no mail address"), "{nobody}");
    }
}
