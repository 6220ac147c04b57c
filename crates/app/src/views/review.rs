//! The review of a version: a round with all of its parts.

use super::{ActView, Password, PasswordView, Turn};
use crate::base::tag::Tag;
use domain::{
    Digest, Duration, Name, SlotName, StepName, Timestamp, VersionRef,
    deployment::PolicyStanding,
    people::Credential,
    reviewers::Entitlement,
    signoff::{Notify, Status, Verdict},
    turn::Expected,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A round of a version's sign-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = String)]
    pub step: StepName,
    /// The model digest.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// The round's number.
    pub round: u32,
    /// The number of rounds.
    pub rounds: u32,
    /// The round's status.
    #[schema(value_type = String)]
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
    #[schema(value_type = Option<String>)]
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
    #[schema(value_type = Option<String>)]
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
    #[schema(value_type = String)]
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
    #[schema(value_type = String)]
    pub name: SlotName,
    /// The reviewers, as assigned.
    pub assigned: Vec<String>,
    /// The people who can answer now.
    pub people: Vec<String>,
    /// The current answers.
    pub answers: Vec<AnswerView>,
}

/// A reviewer's current feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerView {
    /// The display name, at that time.
    pub by: String,
    /// The name of the account at that time.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Name>,
    /// What showed who acted: a session, a personal token, a service token, the console or the clock.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Credential>,
    /// The verdict.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// When the feedback was given.
    #[schema(value_type = String)]
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
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
}

/// The final decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// `approved` or `rejected`.
    pub decision: String,
    /// The display name, at that time.
    pub by: String,
    /// The name of the account at that time.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Name>,
    /// What showed who acted: a session, a personal token, a service token, the console or the clock.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Credential>,
    /// How the account came by its password: by which administrators' invitation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<PasswordView>,
    /// The time.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// The end of the approval; absent without an end.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
}

/// A service that the end of an approval puts out of policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LapsedService {
    /// The infrastructure.
    #[schema(value_type = String)]
    pub infrastructure: Name,
    /// The service.
    #[schema(value_type = String)]
    pub service: Name,
    /// `out_of_policy`, or `disabled` if the infrastructure takes the version out of service.
    #[schema(value_type = String)]
    pub standing: PolicyStanding,
}

/// An open round of a sign-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenRound {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = String)]
    pub step: StepName,
    /// The round.
    pub round: u32,
    /// The sign-off's status.
    #[schema(value_type = String)]
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

/// Requests a review.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestReviewRequest {
    /// Skip feedback, and request the final approval.
    pub skip_feedback: bool,
    /// Whom to notify: `all`, `none`, or names separated by commas.
    #[schema(value_type = String)]
    pub notify: NotifyText,
}

/// Whom to notify, as people write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotifyText(pub Notify);

impl std::str::FromStr for NotifyText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(Notify::All)),
            "none" => Ok(Self(Notify::Nobody)),
            names => {
                let names: Result<Vec<Name>, _> = names.split(',').map(|name| name.trim().parse::<Name>()).collect();
                names
                    .map(|names| Self(Notify::Some(names)))
                    .map_err(|error| format!("write all, none, or names separated by commas: {error}"))
            }
        }
    }
}

impl std::fmt::Display for NotifyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Notify::All => f.write_str("all"),
            Notify::Nobody => f.write_str("none"),
            Notify::Some(names) => f.write_str(&names.iter().map(Name::as_str).collect::<Vec<_>>().join(",")),
        }
    }
}

impl Serialize for NotifyText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NotifyText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Gives or changes feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveFeedbackRequest {
    /// The slot.
    #[schema(value_type = String)]
    pub slot: SlotName,
    /// `approve`, `minor_issue` or `major_issue`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// The comment; required for issues.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Delegates a task to another user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateRequest {
    /// The slot; absent for the final approval.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub slot: Option<SlotName>,
    /// The user who can act.
    #[schema(value_type = String)]
    pub to: Name,
    /// The end of the delegation: a length like `30d`, or a time.
    #[serde(default)]
    pub until: Option<String>,
}

/// The final decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// `approve` or `reject`.
    pub decision: DecisionWord,
    /// The comment; required to reject, and to approve over an open major issue.
    #[serde(default)]
    pub comment: Option<String>,
    /// How long the approval holds, like `180d`; as long as the project allows if absent.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub valid_for: Option<Duration>,
    /// Your password; needed when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<Password>,
}

/// One of the two final decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// The version may be deployed.
    Approve,
    /// The version may not be deployed.
    Reject,
}

/// Why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommentRequest {
    /// The comment.
    pub comment: Option<String>,
}

/// Revokes an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevokeRequest {
    /// Why; required.
    pub comment: Option<String>,
    /// Your password; needed when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// Opens the next round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResetRequest {
    /// Copy the project's present reviewers, instead of keeping this round's reviewers and delegations.
    pub reload_reviewers: bool,
    /// The comment; required to reset an approved version.
    pub comment: Option<String>,
    /// Show the review as the reset would leave it, with the services that would go out of policy, and change nothing.
    pub dry_run: bool,
    /// Your password; needed for an approved version, when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// What waits for the caller, by task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inbox {
    /// Give the final approval.
    pub decide: Vec<InboxItem>,
    /// Give feedback.
    pub give_feedback: Vec<InboxItem>,
    /// Look at stale answers, request the next step, or request a review again.
    pub answer: Vec<InboxItem>,
    /// What the caller requested and others have to do.
    pub waiting_on_others: Vec<InboxItem>,
    /// Decisions of the last two weeks in which the caller took part.
    pub recently_decided: Vec<InboxItem>,
    /// Whether a list is cut off: each has at most 300 items.
    pub more: bool,
    /// The number of items, listed or not.
    pub counts: InboxCounts,
}

/// The numbers of items in an inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxCounts {
    /// Reviews to decide.
    pub decide: u64,
    /// Reviews that wait for feedback.
    pub give_feedback: u64,
    /// Reviews that wait for an answer.
    pub answer: u64,
    /// Reviews that wait for others.
    pub waiting_on_others: u64,
    /// Reviews decided in the last two weeks.
    pub recently_decided: u64,
}

/// A version in an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// The step of the workflow that carries the sign-off.
    #[schema(value_type = String)]
    pub step: StepName,
    /// The sign-off's status.
    #[schema(value_type = String)]
    pub status: Status,
    /// The task.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<Expected>,
    /// The slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Why.
    pub why: String,
    /// Since when the version waits.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// The display names of others who can, or have to, act.
    pub people: Vec<String>,
    /// The version's page.
    pub link: String,
}
