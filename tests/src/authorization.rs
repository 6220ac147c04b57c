//! Who may do what: asks a running server for every route of its router, published or not, in every role. The requests are valid, so only
//! the right to make them decides. The table of statuses is a text file for review.

pub(crate) mod operations;
mod pages;
pub(crate) mod stage;

use metrics_exporter_prometheus::PrometheusBuilder;
use stage::{ROLES, Stage};
use std::{collections::BTreeSet, fmt::Write};
use testkit::{Backend, Options, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_in_every_role() {
    let mut options = Options::default();
    options.web.prometheus = Some(PrometheusBuilder::new().build_recorder().handle());
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let stage = Stage::set(&server).await;
    let mut table = format!("{:<100}", "");
    for role in ROLES {
        write!(table, " {role:>13}").unwrap();
    }
    table.push('\n');
    for route in routes() {
        write!(table, "{route:<100}").unwrap();
        for role in ROLES {
            let probe = operations::prepare(&stage, &route, role).await.unwrap_or_else(|| {
                panic!("the router serves `{route}`, but tests/src/authorization/ does not know it: say there how to ask for it")
            });
            let reply = stage.send(probe, role).await;
            assert!(reply.status < 500, "{route} as {role}: {}", reply.text());
            write!(table, " {:>13}", reply.status).unwrap();
        }
        table.push('\n');
    }
    server.verify().await;
    insta::assert_snapshot!(table);
}

/// Each route of the router as `METHOD /path`, by path, and an address that none of them has.
pub(crate) fn routes() -> Vec<String> {
    let routes: BTreeSet<_> =
        web::routes().into_iter().map(|route| (route.path.replace("{*", "{"), route.method.to_string())).collect();
    assert!(routes.len() > 60, "the router lost most of its routes: {routes:?}");
    let routes = routes.into_iter().map(|(path, method)| format!("{method} {path}"));
    routes.chain([operations::ELSEWHERE.to_owned()]).collect()
}
