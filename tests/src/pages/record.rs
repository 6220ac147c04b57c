//! The record as pages and as files: filters, what changed from what to what, paging, and the proof of an event.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Scene, TestServer, both};

const FORMULA: &str = "=HYPERLINK(\"https://evil.example\")<script>alert(1)</script>\u{202e}";

/// The positions of the events on a page, in its order.
fn positions(page: &str) -> Vec<u64> {
    let cells = page.split(r#"class="r mono"><a href="/record/"#).skip(1);
    cells.map(|cell| cell.split('"').next().unwrap().parse().unwrap()).collect()
}

/// The address of a link of a page, by its words.
fn link(page: &str, words: &str) -> Option<String> {
    let before = page.split(&format!(">{words}</a>")).next().filter(|before| before.len() < page.len())?;
    Some(before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&"))
}

both! {
    async fn an_auditor_filters_the_record_and_reads_what_changed(server: &TestServer) {
        let scene = Scene::set(server).await;
        server.person_as("auditor", "auditor").await;
        let version = scene.version_of(testkit::TINY, json!({"metrics": {"auc": 0.97}})).await;
        scene.scientist.change(Method::PATCH, &version.path, json!({"metrics": {"auc": 0.91}})).await.ok();
        scene.manager.change(Method::PATCH, "/projects/diagnosis", json!({"author_may_approve": true, "reason": FORMULA})).await.ok();
        scene.root.patch("/users/business", json!({"display_name": "<b>Business</b>"})).await.ok();
        scene.manager.put("/projects/diagnosis/members/scientist", json!({"role": "reader"})).await.ok();

        let browser = server.browser_of("auditor").await;
        let page = browser.get("/record").await.text();
        assert!(page.contains(">Record</a>") && page.contains("The head of the log"), "the navigation leads there: {page}");
        for (what, from, to) in [
            ("metrics.auc", "0.97", "0.91"),
            ("author_may_approve", "no", "yes"),
            ("display_name", "The business", "&#60;b&#62;Business&#60;/b&#62;"),
            ("role", "contributor", "reader"),
        ] {
            let change = format!("<bdi>{what}</bdi></dt><dd><del><bdi>{from}</bdi></del> <ins><bdi>{to}</bdi></ins>");
            assert!(page.contains(&change), "{change}: {page}");
        }
        assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");

        let found = |page: &str, words: &str| page.contains(&format!("<bdi>{words}</bdi>"));
        let of_version = browser.get(&format!("/record?q=diagnosis/tumour:{}", version.number)).await.text();
        assert_eq!(positions(&of_version).len(), 2, "{of_version}");
        let people = browser.get("/record?kind=people&who=root").await.text();
        assert!(positions(&people).len() > 5 && !found(&people, "changed the rules"), "{people}");
        let by_manager = browser.get("/record?who=manager").await.text();
        assert!(found(&by_manager, "changed the rules") && !found(&by_manager, "changed the fields"), "{by_manager}");
        let later = browser.get("/record?since=2100-01-01").await.text();
        assert!(later.contains("Nothing matches. Take a filter away.") && positions(&later).is_empty(), "{later}");
        for (query, words) in [
            ("who=nobody", "There is no account “nobody”."),
            ("q=nothing", "There is no version, project or infrastructure “nothing” here."),
            ("since=yesterday", "“yesterday” is no day: write it like 2026-03-08."),
            ("kind=all", "There is no group of events “all”."),
        ] {
            let page = browser.get(&format!("/record?{query}")).await;
            assert_eq!(page.status, 200);
            assert!(page.text().contains(words), "{query}: {}", page.text());
        }
        assert!(browser.get("/record?colour=red").await.text().contains("No filter is called <bdi>colour</bdi>: ignored."));
    }

    async fn the_record_is_paged_without_gaps(server: &TestServer) {
        let scene = Scene::set(server).await;
        for number in 0..70 {
            scene.root.post("/groups", json!({"name": format!("group-{number}")})).await.ok();
        }
        server.person_as("auditor", "auditor").await;
        let browser = server.browser_of("auditor").await;
        let (mut address, mut all, mut pages) = (Some("/record?kind=people".to_owned()), Vec::new(), Vec::new());
        while let Some(here) = address {
            let page = browser.get(&here).await.text();
            pages.push(positions(&page));
            all.extend(positions(&page));
            address = link(&page, "Older");
            if address.is_none() {
                let newer = browser.get(&link(&page, "Newer").unwrap()).await.text();
                assert_eq!(positions(&newer).last(), pages[pages.len() - 2].last(), "the way back meets the way there");
            }
        }
        assert!(pages.len() > 2 && pages[0].len() == 50, "{pages:?}");
        assert!(all.windows(2).all(|two| two[0] > two[1]), "the newest first, each once: {all:?}");
        let lines = browser.get("/record.jsonl?kind=people").await.text();
        let exported: Vec<u64> = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap()).collect();
        all.reverse();
        // Reading the pages adds no event of this kind but the sign-in, which came before.
        assert_eq!(exported, all, "the export has what the pages have, the oldest first");
    }

    async fn an_export_holds_no_formula_and_everything_of_the_filter(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.manager.change(Method::PATCH, "/projects/diagnosis", json!({"author_may_approve": true, "reason": FORMULA})).await.ok();
        server.person_as("auditor", "auditor").await;
        let browser = server.browser_of("auditor").await;
        let csv = browser.get("/record.csv?q=diagnosis").await;
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
        let text = csv.text();
        assert!(text.starts_with("\"position\",\"time\","), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")"), "{text}");
        assert!(text.contains("author_may_approve: no → yes"), "{text}");
        let events = scene.root.get("/audit?project=diagnosis&limit=200").await.ok()["items"].as_array().unwrap().len();
        let lines = browser.get("/record.jsonl?q=diagnosis").await.text();
        assert_eq!(lines.lines().count(), events, "{lines}");
        assert_eq!(browser.get("/record.csv?q=nothing").await.status, 422);
    }

    async fn an_event_has_a_page_with_its_proof(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let events = scene.root.get("/audit").await.ok();
        let event = events["items"].as_array().unwrap().iter().find(|event| event["type"] == "review.approved").unwrap().clone();
        let position = event["position"].as_u64().unwrap();
        let proof = scene.root.get(&format!("/log/proof/inclusion?position={position}")).await.ok();
        // Somebody who may read the version may read what happened to it.
        let browser = server.browser_of("scientist").await;
        let page = browser.get(&format!("/record/{position}")).await.text();
        for part in ["approved the version", "<bdi>The approver</bdi>", &version.path, "Leaf"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let file = async |name: &str| browser.get(&format!("/record/{position}/{name}")).await;
        let kept: Value = serde_json::from_str(&file("proof.json").await.text()).unwrap();
        assert_eq!((&kept["leaf"], &kept["leaf_bytes"]), (&proof["leaf"], &proof["leaf_bytes"]));
        assert_eq!(file("leaf.json").await.text(), proof["leaf_bytes"].as_str().unwrap());
        assert_eq!(file("event.json").await.text(), proof["body_bytes"].as_str().unwrap());
        assert!(file("proof.txt").await.text().starts_with("c2sp.org/tlog-proof@v1"));
        assert_eq!(browser.get("/record/0").await.status, 403, "an event of the instance is for auditors");
        assert_eq!(server.browser_of("root").await.get("/record/99999").await.status, 404);
    }

    async fn a_manager_reads_the_project_s_part_and_no_other(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/projects", json!({"name": "lending"})).await.ok();
        let manager = server.browser_of("manager").await;
        let page = manager.get("/projects/diagnosis/record").await.text();
        assert!(page.contains("<bdi>changed the reviewers</bdi>") && !page.contains("created an account"), "{page}");
        assert!(manager.get("/projects/diagnosis").await.text().contains("Record of this project"));
        assert!(!manager.get("/").await.text().contains(r#"href="/record""#), "the whole record is not for managers");
        assert_eq!(manager.get("/record").await.status, 403);
        assert_eq!(manager.get("/record.csv").await.status, 403);
        for elsewhere in ["q=lending", "q=production"] {
            let page = manager.get(&format!("/projects/diagnosis/record?{elsewhere}")).await.text();
            assert!(positions(&page).is_empty() && page.contains("There is no version, project or infrastructure"), "{page}");
        }
        assert!(!manager.get("/projects/diagnosis/record.jsonl").await.text().contains("user.created"));
        assert_eq!(manager.get("/projects/lending/record").await.status, 404);
        assert_eq!(server.browser_of("scientist").await.get("/projects/diagnosis/record").await.status, 403);
    }
}
