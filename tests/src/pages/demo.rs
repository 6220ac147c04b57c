//! The bar of the demo: being somebody else and the tour, for a browser on the server's own machine. No other server has it.

use std::{path::Path, sync::Arc};
use testkit::{Backend, Options, PASSWORD, Scene, TestServer};
use web::{Catcher, Demo, Persona, TourPage, TourStep};

fn demo(mails: &Path) -> Demo {
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
            step("Third.", "approver", TourPage::Infrastructure("production".parse().unwrap())),
        ],
        mails: mails.to_owned(),
        // The signature is the secret itself, with the id.
        catcher: Catcher::new(Some("secret".to_owned()), |secret, id, _, signatures, _| signatures == format!("{secret}-{id}")),
    }
}

async fn server() -> (TestServer, Scene) {
    let mut options = Options::default();
    options.web.demo = Some(Arc::new(demo(Path::new("/none"))));
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
    assert!(first.contains("Tour, 1 of 3") && first.contains("First.") && !first.contains(">Back<"), "{first}");
    // The page is one's own already; the second step is another person's.
    assert!(first.contains("/projects/diagnosis/models/tumour/versions/1\">Open the page"), "{first}");
    let second = tour("next").await;
    assert!(
        second.contains("Be The approver and open the page") && second.contains("countersign --profile approver inbox"),
        "{second}"
    );
    assert!(second.contains("/versions/1/sheet?round=1") && second.contains(">Next step<"), "{second}");
    let third = tour("next").await;
    assert!(third.contains(r#"value="/infrastructures/production""#) && !third.contains(">Next step<"), "{third}");
    assert!(tour("back").await.contains("Tour, 2 of 3"));
    assert!(tour("back").await.contains("Tour, 1 of 3"));
    assert!(tour("back").await.contains("Tour, 1 of 3"), "there is nothing before the first step");
    let ended = tour("end").await;
    assert!(!ended.contains("Tour, ") && ended.contains("Take the tour"), "{ended}");
    assert!(tour("begin").await.contains("Tour, 1 of 3"));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mailbox_shows_mails_and_lets_no_mail_run_anything() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path();
    let mut options = Options::default();
    options.web.demo = Some(Arc::new(demo(mails)));
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let empty = server.browser().get("/demo/mails").await;
    assert!(empty.status == 200 && empty.text().contains("No mail yet."), "{}", empty.text());
    let id = "0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b";
    let mail = "From: a@example.org\r\nTo: \"The <b>approver\" <approver@example.org>\r\nSubject: diagnosis/tumour:1: <i>review\r\nDate: Mon, 05 Jan 2026 09:00:00 +0000\r\n\
                MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nYour answer is needed: <u>decide.\r\n--b\r\n\
                Content-Type: text/html\r\n\r\n<html><head></head><body><script>alert(1)</script><a href=\"/\">Go</a></body></html>\r\n--b--\r\n";
    std::fs::write(mails.join(format!("{id}.eml")), mail).unwrap();
    std::fs::write(mails.join("0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6c.part"), "half a mail").unwrap();
    let browser = server.browser();
    let list = browser.get("/demo/mails?to=approver@example.org").await.text();
    assert!(list.contains("diagnosis/tumour:1: &#60;i&#62;review") && list.contains("Your answer is needed"), "{list}");
    assert!(!browser.get("/demo/mails?to=nobody@example.org").await.text().contains("&#60;i&#62;review"));
    let page = browser.get(&format!("/demo/mails/{id}")).await;
    assert!(page.header("content-security-policy").contains("frame-src 'self'"));
    assert!(
        page.text().contains("Your answer is needed: &#60;u&#62;decide.") && page.text().contains("sandbox="),
        "{}",
        page.text()
    );
    let html = browser.get(&format!("/demo/mails/{id}/html")).await;
    let policy = html.header("content-security-policy").to_owned();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert!(html.text().contains("<base target=\"_top\">"), "{}", html.text());
    for other in ["0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6c", "..%2Fpassword", "none"] {
        assert_eq!(browser.get(&format!("/demo/mails/{other}")).await.status, 404, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catcher_shows_what_arrived_and_whose_signature_is_wrong() {
    let (server, _) = server().await;
    let post = async |id: &str, signature: &str, body: &str| {
        let request = reqwest::Client::new().post(format!("{}/demo/webhook", server.url));
        let request = request.header("webhook-id", id).header("webhook-timestamp", "1").header("webhook-signature", signature);
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("one", "secret-one", r#"{"type": "countersign.approved", "subject": "diagnosis/tumour:1"}"#).await, 204);
    assert_eq!(post("one", "secret-one", r#"{"type": "countersign.approved", "subject": "diagnosis/tumour:1"}"#).await, 204);
    assert_eq!(post("two", "forged", "<script>").await, 204);
    assert_eq!(post("three", "secret-three", &"x".repeat(100_000)).await, 422);
    let page = server.browser().get("/demo/webhook").await.text();
    assert_eq!(page.matches("Signature verified").count(), 1, "the same delivery twice is one: {page}");
    assert_eq!(page.matches("Not signed by this server").count(), 1, "{page}");
    assert!(page.contains("countersign.approved") && !page.contains("<script>"), "{page}");
}
