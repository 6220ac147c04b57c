//! People: accounts, how they sign in, their tokens, and groups.
//!
//! Where an object carries a secret, its `Debug` leaves the secret out, so that no log ever holds one.

use super::present;
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
    #[schema(value_type = String)]
    pub name: Name,
    /// The name to show.
    #[schema(value_type = String)]
    pub display_name: DisplayName,
    /// The mail address, if one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// `person` or `service`.
    #[schema(value_type = String)]
    pub kind: AccountKind,
    /// Role on the instance: `administrator`, `auditor` or `user`.
    #[schema(value_type = String)]
    pub role: InstanceRole,
    /// False once the account is closed.
    pub active: bool,
    /// When it was created.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

/// Creates an account for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserRequest {
    /// The name to sign in with, and in addresses.
    #[schema(value_type = String)]
    pub name: Name,
    /// The name to show.
    #[schema(value_type = String)]
    pub display_name: DisplayName,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Role on the instance; `user` where none is given.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<InstanceRole>,
}

/// Changes an account. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUserRequest {
    /// The name to show.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<DisplayName>,
    /// The mail address; null takes it away.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub email: Option<Option<String>>,
    /// Role on the instance.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<InstanceRole>,
    /// False closes the account and revokes its tokens; true opens it again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub active: Option<bool>,
}

/// An account with the invitation by which its person sets a password.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    /// The account.
    pub user: User,
    /// The code, for this person only. It is shown once, holds once, and replaces every earlier one.
    pub invitation: String,
    /// Until when it holds.
    #[schema(value_type = String)]
    pub expires_at: Timestamp,
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
    /// The account; an invitation says it by itself.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<Name>,
    /// The password; with an invitation, the one to be set.
    pub password: String,
    /// The code of an invitation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation: Option<String>,
    /// What to call the token, for finding it in the list of tokens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
}

impl fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRequest").field("user", &self.user).field("label", &self.label).finish_non_exhaustive()
    }
}

/// A token, the only time it is shown.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    /// The token itself: what `Authorization: Bearer` carries.
    pub token: String,
    /// Whose it is.
    #[schema(value_type = String)]
    pub user: Name,
    /// Its id, for revoking it.
    #[schema(value_type = String)]
    pub id: TokenId,
    /// What it is called.
    pub label: String,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// Until when it holds.
    #[schema(value_type = String)]
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewToken");
        shown.field("user", &self.user).field("id", &self.id).field("label", &self.label);
        shown.field("scopes", &self.scopes).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A token in a list: everything but the token itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id, for revoking it.
    #[schema(value_type = String)]
    pub id: TokenId,
    /// Whose it is.
    #[schema(value_type = String)]
    pub user: Name,
    /// What it is called.
    pub label: String,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// When it was created.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// Until when it holds.
    #[schema(value_type = String)]
    pub expires_at: Timestamp,
    /// Whether it is the one that this request came with.
    pub current: bool,
}

/// Creates a token for oneself, or for a service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenRequest {
    /// The service account, created if there is none of this name; oneself where it is absent.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<Name>,
    /// What to call the token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// What it may be used for: `read`, `register`, `review`, `deploy`, `gate`, `administer`, `node`. For oneself at most, and
    /// where absent exactly, those of the token in use; for a service `read`, `register`, `deploy` and `gate` where absent.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scopes: Option<Vec<Scope>>,
    /// How long it holds, like `30d`; at most `365d`, and 30 days where absent.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in: Option<Duration>,
}

/// A named set of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
    /// The names of its members.
    #[schema(value_type = Vec<String>)]
    pub members: Vec<Name>,
    /// When it was created.
    #[schema(value_type = String)]
    pub created_at: Timestamp,
}

/// Creates a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGroupRequest {
    /// Its name.
    #[schema(value_type = String)]
    pub name: Name,
}
