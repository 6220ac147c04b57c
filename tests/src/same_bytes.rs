//! The same bytes under another name: a rejection or revocation of them is named, and counts where somebody asks about the bytes.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, Version, both};

/// Another project with the model `tumour`, whose approver is its own; the scene's people do not see it.
struct Elsewhere {
    manager: Client,
    scientist: Client,
    approver: Client,
}

impl Elsewhere {
    async fn set(server: &TestServer, scene: &Scene) -> Self {
        let elsewhere = Self {
            manager: server.person("chief").await,
            scientist: server.person("imager").await,
            approver: server.person("decider").await,
        };
        scene.root.post("/projects", json!({"name": "imaging", "display_name": "Imaging"})).await.ok();
        for (member, role) in [("chief", "manager"), ("imager", "contributor")] {
            scene.root.put(&format!("/projects/imaging/members/{member}"), json!({"role": role})).await.ok();
        }
        let reviewers = json!({"slots": [], "approvers": ["user:decider"]});
        elsewhere.manager.change(Method::PUT, "/projects/imaging/reviewers", reviewers).await.ok();
        elsewhere.scientist.post("/projects/imaging/models", json!({"name": "tumour"})).await.ok();
        elsewhere
    }

    /// A version with the bytes of the scene's versions, whose review was requested.
    async fn requested(&self) -> Version {
        let upload = self.scientist.upload_for("imaging", testkit::TINY).await;
        let registered = self.scientist.post("/projects/imaging/models/tumour/versions", json!({"upload": upload})).await.ok();
        let version = Version::of(&registered);
        self.scientist.command(&version, "request", json!({})).await.ok();
        version
    }
}

async fn by_digest(person: &Client, digest: &str) -> Value {
    person.post("/gate/check", json!({"infrastructure": "production", "digest": digest})).await.ok()
}

fn lacks(answer: &Value) -> Vec<(&str, &str)> {
    let reasons = answer["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| (reason["version"].as_str().unwrap(), reason["lack"].as_str().unwrap())).collect()
}

both! {
    async fn a_newer_rejection_in_another_project_counts_for_the_bytes(server: &TestServer) {
        let scene = Scene::set(server).await;
        let elsewhere = Elsewhere::set(server, &scene).await;
        let approved = scene.approved().await;
        assert_eq!(by_digest(&scene.operator, &approved.digest).await["verdict"], "allow");
        assert_eq!(lacks(&scene.operator.gate("production", &approved).await.ok()), []);
        server.clock.advance(Duration::from_seconds(1));
        let twin = elsewhere.requested().await;
        assert_eq!(twin.digest, approved.digest);
        assert_eq!(by_digest(&scene.operator, &approved.digest).await["verdict"], "allow", "nobody has decided there");
        // The answer from before is remembered, and a decision about a version that was registered since changes it.
        elsewhere.approver.reject(&twin).await.ok();

        let hidden = "a version in another project";
        let answer = by_digest(&scene.operator, &approved.digest).await;
        assert_eq!((&answer["verdict"], &lacks(&answer)[..]), (&json!("deny"), &[(hidden, "same_bytes_rejected")][..]));
        assert!(!answer.to_string().contains("imaging"), "{answer}");
        let answer = by_digest(&scene.root, &approved.digest).await;
        assert_eq!(lacks(&answer), [(twin.name.as_str(), "same_bytes_rejected")]);

        // By its name, the version's own sign-off decides.
        let answer = scene.operator.gate("production", &approved).await.ok();
        assert_eq!((&answer["verdict"], &lacks(&answer)[..]), (&json!("allow"), &[(hidden, "same_bytes_rejected")][..]));
        let deployed = scene.operator.deploy("production/tumour", &approved).await.ok();
        assert_eq!(lacks(&deployed["revision"]["answer"]), [(hidden, "same_bytes_rejected")]);
        let as_root = scene.root.deployment("production/tumour").await;
        assert_eq!(lacks(&as_root["revision"]["answer"]), [(hidden, "same_bytes_rejected")], "the record names no other project");

        // On the version, and when the bytes are registered again.
        let shown = scene.scientist.get(&approved.path).await.ok();
        assert_eq!(shown["same_bytes"], json!([{"status": "rejected", "at": "2026-01-05T09:00:01.000000Z"}]));
        let shown = scene.root.get(&approved.path).await.ok();
        assert_eq!(shown["same_bytes"][0]["version"], json!(twin.name));
        let upload = scene.scientist.upload(testkit::TINY).await;
        let registered = scene.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": upload})).await.ok();
        assert_eq!(registered["same_bytes"], json!([{"status": "rejected", "at": "2026-01-05T09:00:01.000000Z"}]));

        // An approval that is newer than the rejection counts for the bytes again.
        server.clock.advance(Duration::from_seconds(1));
        let newer = Version::of(&registered);
        scene.scientist.command(&newer, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&newer).await.ok();
        let answer = by_digest(&scene.operator, &approved.digest).await;
        assert_eq!((&answer["verdict"], &answer["version"]), (&json!("allow"), &json!(newer.name)));
    }

    async fn a_revocation_counts_until_the_bytes_are_approved_anew(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        assert_eq!(by_digest(&scene.operator, &first.digest).await["verdict"], "allow");
        server.clock.advance(Duration::from_seconds(1));
        scene.approver.revoke(&second).await.ok();
        let answer = by_digest(&scene.operator, &first.digest).await;
        assert_eq!((&answer["verdict"], &lacks(&answer)[..]), (&json!("deny"), &[(second.name.as_str(), "same_bytes_revoked")][..]));
        let answer = scene.operator.gate("production", &first).await.ok();
        assert_eq!((&answer["verdict"], &lacks(&answer)[..]), (&json!("allow"), &[(second.name.as_str(), "same_bytes_revoked")][..]));
        assert_eq!(scene.scientist.get(&first.path).await.ok()["same_bytes"][0]["version"], json!(second.name));

        // A reset takes no word back; an approval does.
        server.clock.advance(Duration::from_seconds(1));
        scene.manager.reset(&second, false).await.ok();
        assert_eq!(by_digest(&scene.operator, &first.digest).await["verdict"], "deny");
        scene.scientist.command(&second, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&second).await.ok();
        assert_eq!(by_digest(&scene.operator, &first.digest).await["verdict"], "allow");
        assert_eq!(scene.scientist.get(&first.path).await.ok()["same_bytes"], json!([]));
    }
}
