//! What people ask of a review: the bodies of its commands.

use super::{Password, schema};
use domain::{
    Duration, Name, SlotName,
    signoff::{Notify, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    #[schema(value_type = schema::SlotName)]
    pub slot: SlotName,
    /// `approve`, `minor_issue` or `major_issue`.
    #[schema(value_type = schema::Verdict)]
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
    #[schema(value_type = Option<schema::SlotName>)]
    #[serde(default)]
    pub slot: Option<SlotName>,
    /// The user who can act.
    #[schema(value_type = schema::Name)]
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
    #[schema(value_type = Option<schema::Duration>)]
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
    /// Show the review as the revocation would leave it, with the services that would go out of policy, and change nothing.
    pub dry_run: bool,
    /// Your password; needed when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// Retires a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetireRequest {
    /// Why; required.
    pub comment: Option<String>,
    /// Your password; needed for an approved version, when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// Takes a retired version back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreRequest {
    /// Why; required.
    pub comment: Option<String>,
    /// Your password; needed where an approval would be in force again, when you signed in some time ago.
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
