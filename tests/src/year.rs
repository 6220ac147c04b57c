//! A year of a project, told by the clock alone but for what people do now and then: absence, reminders, escalation, renewal, expiry, a
//! service that stops, recurrence. The clock moves day by day; nothing waits.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{BUSINESS, IT, PASSWORD, RISK, Scene, TestServer, both};

/// What the clock does each day, in the order in which the worker's jobs could run.
const JOBS: [&str; 6] = ["expire", "stand_in", "remind", "recur", "renew", "announce"];

/// The year: it begins on Monday, 2026-01-05, at 09:00 UTC.
struct Year<'a> {
    server: &'a TestServer,
    scene: Scene,
    day: u32,
    /// Where the record is read on.
    seen: u64,
    /// What the clock did: the day, the kind of event, and what tells it apart.
    told: Vec<String>,
}

impl Year<'_> {
    /// Lives until the morning of this day, on which people act.
    async fn until(&mut self, day: u32) {
        while self.day < day {
            self.live().await;
        }
        self.scene.sign_in_again(self.server).await;
    }

    /// Lives for a day.
    async fn live(&mut self) {
        self.server.clock.advance(Duration::from_days(1));
        self.day += 1;
        for job in JOBS {
            self.server.run_job(job).await;
        }
        self.read().await;
    }

    /// Notes what the clock did since.
    async fn read(&mut self) {
        let reader = &mut self.server.app.store.read().await.unwrap();
        let events = reader.events(store::About::default(), self.seen, domain::Timestamp::from_micros(0), 1000).await.unwrap();
        for event in events {
            self.seen = event.position + 1;
            let by_clock = event.actor == domain::event::Actor::Clock;
            let event = serde_json::to_value(&event.event).unwrap();
            let kind = event["type"].as_str().unwrap();
            if by_clock && !kind.starts_with("permit.") {
                let data = &event["data"];
                let detail = ["stage", "standing"].iter().find_map(|field| data[field].as_str()).unwrap_or_default();
                self.told.push(format!("day {}: {kind} {detail}", self.day).trim_end().to_owned());
            }
        }
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }
}

both! {
    async fn a_year_in_a_minute(server: &TestServer) {
        let scene = Scene::set(server).await;
        server.person("colleague").await;
        let tag = scene.manager.etag("/projects/diagnosis").await;
        let rules = json!({
            "feedback_due_after": 5, "approval_due_after": 2, "approval_valid_for": "100d", "renew_before": "30d", "reason": "Each quarter."
        });
        scene.manager.request(Method::PATCH, "/projects/diagnosis").header("if-match", &tag).json(&rules).send().await.ok();
        let tag = scene.root.etag("/infrastructures/production").await;
        let policy = json!({"policy": "prevent", "on_lapse": "disable", "reason": "Nothing unapproved serves."});
        scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag).json(&policy).send().await.ok();
        let seen = server.log_size().await;
        let mut year = Year { server, scene, day: 0, seen, told: Vec::new() };

        // January: a review is requested; one reviewer is away, two answer late, and the approver too.
        let away = json!({"until": "2026-01-19T09:00:00Z", "stand_in": "colleague"});
        year.scene.itops.put("/me/absence", away).await.ok();
        let version = year.scene.version().await;
        year.scene.scientist.command(&version, "request", json!({})).await.ok();
        year.until(1).await;
        assert_eq!(year.take(), ["day 1: review.delegated"]);
        let session = server.anonymous().post("/sessions", json!({"user": "colleague", "password": PASSWORD})).await.ok();
        let colleague = server.anonymous().with_token("colleague", session["token"].as_str().unwrap());
        colleague.feedback(&version, IT, "approve").await.ok();
        year.until(10).await;
        assert_eq!(year.take(), ["day 4: review.reminded soon", "day 7: review.reminded overdue", "day 9: review.reminded escalated"]);
        year.scene.riskofficer.feedback(&version, RISK, "approve").await.ok();
        year.scene.business.feedback(&version, BUSINESS, "approve").await.ok();
        year.scene.scientist.command(&version, "final", json!({})).await.ok();
        year.until(14).await;
        assert_eq!(year.take(), ["day 11: review.reminded soon", "day 14: review.reminded overdue"]);
        year.scene.approver.approve(&version).await.ok();
        year.scene.operator.deploy("production/tumour", &version).await.ok();

        // March: the clock opens the renewal 30 days before the end. Nobody decides: the approval ends, and the service stops.
        year.until(113).await;
        let renewed = year.take();
        assert_eq!(renewed[0], "day 84: review.renewal_opened", "{renewed:?}");
        assert!(renewed.contains(&"day 112: approval.ending last".to_owned()), "{renewed:?}");
        assert_eq!(renewed.iter().filter(|told| told.contains("escalated")).count(), 1, "{renewed:?}");
        assert_eq!(year.scene.operator.deployment("production/tumour").await["standing"], "in_policy", "until the last day");
        year.until(114).await;
        assert_eq!(year.take(), ["day 114: approval.expired", "day 114: deployment.lapsed disabled"]);
        let serving = year.scene.operator.deployment("production/tumour").await;
        assert_eq!(serving["standing"], "disabled", "{serving}");

        // May: decided at last, it serves again; the next renewals are decided in time, and no day is without an approval.
        year.scene.approver.approve(&version).await.ok();
        year.scene.operator.rollback("production/tumour", json!({"to": 1})).await.ok();
        for renewal in [184, 256, 330] {
            while !year.told.iter().any(|told| told.ends_with("review.renewal_opened")) {
                year.live().await;
                assert!(year.told.iter().all(|told| !told.contains("expired") && !told.contains("lapsed")), "{:?}", year.told);
            }
            assert!((renewal - 20..=renewal + 20).contains(&year.day), "day {}: {:?}", year.day, year.told);
            let next = year.day + 2;
            year.until(next).await;
            year.scene.approver.approve(&version).await.ok();
            year.take();
        }
        year.until(365).await;
        assert!(year.take().iter().all(|told| !told.contains("expired") && !told.contains("lapsed")));
        assert_eq!(year.scene.operator.deployment("production/tumour").await["standing"], "in_policy");

        // Everybody was told once of each thing, and the record replays.
        let mut told: Vec<Value> = Vec::new();
        let mut after = String::new();
        loop {
            let page = year.scene.root.get(&format!("/messages?limit=200{after}")).await.ok();
            told.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let mut once: Vec<_> = told.iter().map(|message| (message["to"].to_string(), message["position"].to_string())).collect();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), told.len());
        server.verify().await;
    }
}
