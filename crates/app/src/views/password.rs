//! Passwords: one on its way to the server, and how an account came by its own.

use super::schema;
use domain::{Timestamp, invitation::PasswordOrigin};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A password on its way to the server. No log shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How an account came by its password: by an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordView {
    /// Who gave the invitation out: the name of an administrator, or `the server's console`.
    pub issued_by: String,
    /// Who confirmed it, where it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed_by: Option<String>,
    /// When it was redeemed.
    #[schema(value_type = schema::Timestamp)]
    pub redeemed_at: Timestamp,
}

impl From<PasswordOrigin> for PasswordView {
    fn from(PasswordOrigin { issued_by, confirmed_by, redeemed_at, .. }: PasswordOrigin) -> Self {
        let confirmed_by = confirmed_by.map(|inviter| inviter.to_string());
        Self { issued_by: issued_by.to_string(), confirmed_by, redeemed_at }
    }
}
