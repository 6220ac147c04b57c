//! Versions: registers, lists and shows them, changes their fields, and shows files and statements.

use super::{
    bundle::BundleArgs, download::DownloadArgs, fields::FieldArgs, password::PasswordArgs, review::Condition, upload::CreateArgs,
};
use crate::{
    args::ModelRef,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::{
        comparison,
        review::brief,
        version::{card, files, statements, table},
    },
};
use app::views::{ChangeFieldsRequest, FileView, List, RestoreRequest, RetireRequest, StatementView, Version};
use domain::VersionRef;
use serde_json::json;

/// Registers, shows and downloads versions
#[derive(Debug, clap::Subcommand)]
pub enum VersionCommand {
    Create(Box<CreateArgs>),
    /// Lists a model's versions, newest first
    #[command(before_help = "Examples:
  countersign version list diagnosis/tumour
  countersign version list diagnosis/tumour --retired")]
    List {
        /// The model, as PROJECT/MODEL
        model: ModelRef,
        /// List the retired versions instead
        #[arg(long)]
        retired: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a version: its fields and its governance status
    #[command(before_help = "Examples:
  countersign version show diagnosis/tumour:1
  countersign version show diagnosis/tumour:1 --output json")]
    Show {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
    },
    Edit(Box<EditArgs>),
    /// Retires a version: it is in no inbox and no default list, and not in force at the gate
    #[command(before_help = "Examples:
  countersign version retire diagnosis/tumour:1 --comment \"Superseded by version 2.\"")]
    Retire {
        #[command(flatten)]
        with: RetireArgs,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Takes a retired version back
    #[command(before_help = "Examples:
  countersign version restore diagnosis/tumour:1 --comment \"Still needed for the study.\"")]
    Restore {
        #[command(flatten)]
        with: RetireArgs,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Compares a version with the one in production, or with another one of its model
    #[command(before_help = "Examples:
  countersign version compare diagnosis/tumour:2
  countersign version compare diagnosis/tumour:2 --with 1")]
    Compare {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// The number of the version to compare with. Without it: the version in production, else the newest approved one
        #[arg(long, value_name = "NUMBER")]
        with: Option<u32>,
    },
    /// Lists a version's files with their digests
    #[command(before_help = "Examples:
  countersign version files diagnosis/tumour:1")]
    Files {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
    },
    /// Prints a version's manifest; its SHA-256 is the model digest
    #[command(before_help = "Examples:
  countersign version manifest diagnosis/tumour:1 | sha256sum")]
    Manifest {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
    },
    Download(DownloadArgs),
    /// Lists the signed statements about a version
    #[command(before_help = "Examples:
  countersign version statements diagnosis/tumour:1
  countersign version statements diagnosis/tumour:1 --output json      (with the signed envelopes)")]
    Statements {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
    },
    /// Lists the permits of a version, past ones too, the newest first
    #[command(before_help = "Examples:
  countersign version permits diagnosis/tumour:1
  countersign version permits diagnosis/tumour:1 --output json      (with the signed envelopes)")]
    Permits {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
    },
    Bundle(BundleArgs),
}

/// A version, and why.
#[derive(Debug, clap::Args)]
pub struct RetireArgs {
    /// The version, as PROJECT/MODEL:VERSION
    version: VersionRef,
    /// Why
    #[arg(long)]
    comment: String,
    #[command(flatten)]
    condition: Condition,
}

/// Changes governed fields. Earlier answers become stale
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign version edit diagnosis/tumour:1 --metric f1=0.97 --remove-tag draft
  countersign version edit diagnosis/tumour:1 --notes notes.md --dry-run")]
pub struct EditArgs {
    /// The version, as PROJECT/MODEL:VERSION
    version: VersionRef,
    /// A metric to remove
    #[arg(long, value_name = "KEY")]
    remove_metric: Vec<String>,
    /// A parameter to remove
    #[arg(long, value_name = "KEY")]
    remove_param: Vec<String>,
    /// A tag to remove
    #[arg(long, value_name = "KEY")]
    remove_tag: Vec<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    fields: FieldArgs,
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: VersionCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        VersionCommand::Create(args) => return super::upload::create(*args, session).await,
        VersionCommand::Download(args) => return super::download::run(args, session).await,
        VersionCommand::Edit(args) => return edit(*args, session).await,
        VersionCommand::List { model, retired, paging } => {
            let call = || client.get(&paths::versions(&model)).query("retired", retired.then_some(true));
            session.list(&paging, "before", table, call).await?;
        }
        VersionCommand::Retire { with, password } => {
            let path = paths::version(&with.version, &["retire"]);
            let answer = password.send(session, async |password| {
                let request = RetireRequest { comment: Some(with.comment.clone()), password };
                client.post(&path, &request).if_match(with.condition.if_match.as_deref()).send().await
            });
            session.done(&answer.await?, brief)?;
        }
        VersionCommand::Restore { with, password } => {
            let path = paths::version(&with.version, &["restore"]);
            let answer = password.send(session, async |password| {
                let request = RestoreRequest { comment: Some(with.comment.clone()), password };
                client.post(&path, &request).if_match(with.condition.if_match.as_deref()).send().await
            });
            session.done(&answer.await?, brief)?;
        }
        VersionCommand::Show { version } => session.show(&client.get(&paths::version(&version, &[])).send().await?, card)?,
        VersionCommand::Compare { version, with } => {
            let answer = client.get(&paths::version(&version, &["comparison"])).query("with", with).send().await?;
            session.show(&answer, comparison::card)?;
        }
        VersionCommand::Files { version } => {
            let answer = client.get(&paths::version(&version, &["files"])).send().await?;
            session.show(&answer, |list: &List<FileView>| files(&list.items))?;
        }
        VersionCommand::Manifest { version } => {
            session.out.document(&client.get(&paths::version(&version, &["manifest"])).text().await?)?
        }
        VersionCommand::Bundle(args) => return super::bundle::run(args, session).await,
        VersionCommand::Permits { version } => {
            let answer = client.get(&paths::version(&version, &["permits"])).send().await?;
            session.show(&answer, |list: &List<StatementView>| statements(&list.items))?;
        }
        VersionCommand::Statements { version } => {
            let answer = client.get(&paths::version(&version, &["statements"])).send().await?;
            session.show(&answer, |list: &List<StatementView>| statements(&list.items))?;
        }
    }
    Ok(Exit::Done)
}

async fn edit(args: EditArgs, session: &Session) -> Result<Exit, Failure> {
    let path = paths::version(&args.version, &[]);
    let answer = session.client.get(&path).send().await?;
    let before = answer.read::<Version>()?.fields;
    let mut after = before.clone();
    args.fields.apply(&mut after)?;
    after.metrics.retain(|key, _| !args.remove_metric.contains(key));
    after.params.retain(|key, _| !args.remove_param.contains(key));
    after.tags.retain(|key, _| !args.remove_tag.contains(key));
    if after == before {
        session.out.note("Nothing to change.");
        return Ok(Exit::Done);
    }
    // Only what differs is sent.
    let request = ChangeFieldsRequest {
        metrics: (after.metrics != before.metrics).then_some(after.metrics),
        params: (after.params != before.params).then_some(after.params),
        tags: (after.tags != before.tags).then_some(after.tags),
        notes: (after.notes != before.notes).then_some(after.notes),
        signature: after.signature.filter(|signature| before.signature.as_ref() != Some(signature)),
        source: (after.source != before.source).then_some(after.source),
        authors: (after.authors != before.authors).then_some(after.authors),
    };
    if args.dry_run {
        let mut change = json!(request);
        if let Some(fields) = change.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        super::edit::preview(session, &answer.value["fields"], &change)?;
    } else {
        let change = session.client.call(reqwest::Method::PATCH, &path).json(&request).if_match(answer.etag.as_deref());
        session.show(&change.send().await?, card)?;
    }
    Ok(Exit::Done)
}
