//! The rail of the sign-off: a block for each slot with its signatures, and the final approval as the last.

use app::views::{AnswerView, DelegationView, Possible, Review, SlotView};
use domain::{
    Timestamp,
    people::Container,
    reviewers::Entitlement,
    signoff::{Status, Verdict},
};

/// The rail.
pub(super) struct Rail {
    pub(super) slots: Vec<Slot>,
    pub(super) decision: Decision,
    /// What who looks may not do, with the reason.
    pub(super) barred: Vec<(String, String)>,
}

/// A slot.
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) answers: Vec<Answer>,
    /// Issues that their reviewers took back.
    pub(super) past_issues: Vec<Answer>,
    /// Who could sign, where nobody has.
    pub(super) people: Vec<String>,
    pub(super) assigned: String,
    /// Whether who looks may answer here.
    pub(super) may_answer: bool,
    pub(super) may_withdraw: bool,
    /// Whether the form is the first of the page, to which links and keys lead.
    pub(super) is_first: bool,
}

/// A signature.
pub(super) struct Answer {
    pub(super) by: String,
    pub(super) verdict: Verdict,
    pub(super) comment: String,
    pub(super) at: Timestamp,
    pub(super) stale: bool,
    pub(super) path: String,
}

/// The final approval.
pub(super) struct Decision {
    pub(super) may_approve: bool,
    pub(super) may_reject: bool,
    pub(super) may_abandon: bool,
    pub(super) needs_password: bool,
    /// Whether an approval needs a comment.
    pub(super) major: bool,
    pub(super) people: Vec<String>,
    pub(super) delegated: Vec<String>,
}

impl Rail {
    pub(super) fn of(review: &Review, needs_password: bool) -> Self {
        let may = |command: &str, slot: Option<&str>| {
            let is_it =
                |possible: &&Possible| possible.command == command && (slot.is_none() || possible.slot.as_deref() == slot);
            review.may.iter().find(is_it).is_some_and(|possible| possible.allowed)
        };
        let may_decide = may("approve", None) || may("reject", None);
        let mut first = !may_decide;
        let mut slots = Vec::new();
        for slot in &review.slots {
            let name = slot.name.to_string();
            let may_answer = may("give_feedback", Some(&name));
            slots.push(Slot {
                answers: slot.answers.iter().map(|answer| signature(answer, slot, &review.delegations)).collect(),
                past_issues: slot.past_issues.iter().map(|answer| signature(answer, slot, &review.delegations)).collect(),
                people: slot.people.clone(),
                assigned: slot.assigned.join(", "),
                may_withdraw: may("withdraw_feedback", Some(&name)),
                is_first: may_answer && std::mem::take(&mut first),
                may_answer,
                name,
            });
        }
        let major = review
            .slots
            .iter()
            .flat_map(|slot| &slot.answers)
            .any(|answer| answer.verdict == Verdict::MajorIssue && !answer.stale);
        let decision = Decision {
            may_approve: may("approve", None),
            may_reject: may("reject", None),
            may_abandon: may("abandon", None),
            needs_password,
            major,
            people: review.approver_people.clone(),
            delegated: review.delegations.iter().filter(|delegation| delegation.slot.is_none()).map(in_words).collect(),
        };
        Self { slots, decision, barred: barred(review, may_decide) }
    }
}

fn in_words(delegation: &DelegationView) -> String {
    format!("{} for {}", delegation.to, delegation.from)
}

/// By which path somebody was entitled.
fn signature(answer: &AnswerView, slot: &SlotView, delegations: &[DelegationView]) -> Answer {
    let path = match &answer.path {
        Entitlement::Assigned { container: Container::User(_) } => "assigned by name".to_owned(),
        Entitlement::Assigned { container: Container::Role(role) } => format!("as {}", role.as_str()),
        Entitlement::Assigned { container: Container::Group(_) } => {
            let groups: Vec<_> = slot.assigned.iter().filter_map(|name| name.strip_prefix("group:")).collect();
            match groups.as_slice() {
                [group] => format!("member of group {group}"),
                _ => "member of a group".to_owned(),
            }
        }
        Entitlement::Delegated { .. } => {
            let is_it = |delegation: &&DelegationView| {
                delegation.to == answer.by && delegation.slot.as_deref() == Some(slot.name.as_str())
            };
            delegations
                .iter()
                .find(is_it)
                .map_or_else(|| "by delegation".to_owned(), |delegation| format!("for {}", delegation.from))
        }
    };
    let path = if answer.by_author { format!("{path}, author of this version") } else { path };
    Answer {
        by: answer.by.clone(),
        verdict: answer.verdict,
        comment: answer.comment.clone().unwrap_or_default(),
        at: answer.at,
        stale: answer.stale,
        path,
    }
}

/// What one may not do now although the status has room for it, in the order of weight.
fn barred(review: &Review, may_decide: bool) -> Vec<(String, String)> {
    let named = match review.status {
        Status::NotStarted => &[("request_review", "Request the review")][..],
        Status::WaitingForFeedback | Status::WaitingForApproval if !may_decide => {
            &[("approve", "Approve or reject"), ("abandon", "Abandon the review")]
        }
        Status::WaitingForFeedback | Status::WaitingForApproval => &[],
        Status::Approved => &[("revoke", "Revoke the approval"), ("reset", "Open the next round")],
        Status::Rejected | Status::Abandoned | Status::Revoked | Status::Expired => &[("reset", "Open the next round")],
    };
    let reason = |command: &str| {
        let possible = review.may.iter().find(|possible| possible.command == command && !possible.allowed)?;
        possible.reason.clone()
    };
    named
        .iter()
        .filter_map(|(command, words)| Some(((*words).to_owned(), crate::pages::failures::sentence(&reason(command)?))))
        .collect()
}
