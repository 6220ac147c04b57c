//! The main story over HTTP on both databases: a version is denied, reviewed, approved, deployed under
//! each of the three policies, rolled back and stopped, and the record tells all of it.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{BUSINESS, Client, IT, RISK, Scene, TestServer, Version, both, example_models};

both! {
    async fn the_whole_story(server: &TestServer) {
        tell(&Scene::set(server).await).await;
    }

    async fn a_warning_goes_on_only_with_a_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let shares = json!([{"version": version.name}]);
        let problem = scene.operator.deploy("staging/tumour", &version).await.refused_helpfully(409, "not_acknowledged");
        assert_eq!(problem["answer"]["verdict"], "warn");
        scene.operator.deploy_shares("staging/tumour", shares.clone(), Some("  ")).await.refused(409, "not_acknowledged");
        scene.operator.get("/infrastructures/staging/deployments/tumour").await.refused(404, "not_found");

        let done = scene.operator.deploy_shares("staging/tumour", shares.clone(), Some("Load test over the weekend.")).await.ok();
        assert_eq!(done["already_done"], false);
        assert_eq!(done["revision"]["acknowledgement"], "Load test over the weekend.");
        assert_eq!(done["revision"]["shares"][0]["basis"], "acknowledged");
        let again = scene.operator.deploy_shares("staging/tumour", shares, Some("Load test over the weekend.")).await.ok();
        assert_eq!((&again["already_done"], &again["revision"]["number"]), (&json!(true), &json!(1)));

        let events = scene.root.audit("infrastructure=staging").await;
        assert_eq!(kinds(&events)[3..], ["deployment.refused", "deployment.refused", "deployment.revised"]);
        assert_eq!(events[5]["data"]["acknowledgement"], "Load test over the weekend.");
        assert_eq!(events[5]["data"]["answer"]["reasons"][0]["lack"], "not_approved");
    }

    async fn a_rollback_sent_twice_goes_back_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (good, bad) = (scene.approved().await, scene.approved().await);
        scene.operator.deploy("production/tumour", &good).await.ok();
        scene.operator.deploy("production/tumour", &bad).await.ok();
        let path = "/infrastructures/production/deployments/tumour/rollback";
        scene.operator.post(path, json!({})).await.refused_helpfully(428, "precondition_required");
        let tag = scene.operator.etag(path.trim_end_matches("/rollback")).await;
        let back = || scene.operator.request(Method::POST, path).header("if-match", &tag).json(&json!({})).send();
        assert_eq!(back().await.ok()["revision"]["shares"][0]["version"], good.name);
        // Its answer was lost: sent again, it must not go back to the bad one.
        back().await.refused_helpfully(412, "stale");
        let shown = scene.operator.deployment("production/tumour").await;
        assert_eq!((&shown["revision"]["number"], &shown["revision"]["shares"][0]["version"]), (&json!(3), &json!(good.name)));
    }

    async fn a_second_rollback_goes_back_once_more(server: &TestServer) {
        let scene = Scene::set(server).await;
        let versions = [scene.version().await, scene.version().await, scene.version().await];
        for version in &versions {
            scene.operator.deploy("test/tumour", version).await.ok();
        }
        let back = async |body| scene.operator.rollback("test/tumour", body).await.ok()["revision"]["shares"][0]["version"].clone();
        assert_eq!(back(json!({})).await, versions[1].name);
        assert_eq!(back(json!({})).await, versions[0].name, "it went forward again");
        let problem = scene.operator.rollback("test/tumour", json!({})).await.refused_helpfully(409, "no_earlier_revision");
        assert_eq!(problem["detail"], "tumour serves what revision 1 served, and no revision before that one served something else");
        // By number it may go forward, and back from there.
        assert_eq!(back(json!({"to": 3})).await, versions[2].name);
        assert_eq!(back(json!({})).await, versions[1].name);
        // After a stop it goes back to what served last.
        scene.operator.stop("test/tumour").await.ok();
        assert_eq!(back(json!({})).await, versions[1].name);
    }

    async fn each_of_several_versions_has_the_deployment_in_its_history(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (one, two, open) = (scene.approved().await, scene.approved().await, scene.version().await);
        let share = |version: &Version, weight: u8| json!({"version": version.name, "weight": weight});
        let deploy = |shares| scene.operator.deploy_shares("production/tumour", shares, None);
        deploy(json!([share(&one, 90), share(&two, 10)])).await.ok();
        deploy(json!([share(&one, 90), share(&open, 10)])).await.refused(403, "denied_by_policy");
        for (version, revision) in [(&two, json!(1)), (&open, json!(null))] {
            let history = scene.scientist.get(&format!("{}/review/history", version.path)).await.ok();
            let events = history["items"].as_array().unwrap();
            let last = &events[events.len() - 1];
            assert_eq!((&last["type"], &last["data"]["version"]), (&json!("deployment.shared"), &json!(version.name)));
            assert_eq!((&last["data"]["weight"], &last["data"]["revision"]), (&json!(10), &revision));
        }
        let events = scene.root.audit("project=diagnosis").await;
        let of_project = kinds(&events);
        assert!(of_project.contains(&"deployment.revised") && of_project.contains(&"deployment.refused"), "{of_project:?}");
    }

    async fn allow_lets_through_and_says_that_it_was_not_approved(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let done = scene.operator.deploy("test/tumour", &version).await.ok();
        assert_eq!(done["revision"]["shares"][0]["basis"], "unapproved");
        assert_eq!(done["standing"], "in_policy");
        let events = scene.root.audit("infrastructure=test").await;
        let last = &events[events.len() - 1]["data"];
        assert_eq!((&last["answer"]["verdict"], &last["answer"]["reasons"][0]["status"]), (&json!("allow"), &json!("not_started")));
        // A version in test is in no production step.
        let step = &scene.scientist.get(&version.path).await.ok()["governance"]["step"];
        assert_eq!(step, "development");
    }
}

/// Tells the whole story.
pub async fn tell(scene: &Scene) {
    let version = register(scene).await;
    denied_before_the_review(scene, &version).await;
    reviewed(scene, &version).await;
    deployed(scene, &version).await;
    told_again(scene, &version).await;
}

/// The types of these events.
pub fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

async fn register(scene: &Scene) -> Version {
    let models = example_models();
    let files: Vec<_> = models.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let fields = json!({"metrics": {"auc": 0.993}, "params": {"C": "1.0"}, "tags": {"data": "wdbc"}, "notes": "First try."});
    let version = scene.version_of(&files, fields).await;
    assert_eq!(version.name, "diagnosis/tumour:1");
    let shown = scene.scientist.get(&version.path).await.ok();
    assert_eq!((&shown["files"], &shown["fields"]["metrics"]["auc"]), (&json!(3), &json!(0.993)));
    assert_eq!((&shown["governance"]["step"], &shown["governance"]["status"]), (&json!("development"), &json!("not_started")));
    version
}

async fn denied_before_the_review(scene: &Scene, version: &Version) {
    let answer = scene.operator.gate("production", version).await.ok();
    assert_eq!((&answer["verdict"], &answer["pending"]), (&json!("deny"), &json!(false)));
    let problem = scene.operator.deploy("production/tumour", version).await.refused_helpfully(403, "denied_by_policy");
    assert_eq!(problem["state"], "not_started");
    assert_eq!(problem["missing"], "a review, and its final approval");
    assert_eq!(problem["link"], "https://countersign.example/projects/diagnosis/models/tumour/versions/1");
    assert_eq!(problem["answer"]["reasons"][0]["version"], version.name);
}

async fn reviewed(scene: &Scene, version: &Version) {
    let review = scene.scientist.command(version, "request", json!({"notify": "all"})).await.ok();
    assert_eq!((&review["status"], &review["already_done"]), (&json!("waiting_for_feedback"), &json!(false)));
    let again = scene.scientist.command(version, "request", json!({"notify": "all"})).await.ok();
    assert_eq!(again["already_done"], true);

    scene.itops.feedback(version, IT, "approve").await.ok();
    scene.riskofficer.feedback(version, RISK, "minor_issue").await.ok();
    let review = scene.business.feedback(version, BUSINESS, "major_issue").await.ok();
    let answers: Vec<_> = (0..3).map(|slot| review["slots"][slot]["answers"][0]["verdict"].clone()).collect();
    assert_eq!(answers, ["approve", "minor_issue", "major_issue"]);
    assert_eq!(
        review["slots"][1]["answers"][0]["path"]["container"]["kind"], "group",
        "entitled by the group: {}",
        review["slots"][1]
    );
    let open = scene.approver.get(&version.path).await.ok();
    assert_eq!((&open["governance"]["open_issues"], &open["governance"]["step"]), (&json!(2), &json!("review")));

    // Withdrawn and given again: one current answer, and the record keeps all.
    let withdrawn = scene.business.delete(&feedback_path(version, "Business")).await.ok();
    assert_eq!(withdrawn["slots"][2]["answers"], json!([]));
    scene.business.feedback(version, BUSINESS, "major_issue").await.ok();

    let review = scene.scientist.command(version, "final", json!({})).await.ok();
    assert_eq!(review["status"], "waiting_for_approval");
    let review = scene.approver.command(version, "back", json!({})).await.ok();
    assert_eq!(review["status"], "waiting_for_feedback");
    scene.scientist.command(version, "final", json!({})).await.ok();

    // Over an open major issue only with a comment.
    let silent = json!({"decision": "approve"});
    scene.approver.command(version, "decision", silent).await.refused_helpfully(422, "invalid");
    let approved = scene.approver.approve(version).await.ok();
    assert_eq!((&approved["status"], &approved["decision"]["by"]), (&json!("approved"), &json!("The approver")));
    assert_eq!(scene.approver.get(&version.path).await.ok()["governance"]["step"], "deployment");
    let answer = scene.operator.gate("production", version).await.ok();
    assert_eq!((&answer["verdict"], &answer["reasons"]), (&json!("allow"), &json!([])));
}

async fn deployed(scene: &Scene, version: &Version) {
    let place = "production/tumour";
    let done = scene.operator.deploy(place, version).await.ok();
    assert_eq!((&done["standing"], &done["revision"]["shares"][0]["weight"]), (&json!("in_policy"), &json!(100)));
    assert_eq!(done["revision"]["shares"][0]["permit"]["kind"], "permit");
    assert_eq!(scene.operator.deploy(place, version).await.ok()["already_done"], true);
    assert_eq!(scene.scientist.get(&version.path).await.ok()["governance"]["step"], "production");

    // Two versions with weights: both need an approval.
    let second = scene.requested().await;
    let shares = json!([{"version": version.name, "weight": 90}, {"version": second.name, "weight": 10}]);
    let problem = scene.operator.deploy_shares(place, shares.clone(), None).await.refused(403, "denied_by_policy");
    assert_eq!(problem["answer"]["reasons"].as_array().unwrap().len(), 1);
    assert_eq!(problem["who_can"], json!(["The approver"]));
    scene.approver.approve(&second).await.ok();
    let done = scene.operator.deploy_shares(place, shares, None).await.ok();
    assert_eq!(weights(&done), [90, 10]);

    // Rolled back to what served before, stopped, and taken up again by number.
    let back = scene.operator.rollback(place, json!({})).await.ok();
    assert_eq!((&back["revision"]["kind"], weights(&back)), (&json!("rollback"), vec![100]));
    let stopped = scene.operator.stop(place).await.ok();
    assert_eq!((&stopped["standing"], &stopped["revision"]["number"]), (&json!("stopped"), &json!(4)));
    assert_eq!(scene.operator.stop(place).await.ok()["already_done"], true);
    let back = scene.operator.rollback(place, json!({"to": 2})).await.ok();
    assert_eq!((&back["revision"]["number"], weights(&back)), (&json!(5), vec![90, 10]));
    let history = scene.operator.deployment(place).await["history"].as_array().unwrap().len();
    assert_eq!(history, 5);
}

fn weights(deployment: &Value) -> Vec<u64> {
    deployment["revision"]["shares"].as_array().unwrap().iter().map(|share| share["weight"].as_u64().unwrap()).collect()
}

async fn told_again(scene: &Scene, version: &Version) {
    let auditor: &Client = &scene.root;
    let events = auditor.audit(&format!("version={}", version.name)).await;
    let expected = [
        "version.created",
        "deployment.refused",
        "review.requested",
        "feedback.given",
        "feedback.given",
        "feedback.given",
        "feedback.withdrawn",
        "feedback.given",
        "review.final_approval_requested",
        "review.returned_to_feedback",
        "review.final_approval_requested",
        "review.approved",
        "deployment.revised",
        "deployment.shared",
        "deployment.shared",
        "deployment.revised",
        "deployment.shared",
    ];
    assert_eq!(kinds(&events), expected);
    assert!(events.iter().all(|event| event["about"] == version.name.as_str()));
    assert_eq!(events[11]["actor"], "approver");
    assert_eq!(events[11]["data"]["approval"]["model_digest"], version.digest.as_str());
    assert_eq!(events[11]["data"]["answers"].as_array().unwrap().len(), 3, "what was considered is in the event");
    let history = scene.scientist.get(&format!("{}/review/history?limit=200", version.path)).await.ok();
    assert_eq!(history["items"].as_array().unwrap(), &events, "people of the project see their version's part of it");
    let positions: Vec<_> = auditor.audit("").await.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (0..positions.len() as u64).collect::<Vec<_>>(), "no gap");
}

/// The address of one's feedback in a slot.
pub fn feedback_path(version: &Version, slot: &str) -> String {
    let slot = slot.replace(' ', "%20").replace('&', "%26");
    format!("{}/review/feedback?slot={slot}", version.path)
}
