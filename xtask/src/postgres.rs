//! A temporary PostgreSQL: a new cluster on loopback, on a free port, removed with its user.
//! A small shell process watches it, so that it stops even when this program is killed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::command::{environment, output};
use crate::postgres_install;

/// Tells the tests and benchmarks which server to use, as a superuser's URL.
pub const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// Waits for the end of its input, which comes when this tool stops it or dies in whatever way; then
/// stops the server and removes its files. Deaf to the signals that a terminal sends to everyone.
const WATCH: &str = r#"trap '' HUP INT TERM
read -r _
"$1" stop --silent --mode immediate --pgdata "$2/data"
rm -rf "$2""#;

/// `cargo xtask postgres`: prints the URL of a temporary server and keeps it until this process ends.
pub fn run_until_interrupted() -> Result<()> {
    let cluster = Cluster::start()?;
    println!("{}", cluster.url);
    eprintln!("Stops with Ctrl-C. For the tests: export {VARIABLE}={}", cluster.url);
    loop {
        std::thread::park();
    }
}

/// The PostgreSQL server that tests use: one that somebody runs already, or a temporary one.
pub enum Server {
    /// Named by the environment.
    Given(OsString),
    /// Ours, for as long as this value lives.
    Temporary(Cluster),
}

impl Server {
    /// Takes the server that the environment names, or else starts one.
    ///
    /// # Errors
    /// When PostgreSQL cannot be found, installed or started.
    pub fn find_or_start() -> Result<Self> {
        match environment(VARIABLE) {
            Some(url) => Ok(Self::Given(url)),
            None => Ok(Self::Temporary(Cluster::start()?)),
        }
    }

    /// A superuser's URL.
    pub fn url(&self) -> &OsStr {
        match self {
            Self::Given(url) => url,
            Self::Temporary(cluster) => cluster.url.as_ref(),
        }
    }
}

/// A running server; dropping it stops the server and removes its files.
pub struct Cluster {
    url: String,
    watch: Child,
}

impl Cluster {
    fn start() -> Result<Self> {
        let programs = postgres_install::find_or_install()?;
        let account = Account::to_run_as()?;
        let folder = new_folder(&account)?;
        // The watch comes first, so that nothing can be left behind when a later step fails.
        let watch = account
            .command("sh", &folder)
            .args(["-c", WATCH, "watch"])
            .arg(programs.join("pg_ctl"))
            .arg(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .inspect_err(|_| drop(fs::remove_dir(&folder)))
            .with_context(|| format!("no shell could be started in {}; can everybody enter its parent?", folder.display()))?;
        let port = free_port()?;
        let cluster = Self { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), watch };

        let arguments = ["--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        output(account.command(programs.join("initdb"), &folder).args(arguments))?;
        // Durability stays on: the tests that kill the server rely on it.
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{}' \
             -c fsync=on -c max_connections=200",
            folder.display()
        );
        let arguments = ["start", "--silent", "--wait", "--pgdata=data", "--log=log", "--options", &options];
        output(account.command(programs.join("pg_ctl"), &folder).args(arguments)).with_context(|| {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            format!("the temporary PostgreSQL did not start; its log:\n{log}")
        })?;
        eprintln!("==> temporary PostgreSQL at {}", cluster.url);
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // It ends by itself, and there is nobody left to tell.
        let _ = self.watch.wait();
    }
}

/// The user that PostgreSQL runs as: it refuses to run as root.
enum Account {
    /// The user who runs this program.
    Own,
    /// The system's own user for PostgreSQL; its user and group number.
    Postgres(u32, u32),
}

impl Account {
    fn to_run_as() -> Result<Self> {
        let id = |arguments: &[&str]| -> Result<u32> { Ok(output(Command::new("id").args(arguments))?.parse()?) };
        if id(&["-u"])? != 0 {
            return Ok(Self::Own);
        }
        let needed = "PostgreSQL does not run as root: create the system user `postgres`, or run this as another user";
        Ok(Self::Postgres(id(&["-u", "postgres"]).context(needed)?, id(&["-g", "postgres"]).context(needed)?))
    }

    /// A command to run as this user in that folder.
    fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        if let Self::Postgres(user, group) = *self {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A private folder for data, socket and log. Short, since a socket's path may have some hundred bytes at most.
fn new_folder(account: &Account) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("countersign-postgres-{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    if let Account::Postgres(user, group) = *account {
        chown(&folder, Some(user), Some(group))?;
    }
    Ok(folder)
}

/// A port that was free a moment ago. Should somebody take it, the server does not start and says so.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
