//! The bar of the demo: being somebody else and the tour, for a browser on the server's own machine. No other server has it.

use std::sync::Arc;
use testkit::{Backend, Options, PASSWORD, Scene, TestServer};
use web::{Demo, Persona, TourPage, TourStep};

fn demo() -> Demo {
    let persona = |account: &str, name: &str| Persona {
        account: account.parse().unwrap(),
        name: name.to_owned(),
        does: "does something".to_owned(),
    };
    let step = |words: &str, account: &str, page| TourStep {
        words: words.to_owned(),
        account: account.parse().unwrap(),
        page,
        command: format!("countersign --profile {account} inbox"),
    };
    Demo {
        personas: vec![persona("scientist", "The scientist"), persona("approver", "The approver"), persona("closed", "Closed")],
        password: PASSWORD.to_owned(),
        tour: vec![
            step("First.", "scientist", TourPage::Version("diagnosis/tumour:1".parse().unwrap())),
            step("Second.", "approver", TourPage::Sheet("diagnosis/tumour:1".parse().unwrap(), 1)),
        ],
    }
}

async fn server() -> (TestServer, Scene) {
    let mut options = Options::default();
    options.web.demo = Some(Arc::new(demo()));
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let scene = Scene::set(&server).await;
    (server, scene)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_demo_one_chooses_who_one_is() {
    let (server, scene) = server().await;
    let version = scene.requested().await;
    let browser = server.browser();
    let door = browser.get("/signin").await.text();
    assert!(door.contains("Choose who you are") && door.contains("does something"), "{door}");
    let reply = browser.post("/demo/person", &[("account", "scientist")]).await;
    assert_eq!((reply.status, reply.header("location")), (303, "/"));
    let before = browser.cookies();
    let inbox = browser.get("/").await.text();
    assert!(inbox.contains("You are The scientist now.") && !inbox.contains("Decide</h2><span"), "{inbox}");

    let page = format!("{}#decide", version.path);
    let reply = browser.post("/demo/person", &[("account", "approver"), ("then", &page)]).await;
    assert_eq!((reply.status, reply.header("location")), (303, page.as_str()));
    let shown = browser.get(&version.path).await.text();
    // A new sign-in: no password is asked for.
    assert!(shown.contains("The approver") && !shown.contains(r#"name="password""#), "{shown}");
    let tag = shown.split(r#"name="if_match" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let fields = [("if_match", tag), ("decision", "approve"), ("go", "approve"), ("comment", "Yes.")];
    assert_eq!(browser.post(&format!("{}/decision", version.path), &fields).await.status, 303);
    assert_eq!(scene.root.get(&format!("{}/review", version.path)).await.ok()["status"], "approved");

    // The session of the person before has ended.
    let old = server.browser();
    for cookie in before.split("; ") {
        let (name, value) = cookie.split_once('=').unwrap();
        old.set_cookie(name, value);
    }
    assert_eq!(old.get("/").await.status, 303);
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_somebody_else_from_elsewhere() {
    let (server, scene) = server().await;
    let browser = server.browser();
    browser.get("/signin").await;
    assert_eq!(browser.post_from("https://evil.example", "/demo/person", &[("account", "approver")]).await.status, 403);
    for account in ["root", "nobody", ""] {
        assert_eq!(browser.post("/demo/person", &[("account", account)]).await.status, 404, "{account} is none of the people");
    }
    // Its password is another one, or it is closed: the switch can no more than its person.
    browser.post("/demo/person", &[("account", "closed")]).await;
    assert!(!browser.cookies().contains("countersign="), "{}", browser.cookies());
    for header in
        [("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1"), ("via", "1.1 proxy"), ("host", "elsewhere.example")]
    {
        for path in ["/demo/person", "/demo/tour"] {
            let request = server.anonymous().request_outside(reqwest::Method::POST, path).header(header.0, header.1);
            let request = request.header("origin", &server.url).header("content-type", "application/x-www-form-urlencoded");
            let reply = request.bytes(b"account=approver&go=next").send().await;
            assert_eq!((reply.status, reply.header("set-cookie")), (403, ""), "{path} with {header:?}");
        }
    }
    // Asking for a page changes nothing and chooses nobody.
    let reply = browser.get("/demo/person?account=approver").await;
    assert_eq!((reply.status, reply.header("location"), reply.header("set-cookie")), (303, "/", ""));
    drop(scene);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_goes_on_and_back_and_ends() {
    let (server, scene) = server().await;
    scene.version().await;
    let browser = server.browser();
    browser.post("/demo/person", &[("account", "scientist")]).await;
    let tour = async |go: &str| {
        if !go.is_empty() {
            assert_eq!(browser.post("/demo/tour", &[("go", go)]).await.status, 303);
        }
        let page = browser.get("/").await.text();
        page.split("<aside class=\"demo\"").nth(1).unwrap().split("</aside>").next().unwrap().to_owned()
    };
    let first = tour("").await;
    assert!(first.contains("Tour, 1 of 2") && first.contains("First.") && !first.contains(">Back<"), "{first}");
    // The page is one's own already; the second step is another person's.
    assert!(first.contains("/projects/diagnosis/models/tumour/versions/1\">Open the page"), "{first}");
    let second = tour("next").await;
    assert!(
        second.contains("Be The approver and open the page") && second.contains("countersign --profile approver inbox"),
        "{second}"
    );
    assert!(second.contains("/versions/1/sheet?round=1") && !second.contains(">Next step<"), "{second}");
    assert!(tour("back").await.contains("Tour, 1 of 2"));
    assert!(tour("back").await.contains("Tour, 1 of 2"), "there is nothing before the first step");
    let ended = tour("end").await;
    assert!(!ended.contains("Tour, ") && ended.contains("Take the tour"), "{ended}");
    assert!(tour("begin").await.contains("Tour, 1 of 2"));
    browser.set_cookie("countersign-tour", "99");
    assert!(!tour("").await.contains("Tour, "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_server_has_the_bar() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.person("scientist").await;
    let browser = server.browser_of("scientist").await;
    assert!(!browser.get("/").await.text().contains("demo"));
    for path in ["/demo/person", "/demo/tour", "/demo"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
        assert_eq!(browser.post(path, &[("account", "scientist"), ("go", "next")]).await.status, 404, "{path}");
    }
}
