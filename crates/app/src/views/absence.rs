//! When people are away, and who stands in.

use super::schema;
use domain::{Name, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When somebody is away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Absence {
    /// From this moment on.
    #[schema(value_type = schema::Timestamp)]
    pub from: Timestamp,
    /// Until this moment.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
    /// The account that the person's tasks are handed to meanwhile; absent where nobody stands in.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stand_in: Option<Name>,
}

/// When the caller is away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OwnAbsence {
    /// The absence that the caller told of last; null where there is none.
    pub absence: Option<Absence>,
}

/// Says when the caller is away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAbsenceRequest {
    /// From this moment on; now if absent.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Timestamp>,
    /// Until this moment.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
    /// The account that the caller's tasks are handed to meanwhile, where nobody else who could do them is there.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stand_in: Option<Name>,
}

/// Somebody whose turn it is and who is away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AwayPerson {
    /// The person's display name.
    pub person: String,
    /// Until when.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
    /// The display name of the person who stands in and can act; absent where nobody does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stand_in: Option<String>,
}
