//! What follows from an event in its own transaction. This file has all of it. Who hears of the event is in `domain::notice`, and the log tells
//! the job that makes messages.

use super::subject::Subject;
use domain::{
    StepName, deployment::RevisionKind, event::Event, infrastructure::PRODUCTION_STAGE, signoff::Status, workflow::Trigger,
};
use proof::Decision;

/// What follows from an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Consequences {
    /// The decision that the server signs a statement of.
    pub statement: Option<Decision>,
    /// What moves the version from step to step.
    pub step: Option<Trigger>,
    /// The step to which the version goes back, where a review was requested in vain.
    pub back_to: Option<StepName>,
    /// Whether an approval ended, on which versions in service may rest.
    pub lapse: bool,
}

/// What follows from this event about this subject. A match without a wildcard: a new event does not compile until somebody says
/// what follows from the event.
pub(crate) fn consequences(event: &Event, subject: &Subject<'_>) -> Consequences {
    let (statement, step, lapse) = match event {
        Event::ReviewRequested { .. } => (None, Some(Trigger::ReviewRequested), false),
        Event::Approved { .. } => (Some(Decision::Approved), Some(Trigger::Approved), false),
        // The rejection of a renewal ends the approval that was in force.
        Event::Rejected { ends: Some(_), .. } => (Some(Decision::Rejected), Some(Trigger::Lapsed), true),
        Event::Rejected { ends: None, .. } => (Some(Decision::Rejected), None, false),
        Event::Revoked { .. } => (Some(Decision::Revoked), Some(Trigger::Lapsed), true),
        Event::Expired { .. } => (None, Some(Trigger::Lapsed), true),
        Event::VersionRetired { .. } => (None, None, was_approved(subject)),
        Event::Reset { from, .. } => (None, Some(Trigger::Reset), *from == Status::Approved),
        Event::DeploymentRevised { kind: RevisionKind::Deploy | RevisionKind::Rollback, .. }
        | Event::DeploymentShared { revision: Some(_), .. } => (None, in_production(subject), false),
        Event::UserCreated { .. }
        | Event::UserChanged { .. }
        | Event::AbsenceSet { .. }
        | Event::InvitationIssued { .. }
        | Event::InvitationConfirmed { .. }
        | Event::InvitationRedeemed { .. }
        | Event::PasswordChanged { .. }
        | Event::AdministratorAppointed { .. }
        | Event::TokenCreated { .. }
        | Event::LogKeyChanged { .. }
        | Event::LogContinued { .. }
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
        | Event::RequestTakenBack { .. }
        | Event::ReviewersReloaded { .. }
        | Event::RenewalRequested { .. }
        | Event::FeedbackGiven { .. }
        | Event::FeedbackWithdrawn { .. }
        | Event::FinalApprovalRequested { .. }
        | Event::ReturnedToFeedback { .. }
        | Event::Abandoned { .. }
        | Event::AbandonCancelled { .. }
        | Event::Delegated { .. }
        | Event::VersionRestored { .. }
        | Event::InfrastructureCreated { .. }
        | Event::PolicyChanged { .. }
        | Event::InfrastructureMemberSet { .. }
        | Event::InfrastructureMemberRemoved { .. }
        | Event::DeploymentRevised { kind: RevisionKind::Stop, .. }
        | Event::DeploymentRefused { .. }
        | Event::GateAcknowledged { .. }
        | Event::DeploymentShared { revision: None, .. }
        | Event::DeploymentLapsed { .. }
        | Event::LapseAcknowledged { .. }
        | Event::RenewalOpened { .. }
        | Event::Reminded { .. }
        | Event::ApprovalEnding { .. }
        | Event::WebhookSet { .. }
        | Event::WebhookRemoved { .. }
        | Event::WebhookDisabled { .. }
        | Event::MailSet { .. }
        | Event::MailRemoved {}
        | Event::PermitRenewed { .. } => (None, None, false),
    };
    let back_to = match event {
        Event::RequestTakenBack { back_to, .. } => back_to.clone(),
        _ => None,
    };
    Consequences { statement, step, back_to, lapse }
}

/// Whether an approval ends where the version is retired: without one, its deployments stay as they are.
fn was_approved(subject: &Subject<'_>) -> bool {
    match subject {
        Subject::Version(version) => version.signoffs().any(|signoff| signoff.status() == Status::Approved),
        _ => false,
    }
}

/// A version that goes into service on an infrastructure of stage production has reached that step.
fn in_production(subject: &Subject<'_>) -> Option<Trigger> {
    match subject {
        Subject::InService { infrastructure, .. } if infrastructure.stage.as_str() == PRODUCTION_STAGE => {
            Some(Trigger::InProduction)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Digest, Timestamp, UserId,
        signoff::{Act, Approval},
    };
    use uuid::Uuid;

    fn act() -> Act {
        Act { by: UserId::from_uuid(Uuid::nil()), at: Timestamp::from_micros(0), signatory: None, comment: None, path: None }
    }

    fn of(event: &Event) -> (Option<Decision>, Option<Trigger>, bool) {
        let Consequences { statement, step, lapse, .. } = consequences(event, &Subject::Instance);
        (statement, step, lapse)
    }

    #[test]
    fn a_final_decision_is_signed_and_moves_the_version() {
        let (shown, answers) = (Digest::from_bytes([0; 32]), Vec::new());
        let approval = Approval { act: act(), not_after: None, model_digest: shown, independent: true };
        let (step, round) = (StepName::standard(), 1);
        let approved = Event::Approved { step: step.clone(), round, replaces: None, approval, shown, answers: answers.clone() };
        assert_eq!(of(&approved), (Some(Decision::Approved), Some(Trigger::Approved), false));
        let rejected = |ends| Event::Rejected { step: step.clone(), round, ends, act: act(), shown, answers: answers.clone() };
        assert_eq!(of(&rejected(None)), (Some(Decision::Rejected), None, false));
        let renewal = of(&rejected(Some(1)));
        assert_eq!(renewal, (Some(Decision::Rejected), Some(Trigger::Lapsed), true), "the approval that was in force ends");
        let revoked = Event::Revoked { step: StepName::standard(), round: 1, act: act() };
        assert_eq!(of(&revoked), (Some(Decision::Revoked), Some(Trigger::Lapsed), true));
    }

    #[test]
    fn what_ends_an_approval_is_looked_for_among_deployments() {
        assert_eq!(
            of(&Event::Expired { step: StepName::standard(), round: 1, not_after: None }),
            (None, Some(Trigger::Lapsed), true)
        );
        for (from, lapse) in
            [(Status::Approved, true), (Status::Rejected, false), (Status::Revoked, false), (Status::Expired, false)]
        {
            let reset = Event::Reset {
                step: StepName::standard(),
                round: 1,
                from,
                next_round: 2,
                reload_reviewers: false,
                comment: None,
            };
            assert_eq!(of(&reset), (None, Some(Trigger::Reset), lapse), "{from}");
        }
    }
}
