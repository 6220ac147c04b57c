//! Why somebody is told of something: the word by which people and webhooks choose, and by which deliverers find their words.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// Why somebody should hear of an event. Preferences and templates go by this word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A version was registered.
    VersionRegistered,
    /// A review was requested.
    ReviewRequested,
    /// The requester took the review request back.
    RequestTakenBack,
    /// The reviewers of an open round are others now.
    ReviewersReloaded,
    /// A reviewer gave feedback.
    FeedbackGiven,
    /// A reviewer changed a verdict.
    VerdictChanged,
    /// The governed fields changed after an answer.
    FieldsChanged,
    /// The final approval was requested.
    FinalApprovalRequested,
    /// The version was approved.
    Approved,
    /// The version was rejected.
    Rejected,
    /// The review was abandoned.
    Abandoned,
    /// An abandon was cancelled.
    AbandonCancelled,
    /// The sign-off was reset.
    Reset,
    /// The version was retired.
    Retired,
    /// The retired version was taken back.
    Restored,
    /// The approval was revoked.
    Revoked,
    /// The approval expired.
    Expired,
    /// A task was delegated.
    Delegated,
    /// An answer is due soon.
    DueSoon,
    /// An answer is overdue.
    Overdue,
    /// An answer is overdue for so long that the managers of the project are told.
    Escalated,
    /// An approval ends, so that a renewal is due.
    RenewalDue,
    /// A service serves the version.
    Deployed,
    /// A service was stopped.
    Stopped,
    /// The gate denied a deployment.
    DeploymentDenied,
    /// The gate warned about a deployment, and somebody went on or left it.
    DeploymentWarned,
    /// A version in service is out of policy.
    OutOfPolicy,
    /// Somebody tolerates for now that a service is out of policy.
    LapseAcknowledged,
    /// The policy of an infrastructure was weakened.
    PolicyWeakened,
    /// The server calls a webhook no more.
    WebhookDisabled,
    /// An administrator tried whether messages arrive. No event stands behind it.
    Test,
}

impl Topic {
    /// Whether a message about it asks the recipient to act, though it need not be the recipient's turn.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Escalated | Self::RenewalDue | Self::WebhookDisabled)
    }

    /// Whether the message matters to those whose turn it is alone.
    pub const fn is_of_turn(self) -> bool {
        matches!(self, Self::FinalApprovalRequested | Self::Overdue)
    }

    /// Whether a person who switched off all that can be switched off is told still, where it is their turn or they keep the thing.
    pub const fn is_required(self) -> bool {
        matches!(self, Self::FinalApprovalRequested | Self::Overdue | Self::Delegated | Self::OutOfPolicy) || self.asks()
    }
}

words! {
    Topic {
        VersionRegistered = "version_registered", ReviewRequested = "review_requested", RequestTakenBack = "request_taken_back", ReviewersReloaded = "reviewers_reloaded",
        FeedbackGiven = "feedback_given", VerdictChanged = "verdict_changed",
        FieldsChanged = "fields_changed", FinalApprovalRequested = "final_approval_requested", Approved = "approved",
        Rejected = "rejected", Abandoned = "abandoned", AbandonCancelled = "abandon_cancelled", Reset = "reset",
        Retired = "retired", Restored = "restored", Revoked = "revoked", Expired = "expired", Delegated = "delegated", DueSoon = "due_soon", Overdue = "overdue", Escalated = "escalated", RenewalDue = "renewal_due", Deployed = "deployed", Stopped = "stopped", DeploymentDenied = "deployment_denied",
        DeploymentWarned = "deployment_warned", OutOfPolicy = "out_of_policy", LapseAcknowledged = "lapse_acknowledged", PolicyWeakened = "policy_weakened", WebhookDisabled = "webhook_disabled", Test = "test"
    }
}
