//! A server under stress: nobody takes the lines of its log, somebody tries passwords, an operator's program asks for figures.

use crate::common::{
    http::Person,
    scene::Place,
    serve::{PROGRAM, Serve, command},
};
use reqwest::Method;
use serde_json::json;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server whose log goes where the test says; killed when dropped.
struct Silent {
    child: Child,
    url: String,
}

impl Silent {
    fn start(place: &Place, stderr: Stdio) -> Self {
        // A port that was free a moment ago: nobody can be told by a log that nobody takes.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut serve = command(&[]);
        serve.args(["serve", "--listen", &address.to_string(), "--database", place.database.url(), "--data"]).arg(place.data());
        let child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
        Self { child, url: format!("http://{address}") }
    }

    async fn ready(self) -> Self {
        let end = Instant::now() + Duration::from_secs(60);
        while reqwest::get(format!("{}/health", self.url)).await.is_err() {
            assert!(Instant::now() < end, "the server does not answer");
            tokio::task::yield_now().await;
        }
        self
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything that a server must still do: answer, change, carry out its jobs.
async fn works(server: &Silent, root: &Person, group: &str) {
    let root = root.at(&server.url);
    root.post("/groups", json!({"name": group})).await.ok();
    let runs = async || {
        let jobs = root.get("/jobs").await.ok();
        let job = jobs["items"].as_array().unwrap().iter().find(|job| job["name"] == "expire").unwrap().clone();
        job["runs"].as_u64().unwrap()
    };
    let (before, end) = (runs().await, Instant::now() + Duration::from_secs(60));
    while runs().await < before + 2 {
        assert!(Instant::now() < end, "the jobs do not run");
    }
    // Each request is a line, and a pipe holds 64 KiB of them.
    for _ in 0..600 {
        assert_eq!(root.get("/me").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_takes_stops_nothing() {
    let place = Place::sqlite();
    let first = place.serve();
    let people = place.set(&first).await;
    first.stop();

    // The reader is gone.
    let mut server = Silent::start(&place, Stdio::piped());
    drop(server.child.stderr.take());
    let server = server.ready().await;
    works(&server, &people.root, "gone").await;
    let metrics = people.root.at(&server.url).outside("/metrics").await;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("countersign_log_lines_lost_total ")).unwrap();
    assert!(lost.parse::<u64>().unwrap() > 600, "{lost} lines are said to be lost");
    drop(server);

    // The reader is there and does not read.
    let server = Silent::start(&place, Stdio::piped()).ready().await;
    works(&server, &people.root, "asleep").await;
    drop(server);

    // The disk is full.
    let server = Silent::start(&place, File::options().write(true).open("/dev/full").unwrap().into()).ready().await;
    works(&server, &people.root, "full").await;
}

/// The memory that a process holds, in MiB.
fn resident(child: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}

/// Each password takes 19 MiB to hash. That memory is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_do_not_fill_the_memory() {
    let place = Place::sqlite();
    let first = place.serve();
    let people = place.set(&first).await;
    first.stop();
    let server = Silent::start(&place, Stdio::null()).ready().await;
    let root = people.root.at(&server.url);
    root.get("/me").await.ok();
    let (before, nobody) = (resident(server.child.id()), Person::nobody(&server.url));
    let guess = json!({"user": "root", "password": "a wrong guess"});
    for _ in 0..3 {
        let tried = (0..16).map(|_| nobody.try_ask(Method::POST, "/sessions", Some(&guess), None));
        for reply in futures_util::future::join_all(tried).await {
            assert_eq!(reply.unwrap().status, 401);
        }
    }
    // An allocator may keep what it freed for a moment.
    let end = Instant::now() + Duration::from_secs(30);
    while resident(server.child.id()) > before + 80 {
        assert!(Instant::now() < end, "{before} MiB became {} MiB", resident(server.child.id()));
        root.get("/me").await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_have_a_listener_of_their_own() {
    let place = Place::sqlite();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let settings = [("COUNTERSIGN_METRICS_LISTEN", &*address), ("COUNTERSIGN_LOG_FORMAT", "text")];
    let server = Serve::start_with(&place.data(), place.database.url(), &settings);
    let people = place.set(&server).await;
    let inside = Person::nobody(&format!("http://{address}"));
    assert!(inside.outside("/health").await.contains("ready"));
    let end = Instant::now() + Duration::from_secs(60);
    let figures = loop {
        let figures = inside.outside("/metrics").await;
        if figures.contains("countersign_database_up 1") {
            break figures;
        }
        assert!(Instant::now() < end, "{figures}");
    };
    for line in [
        "# HELP countersign_open_reviews ",
        "# HELP countersign_http_requests_total ",
        "countersign_open_reviews{age=\"1d\"} 0",
        "countersign_approvals_ending 0",
        "countersign_deployments_out_of_policy 0",
        "countersign_checkpoint_age_seconds ",
        "countersign_log_forked 0",
    ] {
        assert!(figures.contains(line), "{line}\n{figures}");
    }
    for line in figures.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        assert!(line.starts_with("countersign_"), "{line}");
    }
    // Nothing else is there, and the same address without a token shows nothing.
    assert_eq!(inside.get("/me").await.status, 404);
    let nobody = Person::nobody(&server.url);
    assert!(nobody.outside("/metrics").await.contains("not_signed_in"));
    assert!(people.root.outside("/metrics").await.contains("countersign_open_reviews"));
    server.stop();
}

/// A log in JSON is JSON from the first line, warnings of the start among them.
#[test]
fn a_log_in_json_is_json_from_the_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Command::new(PROGRAM);
    serve.env_clear().envs([("COUNTERSIGN_LOG_FORMAT", "json"), ("COUNTERSIGN_BASE_ULR", "http://a.example")]);
    let mut child = serve
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(Path::new(folder.path()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        let is_last = line.contains("There is no administrator yet");
        lines.push(line);
        if is_last {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in &lines {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}\n{lines:#?}");
    }
    assert!(lines.iter().any(|line| line.contains("COUNTERSIGN_BASE_ULR is no setting")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("\"ready\"")), "{lines:#?}");
}
