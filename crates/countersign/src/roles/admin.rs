//! Works on the server's machine, without the API: creates the first administrator, verifies the store, prints the public keys.

mod backup;
mod verify;

use crate::{
    client::Context,
    config::{Config, StorageArgs},
    exit::Exit,
    failure::Failure,
    roles::{existing, serve},
    text::{self, Show},
};
use app::{Caller, OpContext, Server, views::ConfirmInvitationRequest};
use domain::Name;
use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
    sync::Arc,
};

/// Works on the server's machine, on its data
#[derive(Debug, clap::Subcommand)]
pub enum AdminCommand {
    /// Creates an administrator, or lets an administrator set a new password, and prints the invitation code
    #[command(before_help = "Examples:
  countersign admin create-administrator root --data /var/lib/countersign
  countersign admin create-administrator root --config /etc/countersign/countersign.toml")]
    CreateAdministrator {
        /// The name to sign in with
        name: Name,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Prints a link with which a browser creates the first administrator, while there is none
    #[command(before_help = "Examples:
  countersign admin setup-link --data /var/lib/countersign

The link holds for 30 minutes. A server without an administrator prints such a link at its start, too.")]
    SetupLink {
        /// The address that `serve --listen` was given; the link names it where `base_url` is not set
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Confirms the invitation that an administrator gave out for an account that has signed decisions, where there is no second administrator
    #[command(before_help = "Examples:
  countersign admin confirm-invitation approver --data /var/lib/countersign

The record says that the console confirmed it, and so does everything that the account signs afterwards.")]
    ConfirmInvitation {
        /// The account
        name: Name,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Recomputes the record, compares the database with it, and names what was altered
    #[command(before_help = "Examples:
  countersign admin verify-store --data /var/lib/countersign
  countersign admin verify-store --files      (hashes every model file as well)
  countersign admin verify-store --database postgres://auditor@db/countersign --trust countersign.pem --checkpoint march.txt april.txt

Creates nothing and changes nothing. Exit code 0 without findings, 1 with findings, 5 without a store or its key at that place. With every code but 0 and 1 nothing was verified.")]
    VerifyStore {
        /// Hash every stored model file too
        #[arg(long)]
        files: bool,
        /// The server's public keys, as `admin public-key` prints them, instead of its private key
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
        /// Signed checkpoints that were kept elsewhere: the log must continue each of them
        #[arg(long, value_name = "FILE", num_args = 1..)]
        checkpoint: Vec<PathBuf>,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Records that the log goes on although it does not continue what was signed, and lets a new key sign it
    #[command(before_help = "Examples:
  countersign admin continue-log --reason \"Backup of 3 March restored after the disk failed\" --data /var/lib/countersign

After a restore the server signs nothing, because the database is older than the last signed checkpoint. Verify the store first. The
event names the checkpoint that is given up. Prints the first checkpoint of the new key.")]
    ContinueLog {
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Lets a new key take over from the key that signs the log
    #[command(before_help = "Examples:
  countersign admin rotate-log-key --reason \"Yearly change\" --data /var/lib/countersign

An event names both keys, and the first checkpoint bears the signatures of both. Running servers take the new key by themselves.")]
    RotateLogKey {
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Prints the server's name and public keys: the trust file of nodes and verifiers
    #[command(before_help = "Examples:
  countersign admin public-key --data /var/lib/countersign > countersign.pem")]
    PublicKey {
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Copies everything that the server keeps, as of one moment, into a new folder, while the server serves
    #[command(before_help = "Examples:
  countersign admin backup /backup/2026-03-03 --data /var/lib/countersign
  countersign admin backup /backup/2026-03-03 --files --config /etc/countersign/countersign.toml

The folder holds the rows of the database, the keys and the last signed checkpoint. With --files it holds the model files too; without,
they stay in their storage alone. Keep the folder as secret as the server's data: it holds the server's keys.")]
    Backup {
        /// The folder, which is not there yet
        folder: PathBuf,
        /// Copy the model files too
        #[arg(long)]
        files: bool,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Puts a backup in place: into an empty data folder and an empty database, of either kind
    #[command(before_help = "Examples:
  countersign admin restore /backup/2026-03-03 --data /var/lib/countersign
  countersign admin restore /backup/2026-03-03 --data /var/lib/countersign --database postgres://countersign@db/countersign

What was recorded after the backup is gone, and so are revocations. If the server went on after the backup, put its newest
checkpoint.txt in place of the one that was restored: the server then says that the log is older than what was signed, and
`admin continue-log` records that it goes on.")]
    Restore {
        /// The folder of the backup
        folder: PathBuf,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Writes the server's own templates of mails into a folder, to begin one's own with
    #[command(before_help = "Examples:
  countersign admin mail-templates templates

The setting mail.templates names the folder. A file that is there already stays as it is.")]
    MailTemplates {
        /// The folder
        folder: PathBuf,
    },
}

/// Carries it out.
///
/// # Errors
/// A configuration, database or key that cannot be used.
pub async fn run(command: AdminCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        AdminCommand::CreateAdministrator { name, storage } => {
            let server = open(&storage, context).await?;
            let op = OpContext::new(Arc::clone(&server), Caller::Console, "console");
            let invited = app::people::invitations::create_administrator(&op, &name).await.map_err(Failure::of_use_case);
            // No server may run yet that would sign the new end of the record.
            if let Err(error) = app::record::sign_checkpoint(&server).await {
                context.out.note(&format!("warning: no checkpoint was signed: {error}"));
            }
            server.store.close().await;
            context.out.show(&invited?, text::user::invitation)?;
            let url = Config::load(&storage, None, &context.environment)?.base_url;
            let url = url.as_deref().unwrap_or("URL");
            context
                .out
                .note(&format!("The code sets the password:\n  countersign login {url} --profile {name} --invitation CODE"));
            Ok(Exit::Done)
        }
        AdminCommand::SetupLink { listen, storage } => {
            let server = open_existing(&storage, context).await?;
            let link = app::people::setup::link(&server).await.map_err(Failure::of_use_case);
            server.store.close().await;
            let Some(link) = link? else {
                return Err(Failure::new(Exit::Conflict, "the server has an administrator: a set-up link would open nothing")
                    .hint("Sign in, or set a new password: countersign admin create-administrator NAME."));
            };
            let config = Config::load(&storage, listen.as_deref(), &context.environment)?;
            let address = web::Urls::new(&config.base_url(config.listen)).setup_page(&link.code);
            context.out.document(&format!("{address}\n"))?;
            context.out.note(&format!("The link holds until {}.", link.ends_at.cell()));
            if config.base_url.is_none() && listen.is_none() {
                context.out.note(&format!(
                    "The link names {}, where the server listens by its configuration. A server that was started with another --listen has its link with the same --listen.",
                    config.base_url(config.listen)
                ));
            }
            Ok(Exit::Done)
        }
        AdminCommand::ConfirmInvitation { name, storage } => {
            let server = open_existing(&storage, context).await?;
            let op = OpContext::new(Arc::clone(&server), Caller::Console, "console");
            let confirmed = app::people::invitations::confirm(&op, &name, ConfirmInvitationRequest::default()).await;
            server.store.close().await;
            context.out.show(&confirmed.map_err(Failure::of_use_case)?, |done| text::user::card(&done.result))?;
            Ok(Exit::Done)
        }
        AdminCommand::VerifyStore { files, trust, checkpoint, storage } => {
            let config = Config::load(&storage, None, &context.environment)?;
            let report = verify::verify_store(&config, files, trust.as_deref(), &checkpoint).await?;
            context.out.show(&report, text::record::report)?;
            Ok(if report.clean { Exit::Done } else { Exit::Failed })
        }
        AdminCommand::Backup { folder, files, storage } => {
            let config = Config::load(&storage, None, &context.environment)?;
            let index = backup::backup(&config, &folder, files).await?;
            context.out.show(&index, backup::card)?;
            context.out.note(&format!("The backup is in {}. It holds the keys of the server: keep it secret.", folder.display()));
            Ok(Exit::Done)
        }
        AdminCommand::Restore { folder, storage } => {
            let config = Config::load(&storage, None, &context.environment)?;
            let index = backup::restore(&config, &folder).await?;
            context.out.show(&index, backup::card)?;
            context.out.note(&format!(
                "The server is as it was after its event of {}. What was recorded later is gone: look above all for revocations. Verify it before you start it:\n  countersign admin verify-store --files {}",
                index.last_event_at(),
                storage.flags(&config, &context.environment)
            ));
            Ok(Exit::Done)
        }
        AdminCommand::MailTemplates { folder } => {
            for (name, source) in worker::mail::TEMPLATES {
                let path = folder.join(name);
                let written = std::fs::create_dir_all(&folder).and_then(|()| match std::fs::File::create_new(&path) {
                    Ok(mut file) => file.write_all(source.as_bytes()),
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                    Err(error) => Err(error),
                });
                written.map_err(|error| Failure::failed(format!("{} cannot be written: {error}", path.display())))?;
            }
            context.out.note(&format!("The templates are in {}: set mail.templates to it.", folder.display()));
            Ok(Exit::Done)
        }
        AdminCommand::PublicKey { storage } => {
            let config = Config::load(&storage, None, &context.environment)?;
            context.out.document(&verify::trusted(&config).await?.to_text())?;
            Ok(Exit::Done)
        }
        AdminCommand::ContinueLog { reason, storage } => {
            let server = open_existing(&storage, context).await?;
            let op = OpContext::new(Arc::clone(&server), Caller::Console, "console");
            let checkpoint = app::record::continue_log(&op, &reason).await.map_err(Failure::of_use_case);
            server.store.close().await;
            context.out.document(&checkpoint?)?;
            context.out.note(
                "The log goes on with a new key. Give nodes and auditors the new trust file: countersign admin public-key.",
            );
            Ok(Exit::Done)
        }
        AdminCommand::RotateLogKey { reason, storage } => {
            let server = open_existing(&storage, context).await?;
            let op = OpContext::new(Arc::clone(&server), Caller::Console, "console");
            let checkpoint = app::record::rotate_log_key(&op, &reason).await.map_err(Failure::of_use_case);
            server.store.close().await;
            context.out.document(&checkpoint?)?;
            context.out.note("The log has a new key. Give nodes and auditors the new trust file: countersign admin public-key.");
            Ok(Exit::Done)
        }
    }
}

async fn open(storage: &StorageArgs, context: &Context) -> Result<Arc<Server>, Failure> {
    let config = Config::load(storage, None, &context.environment)?;
    serve::open(&config, config.base_url(config.listen)).await
}

/// A server that was started before.
async fn open_existing(storage: &StorageArgs, context: &Context) -> Result<Arc<Server>, Failure> {
    let config = Config::load(storage, None, &context.environment)?;
    existing::server(&config).await
}
