//! The file with what a verifier trusts: a server's public key, after lines with the server's name and the keys of its log.
//!
//! RFC 7468 allows text before the key, so other tools read the file as a key.

use crate::{
    checkpoint,
    signing::{KeyError, PublicKey},
};

/// How the line with the server's name begins.
const LABEL: &str = "Countersign server: ";
/// How a line with a key of the log begins.
const LOG_LABEL: &str = "Countersign log: ";
/// How the block begins.
const BEGIN: &str = "-----BEGIN ";
/// The longest name of a server, in characters.
const LONGEST_NAME: usize = 253;

/// A server whose signatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedServer {
    /// Its key.
    pub key: PublicKey,
    /// The name by which its statements call it; none where the file holds only a key.
    pub name: Option<String>,
    /// The keys of its log, in the order in which they took over: the present one last. A checkpoint counts that one of them signed while it was the key of the log.
    pub log_keys: Vec<TrustedLogKey>,
}

/// A key of the log, and up to which size of the log it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedLogKey {
    /// The verifier key (C2SP signed notes).
    pub vkey: String,
    /// How large the log was when another key took over; none for the present key. What the key signs of a larger log counts for nothing:
    /// a person who has an old key signs no new log.
    pub until: Option<u64>,
}

impl TrustedLogKey {
    /// The present key of a log.
    pub fn present(vkey: String) -> Self {
        Self { vkey, until: None }
    }
}

/// Between a key of the log and the size up to which the key counts.
const UNTIL: &str = " until ";

/// A file that says nothing to be trusted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TrustError {
    /// No key, or none that can be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// More than one key: which one counts would be a guess.
    #[error("the file holds several keys: keep the one of the server that you trust")]
    SeveralKeys,
    /// More than one name.
    #[error("the file names several servers: keep the line `{LABEL}NAME` of the one that you trust")]
    SeveralNames,
    /// A name that can be none.
    #[error("the line `{LABEL}NAME` names no server: write the name that the server's public key file has there")]
    Name,
    /// A key of the log that can be none.
    #[error(
        "the line `{LOG_LABEL}KEY` holds no key of a log: write the verifier key as the server prints it, before the public key"
    )]
    LogKey,
}

impl TrustedServer {
    /// Reads what `countersign admin public-key` prints, or the PEM of a public key alone.
    ///
    /// # Errors
    /// When there is not exactly one key, or more than one name.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let at = text.find(BEGIN).ok_or(KeyError::PublicPem)?;
        let (before, block) = text.split_at(at);
        if block.matches(BEGIN).count() > 1 {
            return Err(TrustError::SeveralKeys);
        }
        let mut names = text.lines().filter_map(|line| line.trim_end().strip_prefix(LABEL.trim_end()));
        let name = names.next().map(name).transpose()?;
        if names.next().is_some() {
            return Err(TrustError::SeveralNames);
        }
        // A name after the key is as good as one that somebody else put there.
        let stands_before = before.lines().any(|line| line.starts_with(LABEL.trim_end()));
        if name.is_some() && !stands_before {
            return Err(TrustError::Name);
        }
        let log_keys = text.lines().filter_map(|line| line.trim_end().strip_prefix(LOG_LABEL.trim_end()));
        let log_keys: Vec<_> = log_keys.map(log_key).collect::<Result<_, _>>()?;
        if log_keys.len() > before.lines().filter(|line| line.starts_with(LOG_LABEL)).count() {
            return Err(TrustError::LogKey);
        }
        Ok(Self { key: PublicKey::from_spki_pem(block.trim_end())?, name, log_keys })
    }

    /// The file's text, which [`parse`](Self::parse) reads back.
    pub fn to_text(&self) -> String {
        let name = self.name.as_ref().map(|name| format!("{LABEL}{name}\n")).unwrap_or_default();
        let line = |TrustedLogKey { vkey, until }: &TrustedLogKey| {
            let until = until.map(|size| format!("{UNTIL}{size}")).unwrap_or_default();
            format!("{LOG_LABEL}{vkey}{until}\n")
        };
        let log_keys: String = self.log_keys.iter().map(line).collect();
        format!("{name}{log_keys}{}", self.key.to_spki_pem())
    }

    /// Reads a checkpoint that one of the log's keys signed.
    ///
    /// # Errors
    /// When none of them did, the note was altered, it is no checkpoint of this log, or the key that signed it was not the log's any more.
    pub fn checkpoint(&self, note: &str) -> Result<checkpoint::Checkpoint, checkpoint::NoteError> {
        let mut refused = checkpoint::NoteError::VerifierKey;
        for key in &self.log_keys {
            match checkpoint::open(note, &key.vkey) {
                Ok(checkpoint) => match key.until {
                    Some(until) if checkpoint.size > until => {
                        refused = checkpoint::NoteError::KeyReplaced { size: checkpoint.size, until };
                    }
                    _ => return Ok(checkpoint),
                },
                // What an earlier key says of a note that another key signed helps nobody.
                Err(error)
                    if matches!(
                        refused,
                        checkpoint::NoteError::WrongSignature(_) | checkpoint::NoteError::KeyReplaced { .. }
                    ) =>
                {
                    drop(error);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

fn log_key(text: &str) -> Result<TrustedLogKey, TrustError> {
    let text = text.strip_prefix(' ').ok_or(TrustError::LogKey)?;
    let (vkey, until) = match text.split_once(UNTIL) {
        None => (text, None),
        Some((vkey, until)) => (vkey, Some(until.parse::<u64>().map_err(|_| TrustError::LogKey)?)),
    };
    checkpoint::check_vkey(vkey).map_err(|_| TrustError::LogKey)?;
    Ok(TrustedLogKey { vkey: vkey.to_owned(), until })
}

fn name(text: &str) -> Result<String, TrustError> {
    let name = text.trim();
    let plain = name.chars().all(|c| !c.is_control() && !c.is_whitespace());
    match name.chars().count() {
        1..=LONGEST_NAME if plain && text.starts_with(' ') => Ok(name.to_owned()),
        _ => Err(TrustError::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, LogKey, NoteError, Sha256, SigningKey};

    fn log(byte: u8) -> LogKey {
        LogKey::from_seed([byte; 32], "countersign.example.org").unwrap()
    }

    fn key(byte: u8) -> PublicKey {
        SigningKey::from_entropy([byte; 32]).unwrap().public_key()
    }

    fn pem() -> String {
        key(7).to_spki_pem()
    }

    #[test]
    fn what_is_printed_reads_back() {
        let mut server = TrustedServer { key: key(7), name: Some("countersign.example.org".to_owned()), log_keys: Vec::new() };
        let text = server.to_text();
        assert!(text.starts_with("Countersign server: countersign.example.org\n-----BEGIN PUBLIC KEY-----\n"), "{text}");
        assert_eq!(TrustedServer::parse(&text).as_ref(), Ok(&server));
        server.log_keys = vec![
            TrustedLogKey { until: Some(12), ..TrustedLogKey::present(log(1).vkey()) },
            TrustedLogKey::present(log(2).vkey()),
        ];
        let text = server.to_text();
        assert!(text.contains("\nCountersign log: countersign.example.org+"), "{text}");
        assert_eq!(TrustedServer::parse(&text), Ok(server));
        assert_eq!(TrustedServer::parse(&pem()), Ok(TrustedServer { key: key(7), name: None, log_keys: Vec::new() }));
    }

    #[test]
    fn a_checkpoint_counts_that_one_of_the_keys_of_the_log_signed() {
        let until = |until| TrustedLogKey { until, ..TrustedLogKey::present(log(1).vkey()) };
        let log_keys = vec![until(None), TrustedLogKey::present(log(2).vkey())];
        let server = TrustedServer { key: key(7), name: None, log_keys };
        let signed = |key: &LogKey| {
            let checkpoint = Checkpoint { origin: key.name().to_owned(), size: 3, root: Sha256::of(b"root") };
            (checkpoint::sign(&checkpoint, key).unwrap(), checkpoint)
        };
        for byte in [1, 2] {
            let (note, checkpoint) = signed(&log(byte));
            assert_eq!(server.checkpoint(&note), Ok(checkpoint));
            assert!(matches!(server.checkpoint(&note.replacen("\n3\n", "\n4\n", 1)), Err(NoteError::WrongSignature(_))));
        }
        assert!(matches!(server.checkpoint(&signed(&log(3)).0), Err(NoteError::NotSignedBy(_))));
        // Once another key took over, the old one signs no larger log.
        let rotated =
            |size| TrustedServer { log_keys: vec![until(Some(size)), TrustedLogKey::present(log(2).vkey())], ..server.clone() };
        assert!(rotated(3).checkpoint(&signed(&log(1)).0).is_ok());
        assert_eq!(rotated(2).checkpoint(&signed(&log(1)).0), Err(NoteError::KeyReplaced { size: 3, until: 2 }));
        let both = checkpoint::add_signature(&signed(&log(2)).0, &log(1)).unwrap();
        assert!(rotated(2).checkpoint(&both).is_ok());
    }

    #[test]
    fn other_text_and_line_ends_do_no_harm() {
        for text in [
            format!("# from the operator, 2026\n\nCountersign server: a.example \r\n{}", pem().replace('\n', "\r\n")),
            format!("Countersign server: a.example\nsubject: key\n{}\n\n", pem()),
        ] {
            let read = TrustedServer::parse(&text);
            assert_eq!(read.map(|read| read.name), Ok(Some("a.example".to_owned())), "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_or_nothing_is_refused() {
        let (pem, other) = (pem(), key(8).to_spki_pem());
        let private = SigningKey::from_entropy([7; 32]).unwrap().to_pkcs8_pem();
        for (text, error) in [
            (String::new(), TrustError::Key(KeyError::PublicPem)),
            ("Countersign server: a.example\n".to_owned(), TrustError::Key(KeyError::PublicPem)),
            (private.to_string(), TrustError::Key(KeyError::PublicPem)),
            (pem.replace("MFkw", "MFkx"), TrustError::Key(KeyError::PublicPem)),
            (format!("{pem}{other}"), TrustError::SeveralKeys),
            (format!("Countersign server: a\nCountersign server: b\n{pem}"), TrustError::SeveralNames),
            (format!("Countersign server: a\n{pem}Countersign server: b\n"), TrustError::SeveralNames),
            (format!("{pem}Countersign server: a\n"), TrustError::Name),
            (format!("Countersign server:\n{pem}"), TrustError::Name),
            (format!("Countersign server: \n{pem}"), TrustError::Name),
            (format!("Countersign server:a\n{pem}"), TrustError::Name),
            (format!("Countersign server: a b\n{pem}"), TrustError::Name),
            (format!("Countersign server: {}\n{pem}", "a".repeat(254)), TrustError::Name),
            (format!("Countersign log: no key\n{pem}"), TrustError::LogKey),
            (format!("Countersign log:{}\n{pem}", log(1).vkey()), TrustError::LogKey),
            (format!("Countersign log: {} until soon\n{pem}", log(1).vkey()), TrustError::LogKey),
            (format!("{pem}Countersign log: {}\n", log(1).vkey()), TrustError::LogKey),
        ] {
            assert_eq!(TrustedServer::parse(&text), Err(error), "{text}");
        }
    }
}
