//! Checkpoints: signed again after each start, over a log that continues the one that was signed before.

use crate::common::{http::Person, serve};
use proof::{Checkpoint, Sha256, checkpoint, merkle};

/// The present checkpoint, which verifies.
pub async fn signed(root: &Person) -> Checkpoint {
    let key = root.get("/log/key").await.text();
    let note = root.get("/log/checkpoint").await;
    assert_eq!(note.status, 200, "{}", note.text());
    let signed = checkpoint::open(&note.text(), key.trim()).unwrap();
    assert_eq!(signed.origin, serve::NAME);
    signed
}

/// The present checkpoint, over a log that begins with the earlier one.
pub async fn continued(root: &Person, earlier: &Checkpoint) -> Checkpoint {
    let now = signed(root).await;
    let proof = root.get(&format!("/log/proof/consistency?from={}", earlier.size)).await.ok();
    let hashes: Vec<Sha256> =
        proof["hashes"].as_array().unwrap().iter().map(|hash| hash.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!((proof["size"].as_u64(), proof["root"].as_str()), (Some(now.size), Some(now.root.hex().as_str())));
    merkle::verify_consistency(earlier.size, now.size, &hashes, &earlier.root, &now.root).unwrap();
    now
}
