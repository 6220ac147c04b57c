//! Reviews: requests them, delegates tasks, goes back to feedback, opens the next round, and shows the status.

use super::version_path;
use crate::{
    args::until,
    client::{Paging, Session},
    exit::Exit,
    failure::Failure,
    text::{Table, at, cell, facts, items, plain, section, time, version::turns},
};
use app::views::{DelegateRequest, NotifyText, RequestReviewRequest, ResetRequest};
use domain::{Name, SlotName, VersionRef};
use serde::Serialize;
use serde_json::{Value, json};

/// Which state one has seen; another one by now is a conflict.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Seen {
    /// Act only if the review still has this tag, which `review show` prints
    #[arg(long, value_name = "TAG")]
    pub if_match: Option<String>,
}

/// Requests and shows reviews
#[derive(Debug, clap::Subcommand)]
pub enum ReviewCommand {
    /// Requests a review
    #[command(before_help = "Examples:
  countersign review request diagnosis/tumour:1
  countersign review request diagnosis/tumour:1 --notify riskofficer,approver
  countersign review request diagnosis/tumour:1 --skip-feedback --notify none")]
    Request {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// Skip feedback, and request the final approval
        #[arg(long)]
        skip_feedback: bool,
        /// Whom to notify: all, none, or names separated by commas
        #[arg(long, value_name = "all|none|NAME,…", default_value = "all")]
        notify: NotifyText,
        #[command(flatten)]
        seen: Seen,
    },
    /// Requests the final approval now
    #[command(before_help = "Examples:
  countersign review final diagnosis/tumour:1")]
    Final {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        seen: Seen,
    },
    /// Sends the review back from the final approval to feedback
    #[command(before_help = "Examples:
  countersign review back diagnosis/tumour:1")]
    Back {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        seen: Seen,
    },
    /// Delegates your task to another user; you keep the task too
    #[command(before_help = "Examples:
  countersign review delegate diagnosis/tumour:1 --slot \"Risk & Compliance\" --to deputy --until 30d
  countersign review delegate diagnosis/tumour:1 --to deputy      (the final approval)")]
    Delegate {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// The slot [default: the final approval]
        #[arg(long)]
        slot: Option<SlotName>,
        /// To whom
        #[arg(long, value_name = "NAME")]
        to: Name,
        /// The end of the delegation: how long, or a time
        #[arg(long, value_name = "30d|TIME", value_parser = until)]
        until: Option<String>,
        #[command(flatten)]
        seen: Seen,
    },
    /// Opens the next round
    #[command(before_help = "Examples:
  countersign review reset diagnosis/tumour:1
  countersign review reset diagnosis/tumour:1 --reload-reviewers")]
    Reset {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// Copy the project's present reviewers, instead of keeping this round's
        #[arg(long)]
        reload_reviewers: bool,
        #[command(flatten)]
        seen: Seen,
    },
    /// Cancels an abandon: the review goes on where it was
    #[command(before_help = "Examples:
  countersign review cancel-abandon diagnosis/tumour:1")]
    CancelAbandon {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        seen: Seen,
    },
    /// Shows a review: every slot, the decision, whose turn it is, what you may do
    #[command(before_help = "Examples:
  countersign review show diagnosis/tumour:1
  countersign review show diagnosis/tumour:1 --round 1")]
    Show {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// An earlier round
        #[arg(long, value_name = "N")]
        round: Option<u32>,
    },
    /// Lists the history of a version
    #[command(before_help = "Examples:
  countersign review history diagnosis/tumour:1")]
    History {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: ReviewCommand, session: &Session) -> Result<Exit, Failure> {
    match command {
        ReviewCommand::Request { version, skip_feedback, notify, seen } => {
            ask(session, &version, "request", &RequestReviewRequest { skip_feedback, notify }, &seen).await?;
        }
        ReviewCommand::Final { version, seen } => ask(session, &version, "final", &json!({}), &seen).await?,
        ReviewCommand::Back { version, seen } => ask(session, &version, "back", &json!({}), &seen).await?,
        ReviewCommand::Delegate { version, slot, to, until, seen } => {
            ask(session, &version, "delegate", &DelegateRequest { slot, to, until }, &seen).await?
        }
        ReviewCommand::Reset { version, reload_reviewers, seen } => {
            ask(session, &version, "reset", &ResetRequest { reload_reviewers }, &seen).await?
        }
        ReviewCommand::CancelAbandon { version, seen } => ask(session, &version, "cancel-abandon", &json!({}), &seen).await?,
        ReviewCommand::Show { version, round } => {
            let review = session.client.get(&version_path(&version, &["review"])).query("round", round).send().await?.value;
            session.show(&review, card)?;
        }
        ReviewCommand::History { version, paging } => {
            let path = version_path(&version, &["review", "history"]);
            session.list(&paging, "from", "Nothing happened yet.", &super::audit::COLUMNS, || session.client.get(&path)).await?;
        }
    }
    Ok(Exit::Done)
}

async fn ask(session: &Session, version: &VersionRef, what: &str, request: &impl Serialize, seen: &Seen) -> Result<(), Failure> {
    let call = session.client.post(&version_path(version, &["review", what]), request);
    session.done(&call.if_match(seen.if_match.as_deref()).send().await?, brief)
}

/// Where a review stands, in a few lines: what a command shows when it is done.
pub fn brief(review: &Value) -> String {
    let rows = [
        ("version", "/version"),
        ("status", "/status"),
        ("round", "/round"),
        ("approved until", "/decision/not_after"),
        ("page", "/link"),
    ];
    let warnings: String = items(review, "/warnings").iter().map(|warning| format!("{}\n", cell(warning))).collect();
    format!("{}{}{}", facts(review, &rows), section("Whose turn it is", &turns(review)), section("Warnings", &warnings))
}

/// Everything about one round.
fn card(review: &Value) -> String {
    let head = [
        ("version", "/version"),
        ("status", "/status"),
        ("since", "/since"),
        ("round", "/round"),
        ("of rounds", "/rounds"),
        ("locked", "/locked"),
        ("requested by", "/requested/by"),
        ("requested", "/requested/at"),
        ("feedback skipped", "/skip_feedback"),
        ("expired", "/expired_at"),
        ("model digest", "/model_digest"),
        ("tag", "/etag"),
        ("page", "/link"),
    ];
    let acts = [("decision", "decided"), ("abandonment", "abandoned"), ("revocation", "revoked")]
        .map(|(name, label)| act(&review[name], label));
    let warnings: String = items(review, "/warnings").iter().map(|warning| format!("{}\n", cell(warning))).collect();
    let delegations =
        Table::of(items(review, "/delegations"), &[("SLOT", "/slot"), ("FROM", "/from"), ("TO", "/to"), ("UNTIL", "/until")]);
    [
        facts(review, &head),
        section("Feedback", &slots(review)),
        section("Final approval", &approval(review)),
        section("Delegations", &delegations.text("")),
        section("What happened", &acts.concat()),
        section("Whose turn it is", &turns(review)),
        section("What you may do", &may(review)),
        section("Warnings", &warnings),
    ]
    .concat()
}

/// A line for each answer; a slot without one has a line too.
fn slots(review: &Value) -> String {
    let mut table = Table::new(&["SLOT", "VERDICT", "BY", "WHEN", "", "COMMENT"]);
    for slot in items(review, "/slots") {
        let name = at(slot, "/name");
        if items(slot, "/answers").is_empty() {
            let people = if items(slot, "/people").is_empty() {
                "nobody can answer".to_owned()
            } else {
                format!("waits for {}", at(slot, "/people"))
            };
            table.row([name.clone(), "-".to_owned(), people]);
        }
        for answer in items(slot, "/answers") {
            let marks = [("/stale", "before the last change"), ("/by_author", "by an author")];
            let marks: Vec<_> = marks
                .iter()
                .filter(|(pointer, _)| answer.pointer(pointer) == Some(&Value::Bool(true)))
                .map(|(_, mark)| *mark)
                .collect();
            table.row([
                name.clone(),
                at(answer, "/verdict"),
                at(answer, "/by"),
                at(answer, "/at"),
                marks.join(", "),
                at(answer, "/comment"),
            ]);
        }
    }
    table.text("")
}

fn approval(review: &Value) -> String {
    facts(review, &[("assigned to", "/approvers"), ("can give it now", "/approver_people")])
}

fn act(act: &Value, label: &str) -> String {
    if act.is_null() {
        return String::new();
    }
    let decision = act["decision"].as_str().map_or_else(|| label.to_owned(), plain);
    let comment = act["comment"].as_str().map(|comment| format!(": {}", plain(comment))).unwrap_or_default();
    let end = act["not_after"].as_str().map(|_| format!(", until {}", time(&act["not_after"]))).unwrap_or_default();
    format!("{decision} by {} at {}{end}{comment}\n", cell(&act["by"]), time(&act["at"]))
}

fn may(review: &Value) -> String {
    let (allowed, refused): (Vec<_>, Vec<_>) = items(review, "/may").iter().partition(|possible| possible["allowed"] == true);
    let name = |possible: &Value| {
        let slot = possible["slot"].as_str().map(|slot| format!(" “{}”", plain(slot))).unwrap_or_default();
        format!("{}{slot}", at(possible, "/command").replace('_', " "))
    };
    let yes: Vec<_> = allowed.into_iter().map(name).collect();
    let yes = if yes.is_empty() { "nothing\n".to_owned() } else { format!("{}\n", yes.join(", ")) };
    let no: String =
        refused.into_iter().map(|possible| format!("not {}: {}\n", name(possible), at(possible, "/reason"))).collect();
    yes + &no
}
