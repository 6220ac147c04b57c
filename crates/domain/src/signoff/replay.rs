//! Replays an event of the record: gives the command that led to the event, carries the command out again, and compares.
//!
//! An event that the rules do not lead to was not recorded by this program: somebody changed rows for the time of a command, or wrote
//! the event by hand.

use super::{
    command::{Command, CommandName, Until},
    facts::SignOffFacts,
    outcome::Outcome,
    state::{Act, SignOff},
};
use crate::{Duration, StepName, Timestamp, event::Event};

/// Why the rules do not lead to an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The rules refuse the command.
    #[error("the rules refuse to {0}: {1}")]
    Refused(&'static str, String),
    /// The command would have changed nothing.
    #[error("to {0} would have changed nothing")]
    Idle(&'static str),
    /// The command leads to another event.
    #[error("to {0} leads to another event: the path, the reviewers, the feedback or the end differ")]
    OtherEvent(&'static str),
    /// The event is about another round than those that count.
    #[error("the event is about round {0}, and the present round is {1}")]
    OtherRound(u32, u32),
    /// The approval had not come to its end.
    #[error("the approval had not come to its end")]
    NotExpired,
    /// The clock had no renewal to open.
    #[error("no renewal was to be opened by the clock")]
    NoRenewal,
    /// The clock had no task to hand on.
    #[error("no reviewer was away for whom somebody stands in")]
    NoStandIn,
}

/// What an event says of a sign-off.
struct Step<'a> {
    /// The step and round of the sign-off; none for what is about the version as a whole.
    of: Option<(&'a StepName, u32)>,
    /// None for the clock's own command.
    command: Option<Command>,
    /// The moment of the act, where the event tells one: a decision can be prepared a little before it is recorded.
    at: Option<Timestamp>,
}

impl Event {
    /// The step of the sign-off that the event is about, and its round; none where the event is about no sign-off.
    pub fn sign_off(&self) -> Option<(&StepName, u32)> {
        step_of(self)?.of
    }

    /// The command that leads to the event; none where the event is about no sign-off, or the clock's own.
    pub fn command(&self) -> Option<CommandName> {
        step_of(self)?.command.map(|command| command.name())
    }

    /// The moment of the decision or act that the event tells of, where it tells one.
    pub fn acted_at(&self) -> Option<Timestamp> {
        step_of(self)?.at
    }
}

impl SignOff {
    /// The sign-off after the event, if the rules lead from this one to exactly that event.
    ///
    /// # Errors
    /// Why they do not.
    pub fn replay(self, event: &Event, facts: &SignOffFacts<'_>) -> Result<Self, Mismatch> {
        let Some(Step { of, command, .. }) = step_of(event) else {
            return Ok(self);
        };
        let by_clock = matches!(event, Event::RenewalOpened { .. });
        let opens_round = by_clock || matches!(command, Some(Command::RequestRenewal { .. }));
        if let Some((_, round)) = of
            && !opens_round
            && self.rounds().all(|counts| counts.round != round)
        {
            return Err(Mismatch::OtherRound(round, self.round));
        }
        let Some(command) = command else {
            if matches!(event, Event::Delegated { .. }) {
                let handed = self.stand_ins(facts).into_iter().find(|handed| handed.event == *event);
                return handed.map(|handed| handed.signoff).ok_or(Mismatch::NoStandIn);
            }
            if by_clock {
                let opened = self.open_renewal(facts).filter(|opened| opened.event == *event);
                return opened.map(|opened| opened.signoff).ok_or(Mismatch::NoRenewal);
            }
            let expired = self.expire(facts.now).filter(|expired| expired.event == *event);
            return expired.map(|expired| expired.signoff).ok_or(Mismatch::NotExpired);
        };
        let verb = command.verb();
        match self.apply(command, facts) {
            Err(refusal) => Err(Mismatch::Refused(verb, refusal.reason)),
            Ok(Outcome::AlreadyDone(_)) => Err(Mismatch::Idle(verb)),
            Ok(Outcome::Changed(transition)) if transition.event == *event => Ok(transition.signoff),
            Ok(Outcome::Changed(_)) => Err(Mismatch::OtherEvent(verb)),
        }
    }
}

/// The sign-off, the command and the moment that an event tells of. A new event has to say here whether it is about a sign-off.
fn step_of(event: &Event) -> Option<Step<'_>> {
    let of = |step, round, command| Some(Step { of: Some((step, round)), command: Some(command), at: None });
    let act = |of, command, act: &Act| Some(Step { of, command: Some(command), at: Some(act.at) });
    match event {
        Event::ReviewRequested { step, round, skip_feedback, notify, .. } => {
            of(step, *round, Command::RequestReview { skip_feedback: *skip_feedback, notify: notify.clone() })
        }
        Event::RenewalRequested { step, round, skip_feedback, notify, .. } => {
            of(step, *round, Command::RequestRenewal { skip_feedback: *skip_feedback, notify: notify.clone() })
        }
        Event::FeedbackGiven { step, round, slot, verdict, comment, .. } => {
            of(step, *round, Command::GiveFeedback { slot: slot.clone(), verdict: *verdict, comment: comment.clone() })
        }
        Event::FeedbackWithdrawn { step, round, slot, .. } => of(step, *round, Command::WithdrawFeedback { slot: slot.clone() }),
        Event::FinalApprovalRequested { step, round, .. } => of(step, *round, Command::RequestFinalApproval),
        Event::ReturnedToFeedback { step, round } => of(step, *round, Command::BackToFeedback),
        Event::Approved { step, round, approval, .. } => {
            let length = |end: Timestamp| Duration::from_micros(end.micros().saturating_sub(approval.act.at.micros()));
            let (comment, valid_for) = (approval.act.comment.clone(), approval.not_after.map(length));
            act(Some((step, *round)), Command::Approve { comment, valid_for }, &approval.act)
        }
        Event::Rejected { step, round, act: by, .. } => {
            act(Some((step, *round)), Command::Reject { comment: by.comment.clone() }, by)
        }
        Event::Abandoned { step, round, act: by } => {
            act(Some((step, *round)), Command::Abandon { comment: by.comment.clone() }, by)
        }
        Event::Revoked { step, round, act: by, .. } => {
            act(Some((step, *round)), Command::Revoke { comment: by.comment.clone() }, by)
        }
        Event::AbandonCancelled { step, round, .. } => of(step, *round, Command::CancelAbandon),
        Event::Reset { step, round, reload_reviewers, comment, .. } => {
            of(step, *round, Command::Reset { reload_reviewers: *reload_reviewers, comment: comment.clone() })
        }
        Event::RequestTakenBack { step, round, .. } => of(step, *round, Command::TakeBackRequest),
        Event::ReviewersReloaded { step, round, act: by, .. } => {
            act(Some((step, *round)), Command::ReloadReviewers { comment: by.comment.clone() }, by)
        }
        Event::VersionRetired { act: by } => act(None, Command::Retire { comment: by.comment.clone() }, by),
        Event::VersionRestored { act: by } => act(None, Command::Restore { comment: by.comment.clone() }, by),
        Event::Delegated { step, round, absent: Some(_), .. } => Some(Step { of: Some((step, *round)), command: None, at: None }),
        Event::Delegated { step, round, task, to, until, absent: None } => {
            of(step, *round, Command::Delegate { task: task.clone(), to: *to, until: until.map(Until::Moment) })
        }
        Event::Expired { step, round, .. } | Event::RenewalOpened { step, round, .. } => {
            Some(Step { of: Some((step, *round)), command: None, at: None })
        }
        Event::UserCreated { .. }
        | Event::UserChanged { .. }
        | Event::AbsenceSet { .. }
        | Event::InvitationIssued { .. }
        | Event::InvitationConfirmed { .. }
        | Event::InvitationRedeemed { .. }
        | Event::PasswordChanged { .. }
        | Event::AdministratorAppointed { .. }
        | Event::TokenCreated { .. }
        | Event::TokenRevoked { .. }
        | Event::GroupCreated { .. }
        | Event::GroupMemberAdded { .. }
        | Event::GroupMemberRemoved { .. }
        | Event::ProjectCreated { .. }
        | Event::ProjectRulesChanged { .. }
        | Event::ProjectMemberSet { .. }
        | Event::ProjectMemberRemoved { .. }
        | Event::ReviewersSet { .. }
        | Event::ModelCreated { .. }
        | Event::VersionCreated { .. }
        | Event::FieldsChanged { .. }
        | Event::InfrastructureCreated { .. }
        | Event::PolicyChanged { .. }
        | Event::InfrastructureMemberSet { .. }
        | Event::InfrastructureMemberRemoved { .. }
        | Event::DeploymentRevised { .. }
        | Event::DeploymentRefused { .. }
        | Event::GateAcknowledged { .. }
        | Event::DeploymentShared { .. }
        | Event::LapseAcknowledged { .. }
        | Event::DeploymentLapsed { .. }
        | Event::PermitRenewed { .. }
        | Event::Reminded { .. }
        | Event::ApprovalEnding { .. }
        | Event::WebhookSet { .. }
        | Event::WebhookRemoved { .. }
        | Event::WebhookDisabled { .. }
        | Event::MailSet { .. }
        | Event::MailRemoved {}
        | Event::LogKeyChanged { .. }
        | Event::LogContinued { .. } => None,
    }
}
