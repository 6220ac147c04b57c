use super::*;
use crate::{
    ApprovalPredicate, AttestationReference, Basis, Decision, DigestSet, DutyPolicy, EventLeaf, FileName, Frontier, LogKey,
    Manifest, ManifestEntry, Nonce, PermitPredicate, PermitTerms, Person, PolicyReference, Sha256, SigningKey, TlogProof,
    TrustedLogKey, TrustedServer, UtcTime, checkpoint, merkle,
};

const SERVER: &str = "countersign.example";

fn time(seconds: i64) -> UtcTime {
    UtcTime::from_micros(seconds * 1_000_000).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_entropy([7; 32]).unwrap()
}

fn log_key() -> LogKey {
    LogKey::from_seed([8; 32], SERVER).unwrap()
}

fn trusted() -> TrustedServer {
    TrustedServer {
        key: key().public_key(),
        name: Some(SERVER.to_owned()),
        log_keys: vec![TrustedLogKey::present(log_key().vkey())],
    }
}

fn manifest(content: &[u8]) -> Manifest {
    let name = FileName::parse("model.onnx").unwrap();
    Manifest::new(vec![ManifestEntry { name, sha256: Sha256::of(content), size: content.len() as u64 }]).unwrap()
}

fn decision(decision: Decision, revokes: Option<Sha256>) -> crate::Envelope {
    let predicate = ApprovalPredicate {
        server: SERVER.to_owned(),
        project: "diagnosis".to_owned(),
        model: "tumour".to_owned(),
        version: 1,
        step: "review".to_owned(),
        round: 1,
        decision,
        meaning: "It may be deployed.".to_owned(),
        decided_by: Person {
            issuer: "https://countersign.example".to_owned(),
            subject: "approver".to_owned(),
            name: "The approver".to_owned(),
            credential: Some("session".to_owned()),
            invited_by: None,
            invitation_confirmed_by: None,
        },
        decided_at: time(100),
        not_after: (decision == Decision::Approved).then(|| time(1_000)),
        independent: false,
        revokes,
        comment: String::new(),
        policy: DutyPolicy { author_may_approve: false, requester_may_approve: false },
        approvers: vec!["user:approver".to_owned()],
        slots: Vec::new(),
        considered: Sha256::of(b"{}"),
        feedback: Sha256::of(b"[]"),
        nonce: Nonce::from_entropy([1; 16]),
    };
    predicate.about(manifest(b"model").model_digest()).sign(&key()).unwrap()
}

fn permit(approval: Sha256) -> crate::Envelope {
    let terms = PermitTerms {
        audience: "production".to_owned(),
        service: "tumour".to_owned(),
        revision: 1,
        basis: Basis::Approved,
        reason: None,
        not_before: time(200),
        not_after: time(300),
        nonce: Nonce::from_entropy([2; 16]),
    };
    let policy =
        PolicyReference { uri: "https://countersign.example/p".to_owned(), digest: DigestSet { sha256: Sha256::of(b"p") } };
    let approvals = vec![AttestationReference { uri: None, digest: DigestSet { sha256: approval } }];
    let permit =
        PermitPredicate::new(SERVER.to_owned(), time(200), "https://countersign.example/v".to_owned(), policy, approvals, terms);
    permit.unwrap().about("diagnosis/tumour:1".to_owned(), manifest(b"model").model_digest()).sign(&key()).unwrap()
}

/// The statements in a log with other events before, between and after them; also the checkpoint over the first three events.
fn logged(decisions: Vec<crate::Envelope>, permits: Vec<crate::Envelope>) -> (Bundle, String) {
    let statements: Vec<_> = decisions.iter().chain(&permits).collect();
    let mut bodies = Vec::new();
    for (index, envelope) in statements.iter().enumerate() {
        bodies.push(format!(r#"{{"position":{}}}"#, index * 2));
        bodies.push(format!(r#"{{"position":{},"statements":["{}"]}}"#, index * 2 + 1, envelope.payload_digest()));
    }
    bodies.push("{}".to_owned());
    let leaves: Vec<_> =
        bodies.iter().enumerate().map(|(index, body)| EventLeaf::of(index as u64, body.as_bytes()).hash().unwrap()).collect();
    let (mut nodes, mut frontier, mut early) = (Vec::new(), Frontier::new(), None);
    for leaf in &leaves {
        nodes.extend(frontier.append(*leaf));
        if frontier.size() == 3 {
            early = Some(note(&frontier));
        }
    }
    let lookup = |id: merkle::NodeId| match id.level {
        0 => leaves.get(id.index as usize).copied(),
        level => nodes.iter().find(|node| (node.level, node.index) == (level, id.index)).map(|node| node.hash),
    };
    let size = frontier.size();
    let entry = |index: usize, envelope: &crate::Envelope| {
        let position = index as u64 * 2 + 1;
        let hashes = merkle::inclusion_proof(position, size, lookup).unwrap();
        let proof = TlogProof { index: position, hashes, checkpoint: note(&frontier) };
        LoggedStatement { envelope: envelope.clone(), event: bodies[position as usize].clone(), proof: proof.to_text() }
    };
    let mut entries: Vec<_> = statements.iter().enumerate().map(|(index, envelope)| entry(index, envelope)).collect();
    let permits = entries.split_off(decisions.len());
    let bundle = Bundle {
        bundle_type: TYPE.to_owned(),
        manifest: String::from_utf8(manifest(b"model").to_bytes()).unwrap(),
        considered: "{}".to_owned(),
        feedback: "[]".to_owned(),
        decisions: entries,
        permits,
        consistency: vec![Consistency { from: 3, hashes: merkle::consistency_proof(3, size, lookup).unwrap() }],
    };
    (bundle, early.unwrap())
}

fn note(frontier: &Frontier) -> String {
    let checkpoint = checkpoint::Checkpoint { origin: SERVER.to_owned(), size: frontier.size(), root: frontier.root() };
    checkpoint::sign(&checkpoint, &log_key()).unwrap()
}

fn good() -> (Bundle, String) {
    let approval = decision(Decision::Approved, None);
    let permit = permit(approval.payload_digest());
    logged(vec![approval], vec![permit])
}

fn checked(bundle: &Bundle, kept: &[String]) -> Vec<Check> {
    let files = manifest(b"model");
    let trusted = trusted();
    verify(
        bundle,
        &Expected { trusted: &trusted, now: time(150), version: Some("diagnosis/tumour:1"), kept, files: Some(&files) },
    )
}

fn with(checks: &[Check], outcome: Outcome) -> Vec<&str> {
    checks.iter().filter(|check| check.outcome == outcome).map(|check| check.check.as_str()).collect()
}

#[test]
fn a_good_bundle_shows_everything_but_what_none_can() {
    let (bundle, early) = good();
    let checks = checked(&bundle, &[early]);
    let shown = ["approval", "files", "your files", "fields", "feedback", "in force", "permit", "log", "your checkpoint"];
    assert_eq!(with(&checks, Outcome::Shown), shown, "{checks:#?}");
    assert_eq!(with(&checks, Outcome::NotShown), ["no later revocation", "the approver's own hand"]);
    let bytes = bundle.to_bytes().unwrap();
    assert_eq!(Bundle::parse(&bytes), Ok(bundle));
}

#[test]
fn altered_bytes_are_found() {
    let (bundle, early) = good();
    let bytes = bundle.to_bytes().unwrap();
    // One byte in so many, and each thread its share: a signature takes milliseconds where nothing is optimised.
    const STRIDE: usize = 7;
    let altered = |at: usize| {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        let Ok(altered) = Bundle::parse(&altered) else { return };
        let checks = checked(&altered, std::slice::from_ref(&early));
        // A proof that begins at another size proves nothing of the checkpoint that was asked about.
        let found = |check: &Check| check.outcome == Outcome::Wrong || (check.outcome == Outcome::NotShown && check.asked);
        assert!(checks.iter().any(found), "byte {at} can be altered: {checks:#?}");
    };
    std::thread::scope(|scope| {
        for first in 0..4 {
            let altered = &altered;
            let length = bytes.len();
            scope.spawn(move || (first * STRIDE..length).step_by(4 * STRIDE).for_each(altered));
        }
    });
}

#[test]
fn what_was_revoked_ended_or_is_about_something_else_is_wrong() {
    let approval = decision(Decision::Approved, None);
    let digest = approval.payload_digest();
    let (revoked, _) = logged(vec![approval.clone(), decision(Decision::Revoked, Some(digest))], Vec::new());
    let (of_another, _) = logged(vec![approval.clone(), decision(Decision::Revoked, Some(Sha256::of(b"another")))], Vec::new());
    for (bundle, words) in [(&revoked, "approver revoked the approval"), (&of_another, "names another approval")] {
        let checks = checked(bundle, &[]);
        let wrong: Vec<_> = checks.iter().filter(|check| check.outcome == Outcome::Wrong).collect();
        assert!(wrong.len() == 1 && wrong[0].check == "in force" && wrong[0].because.contains(words), "{checks:#?}");
    }
    let (bundle, _) = good();
    let (trusted, other_files) = (trusted(), manifest(b"another model"));
    let expected = Expected { trusted: &trusted, now: time(150), version: None, kept: &[], files: None };
    assert_eq!(with(&verify(&bundle, &Expected { now: time(1_000), ..expected.clone() }), Outcome::Wrong), ["in force"]);
    assert_eq!(
        with(&verify(&bundle, &Expected { files: Some(&other_files), ..expected.clone() }), Outcome::Wrong),
        ["your files"]
    );
    let of_another = Expected { version: Some("diagnosis/tumour:2"), ..expected.clone() };
    assert_eq!(with(&verify(&bundle, &of_another), Outcome::Wrong), ["approval"]);
    let stranger = TrustedServer { key: SigningKey::from_entropy([9; 32]).unwrap().public_key(), ..trusted.clone() };
    assert_eq!(with(&verify(&bundle, &Expected { trusted: &stranger, ..expected.clone() }), Outcome::Wrong), ["approval"]);
    let other_log = TrustedServer {
        log_keys: vec![TrustedLogKey::present(LogKey::from_seed([9; 32], SERVER).unwrap().vkey())],
        ..trusted.clone()
    };
    assert_eq!(with(&verify(&bundle, &Expected { trusted: &other_log, ..expected.clone() }), Outcome::Wrong), ["log"]);
    let (unrelated, _) = logged(vec![approval], vec![permit(Sha256::of(b"another approval"))]);
    assert_eq!(with(&verify(&unrelated, &expected), Outcome::Wrong), ["permit"]);
}

#[test]
fn a_checkpoint_of_another_history_is_wrong_and_an_unknown_size_is_not_shown() {
    let (bundle, _) = good();
    let forked = |size: u64| {
        let mut frontier = Frontier::new();
        for leaf in 0..size {
            frontier.append(merkle::leaf_hash(&leaf.to_be_bytes()));
        }
        note(&frontier)
    };
    assert_eq!(with(&checked(&bundle, &[forked(3)]), Outcome::Wrong), ["your checkpoint"]);
    let checks = checked(&bundle, &[forked(4)]);
    assert!(checks.iter().any(|check| check.check == "your checkpoint" && check.outcome == Outcome::NotShown && check.asked));
    assert_eq!(with(&checked(&bundle, &["a note".to_owned()]), Outcome::Wrong), ["your checkpoint"]);
}
