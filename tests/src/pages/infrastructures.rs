//! The pages of infrastructures.

use testkit::{Scene, TestServer, both};

const PAGE: &str = "/infrastructures";

both! {
    async fn everybody_sees_the_policies_and_viewers_see_what_is_out_of_policy(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (kept, lapsed) = (scene.approved().await, scene.approved().await);
        scene.operator.deploy("production/kept", &kept).await.ok();
        scene.operator.deploy("test/tumour", &lapsed).await.ok();
        let operator = server.browser_of("operator").await;
        let page = operator.get(PAGE).await.text();
        assert!(page.contains("1 service") && !page.contains("out of policy</span></span></a>"), "{page}");
        scene.approver.revoke(&lapsed).await.ok();
        let page = operator.get(PAGE).await.text();
        for part in [r#"<span class="count alarm""#, "1<span class=\"vh\"> deployment out of policy", r#"class="alarm""#] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let place = |name: &str| page.find(&format!("{PAGE}/{name}")).unwrap_or_else(|| panic!("no {name}: {page}"));
        assert!(place("test") < place("production") && place("production") < place("staging"), "out of policy first: {page}");
        assert!(operator.get("/").await.text().contains("deployment out of policy"), "on every page");
        scene.operator.stop("test/tumour").await.ok();
        assert!(!operator.get(PAGE).await.text().contains("count alarm"));

        let scientist = server.browser_of("scientist").await.get(PAGE).await.text();
        for part in ["Prevent", "Warn", "Allow", "not yours to see", "administrators can"] {
            assert!(scientist.contains(part), "{part}: {scientist}");
        }
        assert!(!scientist.contains("1 service") && !scientist.contains("count alarm"), "{scientist}");
    }

    async fn the_count_follows_the_end_of_an_approval(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let body = serde_json::json!({"decision": "approve", "comment": "For a while.", "valid_for": "1h"});
        scene.approver.command(&version, "decision", body).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        let operator = server.browser_of("operator").await;
        assert!(!operator.get(PAGE).await.text().contains("count alarm"));
        server.clock.advance(domain::Duration::from_seconds(3601));
        assert!(operator.get(PAGE).await.text().contains("1<span class=\"vh\"> deployment out of policy"), "no event says so yet");
    }

    async fn an_administrator_creates_one_and_must_choose_its_policy(server: &TestServer) {
        Scene::set(server).await;
        let root = server.browser_of("root").await;
        assert!(root.get(PAGE).await.text().contains("Create the infrastructure"));
        let before = server.log_size().await;
        let fields = [("name", "lab"), ("stage", "development"), ("go", "create")];
        let without = root.post(PAGE, &fields).await;
        let text = without.text();
        assert_eq!(without.status, 422, "{text}");
        for part in ["Choose one of the three.", "<title>Error: ", r#"value="lab""#] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let with = |more: &[(&'static str, &'static str)]| [&fields[..], more].concat();
        for (wrong, part) in [
            (with(&[("policy", "sometimes")]), "aria-describedby=\"n-policy-e\""),
            (with(&[("policy", "warn"), ("permit_valid_for", "soon")]), r#"value="soon""#),
            (with(&[("policy", "warn"), ("projects", "diagnosis, nothing-such")]), "nothing-such"),
            (with(&[("policy", "warn"), ("permit_valid_for", "1s")]), "A permit lasts from"),
        ] {
            let reply = root.post(PAGE, &wrong).await;
            assert!(reply.status == 422 && reply.text().contains(part), "{wrong:?}: {}: {}", reply.status, reply.text());
        }
        let bad = root.post(PAGE, &[("name", "<b>Lab</b>"), ("stage", "x"), ("policy", "warn"), ("go", "create")]).await;
        assert!(bad.status == 422 && bad.text().contains("&#60;b&#62;Lab"), "{}", bad.text());
        let again = root.post(PAGE, &[("go", "again"), ("name", "lab"), ("go", "create"), ("policy", "warn"), ("stage", "x")]).await;
        assert!(again.status == 200 && again.text().contains(r#"value="lab""#), "the first button counts: {}", again.text());
        assert_eq!(server.log_size().await, before);

        let made = root.post(PAGE, &with(&[("policy", "warn"), ("projects", "diagnosis"), ("on_lapse", "disable")])).await;
        assert_eq!((made.status, made.header("location")), (303, "/infrastructures/lab"), "{}", made.text());
        let twice = root.post(PAGE, &with(&[("policy", "warn")])).await;
        assert!(twice.status == 422 && twice.text().contains("There is an infrastructure “lab” already"), "{}", twice.text());
        let scientist = server.browser_of("scientist").await;
        assert_eq!(scientist.post(PAGE, &with(&[("policy", "allow")])).await.status, 403);
    }
}
