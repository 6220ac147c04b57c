//! Webhooks: other programs are told of what happens.

use crate::{
    client::{Answer, Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    secret_file::write_private,
    text::webhook::{card, deliveries, delivery, table},
};
use app::views::{ChangeWebhookRequest, CreateWebhookRequest, MessageState, WebhookWithSecret};
use clap::builder::PossibleValuesParser;
use domain::{DeliveryId, Name, notice::Topic, webhook::WebhookKind};
use std::path::{Path, PathBuf};

/// Manages webhooks: addresses of other programs, or of chats, that the server tells of what happens
#[derive(Debug, clap::Subcommand)]
pub enum WebhookCommand {
    /// Lists webhooks
    #[command(before_help = "Examples:
  countersign webhook list
  countersign webhook list --project diagnosis")]
    List {
        /// Only the webhooks of this project [default: all, for administrators and auditors]
        #[arg(long, value_name = "NAME")]
        project: Option<Name>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Creates a webhook and prints its secret on standard output, this one time
    #[command(before_help = "Examples:
  countersign webhook create ci https://ci.example.org/hooks/sign --topic approved,revoked --save ci.secret
  countersign webhook create team-chat --kind slack --url-file slack.url --project diagnosis")]
    Create {
        /// The webhook's name
        name: Name,
        /// The address
        #[arg(required_unless_present = "url_file", conflicts_with = "url_file")]
        url: Option<String>,
        /// Read the address from this file, because the address of a chat is a secret
        #[arg(long, value_name = "FILE")]
        url_file: Option<PathBuf>,
        /// What listens there
        #[arg(long, default_value = "standard", value_parser = kinds())]
        kind: String,
        /// Told of this project alone [default: of everything]
        #[arg(long, value_name = "NAME")]
        project: Option<Name>,
        /// What to be told of; may be given several times [default: everything]
        #[arg(long = "topic", value_name = "TOPIC", value_delimiter = ',', value_parser = topics())]
        topics: Vec<String>,
        /// Write the secret to this file, which only its owner can read, instead of printing it
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Shows a webhook
    #[command(before_help = "Examples:
  countersign webhook show ci")]
    Show {
        /// The webhook's name
        name: Name,
    },
    /// Changes a webhook's address or topics, or switches it on or off
    #[command(group = clap::ArgGroup::new("what").args(["url", "url_file", "topics", "all_topics", "enable", "disable"]).required(true).multiple(true), before_help = "Examples:
  countersign webhook change ci --url https://ci.example.org/hooks/other
  countersign webhook change ci --topic approved,rejected
  countersign webhook change ci --disable")]
    Change {
        /// The webhook's name
        name: Name,
        /// Another address
        #[arg(long)]
        url: Option<String>,
        /// Read the other address from this file
        #[arg(long, value_name = "FILE", conflicts_with = "url")]
        url_file: Option<PathBuf>,
        /// What to be told of from now on; may be given several times
        #[arg(long = "topic", value_name = "TOPIC", value_delimiter = ',', value_parser = topics())]
        topics: Vec<String>,
        /// Be told of everything
        #[arg(long, conflicts_with = "topics")]
        all_topics: bool,
        /// Call the webhook again
        #[arg(long)]
        enable: bool,
        /// Do not call the webhook; what waits for it is given up
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
    },
    /// Removes a webhook with the list of its deliveries
    #[command(before_help = "Examples:
  countersign webhook remove ci")]
    Remove {
        /// The webhook's name
        name: Name,
    },
    /// Gives a webhook another secret and prints it; for a day deliveries are signed with the earlier secret too
    #[command(before_help = "Examples:
  countersign webhook rotate-secret ci --save ci.secret")]
    RotateSecret {
        /// The webhook's name
        name: Name,
        /// Write the secret to this file, which only its owner can read, instead of printing it
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Sends a test to a webhook
    #[command(before_help = "Examples:
  countersign webhook test ci")]
    Test {
        /// The webhook's name
        name: Name,
    },
    /// Lists the deliveries of a webhook: what became of each, and with --output json what was sent and answered
    #[command(before_help = "Examples:
  countersign webhook deliveries ci
  countersign webhook deliveries ci --state failed --output json")]
    Deliveries {
        /// The webhook's name
        name: Name,
        /// Only deliveries in this state: waiting, sent or failed
        #[arg(long)]
        state: Option<MessageState>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Sends a delivery once more: the same bytes under the same id
    #[command(before_help = "Examples:
  countersign webhook redeliver ci 0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b")]
    Redeliver {
        /// The webhook's name
        name: Name,
        /// The delivery's id, as `webhook deliveries` shows it
        id: DeliveryId,
    },
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(WebhookKind::ALL.iter().map(|kind| kind.as_str()))
}

fn topics() -> PossibleValuesParser {
    PossibleValuesParser::new(Topic::ALL.iter().filter(|topic| **topic != Topic::Test).map(|topic| topic.as_str()))
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: WebhookCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        WebhookCommand::List { project, paging } => {
            let call = || client.get(&paths::webhooks()).query("project", project.as_ref());
            session.list(&paging, "after", table, call).await?;
        }
        WebhookCommand::Create { name, url, url_file, kind, project, topics, save } => {
            let url = address(url, url_file.as_deref())?.unwrap_or_default();
            let kind = kind.parse().map_err(Failure::usage)?;
            let request = CreateWebhookRequest { name, kind, url, project, topics };
            let answer = client.post(&paths::webhooks(), &request).send().await?;
            tell_secret(session, answer, save.as_deref())?;
        }
        WebhookCommand::Show { name } => session.show(&client.get(&paths::webhook(&name, &[])).send().await?, card)?,
        WebhookCommand::Change { name, url, url_file, topics, all_topics, enable, disable } => {
            let request = ChangeWebhookRequest {
                url: address(url, url_file.as_deref())?,
                topics: Some(topics).filter(|topics| all_topics || !topics.is_empty()),
                enabled: if enable || disable { Some(enable) } else { None },
            };
            let call = client.call(reqwest::Method::PATCH, &paths::webhook(&name, &[])).json(&request);
            session.show(&call.send().await?, card)?;
        }
        WebhookCommand::Remove { name } => {
            client.delete(&paths::webhook(&name, &[])).send().await?;
            session.out.note("Removed.");
        }
        WebhookCommand::RotateSecret { name, save } => {
            let answer = client.post(&paths::webhook(&name, &["secret"]), &serde_json::json!({})).send().await?;
            tell_secret(session, answer, save.as_deref())?;
        }
        WebhookCommand::Test { name } => {
            let answer = client.post(&paths::webhook(&name, &["test"]), &serde_json::json!({})).send().await?;
            session.show(&answer, delivery)?;
        }
        WebhookCommand::Deliveries { name, state, paging } => {
            let path = paths::webhook(&name, &["deliveries"]);
            let call = || client.get(&path).query("state", state.map(MessageState::as_str));
            session.list(&paging, "after", deliveries, call).await?;
        }
        WebhookCommand::Redeliver { name, id } => {
            let answer = client.post(&paths::redeliver(&name, id), &serde_json::json!({})).send().await?;
            session.show(&answer, delivery)?;
        }
    }
    Ok(Exit::Done)
}

/// The address, from the command line or from a file.
fn address(url: Option<String>, file: Option<&Path>) -> Result<Option<String>, Failure> {
    let Some(file) = file else { return Ok(url) };
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Some(text.trim().to_owned()))
}

/// Prints the webhook, and its secret or the file that holds it.
fn tell_secret(session: &Session, mut answer: Answer, save: Option<&Path>) -> Result<(), Failure> {
    let made: WebhookWithSecret = answer.read()?;
    let name = &made.webhook.name;
    if let (Some(file), Some(secret)) = (save, &made.secret) {
        let cannot =
            |error| Failure::failed(format!("the webhook has the secret, but {} cannot be written: {error}", file.display()));
        let saved = write_private(file, &format!("{secret}\n")).map_err(cannot);
        saved.map_err(|failure| failure.hint(format!("Make another secret: countersign webhook rotate-secret {name}.")))?;
        answer.value["secret"] = serde_json::Value::Null;
    }
    if session.out.is_json() {
        return session.out.json(&answer.value);
    }
    session.out.note(card(&made.webhook).as_str().trim_end());
    match (&made.secret, save) {
        (Some(secret), None) => session.out.document(&format!("{secret}\n")),
        _ => Ok(()),
    }
}
