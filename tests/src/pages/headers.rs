//! What every page says to the browser, walked over the router: nothing inline, nothing from elsewhere, nothing kept.

use crate::authorization::{operations, stage::Stage};
use testkit::{Backend, Reply, TestServer};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The routes of the pages.
fn routes() -> Vec<String> {
    let all = crate::authorization::routes().into_iter();
    all.filter(|route| !route.contains(" /api/v1") && !route.ends_with("/health") && !route.ends_with("/metrics")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_bears_the_headers_of_a_page() {
    let server = TestServer::start(Backend::Sqlite).await;
    let stage = Stage::set(&server).await;
    let mut pages = 0;
    for role in ["anonymous", "outsider", "approver"] {
        for route in routes() {
            let probe = operations::prepare(&stage, &route, role).await.unwrap_or_else(|| panic!("{route} is not known"));
            let reply =
                if probe.path == "/nothing" { server.browser().get("/nothing").await } else { stage.send(probe, role).await };
            check(&route, &reply);
            pages += u32::from(reply.header("content-type").starts_with("text/html"));
        }
    }
    assert!(pages > 20, "{pages}");
}

#[test]
fn the_address_of_every_form_is_a_page_too() {
    let routes = routes();
    for form in routes.iter().filter_map(|route| route.strip_prefix("POST ")) {
        assert!(routes.contains(&format!("GET {form}")), "{form}: the address that a form leaves in the browser can be opened");
    }
}

fn check(route: &str, reply: &Reply) {
    let header = |name| reply.header(name);
    assert_eq!(header("x-content-type-options"), "nosniff", "{route}");
    assert!(!header("x-request-id").is_empty(), "{route}");
    assert_eq!(header("strict-transport-security"), "max-age=31536000", "{route}: the server is reached over TLS");
    if header("content-type").starts_with("text/html") {
        assert_eq!(header("content-security-policy"), POLICY, "{route}");
        assert_eq!((header("referrer-policy"), header("cache-control")), ("same-origin", "no-store"), "{route}");
        let text = reply.text();
        assert!(text.starts_with("<!doctype html>"), "{route}: {text}");
        for inline in [" style=", "<style", "<script>", " onclick=", " onsubmit=", "javascript:", "http://", "data:"] {
            assert!(!text.contains(inline), "{route} has {inline}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn style_and_script_are_kept_for_ever_and_pages_load_nothing_else() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.person("scientist").await;
    let browser = server.browser_of("scientist").await;
    let inbox = browser.get("/").await.text();
    let loaded: Vec<_> = inbox.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(loaded.len(), 3, "{loaded:?}");
    for address in loaded {
        let asset = browser.get(address).await;
        assert_eq!((asset.status, asset.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{address}");
        let kinds = [("css", "text/css; charset=utf-8"), ("js", "text/javascript; charset=utf-8"), ("svg", "image/svg+xml")];
        let (_, kind) = kinds.into_iter().find(|(end, _)| address.ends_with(end)).unwrap();
        assert_eq!(asset.header("content-type"), kind, "{address}: with nosniff a browser takes nothing else");
        let other = browser.get(&address.replace("/assets/countersign.", "/assets/countersign.0")).await;
        assert!(other.status == 404 || !address.contains("countersign"), "{address}");
    }
}
