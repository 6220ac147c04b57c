//! The stage of the demo: temporary data, the example models, a server and nodes of this program.

use crate::{config, secret_file::write_private};
use anyhow::{Context, bail};
use app::Entropy;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{ExitStatus, Stdio},
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
            ("model.onnx", include_bytes!("../../../../../examples/tumour/logistic-regression/model.onnx")),
            ("signature.json", include_bytes!("../../../../../examples/tumour/logistic-regression/signature.json")),
            ("notes.md", include_bytes!("../../../../../examples/tumour/logistic-regression/notes.md")),
            ("metrics.json", include_bytes!("../../../../../examples/tumour/logistic-regression/metrics.json")),
        ],
    ),
    (
        "gradient-boosting",
        &[
            ("model.onnx", include_bytes!("../../../../../examples/tumour/gradient-boosting/model.onnx")),
            ("signature.json", include_bytes!("../../../../../examples/tumour/gradient-boosting/signature.json")),
            ("notes.md", include_bytes!("../../../../../examples/tumour/gradient-boosting/notes.md")),
            ("metrics.json", include_bytes!("../../../../../examples/tumour/gradient-boosting/metrics.json")),
        ],
    ),
    (
        "random-forest",
        &[
            ("model.onnx", include_bytes!("../../../../../examples/tumour/random-forest/model.onnx")),
            ("signature.json", include_bytes!("../../../../../examples/tumour/random-forest/signature.json")),
            ("notes.md", include_bytes!("../../../../../examples/tumour/random-forest/notes.md")),
            ("metrics.json", include_bytes!("../../../../../examples/tumour/random-forest/metrics.json")),
        ],
    ),
];

/// Two patients of the data set that the models were trained on: one with a malignant tumour, one with a benign one.
const PATIENTS: &[u8] = include_bytes!("../../../../../examples/tumour/patients.json");

/// How long the server and the nodes may take to answer, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the story plays.
pub struct Stage {
    folder: TempDir,
    program: PathBuf,
    server: Option<Child>,
    nodes: Vec<Child>,
    /// What the lines of the story name in braces.
    pub words: BTreeMap<&'static str, String>,
    steps: usize,
}

impl Stage {
    /// Makes the folder and chooses the addresses. Nothing runs yet.
    pub fn new(database: Option<&store::Database>) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("countersign-demo-").context("no temporary folder can be made")?;
        fs::write(folder.path().join("patients.json"), PATIENTS)?;
        // Asked for and given back: server and nodes take them a moment later. All at once, so that they differ.
        let free = [(); 5].map(|()| TcpListener::bind("127.0.0.1:0"));
        let [server, first, second, third, fourth] = free.map(|listener| listener?.local_addr());
        let program = std::env::current_exe().context("this program does not know its own path")?;
        let data = folder.path().join("data");
        let mut words = BTreeMap::from([
            ("address", server?.to_string()),
            ("data", data.display().to_string()),
            ("folder", folder.path().display().to_string()),
            ("node-1", first?.to_string()),
            ("node-2", second?.to_string()),
            ("node-3", third?.to_string()),
            ("node-4", fourth?.to_string()),
            ("password", proof::Sha256::of(&app::SystemEntropy.bytes()).hex()[..20].to_owned()),
        ]);
        words.insert("url", format!("http://{}", words["address"]));
        let database = match database {
            Some(store::Database::Postgres(url)) => url.clone(),
            Some(store::Database::Sqlite(path)) => format!("sqlite:{}", path.display()),
            None => format!("sqlite:{}", data.join("countersign.db").display()),
        };
        words.insert("database", database);
        Ok(Self { folder, program, server: None, nodes: Vec::new(), words, steps: 0 })
    }

    /// Lays out the example models, for commands that register them.
    pub fn lay_out_models(&self) -> anyhow::Result<()> {
        for (name, files) in MODELS {
            let model = self.folder.path().join(name);
            fs::create_dir(&model)?;
            for (file, content) in files {
                fs::write(model.join(file), content)?;
            }
        }
        Ok(())
    }

    /// Starts the server, and waits until it answers.
    pub async fn start_server(&mut self, flags: &[&str], settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let log = fs::File::create(self.log_path())?;
        let mut server = self.command();
        // Programs of those who try the demo listen on this machine.
        server.env("COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8").envs(settings.iter().copied());
        server.args(["serve", "--data", &self.words["data"], "--database", &self.words["database"]]);
        server.args(["--listen", &self.words["address"]]).args(flags);
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.server = Some(server.spawn().context("the server does not start")?);
        if !answers(&format!("{}/health", self.words["url"])).await {
            bail!("the server does not answer; its log ends with:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// Starts a node that stays up, and waits until it answers at this address.
    pub async fn start_node(&mut self, args: &[String], address: &str) -> anyhow::Result<()> {
        self.spawn_node(args)?;
        if !answers(&format!("http://{address}/v2/health/live")).await {
            bail!("the node does not answer");
        }
        Ok(())
    }

    /// Starts a node that comes up meanwhile.
    pub fn spawn_node(&mut self, args: &[String]) -> anyhow::Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.node_log_path())?;
        let mut node = self.command();
        node.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.nodes.push(node.spawn().context("the node does not start")?);
        Ok(())
    }

    /// This program, with nothing of the caller's own set-up.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        let own = ["COUNTERSIGN_URL", "COUNTERSIGN_TOKEN_FILE", "COUNTERSIGN_PROFILE", "COUNTERSIGN_CONFIG"];
        for name in own.map(str::to_owned).into_iter().chain(config::variables()) {
            command.env_remove(name);
        }
        command.env("COUNTERSIGN_CONFIG_DIR", self.config()).current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    /// Where profiles of the command line are.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn node_log_path(&self) -> PathBuf {
        self.folder.path().join("nodes.log")
    }

    /// Keeps a text as a file in the stage's folder.
    pub fn keep(&self, file: &str, content: &str) -> anyhow::Result<()> {
        Ok(fs::write(self.folder.path().join(file), content)?)
    }

    /// Keeps a secret as a file that only its owner can read. Gives the file.
    pub fn keep_private(&self, file: &str, secret: &str) -> anyhow::Result<String> {
        let path = self.folder.path().join(file);
        write_private(&path, secret)?;
        Ok(path.display().to_string())
    }

    /// Counts a step.
    pub fn stepped(&mut self) {
        self.steps += 1;
    }

    /// How many steps were played.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The last lines of the logs.
    pub fn log_tail(&self) -> String {
        let logs = [self.log_path(), self.node_log_path()].map(|path| {
            let log = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        });
        logs.join("\n")
    }

    /// Ends nodes and server as their operator would, and waits for them.
    pub async fn close(&mut self) -> anyhow::Result<()> {
        for process in std::mem::take(&mut self.nodes).into_iter().chain(self.server.take()) {
            let status = end(process).await?;
            if !status.success() {
                bail!("a process ended with {status}; the logs end with:\n{}", self.log_tail());
            }
        }
        Ok(())
    }
}

/// Waits until something answers there with success.
async fn answers(url: &str) -> bool {
    let asking = async {
        while !reqwest::get(url).await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.is_ok()
}

async fn end(mut process: Child) -> anyhow::Result<ExitStatus> {
    let id = process.id().context("a process has ended by itself")?;
    let asked = Command::new("kill").arg(id.to_string()).status().await.context("a process cannot be ended")?;
    if !asked.success() {
        process.start_kill()?;
    }
    Ok(tokio::time::timeout(PATIENCE, process.wait()).await.context("a process does not end")??)
}
