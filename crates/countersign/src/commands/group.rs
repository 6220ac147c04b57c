//! Groups: named sets of users. Slots, final approvals and roles can be given to a group.

use crate::{
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::group::{card, table},
};
use app::views::CreateGroupRequest;
use domain::Name;
use serde_json::json;

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
        GroupCommand::List { paging } => session.list(&paging, "after", table, || client.get(&paths::groups())).await?,
        GroupCommand::Show { group } => session.show(&client.get(&paths::group(&group)).send().await?, card)?,
        GroupCommand::Create { group } => {
            session.show(&client.post(&paths::groups(), &CreateGroupRequest { name: group }).send().await?, card)?
        }
        GroupCommand::Add { group, user } => {
            session.done(&client.put(&paths::group_member(&group, &user), &json!({})).send().await?, card)?
        }
        GroupCommand::Remove { group, user } => {
            session.done(&client.delete(&paths::group_member(&group, &user)).send().await?, card)?
        }
    }
    Ok(Exit::Done)
}
