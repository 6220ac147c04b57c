//! OpenSMTPD as the mail server: it delivers to a Maildir for each address, and refuses addresses that it does not know. It takes mails in the
//! clear: Debian's build of it ends every TLS connection with an internal error.

use serde_json::Value;
use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tempfile::TempDir;

/// Names the program. It runs as root only.
const PROGRAM: &str = "COUNTERSIGN_TEST_SMTPD";
const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";

/// One runs at a time: it has one socket for its control.
static ALONE: Mutex<()> = Mutex::new(());

/// The mail server's folder: configuration and Maildirs.
pub struct MailPlace {
    folder: TempDir,
    pub port: u16,
    program: String,
    _alone: MutexGuard<'static, ()>,
}

/// A running mail server; stopped when dropped.
pub struct Smtpd(Child);

impl MailPlace {
    /// None where the environment names no mail server.
    pub fn new(known: &[&str]) -> Option<Self> {
        let program = crate::common::environment(PROGRAM)?;
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        // It delivers as nobody, who must get through to the Maildirs.
        fs::create_dir(folder.path().join("mail")).unwrap();
        open(folder.path(), 0o755);
        open(&folder.path().join("mail"), 0o777);
        let port = free_port();
        let known: Vec<_> = known.iter().map(|name| format!("\"{name}@example.org\" = \"nobody\"")).collect();
        let configuration = format!(
            "table known {{ {} }}\nlisten on 127.0.0.1 port {port}\n\
             action \"keep\" maildir \"{path}/mail/%{{dest.user}}\" virtual <known>\n\
             match from any for any action \"keep\"\n",
            known.join(", ")
        );
        fs::write(folder.path().join("smtpd.conf"), configuration).unwrap();
        Some(Self { folder, port, program, _alone: alone })
    }

    /// Starts the mail server, and waits until it takes connections.
    pub fn start(&self) -> Smtpd {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let child = Command::new(&self.program)
            .args(["-d", "-f"])
            .arg(self.folder.path().join("smtpd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let mut smtpd = Smtpd(child.unwrap_or_else(|error| panic!("{} cannot be started: {error}", self.program)));
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = smtpd.0.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", self.log());
            std::thread::yield_now();
        }
        smtpd
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The mails that were delivered, as Python's mail parser reads them.
    pub fn mails(&self) -> Vec<Value> {
        let python = crate::common::environment(PYTHON).expect("run `cargo xtask test`: it names a Python");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/maildir.py");
        let output = Command::new(python).arg(script).arg(self.folder.path().join("mail")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        // As its operator would, so that its other processes end too.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
