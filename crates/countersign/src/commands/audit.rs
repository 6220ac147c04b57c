//! Shows the record to auditors, with the proofs that the record only grew.

use crate::{
    args::Since,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::record,
};
use app::{Clock, SystemClock};
use domain::{Name, VersionRef};

/// Reads the record
#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Lists events, oldest first
    #[command(before_help = "Examples:
  countersign audit list --since 2h
  countersign audit list --project diagnosis --all --output json
  countersign audit list --version diagnosis/tumour:1
  countersign audit list --by approver --kind review.approved,review.rejected
  countersign audit list --infra production --since 2026-11-01T00:00:00Z")]
    List {
        /// Events since then: how long ago, or a time
        #[arg(long, value_name = "2h|TIME")]
        since: Option<Since>,
        /// Only events of a project; managers may read their project's events
        #[arg(long, value_name = "NAME")]
        project: Option<Name>,
        /// Only events of a version
        #[arg(long, value_name = "VERSION")]
        version: Option<VersionRef>,
        /// Only events of an infrastructure
        #[arg(long, value_name = "NAME")]
        infra: Option<Name>,
        /// Only events of an account
        #[arg(long, value_name = "USER")]
        by: Option<Name>,
        /// Only events of these types, like feedback.given; several with commas between them
        #[arg(long, value_name = "TYPE")]
        kind: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Prints a signed checkpoint of the record. Keep the checkpoint elsewhere to find a later rewriting of the record
    #[command(before_help = "Examples:
  countersign audit checkpoint > checkpoint.txt")]
    Checkpoint {},
    /// Prints the key that checkpoints verify with, as a C2SP verifier key
    #[command(before_help = "Examples:
  countersign audit log-key")]
    LogKey {},
    /// Prints the exact bytes of an event, which the record names by their digest
    #[command(before_help = "Examples:
  countersign audit event 17 > event.json
  countersign audit event 17 | sha256sum")]
    Event {
        /// The position of the event, from 0
        position: u64,
    },
    /// Prints the proof that an event is in the record, or that the record only grew
    #[command(before_help = "Examples:
  countersign audit proof --position 17
  countersign audit proof --position 17 --size 1200
  countersign audit proof --position 17 --tlog > event.tlog-proof
  countersign audit proof --from 1200 --to 1500      (to the present without --to)")]
    Proof {
        /// The event
        #[arg(long, value_name = "N", required_unless_present = "from")]
        position: Option<u64>,
        /// A size that the record has reached [default: the present size]
        #[arg(long, value_name = "SIZE", requires = "position")]
        size: Option<u64>,
        /// One text with the newest checkpoint, in the form of C2SP tlog-proof
        #[arg(long, requires = "position", conflicts_with = "size")]
        tlog: bool,
        /// An earlier size of the record
        #[arg(long, value_name = "SIZE", conflicts_with = "position")]
        from: Option<u64>,
        /// A later size of the record [default: the present size]
        #[arg(long, value_name = "SIZE", requires = "from")]
        to: Option<u64>,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: AuditCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        AuditCommand::List { since, project, version, infra, by, kind, paging } => {
            let since = since.map(|since| since.moment(SystemClock.now()));
            let call = || {
                let call = client.get(&paths::events()).query("since", since).query("project", project.as_ref());
                let call = call.query("version", version.as_ref()).query("infrastructure", infra.as_ref());
                call.query("actor", by.as_ref()).query("kind", kind.as_ref())
            };
            session.list(&paging, "from", |events| record::events(events, "No events."), call).await?;
        }
        AuditCommand::Checkpoint {} => session.out.document(&client.get(&paths::checkpoint()).text().await?)?,
        AuditCommand::LogKey {} => session.out.document(&client.get(&paths::log_key()).text().await?)?,
        AuditCommand::Event { position } => session.out.document(&client.get(&paths::event(position)).text().await?)?,
        AuditCommand::Proof { position, tlog: true, .. } => {
            let call = client.get(&paths::proof("tlog")).query("position", position);
            session.out.document(&call.text().await?)?;
        }
        AuditCommand::Proof { position, size, from, to, .. } => {
            let call = match position {
                Some(position) => client.get(&paths::proof("inclusion")).query("position", Some(position)).query("size", size),
                None => client.get(&paths::proof("consistency")).query("from", from).query("to", to),
            };
            session.show(&call.send().await?, record::proof)?;
        }
    }
    Ok(Exit::Done)
}
