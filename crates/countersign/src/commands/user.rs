//! Accounts of people, and the invitations with which people set their passwords.

use crate::{
    client::{Paging, Session},
    exit::Exit,
    failure::Failure,
    text::{at, facts},
};
use app::views::{ChangeUserRequest, CreateUserRequest};
use clap::builder::PossibleValuesParser;
use domain::{DisplayName, Name, people::InstanceRole};
use serde_json::{Value, json};

fn roles() -> PossibleValuesParser {
    PossibleValuesParser::new(InstanceRole::ALL.iter().map(|role| role.as_str()))
}

/// Manages accounts
#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Lists accounts
    #[command(before_help = "Examples:
  countersign user list
  countersign user list --all --output json")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows one account
    #[command(before_help = "Examples:
  countersign user show scientist")]
    Show {
        /// The account
        user: Name,
    },
    /// Creates an account and prints its invitation code, which works once within 7 days
    #[command(before_help = "Examples:
  countersign user create scientist --name \"Data scientist\" --email scientist@example.org
  countersign user create auditor --name \"Internal audit\" --role auditor")]
    Create {
        /// The name to sign in with
        user: Name,
        /// The name to show
        #[arg(long, value_name = "DISPLAY NAME")]
        name: DisplayName,
        /// The mail address
        #[arg(long)]
        email: Option<String>,
        /// The role on the instance [default: user]
        #[arg(long, value_parser = roles())]
        role: Option<String>,
    },
    /// Changes an account. What you do not name stays
    #[command(before_help = "Examples:
  countersign user change scientist --name \"Senior data scientist\"
  countersign user change scientist --close      (revokes every token)
  countersign user change scientist --reopen")]
    Change {
        /// The account
        user: Name,
        /// The name to show
        #[arg(long, value_name = "DISPLAY NAME")]
        name: Option<DisplayName>,
        /// The mail address; an empty text removes it
        #[arg(long)]
        email: Option<String>,
        /// The role on the instance
        #[arg(long, value_parser = roles())]
        role: Option<String>,
        /// Close the account: nobody signs in, and its tokens are revoked
        #[arg(long)]
        close: bool,
        /// Open the account again
        #[arg(long, conflicts_with = "close")]
        reopen: bool,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Prints a new invitation code, for a person who has lost code or password
    #[command(before_help = "Examples:
  countersign user invite scientist")]
    Invite {
        /// The account
        user: Name,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: UserCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        UserCommand::List { paging } => {
            let columns = [
                ("NAME", "/name"),
                ("DISPLAY NAME", "/display_name"),
                ("EMAIL", "/email"),
                ("KIND", "/kind"),
                ("ROLE", "/role"),
                ("ACTIVE", "/active"),
            ];
            session.list(&paging, "after", "No accounts.", &columns, || client.get(&["users"])).await?;
        }
        UserCommand::Show { user } => session.show(&client.get(&["users", user.as_str()]).send().await?.value, card)?,
        UserCommand::Create { user, name, email, role } => {
            let request = CreateUserRequest {
                name: user,
                display_name: name,
                email,
                role: role.map(|role| parse_role(&role)).transpose()?,
            };
            invited(session, &client.post(&["users"], &request).send().await?.value)?;
        }
        UserCommand::Change { user, name, email, role, close, reopen, dry_run } => {
            let active = if close || reopen { Some(reopen) } else { None };
            let email = email.map(|email| Some(email).filter(|email| !email.is_empty()));
            let request =
                ChangeUserRequest { display_name: name, email, role: role.map(|role| parse_role(&role)).transpose()?, active };
            if request == ChangeUserRequest::default() {
                return Err(Failure::usage("nothing to change")
                    .hint("Name what to change: --name, --email, --role, --close or --reopen."));
            }
            let path = ["users", user.as_str()];
            if dry_run {
                let before = client.get(&path).send().await?.value;
                super::edit::preview(session, &before, &json!(request))?;
            } else {
                session.show(&client.call(reqwest::Method::PATCH, &path).json(&request).send().await?.value, card)?;
            }
        }
        UserCommand::Invite { user } => {
            invited(session, &client.post(&["users", user.as_str(), "invitation"], &json!({})).send().await?.value)?
        }
    }
    Ok(Exit::Done)
}

fn parse_role(role: &str) -> Result<InstanceRole, Failure> {
    role.parse().map_err(Failure::usage)
}

/// One account.
pub fn card(user: &Value) -> String {
    let rows = [
        ("name", "/name"),
        ("display name", "/display_name"),
        ("email", "/email"),
        ("kind", "/kind"),
        ("role", "/role"),
        ("active", "/active"),
        ("created", "/created_at"),
    ];
    facts(user, &rows)
}

/// An account with its invitation, and what to do with it.
fn invited(session: &Session, invited: &Value) -> Result<(), Failure> {
    session.show(invited, invitation)?;
    let name = at(invited, "/user/name");
    let server = session.client.server();
    session.out.note(&format!(
        "Hand the code over in person; it sets the password:\n  countersign login {server} --profile {name} --invitation CODE"
    ));
    Ok(())
}

/// The invitation itself.
pub fn invitation(invited: &Value) -> String {
    facts(invited, &[("user", "/user/name"), ("invitation", "/invitation"), ("works until", "/expires_at")])
}
