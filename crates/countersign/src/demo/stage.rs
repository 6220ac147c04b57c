//! The stage: temporary data, the example models on it, and a server of this very program.

use anyhow::{Context, bail};
use app::Entropy;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A file's name and content.
type File = (&'static str, &'static [u8]);

/// The example models that come with the program: each one's name and files.
const MODELS: [(&str, &[File]); 3] = [
    (
        "logistic-regression",
        &[
            ("model.onnx", include_bytes!("../../../../examples/tumour/logistic-regression/model.onnx")),
            ("signature.json", include_bytes!("../../../../examples/tumour/logistic-regression/signature.json")),
            ("notes.md", include_bytes!("../../../../examples/tumour/logistic-regression/notes.md")),
            ("metrics.json", include_bytes!("../../../../examples/tumour/logistic-regression/metrics.json")),
        ],
    ),
    (
        "gradient-boosting",
        &[
            ("model.onnx", include_bytes!("../../../../examples/tumour/gradient-boosting/model.onnx")),
            ("signature.json", include_bytes!("../../../../examples/tumour/gradient-boosting/signature.json")),
            ("notes.md", include_bytes!("../../../../examples/tumour/gradient-boosting/notes.md")),
            ("metrics.json", include_bytes!("../../../../examples/tumour/gradient-boosting/metrics.json")),
        ],
    ),
    (
        "random-forest",
        &[
            ("model.onnx", include_bytes!("../../../../examples/tumour/random-forest/model.onnx")),
            ("signature.json", include_bytes!("../../../../examples/tumour/random-forest/signature.json")),
            ("notes.md", include_bytes!("../../../../examples/tumour/random-forest/notes.md")),
            ("metrics.json", include_bytes!("../../../../examples/tumour/random-forest/metrics.json")),
        ],
    ),
];

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the story plays.
pub struct Stage {
    folder: TempDir,
    program: PathBuf,
    server: Option<Child>,
    /// What the lines of the story name in braces.
    pub words: BTreeMap<&'static str, String>,
    steps: usize,
}

impl Stage {
    /// Makes the data, starts the server, and waits until it answers.
    pub async fn open(database: Option<&store::Database>) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("countersign-demo-").context("no temporary folder can be made")?;
        for (name, files) in MODELS {
            let model = folder.path().join(name);
            fs::create_dir(&model)?;
            for (file, content) in files {
                fs::write(model.join(file), content)?;
            }
        }
        // Asked for and given back: the server takes it a moment later.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = std::env::current_exe().context("this program does not know its own path")?;
        let data = folder.path().join("data");
        let mut words = BTreeMap::from([
            ("url", format!("http://127.0.0.1:{port}")),
            ("data", data.display().to_string()),
            ("models", folder.path().display().to_string()),
            ("password", proof::Sha256::of(&app::SystemEntropy.bytes()).hex()[..20].to_owned()),
        ]);
        let database = match database {
            Some(store::Database::Postgres(url)) => url.clone(),
            Some(store::Database::Sqlite(path)) => format!("sqlite:{}", path.display()),
            None => format!("sqlite:{}", data.join("countersign.db").display()),
        };
        words.insert("database", database);
        let mut stage = Self { folder, program, server: None, words, steps: 0 };
        stage.start_server(port).await?;
        Ok(stage)
    }

    async fn start_server(&mut self, port: u16) -> anyhow::Result<()> {
        let log = fs::File::create(self.log_path())?;
        let mut server = self.command();
        server.args(["serve", "--data", &self.words["data"], "--database", &self.words["database"], "--listen"]);
        server.arg(format!("127.0.0.1:{port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        self.server = Some(server.spawn().context("the server does not start")?);
        let health = format!("{}/health", self.words["url"]);
        let ready = tokio::time::timeout(PATIENCE, async {
            loop {
                if reqwest::get(&health).await.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        if ready.await.is_err() {
            bail!("the server does not answer; its log ends with:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// This program, with nothing of the caller's own set-up.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for name in
            ["COUNTERSIGN_URL", "COUNTERSIGN_TOKEN_FILE", "COUNTERSIGN_PROFILE", "COUNTERSIGN_CONFIG", "COUNTERSIGN_DATABASE"]
        {
            command.env_remove(name);
        }
        command.env("COUNTERSIGN_CONFIG_DIR", self.config()).current_dir(self.folder.path());
        command
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// Counts a step.
    pub fn stepped(&mut self) {
        self.steps += 1;
    }

    /// How many steps were played.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The last lines of the server's log.
    pub fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Ends the server as its operator would, and waits for it.
    pub async fn close(&mut self) -> anyhow::Result<()> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        let id = server.id().context("the server has ended by itself")?;
        let asked = Command::new("kill").arg(id.to_string()).status().await.context("cannot end the server")?;
        if !asked.success() {
            server.start_kill()?;
        }
        let status = tokio::time::timeout(PATIENCE, server.wait()).await.context("the server does not end")??;
        if !status.success() {
            bail!("the server ended with {status}; its log ends with:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// Five lines of what to try, for the terminal beside.
    pub fn what_next(&self) -> String {
        let program = shown(&self.program);
        format!(
            "\nThe server stays up at {} until Ctrl-C. In another terminal:\n\
             export COUNTERSIGN_CONFIG_DIR={}\n\
             {program} --profile approver inbox\n\
             {program} --profile scientist review show diagnosis/tumour:3\n\
             {program} --profile operator deployment show production/tumour\n\
             {program} --profile auditor audit list",
            self.words["url"],
            shown(&self.config()),
        )
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
