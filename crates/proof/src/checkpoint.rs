//! Checkpoints of the log (<https://c2sp.org/tlog-checkpoint>): size and root of the log in a note
//! (<https://c2sp.org/signed-note>) signed with Ed25519. A person who keeps a checkpoint can later tell whether the log only
//! grew. Witnesses may add their signatures.

use crate::sha256::Sha256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{
    Signature, Signer as _, VerifyingKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding},
};
use std::fmt;
use zeroize::Zeroizing;

/// The largest note that is read: sixteen signatures of any kind fit.
const MAX_NOTE_BYTES: usize = 128 << 10;
/// The signature type of Ed25519 in the signed-note specification.
const ED25519: u8 = 1;

/// The state of the log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Sha256,
}

/// The log's private key. Wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct LogKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// Why a note or a key cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    /// A name that the format cannot carry.
    #[error("`{0}` cannot name a log: use a name like example.org/log, without spaces, plus signs or control characters")]
    Name(String),
    /// Not the PEM of a private key.
    #[error("not an Ed25519 private key: give it as PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`)")]
    PrivatePem,
    /// Not a verifier key.
    #[error("not a verifier key of the log: give it as it was printed, `name+8 hexadecimal digits+base64`")]
    VerifierKey,
    /// Not a signed note.
    #[error("not a signed note: {0}")]
    Note(&'static str),
    /// No signature of this key.
    #[error("the checkpoint is not signed by `{0}`: take it from the log that you trust")]
    NotSignedBy(String),
    /// A signature of this key that is wrong.
    #[error("the signature of `{0}` is wrong: the checkpoint was altered after it was signed")]
    WrongSignature(String),
    /// Not a checkpoint.
    #[error("not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// The checkpoint of another log.
    #[error("the checkpoint is of log `{found}`, not `{expected}`: take it from the log that you trust")]
    Origin {
        /// The log of the key.
        expected: String,
        /// The log that the checkpoint names.
        found: String,
    },
    /// A key that signed after another key took over from it.
    #[error(
        "the checkpoint over {size} events is signed by a key that another key replaced at {until}: take the checkpoint from the log that you trust"
    )]
    KeyReplaced {
        /// How many events the checkpoint covers.
        size: u64,
        /// How many events the log had when the other key took over.
        until: u64,
    },
}

impl LogKey {
    /// The key that these random bytes are, for the log of this name.
    ///
    /// # Errors
    /// When the name is one that the format cannot carry.
    pub fn from_seed(seed: [u8; 32], name: &str) -> Result<Self, NoteError> {
        check_name(name)?;
        let seed = Zeroizing::new(seed);
        Ok(Self { name: name.to_owned(), key: ed25519_dalek::SigningKey::from_bytes(&seed) })
    }

    /// Reads the key from PKCS#8 PEM, for the log of this name.
    ///
    /// # Errors
    /// When the text is anything else, or the name is one that the format cannot carry.
    pub fn from_pkcs8_pem(pem: &str, name: &str) -> Result<Self, NoteError> {
        check_name(name)?;
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map_err(|_| NoteError::PrivatePem)?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// The private key in PKCS#8 PEM. Keep it secret; the text is wiped from memory when dropped.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        self.key.to_pkcs8_pem(LineEnding::LF).expect("an Ed25519 key is of one size, and always has a PEM form")
    }

    /// The log's name, which is also the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The verifier key, for everybody who checks: `name+key id+base64 of the type and the public key`.
    pub fn vkey(&self) -> String {
        let public = self.key.verifying_key();
        let id = hex::encode(key_id(&self.name, &public));
        format!("{}+{id}+{}", self.name, STANDARD.encode([&[ED25519], &public.to_bytes()[..]].concat()))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.vkey())
    }
}

/// The first four bytes of SHA-256 over name, newline, type and public key.
fn key_id(name: &str, public: &VerifyingKey) -> [u8; 4] {
    let digest = Sha256::of(&[name.as_bytes(), &[b'\n', ED25519], public.as_bytes()].concat());
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let carried = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    if !name.is_empty() && name.chars().all(carried) { Ok(()) } else { Err(NoteError::Name(name.escape_debug().to_string())) }
}

/// Signs a checkpoint of the log that this key is for. It is for the caller to make sure that it is consistent with every
/// checkpoint signed before.
///
/// # Errors
/// When the checkpoint is of another log.
pub fn sign(checkpoint: &Checkpoint, key: &LogKey) -> Result<String, NoteError> {
    if checkpoint.origin != key.name {
        return Err(NoteError::Origin { expected: key.name.clone(), found: checkpoint.origin.clone() });
    }
    let text = format!("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, STANDARD.encode(checkpoint.root.as_bytes()));
    Ok(format!("{text}\n{}", signature_line(&text, key)))
}

/// Adds the signature of another key of the log to a checkpoint, as when one key takes over from another.
///
/// # Errors
/// When the text is no note.
pub fn add_signature(note: &str, key: &LogKey) -> Result<String, NoteError> {
    let (text, _) = split_note(note)?;
    Ok(format!("{note}{}", signature_line(text, key)))
}

fn signature_line(text: &str, key: &LogKey) -> String {
    let signature = key.key.sign(text.as_bytes()).to_bytes();
    let line = [&key_id(&key.name, &key.key.verifying_key())[..], &signature].concat();
    format!("— {} {}\n", key.name, STANDARD.encode(line))
}

/// The name in a verifier key.
///
/// # Errors
/// When the text is no verifier key.
pub fn name_of(vkey: &str) -> Result<&str, NoteError> {
    Ok(read_vkey(vkey)?.0)
}

/// Reads a checkpoint that the log with this verifier key signed. Signatures of others, such as witnesses, are ignored.
///
/// # Errors
/// When the note is not signed by that key, was altered, or is not a checkpoint of that log.
pub fn open(note: &str, vkey: &str) -> Result<Checkpoint, NoteError> {
    let (name, id, public) = read_vkey(vkey)?;
    let (text, signatures) = split_note(note)?;
    let mut signed = false;
    for line in signatures.split_terminator('\n') {
        let wrong = NoteError::Note("a signature line is not `— name base64`");
        let Some((signer, bytes)) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')) else {
            return Err(wrong);
        };
        let Ok(bytes) = STANDARD.decode(bytes) else {
            return Err(wrong);
        };
        let Some((signature_id, signature)) = bytes.split_first_chunk::<4>() else {
            return Err(wrong);
        };
        if signer != name || *signature_id != id {
            continue;
        }
        let verified =
            Signature::from_slice(signature).is_ok_and(|signature| public.verify_strict(text.as_bytes(), &signature).is_ok());
        if !verified {
            return Err(NoteError::WrongSignature(name.to_owned()));
        }
        signed = true;
    }
    if !signed {
        return Err(NoteError::NotSignedBy(name.to_owned()));
    }
    let checkpoint = read_checkpoint(text)?;
    if checkpoint.origin != name {
        return Err(NoteError::Origin { expected: name.to_owned(), found: checkpoint.origin });
    }
    Ok(checkpoint)
}

/// Checks that this is the verifier key of a log.
///
/// # Errors
/// When it is anything else.
pub fn check_vkey(vkey: &str) -> Result<(), NoteError> {
    read_vkey(vkey).map(|_| ())
}

fn read_vkey(vkey: &str) -> Result<(&str, [u8; 4], VerifyingKey), NoteError> {
    // The key may hold plus signs, as base64 does; name and id cannot.
    let mut parts = vkey.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::VerifierKey);
    };
    let bytes = STANDARD.decode(key).map_err(|_| NoteError::VerifierKey)?;
    let Some((&[ED25519], public)) = bytes.split_first_chunk::<1>() else {
        return Err(NoteError::VerifierKey);
    };
    let public = VerifyingKey::try_from(public).map_err(|_| NoteError::VerifierKey)?;
    let expected = key_id(name, &public);
    if check_name(name).is_err() || hex::encode(expected) != id {
        return Err(NoteError::VerifierKey);
    }
    Ok((name, expected, public))
}

/// The text of a note, with its last newline, and its signature lines.
fn split_note(note: &str) -> Result<(&str, &str), NoteError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(NoteError::Note("it is longer than 128 KiB"));
    }
    if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Note("it contains a control character"));
    }
    let end = note.rfind("\n\n").ok_or(NoteError::Note("no empty line before the signatures"))?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    if signatures.is_empty() || !signatures.ends_with('\n') {
        return Err(NoteError::Note("it does not end with a signature line"));
    }
    Ok((text, signatures))
}

/// Exactly three lines. The format allows more, and advises against them, since nobody audits what they say.
fn read_checkpoint(text: &str) -> Result<Checkpoint, NoteError> {
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    let [origin, size, root] = lines[..] else {
        return Err(NoteError::Checkpoint("it does not have exactly three lines"));
    };
    let digits = size == "0" || !size.starts_with('0') && size.bytes().all(|byte| byte.is_ascii_digit());
    let size = size.parse().ok().filter(|_| digits).ok_or(NoteError::Checkpoint("its size is not a number"))?;
    let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
    let root = root.map(Sha256::from_bytes).ok_or(NoteError::Checkpoint("its root is not base64 of 32 bytes"))?;
    Ok(Checkpoint { origin: origin.to_owned(), size, root })
}

#[cfg(test)]
mod tests;
