//! The profiles of this machine: which there are, and which one acts where none is named. Asks no server.

use crate::{
    client::{Context, Profiles},
    exit::Exit,
    failure::Failure,
    text::{Table, cells},
};
use domain::Name;
use serde::Serialize;
use serde_json::json;

/// Lists the profiles of this machine, and chooses the usual one
#[derive(Debug, clap::Subcommand)]
pub enum ProfileCommand {
    /// Lists the profiles of this machine
    #[command(before_help = "Examples:
  countersign profile list")]
    List,
    /// Lets a profile act wherever none is named
    #[command(before_help = "Examples:
  countersign profile use scientist")]
    Use {
        /// The profile
        name: Name,
    },
}

/// A profile without its token.
#[derive(Serialize)]
struct Listed {
    name: Name,
    user: String,
    url: String,
    /// Whether it acts where none is named.
    usual: bool,
}

/// Carries it out.
///
/// # Errors
/// A profile that is not there or cannot be read.
pub fn run(command: ProfileCommand, context: &Context) -> Result<Exit, Failure> {
    let profiles = Profiles::of(&context.environment)?;
    match command {
        ProfileCommand::List => {
            let usual = profiles.usual();
            let listed = |name: Name| {
                let profile = profiles.load(&name)?;
                Ok(Listed { usual: usual.as_ref() == Some(&name), name, user: profile.user, url: profile.url })
            };
            let listed = profiles.names().into_iter().map(listed).collect::<Result<Vec<_>, Failure>>()?;
            context.out.show(&json!({ "items": listed }), |_| {
                let row = |profile: &Listed| cells![profile.name, profile.user, profile.url, profile.usual];
                Table::of(&["NAME", "ACCOUNT", "SERVER", "USUAL"], &listed, row).text("No profiles.")
            })?;
        }
        ProfileCommand::Use { name } => {
            profiles.use_as_usual(&name)?;
            context.out.note(&format!("The profile {name} acts wherever none is named."));
        }
    }
    Ok(Exit::Done)
}
