//! The review of a version: a round with all of its parts.

use super::{ActView, Turn, schema};
use crate::base::tag::Tag;
use domain::{
    Digest, Name, SlotName, StepName, Timestamp, VersionRef,
    deployment::PolicyStanding,
    people::Credential,
    reviewers::Entitlement,
    signoff::{Status, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A round of a version's sign-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = schema::StepName)]
    pub step: StepName,
    /// The model digest.
    #[schema(value_type = schema::Digest)]
    pub model_digest: Digest,
    /// The round's number.
    pub round: u32,
    /// The number of rounds.
    pub rounds: u32,
    /// The round's status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// Whether the version is locked until a reset.
    pub locked: bool,
    /// The round whose approval this round renews; absent for a round that is no renewal, and once the renewal is decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renews: Option<RenewedRound>,
    /// Who requested the review, and when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested: Option<ActView>,
    /// Whether feedback was skipped.
    pub skip_feedback: bool,
    /// The names of the fields that changed since the review was requested: `notes`, `metrics.auc`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changed_since_request: Vec<String>,
    /// Since when the round has this status.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// Every slot, answered or not.
    pub slots: Vec<SlotView>,
    /// The final approvers, as assigned.
    pub approvers: Vec<String>,
    /// The people who can give the final approval now.
    pub approver_people: Vec<String>,
    /// The delegations.
    pub delegations: Vec<DelegationView>,
    /// The final decision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<DecisionView>,
    /// Who abandoned the review.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub abandonment: Option<ActView>,
    /// Who revoked the approval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revocation: Option<ActView>,
    /// When the server recorded the expiry of the approval.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expired_at: Option<Timestamp>,
    /// Who retired the version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retired: Option<ActView>,
    /// After a command that ends an approval, or a dry run of it: the services that go out of policy or stop.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub services: Vec<LapsedService>,
    /// Whose turn it is.
    pub turns: Vec<Turn>,
    /// Each command, and whether you may give it.
    pub may: Vec<Possible>,
    /// Warnings: slots, or a final approval, that nobody can fill now.
    pub warnings: Vec<String>,
    /// Send this as If-Match with a decision.
    #[schema(value_type = String)]
    pub etag: Tag,
    /// The version's page.
    pub link: String,
}

/// The round that a renewal renews.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RenewedRound {
    /// Its number.
    pub round: u32,
    /// Its status: the approval goes on while the status is `approved`.
    #[schema(value_type = schema::Status)]
    pub status: Status,
    /// The approval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<DecisionView>,
    /// What becomes of the approval, in a sentence.
    pub note: String,
}

/// A slot and its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotView {
    /// The slot's name.
    #[schema(value_type = schema::SlotName)]
    pub name: SlotName,
    /// The reviewers, as assigned.
    pub assigned: Vec<String>,
    /// The people who can answer now.
    pub people: Vec<String>,
    /// The current answers.
    pub answers: Vec<AnswerView>,
    /// Issues that their reviewers withdrew, or answered otherwise later.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub past_issues: Vec<AnswerView>,
}

/// A reviewer's current feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerView {
    /// The display name, at that time.
    pub by: String,
    /// The name of the account at that time.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Name>,
    /// What showed who acted: a session, a personal token, a service token, the console or the clock.
    #[schema(value_type = Option<schema::Credential>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Credential>,
    /// The verdict.
    #[schema(value_type = schema::Verdict)]
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// When the feedback was given.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// The path by which the reviewer was entitled.
    #[schema(value_type = Object)]
    pub path: Entitlement,
    /// Whether the fields changed since: the answer is stale.
    pub stale: bool,
    /// Whether the reviewer is an author of the version.
    pub by_author: bool,
}

/// A delegated task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DelegationView {
    /// The slot; absent for the final approval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// The display name of the reviewer who delegated.
    pub from: String,
    /// The display name of the user who can act.
    pub to: String,
    /// The end of the delegation.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
}

/// The final decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// `approved` or `rejected`.
    pub decision: String,
    /// Who decided, when and why.
    #[serde(flatten)]
    pub act: ActView,
    /// The end of the approval; absent without an end.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
}

/// A service that the end of an approval puts out of policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LapsedService {
    /// The infrastructure.
    #[schema(value_type = schema::Name)]
    pub infrastructure: Name,
    /// The service.
    #[schema(value_type = schema::Name)]
    pub service: Name,
    /// `out_of_policy`, or `disabled` if the infrastructure takes the version out of service.
    #[schema(value_type = schema::PolicyStanding)]
    pub standing: PolicyStanding,
}

/// An open round of a sign-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenRound {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = schema::VersionRef)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = schema::StepName)]
    pub step: StepName,
    /// The round.
    pub round: u32,
    /// The sign-off's status.
    #[schema(value_type = schema::Status)]
    pub status: Status,
}

/// A command, and whether you may give it now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Possible {
    /// The command: `approve`, `give_feedback`, ….
    pub command: String,
    /// The slot; absent if the command is about the review, or if the caller delegates the final approval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Whether the server would carry the command out.
    pub allowed: bool,
    /// Why the server would not carry the command out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}
