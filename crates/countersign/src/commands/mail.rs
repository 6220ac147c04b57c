//! Mails to people: what became of each, trying again, a test, and which of them one gets.

mod mail_server;

use crate::{
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::mail::{card, choice, retried, subscribed, table},
};
use app::views::{MessageState, RetryMessagesRequest, SubscribeRequest, WantMessagesRequest};
use domain::{MessageId, notice::Wanted};
use mail_server::MailServerCommand;

/// Shows mails to people, and chooses which of them you get
#[derive(Debug, clap::Subcommand)]
pub enum MailCommand {
    /// Lists mails and what became of each, for administrators and auditors
    #[command(before_help = "Examples:
  countersign mail list
  countersign mail list --state failed")]
    List {
        /// Only mails in this state: waiting, sent or failed
        #[arg(long)]
        state: Option<MessageState>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Tries mails again that were given up
    #[command(group = clap::ArgGroup::new("which").args(["id", "all"]).required(true), before_help = "Examples:
  countersign mail retry --all
  countersign mail retry 0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b")]
    Retry {
        /// The mail's id, as `mail list` shows it
        id: Option<MessageId>,
        /// Try all of them again
        #[arg(long)]
        all: bool,
    },
    /// Sends a mail to you, to try whether mails arrive
    #[command(before_help = "Examples:
  countersign mail test")]
    Test,
    /// Shows and chooses the mail server, for administrators
    #[command(subcommand)]
    Server(MailServerCommand),
    /// Shows which mails you get, or chooses them: all, my_turn (only what is asked of you), each_morning (all, in one mail), required (only what nobody should miss) or nothing
    #[command(before_help = "Examples:
  countersign mail want
  countersign mail want my_turn
  countersign mail want each_morning")]
    Want {
        /// all, my_turn, each_morning, required or nothing
        wanted: Option<Wanted>,
    },
    /// Lists to what you subscribe
    #[command(before_help = "Examples:
  countersign mail subscriptions")]
    Subscriptions,
    /// Subscribes you to a project, a model or a version: you hear of each step of its reviews
    #[command(before_help = "Examples:
  countersign mail subscribe diagnosis/tumour
  countersign mail subscribe diagnosis/tumour:1")]
    Subscribe {
        /// PROJECT, PROJECT/MODEL or PROJECT/MODEL:NUMBER
        to: String,
    },
    /// Ends a subscription
    #[command(before_help = "Examples:
  countersign mail unsubscribe diagnosis/tumour")]
    Unsubscribe {
        /// What `mail subscriptions` lists
        to: String,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: MailCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        MailCommand::List { state, paging } => {
            let call = || client.get(&paths::messages()).query("state", state.map(MessageState::as_str));
            session.list(&paging, "after", table, call).await?;
        }
        MailCommand::Retry { id, .. } => {
            let request = RetryMessagesRequest { message: id };
            let answer = client.post(&paths::retry_messages(), &request).send().await?;
            session.show(&answer, retried)?;
        }
        MailCommand::Test => {
            let answer = client.post(&paths::test_messages(), &serde_json::json!({})).send().await?;
            session.show(&answer, card)?;
        }
        MailCommand::Server(command) => mail_server::run(command, session).await?,
        MailCommand::Want { wanted } => {
            let answer = match wanted {
                Some(wanted) => client.put(&paths::wanted_messages(), &WantMessagesRequest { wanted }).send().await?,
                None => client.get(&paths::wanted_messages()).send().await?,
            };
            session.show(&answer, choice)?;
        }
        MailCommand::Subscriptions => session.show(&client.get(&paths::subscriptions()).send().await?, subscribed)?,
        MailCommand::Subscribe { to } => subscribe(session, to, true).await?,
        MailCommand::Unsubscribe { to } => subscribe(session, to, false).await?,
    }
    Ok(Exit::Done)
}

async fn subscribe(session: &Session, to: String, subscribe: bool) -> Result<(), Failure> {
    let request = SubscribeRequest { to, subscribed: subscribe };
    session.show(&session.client.put(&paths::subscriptions(), &request).send().await?, subscribed)
}
