//! What the API tells of an infrastructure beside its policy: what another policy would do today, the policies that it had, and the answers of its
//! gate.

use serde_json::{Value, json};
use testkit::{Scene, TestServer, both};

fn outcomes(log: &Value) -> Vec<&str> {
    log["items"].as_array().unwrap().iter().map(|entry| entry["outcome"].as_str().unwrap()).collect()
}

both! {
    async fn a_preview_names_the_services_whose_standing_would_change(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (approved, open) = (scene.approved().await, scene.version().await);
        scene.operator.deploy("test/kept", &approved).await.ok();
        scene.operator.deploy("test/tumour", &open).await.ok();
        let path = "/infrastructures/test/policy/preview";
        let before = server.log_size().await;
        let preview = scene.root.post(path, json!({"policy": "prevent", "on_lapse": "disable"})).await.ok();
        let expected = json!({"weakens": false, "changes": [{"service": "tumour", "version": open.name, "now": "in_policy", "then": "disabled"}]});
        assert_eq!(preview, expected);
        let stricter = scene.root.post(path, json!({"policy": "allow", "independent_approval": true, "projects": ["diagnosis"]})).await.ok();
        assert_eq!(stricter, json!({"weakens": false, "changes": []}));
        scene.root.post(path, json!({"policy": "prevent", "projects": ["none-such"]})).await.refused(404, "not_found");
        scene.operator.post(path, json!({"policy": "prevent"})).await.refused(403, "forbidden");
        assert_eq!(server.log_size().await, before);
    }

    async fn the_policies_stand_in_their_order_with_their_reasons(server: &TestServer) {
        let scene = Scene::set(server).await;
        let change = json!({"policy": "warn", "reason": "The fix cannot wait."});
        let tag = scene.root.etag("/infrastructures/production").await;
        let request = scene.root.request(reqwest::Method::PUT, "/infrastructures/production/policy");
        request.header("if-match", &tag).json(&change).send().await.ok();
        let list = scene.operator.get("/infrastructures/production/policies").await.ok();
        let [now, first] = list["items"].as_array().unwrap().as_slice() else { panic!("two policies: {list}") };
        assert_eq!((&now["policy"], &now["weakened"], &now["reason"]), (&json!("warn"), &json!(true), &json!("The fix cannot wait.")));
        assert_eq!((&first["policy"], &first["until"], &now["until"]), (&json!("prevent"), &now["since"], &Value::Null));
    }

    async fn the_gate_log_tells_each_answer_with_its_outcome(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (approved, open) = (scene.approved().await, scene.requested().await);
        let shares = json!([{"version": open.name}]);
        scene.operator.deploy("production/tumour", &approved).await.ok();
        scene.operator.deploy("production/tumour", &open).await.refused(403, "denied_by_policy");
        scene.operator.stop("production/tumour").await.ok();
        scene.operator.deploy("staging/tumour", &open).await.refused(409, "not_acknowledged");
        scene.operator.deploy_shares("staging/tumour", shares, Some("Load test.")).await.ok();
        scene.operator.deploy("test/tumour", &open).await.ok();
        let log = async |place: &str| scene.operator.get(&format!("/infrastructures/{place}/gate-log")).await.ok();
        let production = log("production").await;
        assert_eq!(outcomes(&production), ["stopped", "denied", "allowed"]);
        let denied = &production["items"][1];
        assert_eq!((&denied["versions"], &denied["missing"], &denied["by"]), (&json!([open.name]), &json!(["the final approval"]), &json!("The operator")));
        let staging = log("staging").await;
        assert_eq!(outcomes(&staging), ["acknowledged", "warned"]);
        assert_eq!(staging["items"][0]["reason"], "Load test.");
        assert_eq!(outcomes(&log("test").await), ["allowed_unapproved"]);
        let first = scene.operator.get("/infrastructures/production/gate-log?limit=2").await.ok();
        let next = first["next"].as_str().unwrap();
        let rest = scene.operator.get(&format!("/infrastructures/production/gate-log?before={next}")).await.ok();
        assert_eq!((outcomes(&first), outcomes(&rest)), (vec!["stopped", "denied"], vec!["allowed"]));
        scene.scientist.get("/infrastructures/production/gate-log").await.refused(403, "forbidden");
    }
}
