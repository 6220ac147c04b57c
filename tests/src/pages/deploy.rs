//! Deploying in a browser: allowed, denied, warned with a reason; twice, too late, with wrong weights; and the page of a service.

use serde_json::json;
use testkit::{Browser, Reply, Scene, TestServer, Version, both};

fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {name}: {page}")).to_owned()
}

fn form(place: &str) -> String {
    let (infrastructure, service) = place.split_once('/').unwrap();
    format!("/infrastructures/{infrastructure}/services/{service}/deploy")
}

fn page(place: &str) -> String {
    form(place).trim_end_matches("/deploy").to_owned()
}

/// Opens the form and sends it with these weights.
async fn send(browser: &Browser, place: &str, weights: &[(&Version, &str)], more: &[(&str, &str)]) -> Reply {
    let opened = browser.get(&format!("{}?version={}", form(place), weights[0].0.name)).await;
    let tag = hidden(&opened.text(), "if_match");
    let shares = weights.iter().flat_map(|(version, weight)| [("version", version.name.as_str()), ("weight", *weight)]);
    let fields: Vec<_> = shares.chain([("if_match", tag.as_str()), ("go", "deploy")]).chain(more.iter().copied()).collect();
    browser.post(&form(place), &fields).await
}

#[track_caller]
fn done(reply: &Reply, place: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, page(place).as_str()), "{}", reply.text());
}

both! {
    async fn an_approved_version_is_deployed_and_a_second_press_of_the_button_does_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let operator = server.browser_of("operator").await;
        let place = "production/tumour";
        let choose = operator.get(&format!("/infrastructures/production/deploy?version={}", first.name)).await.text();
        assert!(choose.contains(r#"name="service" value="tumour""#), "the model's name is offered: {choose}");
        let next = operator.get(&format!("/infrastructures/production/deploy?go=next&service=tumour&version={}", first.name)).await;
        assert_eq!((next.status, next.header("location")), (303, format!("{}?version={}", form(place), first.name).as_str()));
        let opened = operator.get(&format!("{}?version={}", form(place), first.name)).await.text();
        for part in ["Deploy tumour v1 to production", "The gate would allow it.", "in force", r#"value="100""#, "countersign deploy production/tumour diagnosis/tumour:1"] {
            assert!(opened.contains(part), "{part}: {opened}");
        }
        done(&send(&operator, place, &[(&first, "100")], &[]).await, place);
        let both = operator.get(&format!("{}?version={}", form(place), second.name)).await.text();
        assert!(both.contains("Percent for v1") && both.contains("revision 2 would be next"), "{both}");
        let tag = hidden(&both, "if_match");
        let shares = [("version", second.name.as_str()), ("weight", "10"), ("version", first.name.as_str()), ("weight", "90 %"), ("go", "deploy"), ("if_match", tag.as_str())];
        done(&operator.post(&form(place), &shares).await, place);
        let before = server.log_size().await;
        done(&operator.post(&form(place), &shares).await, place);
        assert_eq!(server.log_size().await, before, "a second press changes nothing");
        let shown = operator.get(&page(place)).await.text();
        for part in ["That was done before. tumour serves v2 10 %, v1 90 %: revision 2.", "seal sm in-force", "Roll back to revision 1", "Stop tumour on production", "In policy"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(scene.operator.deployment(place).await["revision"]["number"], 2);
    }

    async fn a_denial_says_what_is_missing_who_can_act_and_where_the_version_may_go(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (approved, open) = (scene.approved().await, scene.requested().await);
        let operator = server.browser_of("operator").await;
        let place = "production/tumour";
        done(&send(&operator, place, &[(&approved, "100")], &[]).await, place);
        let opened = operator.get(&format!("{}?version={}", form(place), open.name)).await.text();
        assert!(opened.contains("The gate would deny it: v2 lacks the final approval."), "{opened}");
        let denied = send(&operator, place, &[(&open, "100")], &[]).await;
        let text = denied.text();
        assert_eq!(denied.status, 403, "{text}");
        for part in [
            r#"role="alert""#, "production prevents this deployment", "Nothing has changed: v1 goes on serving.", "Waiting for final approval",
            "the final approval", "The approver", "Where v2 may go today", "Would warn", "/infrastructures/test/deploy?version=diagnosis/tumour:2",
            "v2, 100 %", "v1, 100 %", "exit code 3", "at position",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(&format!("href=\"{}\"", open.path)), "the operator does not see the project: {text}");
        assert_eq!(scene.operator.deployment(place).await["revision"]["number"], 1);
        scene.root.put("/projects/diagnosis/members/operator", json!({"role": "reader"})).await.ok();
        let reader = send(&operator, place, &[(&open, "100")], &[]).await.text();
        assert!(reader.contains("Open the sign-off of v2") && reader.contains("Feedback so far"), "{reader}");
    }

    async fn a_warning_asks_why_and_keeps_the_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let open = scene.requested().await;
        let operator = server.browser_of("operator").await;
        let place = "staging/tumour";
        let warned = send(&operator, place, &[(&open, "100")], &[]).await;
        let text = warned.text();
        assert_eq!(warned.status, 200, "{text}");
        for part in ["Do you really want to deploy tumour v1 without an approval?", "Why go on?", "Yes, deploy v1 unapproved", "No, leave it as it is", "acknowledged, by you", "exit code 4"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let (tag, version) = (hidden(&text, "if_match"), hidden(&text, "version"));
        let fields = [("if_match", tag.as_str()), ("version", version.as_str()), ("weight", "100"), ("go", "deploy")];
        let blank = operator.post(&form(place), &[&fields[..], &[("acknowledge", "  ")]].concat()).await;
        assert!(blank.status == 422 && blank.text().contains("<title>Error: ") && blank.text().contains("Say why you go on"), "{}", blank.text());
        let reason = "Load test, no patients. <script>alert(1)</script>\u{202e}";
        let with = [&fields[..], &[("acknowledge", reason)]].concat();
        done(&operator.post(&form(place), &with).await, place);
        done(&operator.post(&form(place), &with).await, place);
        let shown = operator.get(&page(place)).await.text();
        assert!(shown.contains("Load test, no patients. &#60;script&#62;") && shown.contains("acknowledged, with a reason"), "{shown}");
        assert!(!shown.contains("<script>alert"), "{shown}");
        let log = operator.get("/infrastructures/staging").await.text();
        assert!(log.contains("Warned, acknowledged") && log.contains("Load test"), "{log}");
        let deployment = scene.operator.deployment(place).await;
        assert_eq!((&deployment["revision"]["number"], &deployment["revision"]["acknowledgement"]), (&json!(1), &json!(reason)));
    }

    async fn what_was_typed_is_kept(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let operator = server.browser_of("operator").await;
        let place = "staging/tumour";
        for (weights, part) in [
            ([(&first, "60"), (&second, "50")], "The weights add up to 110, not to 100."),
            ([(&first, "lots"), (&second, "50")], "“lots” is no weight"),
            ([(&first, "0"), (&second, "")], "Name at least one version."),
        ] {
            let reply = send(&operator, place, &weights, &[]).await;
            let text = reply.text();
            assert!(reply.status == 422 && text.contains(part) && text.contains("<title>Error: "), "{part}: {}: {text}", reply.status);
            assert!(text.contains(&format!(r#"name="weight" inputmode="numeric" autocomplete="off" value="{}""#, weights[0].1)), "{text}");
        }
        let again = operator.post(&form(place), &[("go", "again"), ("version", &first.name), ("weight", "40"), ("go", "deploy")]).await;
        assert!(again.status == 200 && again.text().contains(r#"value="40""#), "the first button counts: {}", again.text());
        let added = operator.post(&form(place), &[("version", &first.name), ("weight", "40"), ("more", &second.name), ("go", "add")]).await.text();
        assert!(added.contains("Percent for v2"), "{added}");
        let strange = operator.post(&form(place), &[("version", &first.name), ("weight", "40"), ("more", "<b>v9"), ("go", "add")]).await;
        assert!(strange.status == 422 && strange.text().contains("&#60;b&#62;v9"), "{}", strange.text());

        let seen = hidden(&operator.get(&format!("{}?version={}", form(place), first.name)).await.text(), "if_match");
        scene.operator.deploy(place, &second).await.ok();
        scene.operator.deploy(place, &first).await.ok();
        let before = server.log_size().await;
        let fields = [("if_match", seen.as_str()), ("version", &second.name), ("weight", "100"), ("acknowledge", "My long reason"), ("go", "deploy")];
        let late = operator.post(&form(place), &fields).await;
        let text = late.text();
        assert_eq!(late.status, 409, "{text}");
        for part in ["Changed while you wrote", "The operator made revision 2", "My long reason", "Percent for v2"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(server.log_size().await, before);
        for (path, part) in [
            (format!("{}?version=nonsense", form(place)), "Write the version as PROJECT/MODEL:NUMBER."),
            (format!("{}?version=diagnosis/tumour:99", form(place)), "There is no version"),
            ("/infrastructures/staging/deploy?go=next&service=A%20B&version=x".to_owned(), "value=\"A B\""),
        ] {
            let reply = operator.get(&path).await;
            assert!(reply.status == 422 && reply.text().contains(part), "{path}: {}: {}", reply.status, reply.text());
        }
    }

    async fn a_service_is_rolled_back_and_stopped_through_the_gate(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let place = "staging/tumour";
        scene.operator.deploy(place, &first).await.ok();
        scene.operator.deploy(place, &second).await.ok();
        let operator = server.browser_of("operator").await;
        let tag = hidden(&operator.get(&page(place)).await.text(), "if_match");
        let back = [("to", "1"), ("if_match", tag.as_str())];
        let roll_back = format!("{}/rollback", page(place));
        done(&operator.post(&roll_back, &back).await, place);
        done(&operator.post(&roll_back, &back).await, place);
        assert!(operator.get(&page(place)).await.text().contains("tumour serves again what revision 1 served: revision 3."));
        scene.approver.revoke(&second).await.ok();
        let tag = hidden(&operator.get(&page(place)).await.text(), "if_match");
        let asked = operator.post(&roll_back, &[("to", "2"), ("if_match", &tag)]).await;
        assert!(asked.status == 200 && asked.text().contains("Why go on?") && hidden(&asked.text(), "to") == "2", "{}", asked.text());
        done(&operator.post(&roll_back, &[("to", "2"), ("if_match", &tag), ("acknowledge", "No other way.")]).await, place);
        let stop = format!("{}/stop", page(place));
        let late = operator.post(&stop, &[("if_match", "d1")]).await;
        assert!(late.status == 409 && late.text().contains("The operator made revision 4"), "{}", late.text());
        let tag = hidden(&operator.get(&page(place)).await.text(), "if_match");
        done(&operator.post(&stop, &[("if_match", &tag)]).await, place);
        done(&operator.post(&stop, &[("if_match", &tag)]).await, place);
        let stopped = operator.get(&page(place)).await.text();
        assert!(stopped.contains("Nothing: tumour is stopped.") && stopped.contains("Stopped"), "{stopped}");
        assert_eq!(scene.operator.deployment(place).await["revision"]["number"], 5);
        assert_eq!(operator.get(&stop).await.header("location"), page(place));
    }

    async fn who_may_not_deploy_reads_why(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("staging/tumour", &version).await.ok();
        server.person("viewer").await;
        scene.root.put("/infrastructures/staging/members/viewer", json!({"role": "viewer"})).await.ok();
        let viewer = server.browser_of("viewer").await;
        let shown = viewer.get(&page("staging/tumour")).await.text();
        assert!(shown.contains("You cannot change tumour") && shown.contains("disabled aria-describedby=\"no-stop\""), "{shown}");
        for path in [form("staging/tumour"), "/infrastructures/staging/deploy".to_owned()] {
            assert_eq!(viewer.get(&path).await.status, 403, "{path}");
        }
        assert_eq!(viewer.post(&format!("{}/stop", page("staging/tumour")), &[("if_match", "d1")]).await.status, 403);
        let scientist = server.browser_of("scientist").await;
        assert_eq!(scientist.get(&page("staging/tumour")).await.status, 403);
        let panel = scientist.get(&version.path).await.text();
        for part in ["Deploy v1", "Would allow", "its deployers and admins can"] {
            assert!(panel.contains(part), "{part}: {panel}");
        }
        scene.root.put("/projects/diagnosis/members/operator", json!({"role": "reader"})).await.ok();
        let panel = server.browser_of("operator").await.get(&version.path).await.text();
        assert!(panel.contains("/infrastructures/staging/services/tumour/deploy?version=diagnosis/tumour:1"), "{panel}");
        assert!(panel.contains("/infrastructures/production/deploy?version=diagnosis/tumour:1"), "{panel}");
    }
}
