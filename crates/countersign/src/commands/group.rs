//! Groups: named sets of users. Slots, final approvals and roles can be given to a group.

use crate::{
    client::{Paging, Session},
    exit::Exit,
    failure::Failure,
    text::facts,
};
use app::views::CreateGroupRequest;
use domain::Name;
use serde_json::{Value, json};

/// Manages groups of users
#[derive(Debug, clap::Subcommand)]
pub enum GroupCommand {
    /// Lists groups
    #[command(before_help = "Examples:
  countersign group list")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a group and its members
    #[command(before_help = "Examples:
  countersign group show risk")]
    Show {
        /// The group
        group: Name,
    },
    /// Creates a group
    #[command(before_help = "Examples:
  countersign group create risk")]
    Create {
        /// The group
        group: Name,
    },
    /// Adds a user to a group
    #[command(before_help = "Examples:
  countersign group add risk riskofficer")]
    Add {
        /// The group
        group: Name,
        /// The user
        user: Name,
    },
    /// Removes a user from a group
    #[command(before_help = "Examples:
  countersign group remove risk riskofficer")]
    Remove {
        /// The group
        group: Name,
        /// The user
        user: Name,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: GroupCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        GroupCommand::List { paging } => {
            let columns = [("NAME", "/name"), ("MEMBERS", "/members")];
            session.list(&paging, "after", "No groups.", &columns, || client.get(&["groups"])).await?;
        }
        GroupCommand::Show { group } => session.show(&client.get(&["groups", group.as_str()]).send().await?.value, card)?,
        GroupCommand::Create { group } => {
            session.show(&client.post(&["groups"], &CreateGroupRequest { name: group }).send().await?.value, card)?
        }
        GroupCommand::Add { group, user } => {
            session.done(&client.put(&["groups", group.as_str(), "members", user.as_str()], &json!({})).send().await?, card)?
        }
        GroupCommand::Remove { group, user } => {
            session.done(&client.delete(&["groups", group.as_str(), "members", user.as_str()]).send().await?, card)?
        }
    }
    Ok(Exit::Done)
}

fn card(group: &Value) -> String {
    facts(group, &[("name", "/name"), ("members", "/members"), ("created", "/created_at")])
}
