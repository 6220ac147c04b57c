//! Works on the server's machine, without the API: creates the first administrator, verifies the store, prints the public key.

use crate::{
    client::Context,
    config::{Config, StorageArgs},
    exit::Exit,
    failure::Failure,
    roles::serve,
    text,
};
use app::{Caller, OpContext, Server};
use domain::Name;
use std::sync::Arc;

/// Works on the server's machine, on its data
#[derive(Debug, clap::Subcommand)]
pub enum AdminCommand {
    /// Creates an administrator, or lets an administrator set a new password, and prints the invitation code
    #[command(before_help = "Examples:
  countersign admin create-administrator root --data /var/lib/countersign
  countersign admin create-administrator root --config /etc/countersign.toml")]
    CreateAdministrator {
        /// The name to sign in with
        name: Name,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Recomputes the record, compares the database with it, and names what was altered
    #[command(before_help = "Examples:
  countersign admin verify-store --data /var/lib/countersign
  countersign admin verify-store --files      (hashes every model file as well)

Exit code 0 without findings, 1 with findings.")]
    VerifyStore {
        /// Hash every stored model file too
        #[arg(long)]
        files: bool,
        #[command(flatten)]
        storage: StorageArgs,
    },
    /// Prints the server's name and public key, which nodes and verifiers trust
    #[command(before_help = "Examples:
  countersign admin public-key --data /var/lib/countersign > countersign.pem")]
    PublicKey {
        #[command(flatten)]
        storage: StorageArgs,
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
            let invited = app::people::invitations::create_administrator(&op, &name).await.map_err(failed);
            server.store.close().await;
            context.out.show(&invited?, text::user::invitation)?;
            context.out.note(&format!("The code sets the password:\n  countersign login URL --profile {name} --invitation CODE"));
            Ok(Exit::Done)
        }
        AdminCommand::VerifyStore { files, storage } => {
            let server = open(&storage, context).await?;
            let report = app::record::verify_store(&server, files).await.map_err(failed);
            server.store.close().await;
            let report = report?;
            context.out.show(&report, text::record::report)?;
            Ok(if report.clean { Exit::Done } else { Exit::Failed })
        }
        AdminCommand::PublicKey { storage } => {
            let config = Config::load(&storage, None, &context.environment)?;
            let file = &config.signing_key_file;
            let pem = std::fs::read_to_string(file).map_err(|error| {
                Failure::failed(format!("the key {} cannot be read: {error}", file.display()))
                    .hint("The server makes it at its first start; say where its data is with --data.")
            })?;
            let key = proof::SigningKey::from_pkcs8_pem(&pem)
                .map_err(|error| Failure::failed(format!("the key {} cannot be used: {error}", file.display())))?;
            let trusted = proof::TrustedServer { key: key.public_key(), name: Some(config.server_name()) };
            context.out.document(&trusted.to_text())?;
            Ok(Exit::Done)
        }
    }
}

async fn open(storage: &StorageArgs, context: &Context) -> Result<Arc<Server>, Failure> {
    let config = Config::load(storage, None, &context.environment)?;
    serve::open(&config, config.base_url(config.listen)).await
}

/// The message of a use case; its cause would otherwise only be in the server's log.
fn failed(error: app::Error) -> Failure {
    let cause = error.source.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
    let failure = Failure::failed(format!("{error}{cause}"));
    match error.next {
        Some(step) => failure.hint(text::next_step::words(&step)),
        None => failure,
    }
}
