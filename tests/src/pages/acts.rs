//! The pages of what one does to a review beside answering and deciding: each says what would follow, does it with its reason, and
//! keeps what was typed.

use super::version::{done, tag};
use domain::Duration;
use serde_json::json;
use testkit::{BUSINESS, Browser, PASSWORD, Reply, Scene, TestServer, Version, both};

/// Opens the page of an act and sends its form.
async fn act(browser: &Browser, version: &Version, act: &str, fields: &[(&str, &str)]) -> Reply {
    let page = format!("{}/{act}", version.path);
    let tag = tag(&browser.get(&page).await.text());
    let fields: Vec<_> = fields.iter().copied().chain([("if_match", tag.as_str())]).collect();
    browser.post(&page, &fields).await
}

#[track_caller]
fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
}

both! {
    async fn revoking_names_what_runs_and_needs_a_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.root.put("/infrastructures/production/members/manager", json!({"role": "viewer"})).await.ok();
        let manager = server.browser_of("manager").await;
        has(&manager.get(&version.path).await.text(), &["Revoke the approval of v1 …", &format!("{}/revoke", version.path)]);
        let page = manager.get(&format!("{}/revoke", version.path)).await.text();
        has(&page, &["production/tumour", "serves out of policy until its permit ends", "The approval of round 1 ends at once", "countersign revoke"]);
        assert!(!page.contains(r#"name="password""#), "{page}");

        let before = server.log_size().await;
        let silent = act(&manager, &version, "revoke", &[("comment", " ")]).await;
        assert!(silent.status == 422 || silent.status == 409, "{}: {}", silent.status, silent.text());
        has(&silent.text(), &["<title>Error: Revoke the approval of v1", "needs a comment"]);
        server.clock.advance(Duration::from_seconds(16 * 60));
        let reason = ("comment", "A fault in the <b>labels</b>.");
        let alone = act(&manager, &version, "revoke", &[reason]).await;
        assert_eq!(alone.status, 403, "{}", alone.text());
        has(&alone.text(), &["A fault in the &#60;b&#62;labels", r#"name="password""#]);
        assert_eq!(server.log_size().await, before);

        done(&act(&manager, &version, "revoke", &[reason, ("password", PASSWORD)]).await, &version);
        has(&manager.get(&version.path).await.text(), &["You revoked the approval of tumour v1.", "Revoked", "A fault in the &#60;b&#62;labels"]);
        let services = scene.operator.get("/infrastructures/production/deployments/tumour").await.ok();
        assert_eq!(services["revision"]["shares"][0]["standing"], "out_of_policy", "{services}");
        let late = manager.get(&format!("{}/revoke", version.path)).await.text();
        assert!(late.contains(r#"class="barred""#) && !late.contains("<textarea"), "{late}");
    }

    async fn a_round_is_reset_renewed_and_delegated_by_forms(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let (manager, scientist) = (server.browser_of("manager").await, server.browser_of("scientist").await);
        has(&scientist.get(&format!("{}/renew", version.path)).await.text(), &["Round 2 opens, and the approval of round 1 goes on until round 2 is decided."]);
        done(&act(&scientist, &version, "renew", &[("notify", "none")]).await, &version);
        has(&scientist.get(&version.path).await.text(), &["You requested a renewal of tumour v1.", "Waiting for feedback"]);

        server.person("deputy").await;
        let business = server.browser_of("business").await;
        let page = business.get(&format!("{}/delegate", version.path)).await.text();
        has(&page, &["feedback in Business", r#"<option value="deputy">The deputy</option>"#]);
        let nobody = act(&business, &version, "delegate", &[("slot", BUSINESS), ("to", "nobody-here"), ("until", "30d")]).await;
        assert!([404, 422].contains(&nobody.status), "{}: {}", nobody.status, nobody.text());
        done(&act(&business, &version, "delegate", &[("slot", BUSINESS), ("to", "deputy"), ("until", "30d")]).await, &version);
        let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
        assert_eq!((&review["delegations"][0]["slot"], &review["delegations"][0]["to"]), (&json!(BUSINESS), &json!("The deputy")));

        scene.set_reviewers(&["user:approver", "user:deputy"]).await;
        done(&act(&manager, &version, "reload-reviewers", &[("comment", "The list was old.")]).await, &version);
        done(&act(&manager, &version, "abandon", &[("comment", "Too early.")]).await, &version);
        let review = scene.root.get(&format!("{}/review?round=1", version.path)).await.ok();
        assert_eq!(review["status"], "approved", "an abandoned renewal changes nothing");

        let silent = act(&manager, &version, "reset", &[]).await;
        assert!(silent.text().contains("needs a comment"), "{}", silent.text());
        done(&act(&manager, &version, "reset", &[("comment", "Measured wrongly."), ("reload", "1")]).await, &version);
        let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
        assert_eq!((&review["status"], &review["round"]), (&json!("not_started"), &json!(3)));
    }

    async fn an_abandon_is_cancelled_and_a_version_retired_and_taken_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let manager = server.browser_of("manager").await;
        done(&act(&manager, &version, "abandon", &[("comment", "Wrong data.")]).await, &version);
        has(&manager.get(&version.path).await.text(), &["You abandoned the review of tumour v1.", "Locked", "Cancel the abandon of v1 …"]);
        done(&act(&manager, &version, "cancel-abandon", &[]).await, &version);
        let status = async || scene.root.get(&format!("{}/review", version.path)).await.ok()["status"].clone();
        assert_eq!(status().await, "waiting_for_approval");
        done(&act(&manager, &version, "abandon", &[("comment", "Wrong data.")]).await, &version);
        done(&act(&manager, &version, "retire", &[("comment", "Superseded.")]).await, &version);
        has(&manager.get(&version.path).await.text(), &["Retired", "Take v1 back …"]);
        done(&act(&manager, &version, "restore", &[("comment", "Needed after all.")]).await, &version);
        assert!(!manager.get(&version.path).await.text().contains("badge is-off lg\">Retired"));
    }

    async fn who_may_not_reads_why_and_a_late_form_keeps_its_text(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let (scientist, manager) = (server.browser_of("scientist").await, server.browser_of("manager").await);
        let (outside, approver) = (server.browser_of("operator").await, server.browser_of("approver").await);
        let before = server.log_size().await;
        for name in ["revoke", "reset", "retire", "delegate", "abandon", "cancel-abandon", "reload-reviewers", "restore"] {
            let page = scientist.get(&format!("{}/{name}", version.path)).await;
            let text = page.text();
            assert!(page.status == 200 && text.contains(r#"class="barred""#) && !text.contains("<textarea"), "{name}: {text}");
            let tag = scene.root.etag(&format!("{}/review", version.path)).await;
            let fields = [("comment", "Because."), ("if_match", tag.trim_matches('"')), ("to", "scientist")];
            let forced = scientist.post(&format!("{}/{name}", version.path), &fields).await;
            assert!([403, 409, 422].contains(&forced.status), "{name}: {} {}", forced.status, forced.text());
            assert_eq!(outside.get(&format!("{}/{name}", version.path)).await.status, 404);
        }
        assert_eq!(server.log_size().await, before);

        let seen = tag(&manager.get(&format!("{}/revoke", version.path)).await.text());
        done(&act(&approver, &version, "revoke", &[("comment", "Mine.")]).await, &version);
        let before = server.log_size().await;
        let late = manager.post(&format!("{}/revoke", version.path), &[("comment", "My long text"), ("if_match", &seen)]).await;
        assert!([409, 412].contains(&late.status), "{}: {}", late.status, late.text());
        has(&late.text(), &["Changed while you wrote", "The approver revoked the approval", "My long text"]);
        assert_eq!(server.log_size().await, before);
    }
}
