//! The form that registers a version, and those for projects and models: without script in one piece, with script file by file.

use serde_json::Value;
use testkit::{Browser, Reply, Scene, TestServer, both};

const LINEAR: &[u8] = include_bytes!("../../../examples/models/linear/model.onnx");
const NEW: &str = "/projects/diagnosis/models/tumour/new";
const JSON: &str = "application/json";

/// The id of the upload that a page bears.
fn upload(page: &str) -> Option<&str> {
    page.split(r#"name="upload" value=""#).nth(1)?.split('"').next()
}

async fn register(browser: &Browser, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
    let go = if fields.iter().any(|(name, _)| *name == "go") { &[][..] } else { &[("go", "register")] };
    browser.post_files(NEW, Browser::PAGES, &[fields, go].concat(), files).await
}

both! {
    async fn a_version_is_registered_with_files_figures_and_notes_in_one_form(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        let page = browser.get(NEW).await.text();
        assert!(page.contains("Register a version of tumour") && page.contains(r#"enctype="multipart/form-data""#), "{page}");
        assert!(browser.get("/projects/diagnosis/models/tumour").await.text().contains(NEW), "the model's page leads there");

        let fields = [
            ("metrics", "auc = 0.97\r\nrecall = 0.9"), ("params", "max_depth = 6"), ("notes", "# What changed\r\nMore data."),
            ("data", "wdbc 2025"), ("commit", "4f2a9c1"), ("authors", "A colleague\r\n"), ("tags", "team = oncology"),
        ];
        let files: [(&str, &str, &[u8]); 4] = [
            ("files", "", b""),
            ("files", "model.onnx", LINEAR),
            ("folder", "export/conf/labels.txt", b"benign\nmalignant\n"),
            ("metrics_file", "metrics.json", br#"{"f1": 0.88}"#),
        ];
        let made = register(&browser, &fields, &files).await;
        assert_eq!((made.status, made.header("location")), (303, "/projects/diagnosis/models/tumour/versions/1"), "{}", made.text());
        let version = scene.scientist.get("/projects/diagnosis/models/tumour/versions/1").await.ok();
        let fields = &version["fields"];
        for (pointer, expected) in [
            ("/metrics/auc", "0.97"), ("/metrics/f1", "0.88"), ("/params/max_depth", "\"6\""), ("/source/data", "\"wdbc 2025\""),
            ("/tags/team", "\"oncology\""), ("/authors/0", "\"A colleague\""), ("/notes", r##""# What changed\nMore data.""##),
            ("/signature/read_from", "\"model.onnx\""),
        ] {
            assert_eq!(fields.pointer(pointer).map(Value::to_string).as_deref(), Some(expected), "{fields}");
        }
        let files = scene.scientist.get("/projects/diagnosis/models/tumour/versions/1/files").await.ok();
        let names: Vec<_> = files["items"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["conf/labels.txt", "model.onnx"]);
    }

    async fn a_form_that_is_sent_twice_registers_once(server: &TestServer) {
        Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        let page = browser.get(NEW).await.text();
        let once = page.split(r#"name="once" value=""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let files: [(&str, &str, &[u8]); 1] = [("files", "model.onnx", LINEAR)];
        let fields = [("once", once.as_str())];
        let (first, second) = tokio::join!(register(&browser, &fields, &files), register(&browser, &fields, &files));
        let mut places = [first, second].map(|reply| (reply.status, reply.header("location").to_owned()));
        places.sort();
        let model = "/projects/diagnosis/models/tumour";
        assert_eq!(places, [(303, model.to_owned()), (303, format!("{model}/versions/1"))]);
        assert_eq!(register(&browser, &fields, &files).await.header("location"), model, "as from the page before, by Back");
        assert!(browser.get(model).await.text().contains("You sent this form twice: the version is registered once."));
        // Another form is another version.
        assert_eq!(register(&browser, &[], &files).await.header("location"), format!("{model}/versions/2"));
    }

    async fn what_is_wrong_is_said_and_neither_files_nor_texts_are_lost(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        browser.get(NEW).await;
        let none = register(&browser, &[("notes", "Kept.")], &[]).await;
        assert!(none.status == 422 && none.text().contains("Choose the files of the version") && none.text().contains("Kept.</textarea>"));

        let wrong = register(&browser, &[("metrics", "auc = high"), ("notes", "<script>&</textarea>")], &[("files", "model.onnx", LINEAR)]).await;
        let page = wrong.text();
        assert_eq!(wrong.status, 422, "{page}");
        for part in ["Error: ", "is not a number: `high`", "auc = high</textarea>", "&#60;script&#62;&#38;&#60;/textarea&#62;", "Received, until", "model.onnx"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let kept = upload(&page).unwrap().to_owned();
        assert!(browser.get(&format!("{NEW}?upload={kept}")).await.text().contains("Received, until"), "a link goes on with the files");
        let refused = register(&browser, &[("upload", &kept)], &[("files", "../secret", b"x"), ("files", "conf/a", b"a")]).await;
        assert!(refused.status == 422 && refused.text().contains("../secret"), "{}", refused.text());
        let repeated = register(&browser, &[("upload", &kept), ("metrics", "auc = 1\nauc = 2")], &[]).await;
        assert!(repeated.status == 422 && repeated.text().contains("is there twice"), "{}", repeated.text());
        let again = browser.post_files(NEW, Browser::PAGES, &[("upload", &kept), ("metrics", "auc = 1"), ("go", "again")], &[]).await;
        assert!(again.status == 200 && again.text().contains("auc = 1</textarea>"), "the harmless button registers nothing");
        let made = register(&browser, &[("upload", &kept), ("metrics", "auc = 0.9")], &[]).await;
        assert_eq!((made.status, made.header("location")), (303, "/projects/diagnosis/models/tumour/versions/1"));

        let twice = register(&browser, &[("upload", &kept), ("metrics", "auc = 0.9")], &[]).await;
        assert!(twice.status == 422 && twice.text().contains("Choose them again") || twice.text().contains("choose them again"), "{}", twice.text());
        assert_eq!(scene.scientist.get("/projects/diagnosis/models/tumour/versions").await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn a_script_sends_files_ahead_and_learns_what_arrived(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        browser.get(NEW).await;
        let first = browser.post_files(NEW, JSON, &[], &[("files", "model.onnx", LINEAR)]).await.ok();
        let id = first["id"].as_str().unwrap();
        let second = browser.post_files(NEW, JSON, &[("upload", id)], &[("files", "a.txt", b"a"), ("files", "b.txt", b"b")]).await.ok();
        assert_eq!(second["files"].as_array().map(Vec::len), Some(3), "{second}");
        let refused = browser.post_files(NEW, JSON, &[("upload", id)], &[("files", "../up", b"x")]).await;
        assert!(refused.status == 422 && refused.json["problem"].as_str().is_some_and(|text| text.contains("../up")), "{}", refused.json);
        assert_eq!(register(&browser, &[("upload", id)], &[]).await.status, 303);
        assert_eq!(scene.scientist.get("/projects/diagnosis/models/tumour/versions/1").await.ok()["files"], 3);

        // Nobody goes on with somebody else's files.
        let other = server.browser_of("manager").await;
        other.get(NEW).await;
        let foreign = browser.post_files(NEW, JSON, &[], &[("files", "c.txt", b"c")]).await.ok();
        let taken = register(&other, &[("upload", foreign["id"].as_str().unwrap())], &[]).await;
        assert!(taken.status == 422 && !taken.text().contains("c.txt"), "{}", taken.text());
    }

    async fn a_form_of_another_page_or_person_sends_no_file(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        browser.get(NEW).await;
        let forged = browser.post_files(NEW, Browser::PAGES, &[("form", "forged"), ("go", "register")], &[("files", "model.onnx", LINEAR)]).await;
        assert_eq!(forged.status, 403, "{}", forged.text());
        let reader = server.browser_of("business").await;
        reader.get("/account").await;
        assert_eq!(register(&reader, &[], &[("files", "model.onnx", LINEAR)]).await.status, 403);
        assert_eq!(reader.get(NEW).await.status, 403);
        assert_eq!(scene.scientist.get("/projects/diagnosis/models/tumour/versions").await.ok()["items"], serde_json::json!([]));
        assert_eq!(browser.get("/projects/diagnosis/models/none/new").await.status, 404);
    }

    async fn projects_and_models_are_made_on_their_pages(server: &TestServer) {
        Scene::set(server).await;
        let root = server.browser_of("root").await;
        let page = root.get("/projects").await.text();
        assert!(page.contains("Create the project"), "{page}");
        let wrong = root.post("/projects", &[("name", "Credit Risk"), ("display_name", "Credit <risk>")]).await;
        assert!(wrong.status == 422 && wrong.text().contains("is not a name") && wrong.text().contains("Credit &#60;risk&#62;"), "{}", wrong.text());
        let taken = root.post("/projects", &[("name", "diagnosis")]).await;
        assert!(taken.status == 422 && taken.text().contains("Error: "), "{}", taken.text());
        let made = root.post("/projects", &[("name", "credit"), ("display_name", "Credit <risk>")]).await;
        assert_eq!((made.status, made.header("location")), (303, "/projects/credit"));
        let project = root.get("/projects/credit").await.text();
        assert!(project.contains("<bdi>Credit &#60;risk&#62;</bdi>") && project.contains("Register the model"), "{project}");
        assert_eq!(root.post("/projects/credit/models", &[("name", "")]).await.status, 422);
        let model = root.post("/projects/credit/models", &[("name", "default")]).await;
        assert_eq!((model.status, model.header("location")), (303, "/projects/credit/models/default"));
        assert_eq!(root.post("/projects/credit/models", &[("name", "default")]).await.status, 422);
        assert_eq!(root.get("/projects/credit/models").await.header("location"), "/projects/credit");

        let scientist = server.browser_of("scientist").await;
        assert!(scientist.get("/projects").await.text().contains("You cannot create a project"));
        assert_eq!(scientist.post("/projects", &[("name", "mine")]).await.status, 403);
    }
}
