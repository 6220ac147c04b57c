//! People: accounts, sign-in, tokens and groups.
//!
//! The `Debug` of an object with a secret leaves the secret out, so that no log holds a secret.

use super::{OpenRound, Password, PasswordView, present, schema};
use domain::{
    DisplayName, Duration, Name, Timestamp, TokenId,
    access::Scope,
    people::{AccountKind, InstanceRole},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The name to sign in with, and in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The display name.
    #[schema(value_type = schema::DisplayName)]
    pub display_name: DisplayName,
    /// The mail address, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// `person` or `service`.
    #[schema(value_type = schema::AccountKind)]
    pub kind: AccountKind,
    /// The role on the instance: `administrator`, `auditor` or `user`.
    #[schema(value_type = schema::InstanceRole)]
    pub role: InstanceRole,
    /// Whether the account is open.
    pub active: bool,
    /// When the account was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// How the account came by its password; absent until an invitation is redeemed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<PasswordView>,
    /// When the account first approved, rejected or revoked. From then on a new invitation needs a second administrator.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signed_at: Option<Timestamp>,
    /// Whether the server's console appointed the account an administrator, so that it counts as a second one.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub appointed_by_console: bool,
    /// After a change: open rounds that nobody can approve now. A project manager names a final approver, then reloads the reviewers of the round.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub without_approver: Vec<OpenRound>,
}

/// Creates an account for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserRequest {
    /// The name to sign in with, and in addresses.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The display name.
    #[schema(value_type = schema::DisplayName)]
    pub display_name: DisplayName,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// The role on the instance; `user` if absent.
    #[schema(value_type = Option<schema::InstanceRole>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<InstanceRole>,
}

/// Changes an account. Absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUserRequest {
    /// The display name.
    #[schema(value_type = Option<schema::DisplayName>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<DisplayName>,
    /// The mail address; null removes it.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub email: Option<Option<String>>,
    /// The role on the instance.
    #[schema(value_type = Option<schema::InstanceRole>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<InstanceRole>,
    /// False closes the account and revokes its tokens; true opens it again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub active: Option<bool>,
}

/// An account with the invitation for its person.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    /// The account.
    pub user: User,
    /// The invitation code, for this person only. The server shows the code once. The code works once and replaces earlier codes.
    pub invitation: String,
    /// The end of the invitation.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
    /// Whether the invitation waits for a second administrator: the account signed, or confirms invitations itself.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub needs_confirmation: bool,
}

/// Confirms an invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfirmInvitationRequest {
    /// Your password; needed when you signed in some time ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

impl fmt::Debug for Invited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invited").field("user", &self.user).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Signs in, or redeems an invitation and signs in.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The account; not needed with an invitation.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<Name>,
    /// The password; with an invitation, the new password.
    pub password: String,
    /// The invitation code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation: Option<String>,
    /// The label of the token in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
}

impl fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRequest").field("user", &self.user).field("label", &self.label).finish_non_exhaustive()
    }
}

/// Replaces one's own password.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The present password.
    #[schema(value_type = String)]
    pub password: Password,
    /// The new password.
    #[schema(value_type = String)]
    pub new_password: Password,
}

/// A new token. The server shows the token only this time.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    /// The token for `Authorization: Bearer`.
    pub token: String,
    /// The account of the token.
    #[schema(value_type = schema::Name)]
    pub user: Name,
    /// The token's id.
    #[schema(value_type = schema::Id)]
    pub id: TokenId,
    /// The token's label.
    pub label: String,
    /// The token's scopes.
    #[schema(value_type = Vec<schema::Scope>)]
    pub scopes: Vec<Scope>,
    /// The end of the token.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewToken");
        shown.field("user", &self.user).field("id", &self.id).field("label", &self.label);
        shown.field("scopes", &self.scopes).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A token in a list, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// The token's id.
    #[schema(value_type = schema::Id)]
    pub id: TokenId,
    /// The account of the token.
    #[schema(value_type = schema::Name)]
    pub user: Name,
    /// The token's label.
    pub label: String,
    /// The token's scopes.
    #[schema(value_type = Vec<schema::Scope>)]
    pub scopes: Vec<Scope>,
    /// When the token was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// The end of the token.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
    /// Whether the request used this token.
    pub current: bool,
    /// Whether somebody signed in to get it, and did not make it with another token.
    #[serde(default)]
    pub is_session: bool,
}

/// Creates a token for the caller, or for a service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenRequest {
    /// The service account, created if it does not exist; the caller if absent.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<Name>,
    /// The token's label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// The scopes: `read`, `register`, `review`, `deploy`, `gate`, `administer`, `node`. For the caller at most the scopes of the
    /// token in use, and exactly these if absent. For a service account `read`, `register`, `deploy` and `gate` if absent.
    #[schema(value_type = Option<Vec<schema::Scope>>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scopes: Option<Vec<Scope>>,
    /// How long the token holds, like `30d`; at most `365d`, and 30 days if absent.
    #[schema(value_type = Option<schema::Duration>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in: Option<Duration>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// The group's name.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// The names of the members.
    #[schema(value_type = Vec<schema::Name>)]
    pub members: Vec<Name>,
    /// When the group was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// After a change: open rounds that nobody can approve now. A project manager names a final approver, then reloads the reviewers of the round.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub without_approver: Vec<OpenRound>,
}

/// Creates a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGroupRequest {
    /// The group's name.
    #[schema(value_type = schema::Name)]
    pub name: Name,
}
