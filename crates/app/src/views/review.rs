//! The review of a version: everything about one round.

use super::Turn;
use domain::{
    Digest, Duration, Name, SlotName, Timestamp, VersionRef,
    reviewers::Entitlement,
    signoff::{Notify, Status, Verdict},
    turn::Expected,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One round of a version's sign-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// The bytes that it is about.
    #[schema(value_type = String)]
    pub model_digest: Digest,
    /// This round.
    pub round: u32,
    /// How many rounds there are.
    pub rounds: u32,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: Status,
    /// Whether nothing of the version may change until a reset.
    pub locked: bool,
    /// Who requested it and when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested: Option<ActView>,
    /// Whether feedback was skipped.
    pub skip_feedback: bool,
    /// Since when it is in its status.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// Every slot, answered or not.
    pub slots: Vec<SlotView>,
    /// Who may give the final approval, as assigned.
    pub approvers: Vec<String>,
    /// The people who could give it now.
    pub approver_people: Vec<String>,
    /// Tasks handed on.
    pub delegations: Vec<DelegationView>,
    /// The final decision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<DecisionView>,
    /// Who abandoned it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub abandonment: Option<ActView>,
    /// Who took the approval back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revocation: Option<ActView>,
    /// When the approval was found past its end.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expired_at: Option<Timestamp>,
    /// Whose turn it is.
    pub turns: Vec<Turn>,
    /// What you may do, and why not the rest.
    pub may: Vec<Possible>,
    /// What could keep the review from being passed.
    pub warnings: Vec<String>,
    /// Send this as If-Match with a decision.
    pub etag: String,
    /// The version's page.
    pub link: String,
}

/// Somebody did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActView {
    /// Display name.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// In their words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
}

/// A slot and its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotView {
    /// Its name.
    #[schema(value_type = String)]
    pub name: SlotName,
    /// Whom it is assigned to.
    pub assigned: Vec<String>,
    /// The people who can answer now.
    pub people: Vec<String>,
    /// The current answers.
    pub answers: Vec<AnswerView>,
}

/// A reviewer's current feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerView {
    /// Display name.
    pub by: String,
    /// What they think.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// When they said it.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// By which path they were entitled.
    #[schema(value_type = Object)]
    pub path: Entitlement,
    /// Whether what was shown has changed since.
    pub stale: bool,
    /// Whether they are an author of the version.
    pub by_author: bool,
}

/// A delegated task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DelegationView {
    /// The slot; absent for the final approval.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Display name of the reviewer delegated from.
    pub from: String,
    /// Display name of the user delegated to.
    pub to: String,
    /// Until when.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
}

/// The final decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// `approved` or `rejected`.
    pub decision: String,
    /// Display name.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// When the approval ends, if it does.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
}

/// A command, and whether you may give it now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Possible {
    /// The command: `approve`, `give_feedback`, ….
    pub command: String,
    /// The slot, where it is feedback.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Whether it would be carried out.
    pub allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Asks for a review.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestReviewRequest {
    /// Go straight to the final approval.
    pub skip_feedback: bool,
    /// Whom to tell: `all`, `none`, or names separated by commas.
    #[schema(value_type = String)]
    pub notify: NotifyText,
}

/// Whom to tell, as people write it.
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
    /// Why; required for issues.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Hands a task to another user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateRequest {
    /// The slot; absent for the final approval.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub slot: Option<SlotName>,
    /// To whom.
    #[schema(value_type = String)]
    pub to: Name,
    /// Until when: a length like `30d`, or a time.
    #[serde(default)]
    pub until: Option<String>,
}

/// The final decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// `approve` or `reject`.
    pub decision: DecisionWord,
    /// Why; required to reject, and to approve over an open major issue.
    #[serde(default)]
    pub comment: Option<String>,
    /// How long the approval holds, like `180d`; as long as the project allows where none is given.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub valid_for: Option<Duration>,
}

/// One of the two final decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// The version may be deployed.
    Approve,
    /// It may not.
    Reject,
}

/// Why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommentRequest {
    /// In your words.
    pub comment: Option<String>,
}

/// Opens the next round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResetRequest {
    /// Take the reviewers from the project again, instead of keeping this round's with their delegations.
    pub reload_reviewers: bool,
}

/// What waits, by what is expected of you.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inbox {
    /// Give the final approval.
    pub decide: Vec<InboxItem>,
    /// Give feedback.
    pub give_feedback: Vec<InboxItem>,
    /// Look again, go on, or ask again.
    pub answer: Vec<InboxItem>,
    /// What you asked for and others have to do.
    pub waiting_on_others: Vec<InboxItem>,
    /// What was decided in the last two weeks, where you took part.
    pub recently_decided: Vec<InboxItem>,
    /// Whether there is more than is listed: of each only the first 300 are.
    pub more: bool,
    /// How many there are, listed or not.
    pub counts: InboxCounts,
}

/// How many items an inbox has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxCounts {
    /// To decide.
    pub decide: u64,
    /// To give feedback on.
    pub give_feedback: u64,
    /// To answer.
    pub answer: u64,
    /// That wait for others.
    pub waiting_on_others: u64,
    /// That were decided lately.
    pub recently_decided: u64,
}

/// One version in an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// `PROJECT/MODEL:VERSION`.
    #[schema(value_type = String)]
    pub version: VersionRef,
    /// Where its sign-off stands.
    #[schema(value_type = String)]
    pub status: Status,
    /// What is expected.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<Expected>,
    /// In which slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<String>,
    /// Why.
    pub why: String,
    /// Since when.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// Who else could, or has to, act.
    pub people: Vec<String>,
    /// The version's page.
    pub link: String,
}
