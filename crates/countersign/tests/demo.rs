//! The demo, as a newcomer and as the tests run it: a year of history with people to be, and the script of commands, on both databases.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

#[path = "demo/commands.rs"]
mod commands;
mod common;

use common::{cli::Terminal, database::Fresh, http::Person, serve};
use reqwest::{StatusCode, header};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How many lines the script has at least; it only ever grows.
const STEPS: usize = 70;
/// How long the five lines may take in a debug build, on a machine that runs other tests too.
const SOON: Duration = Duration::from_secs(60);

#[test]
fn the_script_goes_as_it_should_on_sqlite() {
    tell(&[]);
}

#[test]
fn the_script_goes_as_it_should_on_postgres() {
    let Some(fresh) = Fresh::postgres() else { return };
    tell(&["--database", fresh.url()]);
}

fn tell(more: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = Terminal::new(folder.path()).run(&[&["demo", "--script"], more].concat()).done();
    let steps = run.stdout.lines().filter(|line| line.starts_with("$ countersign ")).count();
    assert!(steps >= STEPS, "{steps} steps");
    assert!(run.stderr.contains(&format!("The story went as it should: {steps} steps.")), "{}", run.stderr);
    println!("{steps} steps in {:?}", run.took);
}

#[test]
fn a_signal_in_the_middle_of_the_script_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM", "-HUP", "-QUIT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = serve::command(&[("TMPDIR", folder.path().to_str().unwrap())]);
        let mut demo = demo.args(["demo", "--script"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
        let login = lines.find(|line| line.contains("login http://")).expect("the script begins with a login");
        let server = login.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        assert!(TcpStream::connect(&server).is_ok(), "{server} does not answer yet");
        assert!(Command::new("kill").args([signal, &demo.id().to_string()]).status().unwrap().success());
        // The script goes on to be read, so that the demo never waits for its reader.
        lines.for_each(drop);
        let status = demo.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
        nothing_is_left(&server, folder.path());
    }
}

fn nothing_is_left(server: &str, folder: &Path) {
    assert!(TcpStream::connect(server).is_err(), "the server goes on");
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A demo that stays up; ended when dropped.
struct Demo {
    url: String,
    password: String,
    /// The year, line by line.
    told: Vec<String>,
    /// Where the data and the profiles are.
    folder: PathBuf,
    child: Child,
    /// The folder in which the demo makes its own.
    temporary: tempfile::TempDir,
}

impl Demo {
    fn start(flags: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let mut command = serve::command(&[("TMPDIR", temporary.path().to_str().unwrap())]);
        let mut child = command.arg("demo").args(flags).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let told: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let lines: Vec<_> = lines.take(5).collect();
        let [open, be, r#type, _, end] = &lines[..] else { panic!("these are not five lines: {lines:?}") };
        println!("five lines after {:?}", begun.elapsed());
        assert!(begun.elapsed() < SOON && end.starts_with("End "), "{lines:?}");
        let url = open.split_whitespace().nth(1).unwrap().to_owned();
        let password = be.rsplit(' ').next().unwrap().to_owned();
        let config = r#type.split("COUNTERSIGN_CONFIG_DIR=").nth(1).unwrap().split(';').next().unwrap();
        let folder = Path::new(config).parent().unwrap().to_owned();
        Self { url, password, folder, told, child, temporary }
    }

    /// A person with the token of their profile.
    fn person(&self, name: &str) -> Person {
        let profile = fs::read_to_string(self.folder.join(format!("config/profiles/{name}.toml"))).unwrap();
        let token = profile.lines().find_map(|line| line.strip_prefix("token = ")).unwrap();
        Person::nobody(&self.url).with_token(name, token.trim_matches(['"', '\'']))
    }

    /// Chooses a person at the top of the page, as the browser of this machine does; gives the status and the cookie of the session.
    async fn be(&self, account: &str, more: &[(&str, &str)]) -> (StatusCode, String) {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut request = http.post(format!("{}/demo/person", self.url)).header("origin", &self.url);
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let form = "application/x-www-form-urlencoded";
        let answer = request.header(header::CONTENT_TYPE, form).body(format!("account={account}")).send().await.unwrap();
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        let session = cookies.filter(|cookie| cookie.starts_with("countersign=")).map(|cookie| cookie.split(';').next().unwrap());
        (answer.status(), session.collect())
    }

    async fn page(&self, path: &str, session: &str) -> String {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("{}{path}", self.url)).header(header::COOKIE, session).header("accept", "text/html");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Ends the demo as its user would.
    fn end(mut self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        nothing_is_left(self.url.strip_prefix("http://").unwrap(), self.temporary.path());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Not killed: its own processes would go on.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// A terminal for tools that read the data of a demo: its server has the name that its address gives.
fn terminal(folder: &Path) -> Terminal {
    Terminal::new(folder).with("COUNTERSIGN_SERVER_NAME", Path::new("127.0.0.1"))
}

/// What waits for each person, as their inbox says.
const INBOXES: &[(&str, &[&str])] = &[
    ("scientist", &["Inbox"]),
    ("itops", &["limit-setting"]),
    ("riskofficer", &["triage-priority", "limit-setting"]),
    ("deputyrisk", &["limit-setting"]),
    ("safety", &["bearing-wear", "triage-priority"]),
    ("business", &["limit-setting", "triage-priority"]),
    ("approver", &["credit-risk", "tumour", "pump-failure"]),
    ("deputy", &["credit-risk", "tumour"]),
    ("operator", &["Inbox"]),
    ("manager", &["tissue-segmentation", "tumour"]),
    ("auditor", &["Inbox"]),
    ("root", &["Inbox"]),
];

#[tokio::test]
async fn a_year_of_history_with_people_to_be() {
    let demo = Demo::start(&["--no-browser"]);
    let told = demo.told.join("\n");
    assert!((20..40).contains(&demo.told.len()), "a page: {told}");
    for words in [
        "Final approver        approves diagnosis/tumour:1 for 90 days: As a second reader",
        "is denied to deploy",
        "sets hospital-prod to warn",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains('\u{1b}') && !told.contains("answers "), "plain where nobody sees colours, and no answers: {told}");
    let root = demo.person("root");
    let mut statuses = BTreeSet::new();
    for model in [
        "diagnosis/models/tumour",
        "diagnosis/models/tissue-segmentation",
        "diagnosis/models/triage-priority",
        "lending/models/credit-risk",
        "lending/models/limit-setting",
        "maintenance/models/pump-failure",
        "maintenance/models/bearing-wear",
    ] {
        let present = root.get(&format!("/projects/{model}/versions")).await.ok();
        for version in present["items"].as_array().unwrap() {
            statuses.insert(version["status"].as_str().unwrap().to_owned());
        }
        let retired = root.get(&format!("/projects/{model}/versions?retired=true")).await.ok();
        statuses.extend(retired["items"].as_array().unwrap().iter().map(|_| "retired".to_owned()));
    }
    let every = [
        "not_started",
        "waiting_for_feedback",
        "waiting_for_approval",
        "approved",
        "rejected",
        "abandoned",
        "revoked",
        "expired",
        "retired",
    ];
    assert_eq!(statuses, every.map(str::to_owned).into());

    for (person, waiting) in INBOXES {
        let (status, session) = demo.be(person, &[]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{person}");
        let inbox = demo.page("/", &session).await;
        for words in *waiting {
            assert!(inbox.contains(words), "{person} finds no {words}: {inbox}");
        }
    }
    let (_, approver) = demo.be("approver", &[]).await;
    let page = demo.page("/projects/lending/models/credit-risk/versions/5", &approver).await;
    assert!(page.contains("It is your turn") && !page.contains(r#"type="password""#), "a switch is a fresh sign-in: {page}");
    let (_, operator) = demo.be("operator", &[]).await;
    let out = demo.page("/infrastructures/plant-edge", &operator).await;
    assert!(out.contains("is out of policy"), "{out}");

    commands::try_commands_of_pages(&demo).await;

    // Its mails and what its webhook gets: what somebody does arrives there.
    let scientist = demo.person("scientist");
    let review = "/projects/diagnosis/models/tumour/versions/8/review";
    scientist.change(reqwest::Method::POST, &format!("{review}/request"), review, &serde_json::json!({})).await.ok();
    for (path, words) in
        [("/demo/mails", "diagnosis/tumour:8: review requested"), ("/demo/webhook", "countersign.review_requested")]
    {
        let end = Instant::now() + Duration::from_secs(60);
        let page = loop {
            let page = demo.page(path, &approver).await;
            if page.contains(words) || Instant::now() > end {
                break page;
            }
        };
        assert!(page.contains(words), "{path} has no {words}: {page}");
        assert!(!page.contains("Not signed by this server"), "{page}");
    }

    // Nobody gets in from elsewhere, nor as somebody else.
    let url = demo.url.as_str();
    for (account, header, status) in [
        ("approver", ("x-forwarded-for", "192.0.2.1"), StatusCode::FORBIDDEN),
        ("approver", ("via", "1.1 proxy"), StatusCode::FORBIDDEN),
        ("approver", ("host", "elsewhere.example"), StatusCode::FORBIDDEN),
        ("approver", ("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
        ("node-1", ("accept", "text/html"), StatusCode::NOT_FOUND),
        ("", ("accept", "text/html"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(demo.be(account, &[header]).await, (status, String::new()), "{account} at {url} with {header:?}");
    }

    let data = demo.folder.join("data");
    let verified = terminal(demo.temporary.path()).run(&["admin", "verify-store", "--data", data.to_str().unwrap()]);
    println!("{}", verified.done().stdout);
    assert!(demo.password.len() >= 20);
    demo.end();
}

#[tokio::test]
async fn an_empty_demo_has_people_and_nothing_else() {
    let demo = Demo::start(&["--empty", "--no-browser"]);
    let projects = demo.person("root").get("/projects").await.ok();
    assert_eq!(projects["items"], serde_json::json!([]));
    let (status, session) = demo.be("root", &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(demo.page("/projects", &session).await.contains("No project yet"));
    demo.end();
}

#[tokio::test]
async fn a_large_demo_has_many_versions_beside_the_story() {
    // The line before the five says how long the versions took.
    let temporary = tempfile::tempdir().unwrap();
    let mut command = serve::command(&[("TMPDIR", temporary.path().to_str().unwrap())]);
    let flags = ["demo", "--large", "--versions", "400", "--no-browser", "--verbose"];
    let mut child = command.args(flags).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    assert!(told.iter().any(|line| line.contains("Data scientist        registers diagnosis/tumour:1")), "{told:?}");
    assert!(told.last().unwrap().starts_with("400 versions beside the story were written in "), "{told:?}");
    let lines: Vec<_> = lines.take(5).collect();
    let config = lines.iter().find_map(|line| line.split("COUNTERSIGN_CONFIG_DIR=").nth(1)).unwrap().split(';').next().unwrap();
    let data = Path::new(config).parent().unwrap().join("data");
    let verified = terminal(temporary.path()).run(&["admin", "verify-store", "--data", data.to_str().unwrap()]);
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    verified.done();
}

#[test]
fn a_server_that_others_reach_lets_nobody_be_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::new(folder.path());
    let run = terminal.run(&["serve", "--data", "data", "--listen", "0.0.0.0:0", "--demo", "."]);
    run.refused(2, "a server of the demo listens on its own machine only");
}
