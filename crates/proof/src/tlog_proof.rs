//! Proofs that an entry is in a log, as one text that verifies offline (<https://c2sp.org/tlog-proof>): the entry's index, its inclusion
//! proof (RFC 6962), and the signed checkpoint that the proof leads to.

use crate::{
    checkpoint::{Checkpoint, NoteError},
    merkle::{self, MerkleError},
    sha256::Sha256,
    trust::TrustedServer,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 leaves has proofs of at most so many hashes.
const MOST_HASHES: usize = 63;

/// A proof, as far as its form goes: nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The entry's index in the log, from 0.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub hashes: Vec<Sha256>,
    /// The signed note, word for word.
    pub checkpoint: String,
}

/// Why a text is no proof, or proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TlogProofError {
    /// Another form.
    #[error("not a proof of a log: {0}")]
    Syntax(&'static str),
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] NoteError),
    /// The path.
    #[error(transparent)]
    Path(#[from] MerkleError),
}

impl TlogProof {
    /// The text. No extra data: nothing would sign it.
    pub fn to_text(&self) -> String {
        let hashes: String = self.hashes.iter().map(|hash| format!("{}\n", STANDARD.encode(hash.as_bytes()))).collect();
        format!("{HEADER}\nindex {}\n{hashes}\n{}", self.index, self.checkpoint)
    }

    /// Reads exactly what [`Self::to_text`] writes. A line with extra data is refused, since nothing signs the data.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let wrong = |what| Err(TlogProofError::Syntax(what));
        let Some((head, checkpoint)) = text.split_once("\n\n") else {
            return wrong("no empty line before the checkpoint");
        };
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return wrong("the first line is not `c2sp.org/tlog-proof@v1`");
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let Some(index) = index.and_then(|index| index.parse().ok().filter(|number: &u64| number.to_string() == index)) else {
            return wrong("the second line is not `index` and a number");
        };
        let hash = |line: &str| STANDARD.decode(line).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let Some(hashes) = lines.map(|line| hash(line).map(Sha256::from_bytes)).collect::<Option<Vec<_>>>() else {
            return wrong("a hash is not base64 of 32 bytes");
        };
        if hashes.len() > MOST_HASHES {
            return wrong("more hashes than any log has levels");
        }
        Ok(Self { index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that the log signed the checkpoint, and that the entry with this leaf hash is in the log at the index.
    ///
    /// # Errors
    /// When one of them does not hold.
    pub fn verify(&self, leaf: &Sha256, trusted: &TrustedServer) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = trusted.checkpoint(&self.checkpoint)?;
        merkle::verify_inclusion(leaf, self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LogKey, SigningKey, checkpoint};

    /// A log of five leaves, and the proof of its leaf 2.
    fn proof() -> (TlogProof, Sha256, TrustedServer) {
        let key = LogKey::from_seed([1; 32], "example.org/log").unwrap();
        let leaves: Vec<_> = (0..5_u8).map(|byte| merkle::leaf_hash(&[byte])).collect();
        let [a, b] = [(0, 1), (2, 3)].map(|(left, right)| merkle::node_hash(&leaves[left], &leaves[right]));
        let root = merkle::node_hash(&merkle::node_hash(&a, &b), &leaves[4]);
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size: 5, root };
        let note = checkpoint::sign(&checkpoint, &key).unwrap();
        let trusted = TrustedServer {
            key: SigningKey::from_entropy([1; 32]).unwrap().public_key(),
            name: None,
            log_keys: vec![crate::TrustedLogKey::present(key.vkey())],
        };
        (TlogProof { index: 2, hashes: vec![leaves[3], a, leaves[4]], checkpoint: note }, leaves[2], trusted)
    }

    #[test]
    fn a_proof_reads_back_and_verifies() {
        let (proof, leaf, trusted) = proof();
        let text = proof.to_text();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 2\n") && text.contains("\n\nexample.org/log\n5\n"), "{text}");
        assert_eq!(TlogProof::parse(&text).as_ref(), Ok(&proof));
        assert_eq!(proof.verify(&leaf, &trusted).unwrap().size, 5);
        assert!(proof.verify(&merkle::leaf_hash(b"other"), &trusted).is_err());
    }

    #[test]
    fn no_altered_byte_verifies() {
        let (proof, leaf, trusted) = proof();
        let text = proof.to_text().into_bytes();
        for at in 0..text.len() {
            for bit in [1, 2, 32] {
                let mut altered = text.clone();
                altered[at] ^= bit;
                let Ok(altered) = String::from_utf8(altered) else { continue };
                let verified = TlogProof::parse(&altered).and_then(|proof| proof.verify(&leaf, &trusted));
                assert!(verified.is_err(), "byte {at}: {altered}");
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let text = proof().0.to_text();
        for other in [
            text.replace("@v1", "@v2"),
            text.replace("index 2", "index 02"),
            text.replace("index 2", "extra AAAA\nindex 2"),
            text.replacen("\n\n", "\n", 1),
            text.replace('\n', "\r\n"),
            String::new(),
        ] {
            assert!(TlogProof::parse(&other).is_err() || TlogProof::parse(&other).unwrap().to_text() != text, "{other}");
        }
    }
}
