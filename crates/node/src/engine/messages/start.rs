//! How a node tells a model's process what to do: over a socket that is the process's standard input, together with a socket for
//! each session. The first message is followed by the model's bytes; the answer says whether the start worked.

use crate::tensor::Signature;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, IoSlice, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
};

/// The most sessions of a process: a message carries no more descriptors.
pub const MOST_SESSIONS: usize = 64;
/// Bytes of a message at most; signatures of models with thousands of columns fit.
pub const MOST_BYTES: usize = 16 << 20;

/// What a model's process is to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct StartRequest {
    /// The library's file.
    pub library: PathBuf,
    /// The SHA-256 that it must have, in hexadecimal.
    pub library_sha256: String,
    /// Bytes of memory that the process may have.
    pub memory: u64,
    /// Bytes of the model, which follow; none if only the library is to be tried.
    pub model: usize,
    /// The classes of outputs that are maps.
    pub zipmaps: BTreeMap<String, Vec<String>>,
    /// The inputs and outputs of which the file names no shape.
    pub without_shape: BTreeSet<String>,
}

/// How that went.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartReply {
    /// The model is ready.
    Ready(Signature),
    /// The library cannot be used.
    NoEngine(String),
    /// The library does not load the model, or the protocol cannot express its inputs or outputs.
    Failed(String),
    /// It asks for more memory than it may have.
    Memory,
}

/// Sends the first message with the sockets of the sessions.
///
/// # Errors
/// When the process has ended already.
pub fn send(mut socket: &UnixStream, start: &StartRequest, sessions: &[OwnedFd]) -> io::Result<()> {
    let message = to_json(start)?;
    let sessions: Vec<_> = sessions.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SESSIONS))];
    let mut with = SendAncillaryBuffer::new(&mut space);
    if !sessions.is_empty() && !with.push(SendAncillaryMessage::ScmRights(&sessions)) {
        return Err(io::Error::other("too many sessions"));
    }
    // The descriptors travel with the first bytes; the rest goes as on any socket.
    let sent = sendmsg(socket, &[IoSlice::new(&message)], &mut with, SendFlags::empty())?;
    socket.write_all(&message[sent..])
}

/// Receives what [`send`] sent.
///
/// # Errors
/// When it is something else, or the other side has gone.
pub fn receive(mut socket: &UnixStream) -> io::Result<(StartRequest, Vec<UnixStream>)> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SESSIONS))];
    let mut with = RecvAncillaryBuffer::new(&mut space);
    let got = recvmsg(socket, &mut [IoSliceMut::new(&mut length)], &mut with, RecvFlags::CMSG_CLOEXEC)?.bytes;
    let mut sessions = Vec::new();
    for message in with.drain() {
        if let RecvAncillaryMessage::ScmRights(sockets) = message {
            sessions.extend(sockets.map(UnixStream::from));
        }
    }
    socket.read_exact(&mut length[got..])?;
    let mut message = vec![0; bounded(length)?];
    socket.read_exact(&mut message)?;
    Ok((from_json(&message)?, sessions))
}

/// A message with its length in front.
///
/// # Errors
/// When it is too long.
pub fn to_json(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?.to_le_bytes();
    bounded(length)?;
    bytes[..4].copy_from_slice(&length);
    Ok(bytes)
}

/// The message in these bytes, without the length.
///
/// # Errors
/// When it is something else.
pub fn from_json<T: DeserializeOwned>(message: &[u8]) -> io::Result<T> {
    Ok(serde_json::from_slice(message)?)
}

/// The length that these four bytes are.
///
/// # Errors
/// When it is larger than any message.
pub fn bounded(length: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(length) as usize {
        length if length <= MOST_BYTES => Ok(length),
        length => Err(io::Error::other(format!("a message of {length} bytes is too long"))),
    }
}
