//! A version beside the one that it would replace.

use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, Version, both};

async fn compared(person: &Client, version: &Version, query: &str) -> Value {
    person.get(&format!("{}/comparison{query}", version.path)).await.ok()
}

/// What a version is compared with, and why: `1 in_production on production`.
fn with(comparison: &Value) -> String {
    let Some(with) = comparison.get("with") else { return "nothing".to_owned() };
    let number = with["version"].as_str().unwrap().rsplit_once(':').unwrap().1;
    let place = with["infrastructure"].as_str().map(|name| format!(" on {name}")).unwrap_or_default();
    format!("{number} {}{place}", with["because"].as_str().unwrap())
}

both! {
    async fn a_version_is_compared_with_the_one_that_it_would_replace(server: &TestServer) {
        let scene = Scene::set(server).await;
        let first = scene.version().await;
        let comparison = compared(&scene.scientist, &first, "").await;
        assert_eq!((with(&comparison).as_str(), &comparison["metrics"]), ("nothing", &json!([])));

        let approved = scene.approved().await;
        let newer = scene.approved().await;
        let draft = scene.version().await;
        assert_eq!(with(&compared(&scene.scientist, &draft, "").await), "3 newest_approved");
        assert_eq!(with(&compared(&scene.scientist, &newer, "").await), "2 newest_approved", "never with itself");

        scene.operator.deploy("staging/tumour", &newer).await.ok();
        assert_eq!(with(&compared(&scene.scientist, &draft, "").await), "3 newest_approved", "staging is not production");
        scene.operator.deploy("production/tumour", &approved).await.ok();
        assert_eq!(with(&compared(&scene.scientist, &draft, "").await), "2 in_production on production");
        assert_eq!(with(&compared(&scene.scientist, &approved, "").await), "3 newest_approved", "it would replace itself");
        assert_eq!(with(&compared(&scene.scientist, &draft, "?with=1").await), "1 asked");

        // A revoked approval is none, and a version that is stopped serves nothing.
        scene.operator.stop("production/tumour").await.ok();
        scene.approver.revoke(&newer).await.ok();
        assert_eq!(with(&compared(&scene.scientist, &draft, "").await), "2 newest_approved");
    }

    async fn the_comparison_says_what_got_worse_and_what_breaks_callers(server: &TestServer) {
        let scene = Scene::set(server).await;
        let model = |content: &'static [u8]| vec![("model.onnx", content), ("README.md", &b"about"[..])];
        let fields = |auc: f64, depth: &str, inputs: Value, notes: &str| json!({
            "metrics": {"auc": auc, "n": 7}, "params": {"depth": depth, "seed": "1"}, "notes": notes,
            "signature": {"inputs": inputs}, "source": {"data": "histology-2025-10"}, "authors": ["scientist"],
        });
        let old = json!([{"name": "age", "type": "float32"}]);
        let new = json!([{"name": "age", "type": "float32"}, {"name": "ki67", "type": "float32"}]);
        let before = scene.version_of(&model(b"one"), fields(0.971, "6", old, "Before.")).await;
        let after = scene.version_of(&model(b"two, longer"), fields(0.912, "8", new, "After <b>.")).await;

        let comparison = compared(&scene.scientist, &after, "?with=1").await;
        let metric = &comparison["metrics"][0];
        assert_eq!((&metric["name"], &metric["reading"], &metric["direction"]), (&json!("auc"), &json!("worse"), &json!("higher")));
        assert_eq!(comparison["metrics"][1]["reading"], "same");
        assert_eq!(comparison["params"][0], json!({"name": "depth", "earlier": "6", "later": "8", "differs": true}));
        assert_eq!(comparison["params"][1]["differs"], false);
        let value = &comparison["schema"]["values"][0];
        assert_eq!((&value["name"], &value["breaking"]), (&json!("ki67"), &json!(true)));
        assert_eq!(comparison["source"][0]["differs"], false);
        assert_eq!(comparison["notes"], json!({"earlier": "Before.", "later": "After <b>."}));
        assert_eq!((&comparison["files"]["equal"], &comparison["files"]["differ"]), (&json!(1), &json!(1)));
        assert_eq!(comparison["files"]["changes"][0]["later"]["size"], 11);
        assert_eq!((&comparison["same_bytes"], comparison.get("authors")), (&json!(false), None));

        // What the project says of a metric counts more than the metric's name.
        let says = async |person: &Client, metrics: Value| {
            let change = json!({"metrics": metrics, "reason": "Fewer is better here."});
            person.change(reqwest::Method::PATCH, "/projects/diagnosis", change).await
        };
        says(&scene.scientist, json!({"auc": "lower"})).await.refused(403, "forbidden");
        says(&scene.manager, json!({"auc": "best"})).await.refused(422, "invalid");
        says(&scene.manager, json!({"a\nb": "lower"})).await.refused(422, "invalid");
        let many: serde_json::Map<_, _> = (0..201).map(|number| (format!("m{number}"), json!("lower"))).collect();
        says(&scene.manager, many.into()).await.refused(422, "invalid");
        says(&scene.manager, json!({"auc": "lower"})).await.ok();
        let told = compared(&scene.scientist, &after, "?with=1").await["metrics"][0].clone();
        assert_eq!((&told["reading"], &told["direction"]), (&json!("better"), &json!("lower")));
        says(&scene.manager, json!({"auc": "unknown"})).await.ok();
        assert_eq!(compared(&scene.scientist, &after, "?with=1").await["metrics"][0]["reading"], "changed");
        says(&scene.manager, json!({})).await.ok();
        assert!(scene.manager.get("/projects/diagnosis").await.ok()["rules"].get("metrics").is_none());

        // The other way round it got better, and an input less still breaks callers.
        let back = compared(&scene.scientist, &before, "?with=2").await;
        assert_eq!((&back["metrics"][0]["reading"], &back["schema"]["values"][0]["breaking"]), (&json!("better"), &json!(true)));
        let itself = compared(&scene.scientist, &after, "?with=2").await;
        assert_eq!((&itself["same_bytes"], &itself["files"]["differ"], itself.get("notes")), (&json!(true), &json!(0), None));
    }

    async fn a_comparison_shows_nothing_that_its_reader_may_not_see(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let stranger = server.person("stranger").await;
        stranger.get(&format!("{}/comparison", version.path)).await.refused(404, "not_found");
        scene.scientist.get(&format!("{}/comparison?with=9", version.path)).await.refused(404, "not_found");
        scene.scientist.get(&format!("{}/comparison?with=0", version.path)).await.refused(404, "not_found");
        scene.scientist.get(&format!("{}/comparison?with=x", version.path)).await.refused(422, "invalid");
        scene.scientist.get(&format!("{}/comparison?wiht=1", version.path)).await.refused(422, "invalid");
    }
}
