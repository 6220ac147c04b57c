use super::*;
use proof::{EventLeaf, LogKey, TlogProof, TrustedLogKey};
use serde_json::json;

/// A log whose leaves are small, so that every proof can be computed from the leaves.
#[derive(Clone)]
struct Log(Vec<Vec<u8>>);

impl Log {
    fn of(size: usize) -> Self {
        Self((0..size).map(|number| format!("event {number}").into_bytes()).collect())
    }

    fn hashes(&self) -> Vec<Sha256> {
        self.0.iter().map(|leaf| merkle::leaf_hash(leaf)).collect()
    }

    fn note(&self, keys: &[&LogKey]) -> String {
        let checkpoint = Checkpoint { origin: keys[0].name().to_owned(), size: self.0.len() as u64, root: root(&self.hashes()) };
        let note = checkpoint::sign(&checkpoint, keys[0]).unwrap();
        keys[1..].iter().fold(note, |note, key| checkpoint::add_signature(&note, key).unwrap())
    }

    fn shown(&self, from: u64, key: &LogKey) -> ShownLog {
        let size = self.0.len() as u64;
        let consistency =
            if from == 0 { Vec::new() } else { assembled(merkle::consistency_nodes(from, size).unwrap(), &self.hashes()) };
        ShownLog { checkpoint: self.note(&[key]), consistency, handovers: Vec::new() }
    }

    /// Records that a key takes over, and shows that.
    fn hand_over(&mut self, from: &LogKey, to: &LogKey) -> Handover {
        let index = self.0.len() as u64;
        let data = json!({"from": from.vkey(), "to": to.vkey(), "reason": "Yearly."});
        let event = json!({"event": {"type": "log.key_changed", "data": data}}).to_string();
        self.0.push(EventLeaf::of(index, event.as_bytes()).to_bytes().unwrap());
        let hashes = assembled(merkle::inclusion_nodes(index, index + 1).unwrap(), &self.hashes());
        let proof = TlogProof { index, hashes, checkpoint: self.note(&[to, from]) };
        Handover { event, proof: proof.to_text() }
    }
}

fn root(leaves: &[Sha256]) -> Sha256 {
    match leaves {
        [] => merkle::empty_root(),
        [leaf] => *leaf,
        leaves => {
            let half = leaves.len().next_power_of_two() / 2;
            merkle::node_hash(&root(&leaves[..half]), &root(&leaves[half..]))
        }
    }
}

fn assembled(nodes: merkle::ProofNodes, leaves: &[Sha256]) -> Vec<Sha256> {
    let perfect = |level: u8, index: u64| {
        let (size, from) = (1_usize << level, usize::try_from(index).unwrap() << level);
        root(&leaves[from..from + size])
    };
    nodes.assemble(|id| Some(perfect(id.level, id.index))).unwrap()
}

fn key(byte: u8) -> LogKey {
    LogKey::from_seed([byte; 32], "countersign.example").unwrap()
}

fn trusted(keys: &[&LogKey]) -> Vec<TrustedLogKey> {
    keys.iter().map(|key| TrustedLogKey::present(key.vkey())).collect()
}

fn witness(keys: &[&LogKey]) -> Witness {
    Witness::new(Ok(None), &trusted(keys)).unwrap()
}

/// The same node after a restart.
fn restarted(witness: &Witness, keys: &[&LogKey]) -> Witness {
    Witness::new(Ok(Some(witness.to_file().to_bytes())), &trusted(keys)).unwrap()
}

#[test]
fn a_log_that_grows_is_followed_and_remembered() {
    let key = key(1);
    let mut node = witness(&[&key]);
    assert_eq!(node.examine(None), Ok(false), "nothing was signed yet");
    for size in [0_u64, 1, 2, 3, 7, 8, 21] {
        let shown = Log::of(usize::try_from(size).unwrap()).shown(node.size().unwrap_or(0), &key);
        assert_eq!(node.examine(Some(&shown)), Ok(true), "{size}");
        let again = ShownLog { consistency: Vec::new(), ..shown };
        assert_eq!(node.examine(Some(&again)), Ok(false), "nothing new");
        node = restarted(&node, &[&key]);
        assert_eq!(node.size(), Some(size));
    }
}

#[test]
fn a_log_that_does_not_continue_it_is_refused_also_after_a_restart() {
    let (key, other) = (key(1), key(2));
    let mut node = witness(&[&key]);
    node.examine(Some(&Log::of(5).shown(0, &key))).unwrap();
    for mut node in [node.clone(), restarted(&node, &[&key])] {
        let refused = |node: &mut Witness, shown: &ShownLog| node.examine(Some(shown)).unwrap_err();
        assert_eq!(node.examine(None), Err(LogRefusal::NoCheckpoint { kept: 5 }));
        assert_eq!(refused(&mut node, &Log::of(4).shown(4, &key)), LogRefusal::Shrunk { kept: 5, shown: 4 });
        let mut forked = Log::of(9);
        forked.0[4] = b"another event".to_vec();
        assert_eq!(refused(&mut node, &forked.shown(5, &key)), LogRefusal::Forked { kept: 5, shown: 9 });
        forked.0.truncate(5);
        assert_eq!(
            refused(&mut node, &ShownLog { consistency: vec![], ..forked.shown(5, &key) }),
            LogRefusal::Forked { kept: 5, shown: 5 }
        );
        let good = Log::of(9).shown(5, &key);
        let no_proof = ShownLog { consistency: Vec::new(), ..good.clone() };
        assert_eq!(refused(&mut node, &no_proof), LogRefusal::Forked { kept: 5, shown: 9 });
        assert!(matches!(refused(&mut node, &Log::of(9).shown(5, &other)), LogRefusal::Signature(NoteError::NotSignedBy(_))));
        let altered = ShownLog { checkpoint: good.checkpoint.replacen("\n9\n", "\n8\n", 1), ..good.clone() };
        assert!(matches!(refused(&mut node, &altered), LogRefusal::Signature(NoteError::WrongSignature(_))));
        assert_eq!(node.size(), Some(5), "nothing of that was kept");
        assert_eq!(node.examine(Some(&good)), Ok(true));
    }
}

#[test]
fn a_key_that_takes_over_in_the_record_is_followed_without_the_operator() {
    let [first, second, third] = [1, 2, 3].map(key);
    let mut log = Log::of(3);
    let mut node = witness(&[&first]);
    node.examine(Some(&log.shown(0, &first))).unwrap();
    let handovers = vec![log.hand_over(&first, &second), log.hand_over(&second, &third)];
    let shown = ShownLog { handovers: handovers.clone(), ..log.shown(3, &third) };
    let skipped = ShownLog { handovers: handovers[1..].to_vec(), ..shown.clone() };
    assert!(matches!(node.examine(Some(&skipped)), Err(LogRefusal::Handover(_))));
    assert_eq!(node.examine(Some(&shown)), Ok(true));
    assert_eq!(node.key(), third.vkey());
    // With the trust file from before, and with the new one.
    for keys in [&[&first][..], &[&first, &second, &third]] {
        let mut node = restarted(&node, keys);
        assert_eq!((node.key(), node.size()), (third.vkey().as_str(), Some(5)));
        let old = log.shown(5, &first);
        assert!(matches!(node.examine(Some(&old)), Err(LogRefusal::Signature(_))), "the earlier key counts no more");
        log.0.push(b"event".to_vec());
        assert_eq!(node.examine(Some(&log.shown(5, &third))), Ok(true));
        log.0.pop();
    }
}

#[test]
fn an_operator_accepts_another_log_once() {
    let (old, new) = (key(1), key(2));
    let mut node = witness(&[&old]);
    node.examine(Some(&Log::of(9).shown(0, &old))).unwrap();
    let mut restored = Log::of(4);
    restored.0.push(b"log.continued".to_vec());
    let note = restored.note(&[&new]);
    assert!(node.accept(&note, "now".to_owned()).is_err(), "the trust file does not name the new key");
    let mut node = restarted(&node, &[&old, &new]);
    assert_eq!(node.examine(Some(&restored.shown(0, &new))), Err(LogRefusal::Shrunk { kept: 9, shown: 5 }));
    assert_eq!(node.accept(&note, "now".to_owned()), Ok(true));
    let mut node = restarted(&node, &[&old, &new]);
    restored.0.push(b"event".to_vec());
    assert_eq!(node.examine(Some(&restored.shown(5, &new))), Ok(true));
    assert_eq!(node.accept(&note, "later".to_owned()), Ok(false), "the word may stay where the node is started");
    assert_eq!(node.size(), Some(6));
    let [accepted] = &node.to_file().accepted[..] else { panic!("one was accepted") };
    assert!(accepted.given_up.as_ref().unwrap().contains("\n9\n"), "{accepted:?}");
}

#[test]
fn a_file_that_says_nothing_is_no_fresh_start() {
    let (key, other) = (key(1), key(2));
    let keys = trusted(&[&key]);
    let mut elsewhere = witness(&[&other]);
    elsewhere.examine(Some(&Log::of(2).shown(0, &other))).unwrap();
    let unreadable = Err(io::Error::other("input/output error"));
    for file in [Ok(Some(b"{".to_vec())), Ok(Some(elsewhere.to_file().to_bytes())), unreadable] {
        let mut node = Witness::new(file, &keys).unwrap();
        let log = Log::of(3);
        assert!(matches!(node.examine(Some(&log.shown(0, &key))), Err(LogRefusal::Damaged(_))));
        assert_eq!(node.accept(&log.note(&[&key]), "now".to_owned()), Ok(true));
        assert_eq!(node.examine(Some(&log.shown(3, &key))), Ok(false));
    }
    assert!(Witness::new(Ok(None), &[]).is_none(), "without a key of the log nobody is a witness");
}

#[test]
fn a_key_that_was_replaced_counts_up_to_its_size_only() {
    let (old, new) = (key(1), key(2));
    let mut node = witness(&[&old]);
    node.examine(Some(&Log::of(5).shown(0, &old))).unwrap();
    let until = |size| vec![TrustedLogKey { vkey: old.vkey(), until: Some(size) }, TrustedLogKey::present(new.vkey())];
    let file = || Ok(Some(node.to_file().to_bytes()));
    assert_eq!(Witness::new(file(), &until(5)).unwrap().examine(Some(&Log::of(7).shown(5, &new))), Ok(true));
    // What the old key signed after its time is the word of a person who kept the key.
    let mut forged = Witness::new(file(), &until(4)).unwrap();
    assert!(matches!(forged.examine(Some(&Log::of(7).shown(5, &new))), Err(LogRefusal::Damaged(_))));
    // The operator goes on with the log of the new key: what is given up stays as evidence.
    assert_eq!(forged.accept(&Log::of(7).note(&[&new]), "now".to_owned()), Ok(true));
    assert_eq!(forged.to_file().accepted[0].given_up, node.to_file().checkpoint);
}
