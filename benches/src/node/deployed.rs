//! Brings a version into service: the use cases register, approve and deploy the version, and the installed node serves it.

use crate::{
    installed::{Installed, program},
    place::{Backend, Place, SERVER_NAME},
    seed::{acting, seed},
};
use anyhow::Result;
use app::{
    OpContext, Server, deployments,
    infrastructures::members,
    people::tokens,
    reviews,
    versions::{self, uploads},
    views::{
        CreateTokenRequest, CreateVersionRequest, DecisionRequest, DecisionWord, DeployRequest, RequestReviewRequest,
        SetInfrastructureMemberRequest, ShareRequest,
    },
};
use bytes::Bytes;
use domain::{Name, VersionRef, access::Scope, infrastructure::InfrastructureRole};
use std::{fs, io, path::Path, process::Command, sync::Arc};

/// One request in a hundred is written down.
const SAMPLE: &str = "0.01";

/// A server, and a node that has everything switched on.
pub struct Deployed {
    // Dropped in this order: the processes, then the folder that they use.
    /// The node.
    pub node: Installed,
    _server: Installed,
    place: Place,
}

impl Deployed {
    /// Approves and deploys this model as `production/tumour`, and starts a node for it, with further arguments.
    ///
    /// # Errors
    /// When there is no program, or one of the steps is refused.
    pub async fn start(model: &Path, library: &Path, arguments: &[&str]) -> Result<Self> {
        let program = program()?;
        let place = Place::create(&Backend::Sqlite).await?;
        let server = place.open().await?;
        seed(&server, 0, 0).await?;
        put_into_service(&server, model).await?;
        let (token, trust) = (place.data().join("node.token"), place.data().join("trust.pem"));
        fs::write(&token, node_token(&server).await?)?;
        server.store.close().await;
        let mut key = Command::new(&program);
        key.args(["admin", "public-key", "--database", place.url(), "--data"]).arg(place.data());
        let key = key.env("COUNTERSIGN_SERVER_NAME", SERVER_NAME).output()?;
        fs::write(&trust, key.stdout)?;
        let running = Installed::serve(program.as_os_str(), &place)?;
        let mut command = Command::new(&program);
        command.args(["node", "--server", &format!("http://{}", running.address), "--infra", "production", "--name", "node-1"]);
        command.args(["--listen", "127.0.0.1:0", "--query-log-sample", SAMPLE]).args(arguments);
        command.arg("--token-file").arg(&token).arg("--trust").arg(&trust).arg("--onnxruntime").arg(library);
        command.arg("--cache").arg(place.data().join("cache")).arg("--query-log").arg(place.data().join("queries.jsonl"));
        Ok(Self { node: Installed::start(&mut command)?, _server: running, place })
    }

    /// Ends both, and takes the database away.
    ///
    /// # Errors
    /// When the database does not go.
    pub async fn remove(self) -> Result<()> {
        let Self { node, _server: server, place } = self;
        drop((node, server));
        place.remove().await
    }
}

async fn put_into_service(server: &Arc<Server>, model: &Path) -> Result<()> {
    let scientist = acting(server, "scientist").await?;
    let (project, name): (Name, Name) = ("diagnosis".parse()?, "tumour".parse()?);
    let upload = uploads::begin(&scientist, &project, &name).await?.id;
    let bytes = Bytes::from(fs::read(model)?);
    let length = Some(bytes.len() as u64);
    let stream = futures_util::stream::iter([Ok::<_, io::Error>(bytes)]);
    uploads::receive(&scientist, upload, "model.onnx", None, length, stream).await?;
    let request = CreateVersionRequest { upload, model_digest: None, fields: Default::default() };
    versions::create(&scientist, &project, &name, request).await?;
    let version = VersionRef { project, model: name.clone(), number: 1 };
    let request = RequestReviewRequest { skip_feedback: true, ..Default::default() };
    let requested = reviews::request(&scientist, &version.clone().into(), request, None).await?;
    let request =
        DecisionRequest { decision: DecisionWord::Approve, comment: Some("Good.".to_owned()), valid_for: None, password: None };
    let seen = requested.result.etag.to_string();
    reviews::decide(&acting(server, "approver").await?, &version.clone().into(), request, Some(&seen)).await?;
    let request = DeployRequest { shares: vec![ShareRequest { version, weight: None }], acknowledge: None };
    deployments::deploy(&acting(server, "root").await?, &"production".parse()?, &name, request, None).await?;
    Ok(())
}

async fn node_token(server: &Arc<Server>) -> Result<String> {
    let root: OpContext = acting(server, "root").await?;
    let service = Some("node-1".parse()?);
    let request = CreateTokenRequest { service, label: None, scopes: Some(vec![Scope::Node]), expires_in: None };
    let token = tokens::create(&root, request).await?.token;
    let role = SetInfrastructureMemberRequest { role: InfrastructureRole::Node };
    members::set(&root, &"production".parse()?, "node-1", role).await?;
    Ok(token)
}
