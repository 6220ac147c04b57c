//! The alert rules and the dashboard use metrics that the pages list, the pages list what a server gives, and Prometheus' own program
//! accepts and tests the rules.

use super::{environment, repository, serve};
use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// What a metric's name begins with.
const PREFIX: &str = "countersign_";
/// Names the program `promtool` of Prometheus.
const PROMTOOL: &str = "COUNTERSIGN_TEST_PROMTOOL";

#[test]
fn rules_and_dashboard_use_metrics_of_the_list() {
    let listed = listed();
    assert!(listed.len() > 25, "the pages list few metrics: {listed:?}");
    for file in ["alerts.yml", "alerts-test.yml", "dashboard.json"] {
        let used = names_in(&file_of(file));
        assert!(!used.is_empty(), "{file} uses no metric");
        let unknown: Vec<_> = used.difference(&listed).collect();
        assert!(unknown.is_empty(), "{file} uses metrics that no page lists: {unknown:?}");
    }
}

#[test]
fn the_list_has_every_metric_that_a_server_gives() {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fs::write(folder.path().join("settings.toml"), format!("data = \"data\"\n[metrics]\nlisten = \"{address}\"\n")).unwrap();
    let _server = serve("--config settings.toml", folder.path());
    let end = Instant::now() + Duration::from_secs(60);
    let given = loop {
        let given = names_in(&get(&format!("http://{address}"), "/metrics"));
        if given.contains("countersign_database_up") {
            break given;
        }
        assert!(Instant::now() < end, "the server takes no figures: {given:?}");
    };
    assert!(given.len() > 15, "the server gives few metrics: {given:?}");
    let listed = listed();
    let missing: Vec<_> = given.difference(&listed).collect();
    assert!(missing.is_empty(), "docs/monitoring.md does not list {missing:?}");
}

#[test]
fn every_alert_has_a_way_on_and_a_test() {
    let page = fs::read_to_string(repository().join("docs/monitoring.md")).unwrap();
    let tests = file_of("alerts-test.yml");
    let rules = file_of("alerts.yml");
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(!alerts.is_empty());
    for alert in alerts {
        assert!(page.contains(&format!("`{alert}`")), "docs/monitoring.md does not say what to do about {alert}");
        assert!(tests.contains(alert), "alerts-test.yml does not test {alert}");
    }
}

#[test]
fn the_dashboard_has_the_form_that_grafana_reads() {
    let dashboard: serde_json::Value = serde_json::from_str(&file_of("dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    assert!(dashboard["title"].is_string() && dashboard["uid"].is_string() && dashboard["schemaVersion"].is_u64());
    let source = &dashboard["templating"]["list"][0];
    assert_eq!((source["name"].as_str(), source["type"].as_str()), (Some("source"), Some("datasource")));
    let mut taken = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
        assert!(x + w <= 24, "{title} is too wide");
        for place in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(place), "{title} lies over another panel");
        }
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], "${source}", "{title}");
            assert!(!panel["targets"].as_array().unwrap().is_empty(), "{title} shows nothing");
        }
    }
}

#[test]
fn prometheus_accepts_the_rules_and_the_expressions_of_the_dashboard() {
    let Some(promtool) = environment(PROMTOOL) else {
        println!("{PROMTOOL} is not set: Prometheus checks no rule");
        return;
    };
    let folder = repository().join("docs/monitoring");
    check(&promtool, &["check", "rules", "alerts.yml"], &folder);
    check(&promtool, &["test", "rules", "alerts-test.yml"], &folder);
    check(&promtool, &["check", "config", "--syntax-only", "prometheus.yml"], &folder);

    // Prometheus knows no dashboards: it takes each expression as a rule.
    let dashboard: serde_json::Value = serde_json::from_str(&file_of("dashboard.json")).unwrap();
    let targets = dashboard["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let rules: Vec<_> = targets
        .enumerate()
        .map(|(number, target)| {
            let expression = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
            serde_json::json!({ "record": format!("panel:{number}"), "expr": expression })
        })
        .collect();
    let rules = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    let own = tempfile::tempdir().unwrap();
    fs::write(own.path().join("dashboard.yml"), rules.to_string()).unwrap();
    check(&promtool, &["check", "rules", "dashboard.yml"], own.path());
}

fn check(promtool: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(promtool).args(arguments).current_dir(folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "promtool {}:\n{said}", arguments.join(" "));
}

/// The metrics that the pages list, in code.
fn listed() -> BTreeSet<String> {
    let pages = ["monitoring.md", "node.md"].map(|page| fs::read_to_string(repository().join("docs").join(page)).unwrap());
    let rows = pages.iter().flat_map(|page| page.lines()).filter_map(|line| line.strip_prefix("| `countersign_"));
    rows.flat_map(|row| names_in(&format!("{PREFIX}{}", row.split(" | ").next().unwrap()))).collect()
}

/// Every name of a metric in a text. A histogram has one name, whatever its series are called.
fn names_in(text: &str) -> BTreeSet<String> {
    let is_in_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let names = text.split(|character| !is_in_name(character)).filter(|word| word.starts_with(PREFIX));
    let histogram = |name: &str| {
        let series = ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending));
        series.filter(|base| base.ends_with("_seconds")).unwrap_or(name).to_owned()
    };
    names.map(histogram).collect()
}

fn file_of(name: &str) -> String {
    fs::read_to_string(repository().join("docs/monitoring").join(name)).unwrap()
}

/// What a server on this machine answers.
fn get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}
