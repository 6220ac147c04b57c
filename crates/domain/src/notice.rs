//! Who should hear of an event, and why.
//!
//! Pure: an event gives audiences, and not accounts. Who is in an audience depends on members, subscriptions and preferences at the
//! moment of delivery. Nobody is told of their own act: the deliverer leaves the actor out.

pub use crate::topic::Topic;

use crate::{
    Name, UserId,
    deployment::{PolicyStanding, RevisionKind},
    due::DueStage,
    event::Event,
    gate::Verdict,
    people::words,
    signoff::{Notify, Status},
};
use serde::{Deserialize, Serialize};

/// A group of people who should hear of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every reviewer of the round.
    Reviewers,
    /// The accounts of these names.
    Accounts(Vec<Name>),
    /// One account.
    Account(UserId),
    /// The people whose turn it is after the event.
    NextInTurn,
    /// The requester of the round.
    Requester,
    /// The requester of the round, and everybody who gave an answer in it or decided it.
    Participants,
    /// The uploader of the version, and the authors whom the version names.
    Authors,
    /// The subscribers of the version, of its model or of its project.
    Subscribers,
    /// The managers of the project.
    ProjectManagers,
    /// The admins and deployers of the infrastructure.
    InfrastructureKeepers,
    /// The administrators of the server.
    Administrators,
}

/// Which messages a person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Every message.
    #[default]
    All,
    /// Only messages that ask the person to act.
    MyTurn,
    /// Every message, gathered in one mail each morning.
    EachMorning,
    /// Only messages that nobody should miss: final decisions that are the person's, what is overdue, handed over, or out of policy.
    Required,
    /// No message.
    Nothing,
}

words! {
    Wanted { All = "all", MyTurn = "my_turn", EachMorning = "each_morning", Required = "required", Nothing = "nothing" }
}

/// One audience of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who should hear of the event.
    pub to: Audience,
    /// Why.
    pub topic: Topic,
}

/// Why anybody should hear of this event; none where nobody should.
pub fn topic(event: &Event) -> Option<Topic> {
    notices(event).first().map(|notice| notice.topic)
}

/// Why a webhook should hear of this event: by the first of these words that it asks for.
pub fn topics(event: &Event) -> Vec<Topic> {
    let goes_on = matches!(event, Event::DeploymentRevised { acknowledgement: Some(_), .. });
    topic(event).into_iter().chain(goes_on.then_some(Topic::Deployed)).collect()
}

/// Who should hear of this event. A match without a wildcard: a new event does not compile until somebody says who hears of it.
pub fn notices(event: &Event) -> Vec<Notice> {
    use Audience::{
        Account, Accounts, Administrators, Authors, InfrastructureKeepers, NextInTurn, Participants, ProjectManagers, Requester,
        Reviewers, Subscribers,
    };
    let (topic, audiences) = match event {
        Event::ReviewRequested { notify, status, .. } | Event::RenewalRequested { notify, status, .. } => {
            let asked = match notify {
                Notify::All if *status == Status::WaitingForApproval => vec![NextInTurn],
                Notify::All => vec![Reviewers],
                Notify::Nobody => Vec::new(),
                Notify::Some(names) => vec![Accounts(names.clone())],
            };
            (Topic::ReviewRequested, [asked, vec![Subscribers]].concat())
        }
        Event::VersionCreated { .. } => (Topic::VersionRegistered, vec![Subscribers]),
        Event::RenewalOpened { status, .. } => {
            let asked = if *status == Status::WaitingForApproval { NextInTurn } else { Reviewers };
            (Topic::ReviewRequested, vec![asked, Requester, Subscribers])
        }
        Event::RequestTakenBack { .. } => (Topic::RequestTakenBack, vec![Subscribers]),
        Event::ReviewersReloaded { .. } => (Topic::ReviewersReloaded, vec![Reviewers, Subscribers]),
        Event::FeedbackGiven { verdict, replaces: Some(before), .. } if verdict != before => {
            (Topic::VerdictChanged, vec![Participants, Subscribers])
        }
        Event::FeedbackGiven { .. } => (Topic::FeedbackGiven, vec![Participants, Subscribers]),
        Event::FieldsChanged { .. } => (Topic::FieldsChanged, vec![NextInTurn, Subscribers]),
        Event::FinalApprovalRequested { .. } => (Topic::FinalApprovalRequested, vec![NextInTurn, Subscribers]),
        Event::Approved { .. } => (Topic::Approved, vec![Participants, Authors, Subscribers]),
        Event::Rejected { .. } => (Topic::Rejected, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::Abandoned { .. } => (Topic::Abandoned, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::AbandonCancelled { .. } => (Topic::AbandonCancelled, vec![Participants, NextInTurn, Subscribers]),
        Event::Revoked { .. } => (Topic::Revoked, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::VersionRetired { .. } => (Topic::Retired, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::VersionRestored { .. } => (Topic::Restored, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::Expired { .. } => (Topic::Expired, vec![Participants, Authors, ProjectManagers, Subscribers]),
        Event::Reset { .. } => (Topic::Reset, vec![Participants, NextInTurn, Subscribers]),
        Event::Delegated { to, .. } => (Topic::Delegated, vec![Account(*to)]),
        Event::Reminded { stage: DueStage::Soon, .. } => (Topic::DueSoon, vec![NextInTurn]),
        Event::Reminded { stage: DueStage::Overdue, .. } => (Topic::Overdue, vec![NextInTurn, Requester, Subscribers]),
        Event::Reminded { stage: DueStage::Escalated, .. } => (Topic::Escalated, vec![NextInTurn, ProjectManagers, Requester]),
        Event::ApprovalEnding { .. } => {
            (Topic::RenewalDue, vec![Requester, Authors, ProjectManagers, InfrastructureKeepers, Subscribers])
        }
        Event::PolicyChanged { weakened: true, .. } => (Topic::PolicyWeakened, vec![InfrastructureKeepers]),
        Event::DeploymentRefused { answer, .. } if answer.verdict == Verdict::Warn => {
            (Topic::DeploymentWarned, vec![Authors, ProjectManagers])
        }
        Event::DeploymentRefused { .. } => (Topic::DeploymentDenied, vec![Authors, ProjectManagers]),
        Event::DeploymentRevised { acknowledgement: Some(_), .. } | Event::GateAcknowledged { .. } => {
            (Topic::DeploymentWarned, vec![Authors, ProjectManagers])
        }
        Event::DeploymentRevised { kind: RevisionKind::Stop, .. } => (Topic::Stopped, vec![Subscribers]),
        // Of several versions in service the events beside it tell, one for each.
        Event::DeploymentRevised { acknowledgement: None, shares, .. } if shares.len() > 1 => return Vec::new(),
        Event::DeploymentRevised { acknowledgement: None, .. } | Event::DeploymentShared { revision: Some(_), .. } => {
            (Topic::Deployed, vec![Subscribers])
        }
        Event::LapseAcknowledged { .. } => (Topic::LapseAcknowledged, vec![InfrastructureKeepers]),
        Event::WebhookDisabled { .. } => (Topic::WebhookDisabled, vec![Administrators, ProjectManagers]),
        Event::DeploymentLapsed { standing: PolicyStanding::OutOfPolicy | PolicyStanding::Disabled, .. } => {
            (Topic::OutOfPolicy, vec![InfrastructureKeepers, Authors, ProjectManagers])
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
        | Event::FeedbackWithdrawn { .. }
        | Event::ReturnedToFeedback { .. }
        | Event::InfrastructureCreated { .. }
        | Event::PolicyChanged { weakened: false, .. }
        | Event::InfrastructureMemberSet { .. }
        | Event::InfrastructureMemberRemoved { .. }
        | Event::DeploymentShared { revision: None, .. }
        | Event::WebhookSet { .. }
        | Event::WebhookRemoved { .. }
        | Event::MailSet { .. }
        | Event::MailRemoved {}
        | Event::DeploymentLapsed { standing: PolicyStanding::InPolicy, .. }
        | Event::PermitRenewed { .. } => return Vec::new(),
    };
    audiences.into_iter().map(|to| Notice { to, topic }).collect()
}
