//! Ten thousand open reviews and two thousand projects: people find everything of theirs, or see how much there is.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Browser, Client, IT, Scene, TINY, TestServer, Version, both};

/// How many items of a bucket are listed.
const LISTED: usize = 100;

both! {
    async fn an_inbox_of_ten_thousand_reviews(server: &TestServer) {
        let scene = Scene::set(server).await;
        let few = server.person("few").await;
        // Half of them in one project, half in another, five in a third.
        server.copies(&scene.requested().await, 4_994).await;
        server.copies(&requested(&scene, "imaging", &["user:approver"]).await, 4_999).await;
        server.copies(&requested(&scene, "pathology", &["user:approver", "user:few"]).await, 4).await;

        let inbox = scene.approver.get("/inbox").await.ok();
        assert_eq!((&inbox["counts"]["decide"], &inbox["more"]), (&json!(10_000), &json!(true)));
        let expected: Vec<_> = (1..=LISTED).map(|number| format!("diagnosis/tumour:{number}")).collect();
        assert_eq!(names(&inbox, "decide"), expected, "the oldest come first");

        let inbox = few.get("/inbox").await.ok();
        assert_eq!(names(&inbox, "decide"), (1..=5).map(|number| format!("pathology/tumour:{number}")).collect::<Vec<_>>());
        assert_eq!((&inbox["counts"]["decide"], &inbox["more"]), (&json!(5), &json!(false)));
        for nothing in [&server.person_as("another-root", "administrator").await, &scene.manager, &scene.itops] {
            let inbox = nothing.get("/inbox").await.ok();
            assert!(inbox["counts"].as_object().unwrap().values().all(|count| *count == 0), "{}: {inbox}", nothing.name);
        }

        // Named in five thousand older rounds that are not their turn, and in one that is.
        let newer = scene.version().await;
        scene.scientist.command(&newer, "request", json!({})).await.ok();
        let inbox = scene.itops.get("/inbox").await.ok();
        assert_eq!(names(&inbox, "give_feedback"), [newer.name.as_str()]);
        assert_eq!(inbox["give_feedback"][0]["slot"], IT);
        let waiting = scene.scientist.get("/inbox").await.ok();
        assert_eq!(waiting["counts"]["waiting_on_others"], 10_001);
        assert_eq!(names(&waiting, "waiting_on_others").len(), LISTED);

        // A filter looks through all of them, listed or not.
        let page = server.browser_of("approver").await.get("/?q=imaging+tumour%3A4321").await.text();
        assert!(page.contains("/projects/imaging/models/tumour/versions/4321"), "{page}");
        assert!(page.contains("1 of 10,000"), "{page}");

        // What is done makes room for what follows.
        let first = Version { path: "/projects/diagnosis/models/tumour/versions/1".to_owned(), ..newer.clone() };
        scene.approver.approve(&first).await.ok();
        let inbox = scene.approver.get("/inbox").await.ok();
        assert_eq!((&inbox["counts"]["decide"], &inbox["counts"]["recently_decided"]), (&json!(9_999), &json!(1)));
        assert_eq!(inbox["decide"][LISTED - 1]["version"], "diagnosis/tumour:101");

        let numbers = walked(&scene.scientist, "/projects/imaging/models/tumour/versions", "before").await;
        assert_eq!(numbers.len(), 5_000);
    }

    async fn twelve_hundred_services_of_which_one_of_the_last_is_out_of_policy(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (kept, lapsed) = (scene.approved().await, scene.approved().await);
        scene.operator.deploy("production/tumour", &kept).await.ok();
        server.services_like("production", "tumour", 1_198).await;
        scene.operator.deploy("production/zz", &lapsed).await.ok();
        scene.approver.revoke(&lapsed).await.ok();
        let operator = server.browser_of("operator").await;

        let pages = services(&operator).await;
        let (first, text) = &pages[0];
        assert!(text.contains("1 service is out of policy") && text.contains("<span>1,200 services</span>"), "{text}");
        assert_eq!((&*first[0], &*first[1], first.len()), ("zz", "tumour", 51), "what is out of policy comes first");
        assert!(text.len() < 250_000, "{} bytes", text.len());
        assert_eq!(pages.len(), 24);
        let (second, text) = &pages[1];
        assert!(text.contains("1 service is out of policy") && text.contains("The first page</a> begins with them"), "{text}");
        assert_eq!(&*second[0], "tumour-0050");
        let all: Vec<_> = pages.iter().flat_map(|(names, _)| names).collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (1_201, 1_200), "that one also by its name");
        let list = operator.get("/infrastructures").await.text();
        assert!(list.contains("1,200 services") && list.contains("</svg> zz</span>"), "{list}");

        // A service that goes out of policy after somebody read the first page is on the second one, by its name.
        let brief = scene.approved().await;
        scene.operator.deploy("production/tumour-0060", &brief).await.ok();
        let first = operator.get("/infrastructures/production").await.text();
        scene.approver.revoke(&brief).await.ok();
        let second = operator.get(&more(&first).unwrap()).await.text();
        assert!(!first.contains("/services/tumour-0060\"") && second.contains("/services/tumour-0060\""), "{second}");

        // More of them than a page should begin with.
        scene.approver.revoke(&kept).await.ok();
        let pages = services(&operator).await;
        let (first, text) = &pages[0];
        for part in ["1,200 services are out of policy", "1,180 more services: the list below begins with 200"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!((&*first[0], &*first[199], &*first[200]), ("tumour", "tumour-0199", "tumour-0200"));
        let all: Vec<_> = pages.iter().flat_map(|(names, _)| names).collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (1_200, 1_200), "each once");
        let list = operator.get("/infrastructures").await.text();
        assert!(list.contains("and 1,195 more") && list.contains("1,200<span class=\"vh\"> deployments out of policy"), "{list}");
    }

    async fn the_pages_of_a_model_and_its_project_tell_of_the_last_of_twelve_hundred_services(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (kept, lapsed) = (scene.approved().await, scene.approved().await);
        scene.operator.deploy("production/tumour", &kept).await.ok();
        server.services_like("production", "tumour", 1_198).await;
        scene.operator.deploy("production/zz", &lapsed).await.ok();
        scene.approver.revoke(&lapsed).await.ok();
        let scientist = server.browser_of("scientist").await;
        let model = scientist.get("/projects/diagnosis/models/tumour").await.text();
        let rows: Vec<_> = model.split("<tr role=\"row\" data-row").skip(1).collect();
        assert!(rows[0].contains("service zz") && rows[0].starts_with(" class=\"alarm\""), "{}", rows[0]);
        assert!(rows[1].contains("service tumour<") && rows[50].contains("service tumour-0049"), "{} {}", rows[1], rows[50]);
        assert!(model.contains("and 1,149 more: the pages"), "{model}");
        // Beside each version, where it is in service, whether the service is listed or not.
        for (row, version) in rows[51..].iter().zip([&lapsed, &kept]) {
            assert!(row.contains(&format!(">v{}<", version.number)) && row.contains(">production<"), "{row}");
        }
        assert!(model.len() < 250_000, "{} bytes", model.len());
        let project = scientist.get("/projects/diagnosis").await.text();
        let row = project.split("<tr role=\"row\" data-row").find(|row| row.contains("models/tumour\"")).unwrap();
        assert!(row.starts_with(" class=\"alarm\"") && row.contains("and 1,190 more"), "{row}");

        scene.approver.revoke(&kept).await.ok();
        let model = scientist.get("/projects/diagnosis/models/tumour").await.text();
        assert!(model.contains(", 1,1") && model.contains(" of them out of policy: the pages"), "{model}");
    }

    async fn an_account_with_many_tokens_shows_the_newest(server: &TestServer) {
        let scene = Scene::set(server).await;
        for number in 0..60 {
            server.clock.advance(domain::Duration::from_seconds(1));
            scene.scientist.post("/tokens", json!({"label": format!("pipeline-{number:02}"), "scopes": ["read"]})).await.ok();
        }
        let page = server.browser_of("scientist").await.get("/account").await.text();
        assert!(page.contains("<bdi>pipeline-59</bdi>") && page.contains("<bdi>pipeline-10</bdi>"), "{page}");
        assert!(!page.contains("<bdi>pipeline-09</bdi>") && page.contains("and 10 older ones"), "{page}");
        assert!(page.contains("this browser"), "{page}");
    }

    async fn a_service_that_serves_is_proposed_before_a_stopped_one(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let operator = server.browser_of("operator").await;
        let proposed = async || {
            let page = operator.get(&format!("/infrastructures/test/deploy?version={}", version.name)).await.text();
            let field = page.split("name=\"service\"").nth(1).unwrap();
            field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        assert_eq!(proposed().await, "tumour", "the model's name where there is no service");
        scene.operator.deploy("test/first", &version).await.ok();
        scene.operator.deploy("test/second", &version).await.ok();
        assert_eq!(proposed().await, "first");
        scene.operator.stop("test/first").await.ok();
        assert_eq!(proposed().await, "second");
        scene.operator.stop("test/second").await.ok();
        assert_eq!(proposed().await, "first", "a stopped one rather than a new one");
    }

    async fn infrastructures_with_a_service_out_of_policy_come_first_among_hundreds(server: &TestServer) {
        let scene = Scene::set(server).await;
        server.infrastructures_like("production", 250).await;
        let root = server.browser_of("root").await;
        let version = scene.approved().await;
        scene.root.put("/infrastructures/production-0250/members/operator", json!({"role": "deployer"})).await.ok();
        scene.operator.deploy("production-0250/tumour", &version).await.ok();
        scene.approver.revoke(&version).await.ok();
        for person in [&root, &server.browser_of("operator").await] {
            let pages = listed(person, "/infrastructures", "/infrastructures/").await;
            assert_eq!((&*pages[0].0[0], &*pages[0].0[1], pages.len()), ("production-0250", "production", 3));
            let all: Vec<_> = pages.iter().flat_map(|(names, _)| names).collect();
            assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (254, 253), "the first one also by its name");
        }
        let scientist = server.browser_of("scientist").await.get("/infrastructures").await.text();
        assert!(!scientist.contains("production-0250"), "what the scientist may not see comes by name: {scientist}");
    }

    async fn webhooks_come_in_pages(server: &TestServer) {
        let scene = Scene::set(server).await;
        for number in 0..60 {
            let url = "http://127.0.0.1:9/hook";
            let body = json!({"name": format!("w{number:02}"), "kind": "standard", "url": url, "project": "diagnosis"});
            scene.root.post("/webhooks", body).await.ok();
        }
        let all: BTreeSet<_> = (0..60).map(|number| format!("w{number:02}")).collect();
        for (person, path) in [("root", "/webhooks"), ("manager", "/webhooks?project=diagnosis")] {
            let pages = listed(&server.browser_of(person).await, path, "/webhooks/").await;
            assert_eq!(pages.iter().map(|(names, _)| names.len()).collect::<Vec<_>>(), [50, 10], "{path}");
            assert_eq!(pages.into_iter().flat_map(|(names, _)| names).collect::<BTreeSet<_>>(), all, "{path}");
        }
        assert_eq!(scene.root.get("/webhooks").await.ok()["items"].as_array().unwrap().len(), 50);
        assert_eq!(walked(&scene.root, "/webhooks", "after").await, all);
        assert_eq!(walked(&scene.manager, "/webhooks?project=diagnosis", "after").await, all);
    }

    async fn members_and_tokens_come_in_pages(server: &TestServer) {
        let scene = Scene::set(server).await;
        for number in 0..60 {
            let group = format!("g{number:02}");
            scene.root.post("/groups", json!({"name": group})).await.ok();
            scene.root.put(&format!("/projects/diagnosis/members/group:{group}"), json!({"role": "reader"})).await.ok();
            scene.root.put(&format!("/infrastructures/test/members/group:{group}"), json!({"role": "viewer"})).await.ok();
            let service = if number < 55 { "a-pipeline".to_owned() } else { format!("pipeline-{number}") };
            scene.root.post("/tokens", json!({"service": service, "label": format!("t{number:02}")})).await.ok();
        }
        let root = server.browser_of("root").await;
        for (path, all) in [("/projects/diagnosis/members", 63), ("/infrastructures/test", 62)] {
            let first = root.get(path).await.text();
            let row = |text: &str| text.matches(r#"name="remove""#).count().max(text.matches(r#"value="remove""#).count());
            assert!(row(&first) == 50 && first.contains(&format!("<span>{all} members</span>")), "{path}: {first}");
            let next = more(&first).unwrap_or_else(|| panic!("{path} has no further page: {first}"));
            let second = root.get(&next).await.text();
            assert!(row(&second) == all - 50 && more(&second).is_none() && second.contains("From the beginning"), "{next}: {second}");
        }
        let project = root.get("/projects/diagnosis").await.text();
        assert!(project.contains("and 43 more"), "{project}");
        let first = root.get("/admin/tokens?service=a-pipeline").await.text();
        let tokens = |text: &str| text.matches(r#"name="token""#).count();
        assert!(tokens(&first) == 50 && first.contains("pipeline-59"), "{first}");
        let second = root.get(&more(&first).unwrap_or_default()).await.text();
        assert!(tokens(&second) == 5 && more(&second).is_none(), "{second}");
    }

    async fn a_group_of_more_members_than_a_page_shows(server: &TestServer) {
        let scene = Scene::set(server).await;
        for number in 0..105 {
            let name = format!("m{number:03}");
            scene.root.post("/users", json!({"name": name, "display_name": name})).await.ok();
            scene.root.put(&format!("/groups/risk/members/{name}"), json!({})).await.ok();
        }
        let root = server.browser_of("root").await;
        let page = root.get("/admin/groups").await.text();
        assert!(page.matches(r#"name="remove""#).count() == 100 && page.contains("6 more members"), "{page}");
        let taken = root.post("/admin/groups", &[("group", "risk"), ("user", "m104"), ("go", "take")]).await;
        assert_eq!(taken.status, 303, "{}", taken.text());
        let page = root.get("/admin/groups").await.text();
        assert!(page.contains("m104 is no longer in the group risk.") && page.contains("5 more members"), "{page}");
    }

    async fn two_thousand_projects_of_which_three_are_ones_own(server: &TestServer) {
        let scene = Scene::set(server).await;
        let root = &scene.root;
        root.post("/projects", json!({"name": "closed"})).await.ok();
        server.projects_like("closed", 1_999).await;
        let member = server.person("member").await;
        root.put("/projects/closed-1900/members/member", json!({"role": "reader"})).await.ok();
        root.put("/groups/risk/members/member", json!({})).await.ok();
        root.put("/projects/closed-7/members/group:risk", json!({"role": "reader"})).await.ok();
        // The third by a slot of its reviewers.
        assert_eq!(walked(&member, "/projects", "after").await, ["closed-1900", "closed-7", "diagnosis"].map(str::to_owned).into());
        assert_eq!(walked(root, "/projects", "after").await.len(), 2_001);
        assert_eq!(walked(&server.person("stranger").await, "/projects", "after").await, BTreeSet::new());
        root.delete("/groups/risk/members/member").await.ok();
        assert_eq!(walked(&member, "/projects", "after").await, ["closed-1900".to_owned()].into());
    }
}

/// A version in a project of its own, whose final approval was asked for.
async fn requested(scene: &Scene, project: &str, approvers: &[&str]) -> Version {
    let (root, scientist) = (&scene.root, &scene.scientist);
    root.post("/projects", json!({"name": project})).await.ok();
    root.put(&format!("/projects/{project}/members/scientist"), json!({"role": "contributor"})).await.ok();
    let reviewers = json!({"slots": [], "approvers": approvers});
    root.change(reqwest::Method::PUT, &format!("/projects/{project}/reviewers"), reviewers).await.ok();
    scientist.post(&format!("/projects/{project}/models"), json!({"name": "tumour"})).await.ok();
    let upload = scientist.upload_for(project, TINY).await;
    let created = scientist.post(&format!("/projects/{project}/models/tumour/versions"), json!({"upload": upload})).await;
    let version = Version::of(&created.ok());
    scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
    version
}

/// The services of production on each page of them, with the text of the page.
async fn services(person: &Browser) -> Vec<(Vec<String>, String)> {
    listed(person, "/infrastructures/production", "/infrastructures/production/services/").await
}

/// The names at the head of the rows on each page of a list, with the text of the page. The rows lead to addresses that begin so.
async fn listed(person: &Browser, path: &str, begin: &str) -> Vec<(Vec<String>, String)> {
    let (mut pages, mut path) = (Vec::new(), path.to_owned());
    loop {
        let text = person.get(&path).await.text();
        let head = format!(r#"role="rowheader"><a href="{begin}"#);
        let names = text.split(&head).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
        let next = more(&text);
        pages.push((names, text));
        match next {
            Some(next) => path = next,
            None => return pages,
        }
    }
}

/// The address of the next page of a list.
fn more(text: &str) -> Option<String> {
    let before = text.split(r#"">More</a>"#).next().filter(|before| before.len() < text.len())?;
    let next = before.rsplit("href=\"").next()?.replace("&#38;", "&");
    next.split('#').next().map(str::to_owned)
}

fn names(inbox: &Value, bucket: &str) -> Vec<String> {
    let items = inbox[bucket].as_array().unwrap();
    items.iter().map(|item| item["version"].as_str().unwrap().to_owned()).collect()
}

/// Every page of a list, to its end; nothing may come twice.
async fn walked(person: &Client, path: &str, parameter: &str) -> BTreeSet<String> {
    let (mut found, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let mut request = person.request(reqwest::Method::GET, path).query("limit", "200");
        if let Some(after) = &after {
            request = request.query(parameter, after);
        }
        let page = request.send().await.ok();
        for item in page["items"].as_array().unwrap() {
            assert!(found.insert(item["name"].as_str().unwrap().to_owned()), "twice: {item}");
        }
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => return found,
        }
    }
}
