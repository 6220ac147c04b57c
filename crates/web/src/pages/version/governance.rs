//! Where the version stands: the steps of its workflow, the facts below them, and whose turn it is.

use crate::pages::{parts, shell::Shell};
use app::views::{AwayPerson, Review, Step, Turn as TurnView, Version};
use domain::{
    Timestamp,
    signoff::{Status, Verdict},
    turn::Expected,
    workflow::StepStatus,
};

/// A step of the workflow, as it is drawn.
pub(super) struct Drawn {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) icon: &'static str,
    pub(super) words: String,
    pub(super) is_now: bool,
}

/// Numbers of current answers.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) major: usize,
    pub(super) minor: usize,
    pub(super) approve: usize,
    pub(super) stale: usize,
    pub(super) missing: usize,
}

/// The steps and the facts.
pub(super) struct Governance {
    pub(super) steps: Vec<Drawn>,
    pub(super) tally: Tally,
    pub(super) turns: Vec<TurnView>,
}

/// Whose turn it is, as one fact.
pub(super) struct Turn {
    pub(super) mine: bool,
    pub(super) icon: &'static str,
    pub(super) why: String,
    pub(super) since: Option<Timestamp>,
    pub(super) due: Option<Timestamp>,
    pub(super) people: Vec<String>,
    /// Those of the people who are away.
    pub(super) away: Vec<AwayPerson>,
    /// Where on the page it is done, and what the link says.
    pub(super) go: Option<(&'static str, &'static str)>,
}

impl Governance {
    pub(super) fn of(version: &Version, review: &Review) -> Self {
        let may_request = review.may.iter().any(|possible| possible.command == "request_review" && possible.allowed);
        let steps = version.governance.steps.iter().map(|step| drawn(step, version, may_request)).collect();
        Self { steps, tally: tally(review), turns: version.governance.turns.clone() }
    }
}

fn tally(review: &Review) -> Tally {
    let mut tally = Tally::default();
    for slot in &review.slots {
        tally.missing += usize::from(slot.answers.is_empty());
        for answer in &slot.answers {
            match answer.verdict {
                _ if answer.stale => tally.stale += 1,
                Verdict::Approve => tally.approve += 1,
                Verdict::MinorIssue => tally.minor += 1,
                Verdict::MajorIssue => tally.major += 1,
            }
        }
    }
    tally
}

fn drawn(step: &Step, version: &Version, may_request: bool) -> Drawn {
    let mut letters = step.name.chars();
    let name = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default() + letters.as_str();
    let status = step.sign_off_status;
    let words = status.map(|status| parts::status::words(status).to_lowercase());
    let is_now = step.status == StepStatus::Ongoing;
    let (class, icon, words) = match (step.status, status) {
        (StepStatus::Ongoing, _) if version.governance.locked => {
            ("now shut", "lock", words.unwrap_or_else(|| "locked".to_owned()))
        }
        (StepStatus::Finished, Some(Status::Approved)) => ("done passed", "tick", "approved".to_owned()),
        (StepStatus::Finished, _) => ("done", "tick", "finished".to_owned()),
        (StepStatus::Ongoing, Some(Status::WaitingForFeedback)) => ("now", "talk", "waiting for feedback".to_owned()),
        (StepStatus::Ongoing, Some(_)) => ("now", "nib", words.unwrap_or_default()),
        (StepStatus::Ongoing, None) => ("now", now_icon(&step.name), "ongoing".to_owned()),
        (StepStatus::NotStarted, Some(_)) if may_request => ("next open", "unsigned", "not started: request it below".to_owned()),
        (StepStatus::NotStarted, _) => ("next", "minus", "not started".to_owned()),
        (StepStatus::Skipped, _) => ("next", "minus", "skipped".to_owned()),
    };
    Drawn { name, class: class.to_owned(), icon, words, is_now }
}

fn now_icon(step: &str) -> &'static str {
    match step {
        "development" => "edit",
        "deployment" => "load",
        _ => "tick",
    }
}

/// Whose turn it is: one's own first.
pub(super) fn turn(version: &Version, review: &Review, shell: &Shell) -> Option<Turn> {
    let turns = &version.governance.turns;
    let mine = |turn: &&TurnView| {
        let command = match turn.expected {
            Expected::Decide => "approve",
            Expected::GiveFeedback | Expected::ReconsiderFeedback => "give_feedback",
            Expected::RequestFinalApproval => "request_final_approval",
            Expected::RequestReview => "request_review",
            Expected::ReloadReviewers => "reload_reviewers",
            Expected::Reset => "reset",
        };
        let may = |possible: &&app::views::Possible| {
            possible.command == command && possible.allowed && (turn.slot.is_none() || possible.slot == turn.slot)
        };
        turn.people.contains(&shell.me) && review.may.iter().any(|possible| may(&possible))
    };
    let (turn, is_mine) = match turns.iter().find(mine) {
        Some(turn) => (turn, true),
        None => (turns.first()?, false),
    };
    let (icon, go) = match turn.expected {
        Expected::Decide => ("nib", ("#decide", "Go to your decision")),
        Expected::GiveFeedback => ("talk", ("#decide", "Go to your answer")),
        Expected::ReconsiderFeedback => ("stale", ("#decide", "Go to your answer")),
        Expected::RequestFinalApproval => ("hand-on", ("#signs-h", "Go to the sign-off")),
        Expected::RequestReview => ("nib", ("#req-h", "Go to the request")),
        Expected::Reset => ("undo", ("#signs-h", "Go to the sign-off")),
        Expected::ReloadReviewers => ("group", ("#signs-h", "Go to the sign-off")),
    };
    Some(Turn {
        mine: is_mine,
        icon,
        why: turn.why.clone(),
        since: turn.since,
        due: turn.due,
        people: turn.people.clone(),
        away: turn.away.clone(),
        go: is_mine.then_some(go),
    })
}
