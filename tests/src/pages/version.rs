//! The page of a version: a review from the request to the decision, by forms alone; and what becomes of a form that comes too late, is
//! incomplete or comes twice.

use domain::Duration;
use serde_json::json;
use testkit::{BUSINESS, Browser, IT, PASSWORD, Reply, Scene, TestServer, Version, both};

/// The tag that the forms of a page bear.
pub(crate) fn tag(page: &str) -> String {
    page.split(r#"name="if_match" value=""#)
        .nth(1)
        .unwrap_or_else(|| panic!("no form: {page}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Opens the page and sends one of its forms.
async fn send(browser: &Browser, version: &Version, form: &str, fields: &[(&str, &str)]) -> Reply {
    let tag = tag(&browser.get(&version.path).await.text());
    let fields: Vec<_> = fields.iter().copied().chain([("if_match", tag.as_str())]).collect();
    browser.post(&format!("{}/{form}", version.path), &fields).await
}

#[track_caller]
pub(super) fn done(reply: &Reply, version: &Version) {
    assert_eq!((reply.status, reply.header("location")), (303, version.path.as_str()), "{}", reply.text());
}

const APPROVE: [(&str, &str); 3] = [("decision", "approve"), ("go", "approve"), ("comment", "Good <b>enough</b>.")];

both! {
    async fn a_review_from_the_request_to_the_decision(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let scientist = server.browser_of("scientist").await;
        let page = scientist.get(&version.path).await.text();
        assert!(page.contains("not started: request it below") && page.contains("Request the review of v1"), "{page}");
        done(&send(&scientist, &version, "request", &[("notify", "all")]).await, &version);
        let page = scientist.get(&version.path).await.text();
        assert!(page.contains("You requested the review.") && page.contains("Waiting for feedback"), "{page}");

        let itops = server.browser_of("itops").await;
        let issue = [("slot", IT), ("verdict", "major_issue"), ("go", "major_issue")];
        let without = send(&itops, &version, "feedback", &issue).await;
        assert_eq!(without.status, 422, "{}", without.text());
        let text = without.text();
        assert!(text.contains("<title>Error: ") && text.contains(r#"value="major_issue" required checked"#), "{text}");
        let with = [&issue[..], &[("comment", "Too slow.\n<script>alert(1)</script>")]].concat();
        done(&send(&itops, &version, "feedback", &with).await, &version);
        let page = itops.get(&version.path).await.text();
        assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
        assert!(page.contains("You gave your feedback in IT &#38; Operations: major issue.") && page.contains("Withdraw my feedback"), "{page}");

        done(&send(&scientist, &version, "final", &[]).await, &version);
        let approver = server.browser_of("approver").await;
        assert!(approver.get("/").await.text().contains("<title>(1) Inbox"));
        let page = approver.get(&version.path).await.text();
        assert!(page.contains("Approve v1 for production") && page.contains("Needed: a major issue is open."), "{page}");
        done(&send(&approver, &version, "decision", &APPROVE).await, &version);
        let page = approver.get(&version.path).await.text();
        for part in ["You approved tumour v1.", "sig double ok", "Good &#60;b&#62;enough&#60;/b&#62;.", "seal in-force", "<bdi>The approver</bdi>"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains(r#"name="decision""#), "a decision is never edited: {page}");
        let review = scene.root.get(&format!("{}/review", version.path)).await.ok();
        assert_eq!((&review["status"], &review["decision"]["credential"]), (&json!("approved"), &json!("session")));
        for tab in ["metrics", "parameters", "schema", "files", "notes", "history"] {
            let page = approver.get(&format!("{}/{tab}", version.path)).await;
            assert_eq!(page.status, 200, "{tab}: {}", page.text());
        }
        let history = approver.get(&format!("{}/history", version.path)).await.text();
        assert!(history.contains("approved the version") && history.contains("raised a major issue in IT &#38; Operations"), "{history}");
    }

    async fn a_form_that_comes_too_late_keeps_its_text_and_says_what_happened(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.set_reviewers(&["user:approver", "user:manager"]).await;
        let version = scene.requested().await;
        let approver = server.browser_of("approver").await;
        let seen = tag(&approver.get(&version.path).await.text());
        let manager = server.browser_of("manager").await;
        server.clock.advance(Duration::from_seconds(60));
        let reject = [("decision", "reject"), ("go", "reject"), ("comment", "No.")];
        done(&send(&manager, &version, "decision", &reject).await, &version);
        let before = server.log_size().await;
        let late = [("decision", "approve"), ("go", "approve"), ("comment", "My long & careful text"), ("if_match", &seen)];
        let late = approver.post(&format!("{}/decision", version.path), &late).await;
        assert!([409, 412].contains(&late.status), "{}: {}", late.status, late.text());
        let text = late.text();
        for part in ["Changed while you wrote", "The manager rejected the version", "Your text is kept below.", "<title>Error: "] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("My long &#38; careful text"), "{text}");
        assert_eq!(server.log_size().await, before);
        let again = approver.get(&format!("{}/decision", version.path)).await;
        assert_eq!((again.status, again.header("location")), (303, version.path.as_str()), "a reload sends nothing");
    }

    async fn the_button_must_be_that_of_the_choice(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let approver = server.browser_of("approver").await;
        let before = server.log_size().await;
        for (decision, go, status) in
            [("reject", "approve", 422), ("", "approve", 422), ("approve", "", 422), ("reject", "again", 200), ("revoke", "revoke", 422)]
        {
            let sent = send(&approver, &version, "decision", &[("decision", decision), ("go", go), ("comment", "What I wrote")]).await;
            assert_eq!(sent.status, status, "{decision} {go}: {}", sent.text());
            assert!(sent.text().contains("What I wrote"), "{}", sent.text());
        }
        let unseen = approver.post(&format!("{}/decision", version.path), &APPROVE).await;
        assert!(unseen.status == 428 && unseen.text().contains("Good &#60;b&#62;enough"), "{}: {}", unseen.status, unseen.text());
        assert_eq!(server.log_size().await, before);
    }

    async fn an_old_sign_in_asks_for_the_password_on_the_same_page(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let approver = server.browser_of("approver").await;
        assert!(!approver.get(&version.path).await.text().contains(r#"name="password""#));
        server.clock.advance(Duration::from_seconds(16 * 60));
        assert!(approver.get(&version.path).await.text().contains(r#"name="password""#));
        for password in [&[][..], &[("password", "not the password")]] {
            let sent = send(&approver, &version, "decision", &[&APPROVE[..], password].concat()).await;
            assert!([403, 422].contains(&sent.status), "{}: {}", sent.status, sent.text());
            let text = sent.text();
            assert!(text.contains("Good &#60;b&#62;enough") && text.contains("aria-invalid") && !text.contains("not the password"), "{text}");
        }
        done(&send(&approver, &version, "decision", &[&APPROVE[..], &[("password", PASSWORD)]].concat()).await, &version);
    }

    async fn what_one_may_not_do_is_not_offered_and_says_why(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let scientist = server.browser_of("scientist").await;
        let page = scientist.get(&version.path).await.text();
        assert!(!page.contains(r#"name="decision""#) && page.contains("Approve or reject") && page.contains(r#"class="barred""#), "{page}");
        let forced = send(&scientist, &version, "decision", &APPROVE).await;
        assert_eq!(forced.status, 403, "{}", forced.text());
        assert_eq!(server.browser_of("operator").await.get(&version.path).await.status, 404);
        let earlier = scientist.get(&format!("{}?round=1", version.path)).await;
        assert_eq!(earlier.status, 200);
        assert_eq!(scientist.get(&format!("{}?round=7", version.path)).await.status, 404);
    }

    async fn one_slot_is_answered_and_the_answer_withdrawn(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let business = server.browser_of("business").await;
        let fields = [("slot", BUSINESS), ("verdict", "approve"), ("go", "approve")];
        done(&send(&business, &version, "feedback", &fields).await, &version);
        done(&send(&business, &version, "withdraw", &[("slot", BUSINESS)]).await, &version);
        let page = business.get(&version.path).await.text();
        assert!(page.contains("You withdrew your feedback.") && !page.contains("Withdraw my feedback"), "{page}");
    }
}
