//! Every address: those of the document, those that are none, and what all answers have in common.

use super::Fixture;
use crate::{
    Catcher, Demo, WebOptions, api,
    http::{self, Face, Routes, Web},
    pages,
};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, sync::Arc};

/// Method, path and whether a token is needed, of each operation of the document.
fn operations() -> Vec<(Method, String, bool)> {
    let document: Value = serde_json::from_str(&crate::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let anonymous = operation["security"] == json!([{}]) || operation["security"] == json!([]);
            operations.push((method.to_uppercase().parse().unwrap(), path.clone(), !anonymous));
        }
    }
    operations
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_and_asks_for_a_token() {
    let mut fixture = Fixture::new().await;
    fixture.token.clear();
    let mut anonymous = BTreeSet::new();
    for (method, path, needs_token) in operations() {
        let values = [
            ("{version}", "1"),
            ("{upload}", "0192f1c0-7c5e-7000-8000-000000000000"),
            ("{token}", "0192f1c0-7c5e-7000-8000-000000000000"),
        ];
        let mut address = values.iter().fold(path.clone(), |path, (parameter, value)| path.replace(parameter, value));
        while let Some((before, after)) = address.clone().split_once('{') {
            address = format!("{before}x{}", after.split_once('}').unwrap().1);
        }
        let query = match address.rsplit('/').next().unwrap() {
            "inclusion" => "?position=0",
            "consistency" => "?from=0",
            "files" if method == Method::PUT => "?name=x",
            "feedback" if method == Method::DELETE => "?slot=x",
            _ => "",
        };
        let answer = fixture.send(fixture.request(method.clone(), &format!("{address}{query}"), "{}")).await;
        if needs_token {
            assert_eq!(answer.refusal(), (401, "not_signed_in".to_owned()), "{method} {path}");
        } else {
            assert!(![401, 404, 405].contains(&answer.status.as_u16()), "{method} {path}: {answer:?}");
            anonymous.insert(path);
        }
    }
    let expected = ["/api/v1/log/key", "/api/v1/openapi.json", "/api/v1/public-key", "/api/v1/sessions"];
    assert_eq!(anonymous, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test]
async fn the_list_of_routes_is_what_the_router_serves() {
    let (mails, catcher) = (PathBuf::new(), Catcher::new(None, |_, _, _, _, _| false));
    let demo = Demo { personas: Vec::new(), password: String::new(), tour: Vec::new(), mails, catcher };
    let fixture = Fixture::with(WebOptions { demo: Some(Arc::new(demo)), ..WebOptions::default() }).await;
    // axum tells its routes to nobody but `Debug`, and adds the two of the fallback: / and the rest.
    let debug = format!("{:?}", fixture.router);
    let is_route = |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("__private");
    let served: BTreeSet<_> = debug.split('"').filter(is_route).map(str::to_owned).collect();
    let listed: BTreeSet<_> = crate::routes().into_iter().map(|route| route.path).filter(|path| path != "/").collect();
    assert!(listed.len() > 50, "{listed:?}");
    assert_eq!(served, listed);
}

#[test]
fn all_routes_of_the_api_are_in_the_document_and_no_other_is() {
    let routes = crate::routes().into_iter().filter(|route| route.published);
    let published: BTreeSet<_> = routes.map(|route| (route.method.to_string(), route.path.replace("{*", "{"))).collect();
    let document: BTreeSet<_> = operations().into_iter().map(|(method, path, _)| (method.to_string(), path)).collect();
    assert_eq!(published, document);
    let hidden = api::face().routes;
    let hidden = hidden.list().iter().filter(|route| !route.published).map(|route| route.path.as_str());
    assert_eq!(hidden.collect::<Vec<_>>(), ["/health", "/metrics"]);
    assert!(pages::face(true).routes.list().iter().all(|route| !route.published), "a page is no resource of the API");
}

#[test]
fn no_two_operations_have_one_name() {
    let document: Value = serde_json::from_str(&crate::openapi()).unwrap();
    let names = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let names: Vec<_> = names.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let fixture = Fixture::new().await;
    for path in ["/nothing", "/api", "/api/v1", "/api/v1/nothing", "/api/v2/me", "/api/v1/me/"] {
        assert_eq!(fixture.get(path).await.refusal(), (404, "no_such_route".to_owned()), "{path}");
    }
    let answer = fixture.send(fixture.request(Method::PUT, "/api/v1/groups", "")).await;
    assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()));
    let allow: BTreeSet<_> = answer.header("allow").split(',').collect();
    assert_eq!(allow, BTreeSet::from(["GET", "HEAD", "POST"]));
}

#[tokio::test]
async fn every_answer_bears_the_request_id_and_the_headers_of_data() {
    let fixture = Fixture::new().await;
    let ask = async |id: &'static str| {
        let mut request = fixture.request(Method::GET, "/api/v1/nothing", Body::empty());
        request.headers_mut().insert("x-request-id", id.parse().unwrap());
        fixture.send(request).await
    };
    assert_eq!(ask("build-7.3").await.header("x-request-id"), "build-7.3");
    let (made, other) = (ask("not safe").await, ask("not safe").await);
    assert_ne!(made.header("x-request-id"), other.header("x-request-id"));
    assert_eq!(made.header("x-request-id").parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
    for path in ["/api/v1/me", "/api/v1/nothing", "/health", "/api/v1/openapi.json"] {
        let answer = fixture.get(path).await;
        assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_and_says_nothing_of_its_cause() {
    let mut fixture = Fixture::new().await;
    let web = Web::new(fixture.server.clone(), WebOptions::default());
    let routes = Routes::new().get("/panic", async || -> String { panic!("secret {}", 7) });
    fixture.router = http::router(vec![Face { routes, ..api::face() }], api::write_problem, web);
    let answer = fixture.get("/panic").await;
    assert_eq!(answer.refusal(), (500, "internal".to_owned()));
    assert!(!answer.json().to_string().contains("secret"));
}

#[tokio::test]
async fn health_says_ready_and_stops_saying_so_without_a_database() {
    let fixture = Fixture::new().await;
    let ask = async || {
        fixture.send(Request::get("/health").header(header::HOST, "countersign.example").body(Body::empty()).unwrap()).await
    };
    let ready = ask().await;
    assert_eq!((ready.status.as_u16(), ready.json()), (200, json!({"status": "ready"})));
    fixture.server.store.close().await;
    let gone = ask().await;
    assert_eq!(gone.refusal(), (503, "unavailable".to_owned()));
    assert_eq!(gone.header("retry-after"), "5");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_what_it_names() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let fixture = Fixture::with(WebOptions { prometheus: Some(recorder.handle()), ..WebOptions::default() }).await;
    let _counting = metrics::set_default_local_recorder(&recorder);
    for path in ["/api/v1/groups/a", "/api/v1/groups/b", "/api/v1/wp-login.php"] {
        assert_eq!(fixture.get(path).await.status, 404);
    }
    fixture.send(fixture.request("BREW".parse().unwrap(), "/health", Body::empty())).await;
    let figures = String::from_utf8(fixture.get("/metrics").await.bytes).unwrap();
    for line in [
        r#"countersign_http_requests_total{method="GET",path="/api/v1/groups/{group}",status="404"} 2"#,
        r#"countersign_http_requests_total{method="GET",path="unmatched",status="404"} 1"#,
        r#"countersign_http_requests_total{method="OTHER",path="/health",status="405"} 1"#,
        r#"countersign_http_request_duration_seconds_count{method="GET",path="/api/v1/groups/{group}"} 2"#,
    ] {
        assert!(figures.contains(line), "{line}\n{figures}");
    }
}

#[tokio::test]
async fn figures_are_for_those_who_may_read_the_record_and_for_service_accounts() {
    let prometheus = Some(PrometheusBuilder::new().build_recorder().handle());
    let fixture = Fixture::with(WebOptions { prometheus, ..WebOptions::default() }).await;
    let ask = async |token: Option<&str>| {
        // Whatever the address: behind a proxy everybody comes from this machine.
        let mut request = Request::get("/metrics")
            .header(header::HOST, "countersign.example")
            .extension(ConnectInfo(SocketAddr::new("127.0.0.1".parse().unwrap(), 1)));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        fixture.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
    };
    let invitation = fixture.post("/api/v1/users", &json!({"name": "scientist", "display_name": "Data scientist"})).await.json()
        ["invitation"]
        .clone();
    let session = fixture.post("/api/v1/sessions", &json!({"invitation": invitation, "password": "correct horse"})).await.json();
    let token = async |scope: &str| {
        let made = fixture.post("/api/v1/tokens", &json!({"service": "prometheus", "scopes": [scope]})).await.json();
        made["token"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask(None).await, 401);
    assert_eq!(ask(Some(&fixture.token)).await, 200);
    assert_eq!(ask(session["token"].as_str()).await, 403);
    assert_eq!((ask(Some(&token("metrics").await)).await, ask(Some(&token("read").await)).await), (200, 403));
    // That is all that such a token opens.
    let request = Request::get("/api/v1/users")
        .header(header::HOST, "countersign.example")
        .header(header::AUTHORIZATION, format!("Bearer {}", token("metrics").await));
    assert_eq!(fixture.send(request.body(Body::empty()).unwrap()).await.status, 403);
}

#[tokio::test]
async fn without_a_recorder_there_are_no_figures() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get("/metrics").await.refusal(), (404, "no_metrics".to_owned()));
}
