//! What somebody did, under the name of that time.

use super::{PasswordView, schema};
use domain::{Name, Timestamp, people::Credential};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who did it, when and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActView {
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
    /// How the account came by its password: by which administrators' invitation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<PasswordView>,
    /// The time.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// The comment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
}
