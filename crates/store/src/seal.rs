//! Seals: a MAC over each row of governance, over each event and over the head of the log, under a key of the server.
//!
//! The store seals what it writes, and refuses what bears no right seal. So a row that somebody wrote or altered in the database is an
//! error where it is read, and the gate answers an error with a denial. The seal of a row also covers the position of the event that
//! was recorded with the row.

use crate::{
    log_head::LogHead,
    record::Table,
    value::{Column, Kind, Value},
};
use proof::{
    SigningKey,
    mac::{self, MacKey},
};

/// The key for seals.
#[derive(Clone, Debug)]
pub struct SealKey(MacKey);

/// The bytes of a position, which stand before the MAC in the seal of a row.
const POSITION: usize = 8;

impl SealKey {
    /// The key of the server with this private key.
    pub fn derive(secret: &SigningKey) -> Self {
        Self(MacKey::derive(secret, "seals"))
    }

    /// The seal of a row that is recorded with the event at this position.
    pub(crate) fn row(&self, table: &Table, values: &[Value], position: u64) -> Vec<u8> {
        let position = position.to_be_bytes();
        let mac = self.0.mac(&[b"row", table.name.as_bytes(), &position, &encoded(table, values)]);
        [&position[..], &mac].concat()
    }

    /// The position of the event that was recorded with a row; none where the seal is not that of the row.
    pub(crate) fn position(&self, table: &Table, values: &[Value], seal: &[u8]) -> Option<u64> {
        if seal.len() != POSITION + mac::LENGTH {
            return None;
        }
        let (position, mac) = seal.split_at(POSITION);
        let right = self.0.verify(&[b"row", table.name.as_bytes(), position, &encoded(table, values)], mac);
        Some(u64::from_be_bytes(position.try_into().ok()?)).filter(|_| right)
    }

    /// The seal of a row that the record does not cover.
    pub(crate) fn values(&self, table: &str, values: &[Value]) -> Vec<u8> {
        self.0.mac(&[b"values", table.as_bytes(), &joined(values)]).to_vec()
    }

    pub(crate) fn is_of_values(&self, table: &str, values: &[Value], seal: &[u8]) -> bool {
        self.0.verify(&[b"values", table.as_bytes(), &joined(values)], seal)
    }

    /// The seal of the event with this leaf.
    pub fn event(&self, leaf: &[u8]) -> Vec<u8> {
        self.0.mac(&[b"event", leaf]).to_vec()
    }

    pub(crate) fn is_of_event(&self, leaf: &[u8], seal: &[u8]) -> bool {
        self.0.verify(&[b"event", leaf], seal)
    }

    /// The seal of the head of the log.
    pub fn head(&self, head: &LogHead) -> Vec<u8> {
        self.0.mac(&[b"head", &head_bytes(head)]).to_vec()
    }

    /// Whether the seal is that of the head. A log without events has none yet.
    pub(crate) fn is_of_head(&self, head: &LogHead, seal: &[u8]) -> bool {
        let empty = head.frontier.size() == 0 && head.last_event_at.is_none() && seal.is_empty();
        empty || self.0.verify(&[b"head", &head_bytes(head)], seal)
    }
}

/// The columns so that no other columns have the same bytes. A column that came later is not in it while it says nothing, as in the
/// digest of the row.
fn encoded(table: &Table, values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    for (column, value) in table.saying(values) {
        bytes.extend_from_slice(&(column.name.len() as u64).to_be_bytes());
        bytes.extend_from_slice(column.name.as_bytes());
        add(&mut bytes, value);
    }
    bytes
}

fn head_bytes(head: &LogHead) -> Vec<u8> {
    joined(&[
        head.frontier.size().to_value(),
        Value::Bytes(head.frontier.to_bytes()),
        head.last_event_at.map_or(Value::Null(Kind::Int), |at| Value::Int(at.micros())),
    ])
}

fn joined(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|value| add(&mut bytes, value));
    bytes
}

fn add(bytes: &mut Vec<u8>, value: &Value) {
    let mut add = |kind: u8, content: &[u8]| {
        bytes.push(kind);
        bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        bytes.extend_from_slice(content);
    };
    match value {
        Value::Uuid(uuid) => add(0, uuid.as_bytes()),
        Value::Text(text) => add(1, text.as_bytes()),
        Value::Int(int) => add(2, &int.to_be_bytes()),
        Value::Bytes(content) => add(3, content),
        Value::Bool(bool) => add(4, &[u8::from(*bool)]),
        Value::Null(_) => add(5, &[]),
        // Never stored: no statement takes it.
        Value::TooLarge(number) => add(6, &number.to_be_bytes()),
    }
}
