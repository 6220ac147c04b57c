//! The mail server that takes messages to people.

use crate::{
    client::{Session, paths},
    commands::password,
    failure::Failure,
    text::mail::server,
};
use app::views::SetMailServerRequest;
use domain::mail::MailSecurity;
use std::path::PathBuf;

/// Shows and chooses the mail server
#[derive(Debug, clap::Subcommand)]
pub enum MailServerCommand {
    /// Shows how mails leave the server
    #[command(before_help = "Examples:
  countersign mail server show")]
    Show,
    /// Chooses the mail server, in place of the one before; where the server's configuration names one, nobody chooses
    #[command(before_help = "Examples:
  countersign mail server set mail.example.org:587 --from 'Countersign <countersign@example.org>'
  countersign mail server set mail.example.org:465 --security tls --from sign-off@example.org --username sign-off

With a user name the command asks for the password, or takes it as one line of standard input. An empty line keeps the known password: it holds for the mail server, protection, authority and user name that it was given for.")]
    Set {
        /// The mail server, as HOST:PORT
        server: String,
        /// From whom mails come: an address, or `Name <address>`
        #[arg(long, value_name = "ADDRESS")]
        from: String,
        /// What protects the connection: starttls, tls or none
        #[arg(long, default_value = "starttls")]
        security: MailSecurity,
        /// The user name, where the mail server asks for one
        #[arg(long)]
        username: Option<String>,
        /// A file with certificates in PEM, of an authority that is trusted besides those of the server's machine
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
        /// At which time of day mails go out that gather what happened
        #[arg(long, value_name = "HH:MM", default_value = "07:00")]
        digest_at: String,
        /// In which time zone
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        time_zone: String,
    },
    /// Takes the mail server away: nobody gets a mail
    #[command(before_help = "Examples:
  countersign mail server remove")]
    Remove,
}

/// Carries it out.
///
/// # Errors
/// A file that cannot be read; what the server says.
pub(super) async fn run(command: MailServerCommand, session: &Session) -> Result<(), Failure> {
    let (client, path) = (&session.client, paths::mail_server());
    match command {
        MailServerCommand::Show => session.show(&client.get(&path).send().await?, server),
        MailServerCommand::Set { server: place, from, security, username, authority, digest_at, time_zone } => {
            let authority = authority.map(|file| {
                let cannot = |error| Failure::usage(format!("--authority: {} cannot be read: {error}", file.display()));
                std::fs::read_to_string(&file).map_err(cannot)
            });
            let authority = authority.transpose()?;
            let password = username.is_some().then(password::read_if_any).transpose()?.flatten();
            let request =
                SetMailServerRequest { server: place, from, security, username, password, authority, digest_at, time_zone };
            session.show(&client.put(&path, &request).send().await?, server)
        }
        MailServerCommand::Remove => {
            client.delete(&path).send().await?;
            session.out.note("Nobody gets a mail any more.");
            Ok(())
        }
    }
}
