//! The demo that stays up: writes the history, starts server and nodes, and says what to open.

use super::{
    people::PERSONAS,
    profiles,
    stage::Stage,
    switch,
    year::{self, Place, Telling},
};
use crate::environment::Environment;
use anyhow::{Context, bail};
use app::{Clock, SystemClock};
use console::style;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

/// What the demo begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The people alone.
    People,
    /// The year.
    Story,
    /// The year, and so many versions beside it.
    Many(u32),
}

/// Starts everything. The nodes come up meanwhile.
///
/// # Errors
/// A database that is not empty, or a server that does not start.
pub async fn open(stage: &mut Stage, what: What, telling: Telling, database: Option<&store::Database>) -> anyhow::Result<()> {
    let data = PathBuf::from(&stage.words["data"]);
    let own = store::Database::Sqlite(data.join("countersign.db"));
    let place =
        Place { data: &data, database: database.unwrap_or(&own), url: &stage.words["url"], password: &stage.words["password"] };
    let now = SystemClock.now();
    let begun = Instant::now();
    let tokens = match what {
        What::People => year::write_people(&place, now).await,
        What::Story => year::write_story(&place, now, None, telling).await,
        What::Many(versions) => year::write_story(&place, now, Some(versions), telling).await,
    };
    let tokens = tokens.context("the history cannot be written")?;
    if let What::Many(versions) = what {
        println!("{versions} versions beside the story were written in {:.0} seconds.", begun.elapsed().as_secs_f64());
    }
    let password = stage.words["password"].clone();
    stage.keep_private(switch::PASSWORD, &password)?;
    stage.keep_private(switch::WEBHOOK_SECRET, &tokens.webhook_secret)?;
    let folder = stage.words["folder"].clone();
    let tour = (what != What::People).then_some("--tour");
    let flags: Vec<_> = ["--demo", &folder].into_iter().chain(tour).collect();
    let mails = format!("{folder}/{}", switch::MAILS);
    let mail = [("COUNTERSIGN_MAIL_FOLDER", mails.as_str()), ("COUNTERSIGN_MAIL_FROM", "Countersign <countersign@example.org>")];
    stage.start_server(&flags, &mail).await?;
    profiles::keep(stage, &tokens.people)?;
    if !tokens.nodes.is_empty() {
        let keys = ["admin", "public-key", "--data", &stage.words["data"], "--database", &stage.words["database"]];
        let keys = stage.command().args(keys).output().await?;
        if !keys.status.success() {
            bail!("the server's public key cannot be printed");
        }
        stage.keep("countersign.pem", &String::from_utf8_lossy(&keys.stdout))?;
    }
    for ((node, infrastructure), place) in year::NODES.into_iter().zip(1..) {
        let Some(token) = tokens.nodes.get(node) else { continue };
        stage.keep_private(&format!("{node}.token"), token)?;
        let file = |name: &str| format!("{}/{name}", stage.words["folder"]);
        let address = stage.words[format!("node-{place}").as_str()].clone();
        let args = [
            "node",
            "--server",
            &stage.words["url"],
            "--infra",
            infrastructure,
            "--name",
            node,
            "--listen",
            &address,
            "--token-file",
            &file(&format!("{node}.token")),
            "--trust",
            &file("countersign.pem"),
            "--cache",
            &file(node),
        ];
        stage.spawn_node(&args.map(str::to_owned))?;
    }
    Ok(())
}

/// What to open, whom to be, what to type, and how to end.
pub fn five_lines(stage: &Stage) -> String {
    let accounts: Vec<_> = PERSONAS.iter().map(|persona| persona.account).collect();
    let label = |word: &str| style(format!("{word:9}")).bold();
    format!(
        "{} {}\n\
         {} anybody, at the top of each page; or sign in as {}; the password of each is {}\n\
         {} export COUNTERSIGN_CONFIG_DIR={}; countersign --profile approver inbox\n\
         {} countersign --profile operator predict hospital-prod/tumour --input {}/patients.json\n\
         {} Ctrl-C ends server and nodes, and removes their data\n",
        label("Open"),
        style(&stage.words["url"]).cyan(),
        label("Be"),
        accounts.join(", "),
        stage.words["password"],
        label("Type"),
        stage.config().display(),
        label("Predict"),
        stage.words["folder"],
        label("End"),
    )
}

/// Opens the page, where there is a display. No browser is no error.
pub fn open_browser(url: &str, environment: &Environment) {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| environment.get(name).is_some_and(|set| !set.is_empty()));
    let program = match (cfg!(target_os = "macos"), display) {
        (true, _) => "open",
        (false, true) => "xdg-open",
        (false, false) => return,
    };
    // The address is on the terminal too.
    let _ = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
