//! Tokens of people and of service accounts. The server shows a token once and stores only its hash.

use crate::{
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    secret_file::write_private,
    text::token::{card, table},
};
use app::views::{CreateTokenRequest, NewToken};
use clap::builder::PossibleValuesParser;
use domain::{Duration, Name, TokenId, access::Scope};
use std::path::PathBuf;

/// Manages tokens for programs
#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Lists your tokens, or as an administrator those of a service account
    #[command(before_help = "Examples:
  countersign token list
  countersign token list --service pipeline")]
    List {
        /// The service account [default: your account]
        #[arg(long, value_name = "NAME")]
        service: Option<Name>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Creates a token and prints it on standard output, this one time
    #[command(before_help = "Examples:
  countersign token create --service deployer --save deployer.token
  countersign token create --service pipeline --scope gate --expires 90d --save gate.token
  countersign token create --service node-1 --scope node --expires 365d --save node-1.token
  countersign token create --scope read --expires 12h
  COUNTERSIGN_URL=https://… COUNTERSIGN_TOKEN_FILE=gate.token countersign gate --infra production …")]
    Create {
        /// The service account; created if it does not exist [default: your account]
        #[arg(long, value_name = "NAME")]
        service: Option<Name>,
        /// The token's label
        #[arg(long)]
        label: Option<String>,
        /// What the token may be used for; may be given several times [default: read, register, deploy, gate; for your account the scopes in use]
        #[arg(long = "scope", value_delimiter = ',', value_parser = PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str())))]
        scopes: Vec<String>,
        /// How long the token holds, at most 365d [default: 30d]
        #[arg(long, value_name = "DURATION")]
        expires: Option<Duration>,
        /// Write the token to this file, which only its owner can read, instead of printing it
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Revokes a token; it stops working at once
    #[command(before_help = "Examples:
  countersign token revoke 0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b")]
    Revoke {
        /// The token's id, as `token list` shows it
        id: TokenId,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: TokenCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        TokenCommand::List { service, paging } => {
            let call = || client.get(&paths::tokens()).query("service", service.as_ref());
            session.list(&paging, "after", table, call).await?;
        }
        TokenCommand::Create { service, label, scopes, expires, save } => {
            let scopes: Vec<Scope> =
                scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>().map_err(Failure::usage)?;
            let request = CreateTokenRequest {
                service,
                label,
                scopes: Some(scopes).filter(|scopes| !scopes.is_empty()),
                expires_in: expires,
            };
            let mut answer = client.post(&paths::tokens(), &request).send().await?;
            let token: NewToken = answer.read()?;
            if let Some(file) = &save {
                let cannot =
                    |error| Failure::failed(format!("the token was created, but {} cannot be written: {error}", file.display()));
                let saved = write_private(file, &format!("{}\n", token.token)).map_err(cannot);
                saved.map_err(|failure| failure.hint(format!("Revoke it: countersign token revoke {}.", token.id)))?;
                answer.value["token"] = serde_json::Value::Null;
            }
            if session.out.is_json() {
                session.out.json(&answer.value)?;
            } else {
                session.out.note(card(&token).as_str().trim_end());
                if save.is_none() {
                    session.out.document(&format!("{}\n", token.token))?;
                }
            }
        }
        TokenCommand::Revoke { id } => {
            client.delete(&paths::token(id)).send().await?;
            session.out.note("Revoked.");
        }
    }
    Ok(Exit::Done)
}
