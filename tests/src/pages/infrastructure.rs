//! The page of an infrastructure: what is out of policy, its policy and what another one would do, its members and the gate's answers.

use serde_json::json;
use testkit::{Scene, TestServer, both};

const PAGE: &str = "/infrastructures/test";

/// The value of a hidden field.
fn tag(page: &str) -> String {
    let rest = page.split(r#"name="if_match" value=""#).nth(1);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no form: {page}")).to_owned()
}

both! {
    async fn what_is_out_of_policy_comes_first_with_the_ways_out(server: &TestServer) {
        let scene = Scene::set(server).await;
        let operator = server.browser_of("operator").await;
        let empty = operator.get(PAGE).await.text();
        for part in ["Nothing is in service here.", "The gate was not asked yet.", "No node has reported.", "countersign node"] {
            assert!(empty.contains(part), "{part}: {empty}");
        }
        let version = scene.approved().await;
        scene.operator.deploy("test/tumour", &version).await.ok();
        scene.operator.deploy("production/tumour", &scene.version().await).await.refused(403, "denied_by_policy");
        let page = operator.get(PAGE).await.text();
        for part in ["seal sm in-force", ">v1 ", "approved", "In policy", "revision 1", "The operator", "Allowed"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("call out"), "{page}");
        let denied = operator.get("/infrastructures/production").await.text();
        assert!(denied.contains("Denied") && denied.contains("missing: <bdi>a review, and its final approval"), "{denied}");
        scene.approver.command(&version, "revoke", json!({"comment": "<b>Drift</b>"})).await.ok();
        let page = operator.get(PAGE).await.text();
        for part in ["1 service is out of policy", "Roll back", "#stop", "&#60;b&#62;Drift&#60;/b&#62;", "seal sm voided", "serves until its permit ends"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("Open the sign-off of"), "the operator does not see the project: {page}");
        let root = server.browser_of("root").await.get(PAGE).await.text();
        assert!(root.contains("Open the sign-off of v1") && root.contains(&version.path), "{root}");

        let scientist = server.browser_of("scientist").await.get(PAGE).await.text();
        assert!(scientist.contains("You cannot see what runs on test") && scientist.contains("Allow."), "{scientist}");
        for hidden in ["Gate log", "The operator", "Earlier policies", "<form class=\"flow-s picks\""] {
            assert!(!scientist.contains(hidden), "{hidden}: {scientist}");
        }
    }

    async fn an_admin_sees_what_a_policy_would_do_and_changes_it_with_a_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.operator.deploy("test/tumour", &scene.version().await).await.ok();
        let root = server.browser_of("root").await;
        let page = root.get(PAGE).await.text();
        assert!(page.contains("Today tumour v1 would be out of policy."), "{page}");
        assert!(page.contains(r#"name="policy" value="allow" data-now checked"#), "{page}");
        let seen = tag(&page);
        let post = async |fields: &[(&str, &str)]| root.post(&format!("{PAGE}/policy"), fields).await;
        let chosen = [("policy", "prevent"), ("on_lapse", "disable"), ("if_match", seen.as_str())];
        let before = server.log_size().await;
        let tried = post(&[&[("go", "again")][..], &chosen, &[("reason", "Because <i>"), ("go", "change")]].concat()).await;
        let text = tried.text();
        assert!(tried.status == 200 && text.contains("tumour v1 would stop within seconds.") && text.contains("Because &#60;i&#62;"), "{text}");
        let blank = post(&[&chosen[..], &[("reason", "  "), ("go", "change")]].concat()).await;
        assert!(blank.status == 422 && blank.text().contains(r#"value="prevent" checked"#), "{}: {}", blank.status, blank.text());
        assert_eq!(server.log_size().await, before);
        let done = post(&[&chosen[..], &[("reason", "Audit finding."), ("go", "change")]].concat()).await;
        assert_eq!((done.status, done.header("location")), (303, PAGE), "{}", done.text());
        let page = root.get(PAGE).await.text();
        for part in ["The policy of test is prevent now.", "Audit finding.", "Taken out of service", "This lets more through"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let late = post(&[&[("policy", "warn"), ("if_match", seen.as_str())][..], &[("reason", "My long text"), ("go", "change")]].concat()).await;
        assert_eq!(late.status, 409, "{}", late.text());
        assert!(late.text().contains("changed while you wrote") && late.text().contains("My long text"), "{}", late.text());
        let weaker = [("policy", "warn"), ("on_lapse", "report"), ("reason", "The fix cannot wait."), ("go", "change")];
        let now = tag(&root.get(PAGE).await.text());
        assert_eq!(post(&[&weaker[..], &[("if_match", now.as_str())]].concat()).await.status, 303);
        let page = root.get(PAGE).await.text();
        assert!(page.contains("weakened") && page.contains("The fix cannot wait."), "{page}");
        let refused = server.browser_of("operator").await;
        assert!(refused.get(PAGE).await.text().contains("You cannot change the policy"));
        assert_eq!(refused.post(&format!("{PAGE}/policy"), &weaker).await.status, 403);
        assert_eq!(root.get(&format!("{PAGE}/policy")).await.header("location"), PAGE);
    }

    async fn which_approvals_count_and_who_has_a_role(server: &TestServer) {
        let scene = Scene::set(server).await;
        let root = server.browser_of("root").await;
        let seen = tag(&root.get(PAGE).await.text());
        let accepts = [("policy", "allow"), ("if_match", seen.as_str()), ("reason", "Only reviewed work."), ("go", "change")];
        let unknown = root.post(&format!("{PAGE}/accepts"), &[&accepts[..], &[("projects", "diagnosis, none-such")]].concat()).await;
        assert!(unknown.status == 422 && unknown.text().contains("diagnosis, none-such"), "{}: {}", unknown.status, unknown.text());
        let done = root.post(&format!("{PAGE}/accepts"), &[&accepts[..], &[("projects", "diagnosis"), ("independent", "1")]].concat()).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let scientist = server.browser_of("scientist").await.get(PAGE).await.text();
        assert!(scientist.contains("Approvals of diagnosis count, by somebody who was neither author nor requester"), "{scientist}");

        let members = format!("{PAGE}/members");
        assert_eq!(root.post(&members, &[("member", "scientist"), ("role", "viewer"), ("go", "set")]).await.status, 303);
        let page = root.get(PAGE).await.text();
        assert!(page.contains("scientist is viewer of test now."), "{page}");
        assert!(page.contains(r#"<bdi>The scientist</bdi><span class="sub mono">user:scientist</span>"#), "{page}");
        root.post(&members, &[("member", "group:risk"), ("role", "viewer"), ("go", "set")]).await;
        let said = scene.root.get(PAGE).await.ok();
        let named = json!([
            {"member": "group:risk", "role": "viewer"},
            {"member": "user:operator", "display_name": "The operator", "role": "deployer"},
            {"member": "user:root", "display_name": "root", "role": "admin"},
            {"member": "user:scientist", "display_name": "The scientist", "role": "viewer"},
        ]);
        assert_eq!(said["members"], named);
        assert!(server.browser_of("scientist").await.get(PAGE).await.text().contains("Gate log"));
        let nobody = root.post(&members, &[("member", "nobody"), ("role", "viewer"), ("go", "set")]).await;
        assert!(nobody.status == 422 && nobody.text().contains(r#"value="nobody""#), "{}: {}", nobody.status, nobody.text());
        let last = root.post(&members, &[("remove", "user:root")]).await;
        assert!(last.status == 409 && last.text().contains("This is the last admin"), "{}: {}", last.status, last.text());
        assert_eq!(root.post(&members, &[("remove", "user:scientist")]).await.status, 303);
        assert!(!server.browser_of("scientist").await.get(PAGE).await.text().contains("Gate log"));
        assert_eq!(root.get("/infrastructures/none-such").await.status, 404);
    }
}
