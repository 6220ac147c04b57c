//! Accounts of people, and the invitations with which people set their passwords.

use super::password::PasswordArgs;
use crate::{
    client::{Answer, Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::{
        next_step,
        user::{card, invitation, table},
    },
};
use app::views::{ChangeUserRequest, ConfirmInvitationRequest, CreateUserRequest, Invited};
use clap::builder::PossibleValuesParser;
use domain::{DisplayName, Name, NextStep, people::InstanceRole};
use serde_json::json;

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
  countersign user invite scientist

For an account that has signed decisions, a second administrator confirms the invitation before it works.")]
    Invite {
        /// The account
        user: Name,
    },
    /// Confirms the invitation that another administrator gave out for an account that has signed decisions
    #[command(before_help = "Examples:
  countersign user confirm-invitation approver")]
    ConfirmInvitation {
        /// The account
        user: Name,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: UserCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        UserCommand::List { paging } => session.list(&paging, "after", table, || client.get(&paths::users())).await?,
        UserCommand::Show { user } => session.show(&client.get(&paths::user(&user)).send().await?, card)?,
        UserCommand::Create { user, name, email, role } => {
            let request = CreateUserRequest {
                name: user,
                display_name: name,
                email,
                role: role.map(|role| parse_role(&role)).transpose()?,
            };
            invited(session, &client.post(&paths::users(), &request).send().await?)?;
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
            let path = paths::user(&user);
            if dry_run {
                let before = client.get(&path).send().await?.value;
                super::edit::preview(session, &before, &json!(request))?;
            } else {
                session.show(&client.call(reqwest::Method::PATCH, &path).json(&request).send().await?, card)?;
            }
        }
        UserCommand::Invite { user } => invited(session, &client.post(&paths::invitation(&user), &json!({})).send().await?)?,
        UserCommand::ConfirmInvitation { user, password } => {
            let path = paths::confirm_invitation(&user);
            let send = async |password| client.post(&path, &ConfirmInvitationRequest { password }).send().await;
            session.done(&password.send(session, send).await?, card)?;
        }
    }
    Ok(Exit::Done)
}

fn parse_role(role: &str) -> Result<InstanceRole, Failure> {
    role.parse().map_err(Failure::usage)
}

/// Shows an account with its invitation, and what to do with the invitation.
fn invited(session: &Session, answer: &Answer) -> Result<(), Failure> {
    session.show(answer, invitation)?;
    let Invited { user, needs_confirmation, .. } = answer.read()?;
    let server = session.client.server();
    session.out.note(&format!(
        "Hand the code over in person; it sets the password:\n  countersign login {server} --profile {} --invitation CODE",
        user.name
    ));
    if needs_confirmation {
        let step = NextStep::ConfirmInvitation { user: user.name };
        session.out.note(&format!("The account has signed decisions, or confirms invitations. {}", next_step::words(&step)));
    }
    Ok(())
}
