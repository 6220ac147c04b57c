//! The stage of the demo: temporary data, the example models, a server and nodes of this program.

use anyhow::{Context, bail};
use app::Entropy;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
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
        fs::write(folder.path().join("patients.json"), PATIENTS)?;
        // Asked for and given back: server and nodes take them a moment later. All at once, so that they differ.
        let free = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0"));
        let [server, first, second] = free.map(|listener| listener?.local_addr());
        let port = server?.port();
        let program = std::env::current_exe().context("this program does not know its own path")?;
        let data = folder.path().join("data");
        let mut words = BTreeMap::from([
            ("url", format!("http://127.0.0.1:{port}")),
            ("data", data.display().to_string()),
            ("folder", folder.path().display().to_string()),
            ("node-1", first?.to_string()),
            ("node-2", second?.to_string()),
            ("password", proof::Sha256::of(&app::SystemEntropy.bytes()).hex()[..20].to_owned()),
        ]);
        let database = match database {
            Some(store::Database::Postgres(url)) => url.clone(),
            Some(store::Database::Sqlite(path)) => format!("sqlite:{}", path.display()),
            None => format!("sqlite:{}", data.join("countersign.db").display()),
        };
        words.insert("database", database);
        let mut stage = Self { folder, program, server: None, nodes: Vec::new(), words, steps: 0 };
        stage.start_server(port).await?;
        Ok(stage)
    }

    async fn start_server(&mut self, port: u16) -> anyhow::Result<()> {
        let log = fs::File::create(self.log_path())?;
        let mut server = self.command();
        server.args(["serve", "--data", &self.words["data"], "--database", &self.words["database"], "--listen"]);
        server.arg(format!("127.0.0.1:{port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.server = Some(server.spawn().context("the server does not start")?);
        if !answers(&format!("{}/health", self.words["url"])).await {
            bail!("the server does not answer; its log ends with:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// Starts a node that stays up, and waits until it answers at this address.
    pub async fn start_node(&mut self, args: &[String], address: &str) -> anyhow::Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.node_log_path())?;
        let mut node = self.command();
        node.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.nodes.push(node.spawn().context("the node does not start")?);
        if !answers(&format!("http://{address}/v2/health/live")).await {
            bail!("the node does not answer");
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
        command.env("COUNTERSIGN_CONFIG_DIR", self.config()).current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn node_log_path(&self) -> PathBuf {
        self.folder.path().join("nodes.log")
    }

    /// Keeps what a step printed as a file in the stage's folder.
    pub fn keep(&self, file: &str, content: &str) -> anyhow::Result<()> {
        Ok(fs::write(self.folder.path().join(file), content)?)
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

    /// What to try in a browser, and five lines for the terminal beside.
    pub fn what_next(&self) -> String {
        let program = shown(&self.program);
        format!(
            "\nServer and nodes stay up until Ctrl-C. In a browser:\n\
             {} (sign in as scientist, itops, riskofficer, business, approver, operator, auditor or root, with the password {})\n\
             In another terminal:\n\
             export COUNTERSIGN_CONFIG_DIR={}\n\
             {program} --profile operator deploy production/tumour diagnosis/tumour:2 --wait\n\
             {program} --profile operator predict production/tumour --input {}\n\
             {program} --profile approver revoke diagnosis/tumour:2 --comment \"Try the prediction again.\"\n\
             {program} --profile auditor audit list",
            self.words["url"],
            self.words["password"],
            shown(&self.config()),
            shown(&self.folder.path().join("patients.json")),
        )
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

fn shown(path: &Path) -> String {
    path.display().to_string()
}
