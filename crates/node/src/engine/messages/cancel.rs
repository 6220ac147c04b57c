//! The message by which a node cancels a request of a session.

use bytes::Buf;

/// Bytes of the message.
pub const LENGTH: usize = 12;

/// The message for a request of a session.
#[must_use]
pub fn message(session: usize, id: u64) -> [u8; LENGTH] {
    let mut message = [0; LENGTH];
    message[..4].copy_from_slice(&(session as u32).to_le_bytes());
    message[4..].copy_from_slice(&id.to_le_bytes());
    message
}

/// The session and the request that a message names.
#[must_use]
pub fn parse(message: [u8; LENGTH]) -> (usize, u64) {
    let mut rest = &message[..];
    (rest.get_u32_le() as usize, rest.get_u64_le())
}
