//! Column values for both databases, and the conversion of the domain's types to columns.

use domain::{Digest, DisplayName, Duration, Name, SlotName, StepName, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Cow;
use uuid::Uuid;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// BLOB of 16 bytes; UUID.
    Uuid,
    /// TEXT.
    Text,
    /// INTEGER; BIGINT.
    Int,
    /// BLOB; BYTEA.
    Bytes,
    /// INTEGER 0 or 1; BOOLEAN.
    Bool,
}

/// One value of a row or a parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A UUID.
    Uuid(Uuid),
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A truth value.
    Bool(bool),
    /// No value, of this type.
    Null(Kind),
    /// A number beyond what a column holds. No statement takes it.
    TooLarge(u64),
}

impl Value {
    /// The value as canonical JSON has it, for the digest of a row.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(bool) => (*bool).into(),
            _ => self.text().map_or(serde_json::Value::Null, |text| text.into_owned().into()),
        }
    }

    /// The value as the text that canonical JSON has for it; none for a truth value and for no value.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Uuid(uuid) => Some(uuid.to_string().into()),
            Self::Text(text) => Some(text.as_str().into()),
            Self::Int(int) => Some(int.to_string().into()),
            Self::Bytes(bytes) => Some(hex(bytes).into()),
            Self::Bool(_) | Self::Null(_) => None,
            Self::TooLarge(number) => Some(number.to_string().into()),
        }
    }
}

/// Hexadecimal digits. Every statement's row is written so when the store is verified, and `hex::encode` goes digit by digit.
fn hex(bytes: &[u8]) -> String {
    let mut digits = vec![0; bytes.len() * 2];
    match hex::encode_to_slice(bytes, &mut digits) {
        Ok(()) => String::from_utf8(digits).unwrap_or_default(),
        Err(_) => hex::encode(bytes),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// The type of the column.
    const KIND: Kind;

    /// As stored.
    fn to_value(&self) -> Value;

    /// From what is stored; the error says what is wrong with it.
    fn from_value(value: Value) -> Result<Self, String>;
}

fn wrong<T>(value: &Value, wanted: &str) -> Result<T, String> {
    Err(format!("{wanted} was expected, not {value:?}"))
}

impl Column for String {
    const KIND: Kind = Kind::Text;
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text),
            other => wrong(&other, "text"),
        }
    }
}

impl Column for i64 {
    const KIND: Kind = Kind::Int;
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Int(int) => Ok(int),
            other => wrong(&other, "a whole number"),
        }
    }
}

impl Column for bool {
    const KIND: Kind = Kind::Bool;
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(bool) => Ok(bool),
            other => wrong(&other, "a truth value"),
        }
    }
}

impl Column for Vec<u8> {
    const KIND: Kind = Kind::Bytes;
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => wrong(&other, "bytes"),
        }
    }
}

impl Column for Digest {
    const KIND: Kind = Kind::Bytes;
    fn to_value(&self) -> Value {
        Value::Bytes(self.as_bytes().to_vec())
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().map(Self::from_bytes).map_err(|_| "not 32 bytes".to_owned()),
            other => wrong(&other, "a digest"),
        }
    }
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null(T::KIND), T::to_value)
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Null(_) => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// Anything that is kept as JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned> Column for Json<T> {
    const KIND: Kind = Kind::Text;
    fn to_value(&self) -> Value {
        let text = serde_json::to_string(&self.0);
        Value::Text(
            text.expect("nothing that is kept as JSON has a map with keys other than text, the one thing that cannot be written"),
        )
    }
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => serde_json::from_str(&text).map(Self).map_err(|error| error.to_string()),
            other => wrong(&other, "JSON text"),
        }
    }
}

macro_rules! ints {
    ($($type:ty)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::Int;
            fn to_value(&self) -> Value {
                i64::try_from(*self).map_or(Value::TooLarge(u64::from(*self)), Value::Int)
            }
            fn from_value(value: Value) -> Result<Self, String> {
                i64::from_value(value)?.try_into().map_err(|_| "the number is out of range".to_owned())
            }
        }
    )*};
}
ints! { u8 u16 u32 u64 }

macro_rules! micros {
    ($($type:ty, $from:expr, $to:expr;)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::Int;
            fn to_value(&self) -> Value {
                Value::Int($to(*self))
            }
            fn from_value(value: Value) -> Result<Self, String> {
                i64::from_value(value).map($from)
            }
        }
    )*};
}
micros! {
    Timestamp, Timestamp::from_micros, Timestamp::micros;
    Duration, Duration::from_micros, Duration::micros;
}

macro_rules! texts {
    ($($type:ty)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::Text;
            fn to_value(&self) -> Value {
                Value::Text(self.to_string())
            }
            fn from_value(value: Value) -> Result<Self, String> {
                String::from_value(value)?.parse().map_err(|error| format!("{error}"))
            }
        }
    )*};
}
texts! {
    Name StepName DisplayName SlotName
    domain::people::AccountKind domain::people::InstanceRole domain::people::ProjectRole
    domain::signoff::Status
    domain::infrastructure::Policy domain::infrastructure::OnLapse domain::infrastructure::InfrastructureRole
    domain::deployment::RevisionKind domain::deployment::Basis
    domain::mail::MailSecurity domain::notice::Topic domain::notice::Wanted domain::webhook::WebhookKind
    crate::rows::MemberKind crate::rows::StatementKind crate::rows::TokenKind
}

macro_rules! uuids {
    ($($type:ty)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::Uuid;
            fn to_value(&self) -> Value {
                Value::Uuid((*self).into())
            }
            fn from_value(value: Value) -> Result<Self, String> {
                match value {
                    Value::Uuid(uuid) => Ok(uuid.into()),
                    other => wrong(&other, "a UUID"),
                }
            }
        }
    )*};
}
uuids! {
    Uuid domain::UserId domain::GroupId domain::InvitationId domain::TokenId domain::ProjectId domain::ModelId domain::UploadId
    domain::VersionId domain::InfrastructureId domain::DeploymentId domain::StatementId domain::MessageId
    domain::WebhookId domain::DeliveryId
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    #[should_panic(expected = "keys other than text")]
    fn what_cannot_be_written_is_not_kept_as_nothing() {
        drop(Json(BTreeMap::from([((1, 2), 3)])).to_value());
    }
}
