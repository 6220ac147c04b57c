//! When you are away, and who stands in.

use crate::{
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
    text::absence::card,
};
use app::views::SetAbsenceRequest;
use domain::{Name, Timestamp};

/// Says when you are away, and who stands in
#[derive(Debug, clap::Subcommand)]
pub enum AbsenceCommand {
    /// Shows when you are away
    #[command(before_help = "Examples:
  countersign absence show")]
    Show,
    /// Says when you are away, in place of what you said before
    #[command(before_help = "Examples:
  countersign absence set --until 2026-12-31
  countersign absence set --from 2026-12-21 --until 2027-01-07 --stand-in itops

While you are away, the clock hands tasks that nobody else could do to the person who stands in, until the day that you name. You keep each of them as well. Mails wait, and come as one mail on the morning after.")]
    Set {
        /// The first day away, or a moment; now if absent
        #[arg(long, value_name = "DAY", value_parser = moment)]
        from: Option<Timestamp>,
        /// The day on which you are back, or a moment
        #[arg(long, value_name = "DAY", value_parser = moment)]
        until: Timestamp,
        /// The account of the person who stands in
        #[arg(long, value_name = "USER")]
        stand_in: Option<Name>,
    },
    /// Says that you are back, or will not be away
    #[command(before_help = "Examples:
  countersign absence end

What was handed on while you were away stays with the person who stood in until the day that you had named. You keep it as well.")]
    End,
}

/// The beginning of a day in UTC, or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = format!("{text}T00:00:00Z").parse().or_else(|_| text.parse());
    moment.map_err(|_| "write a day like 2026-12-24, or a moment like 2026-12-24T12:00:00Z".to_owned())
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: AbsenceCommand, session: &Session) -> Result<Exit, Failure> {
    let (client, path) = (&session.client, paths::own_absence());
    let answer = match command {
        AbsenceCommand::Show => client.get(&path).send().await?,
        AbsenceCommand::Set { from, until, stand_in } => {
            client.put(&path, &SetAbsenceRequest { from, until, stand_in }).send().await?
        }
        AbsenceCommand::End => client.delete(&path).send().await?,
    };
    session.show(&answer, card)?;
    Ok(Exit::Done)
}
