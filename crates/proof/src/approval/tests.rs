use super::*;
use crate::{dsse::DsseError, signing::SigningKey, statement::StatementError};
use proptest::prelude::*;

const NOW: i64 = 1_795_000_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_entropy([seed; 32]).unwrap()
}

fn time(micros: i64) -> UtcTime {
    UtcTime::from_micros(micros).unwrap()
}

fn approval() -> ApprovalPredicate {
    ApprovalPredicate {
        server: "https://sign-off.example.org".to_owned(),
        project: "diagnosis".to_owned(),
        model: "tumour".to_owned(),
        version: 7,
        step: "review".to_owned(),
        round: 2,
        decision: Decision::Approved,
        meaning: "I approve this version for production.".to_owned(),
        decided_by: Person {
            issuer: "https://sign-off.example.org".to_owned(),
            subject: "approver".to_owned(),
            name: "Final approver".to_owned(),
            credential: Some("session".to_owned()),
            invited_by: None,
            invitation_confirmed_by: None,
        },
        decided_at: time(NOW - 1),
        not_after: Some(time(NOW + 10)),
        independent: true,
        revokes: None,
        comment: "Better than v6 on every site.".to_owned(),
        policy: DutyPolicy { author_may_approve: false, requester_may_approve: false },
        approvers: vec!["user:approver".to_owned()],
        slots: vec!["Risk & Compliance".to_owned()],
        considered: Sha256::of(b"shown"),
        feedback: Sha256::of(b"feedback"),
        nonce: Nonce::from_entropy([9; 16]),
    }
}

fn verify_at(now: i64, predicate: ApprovalPredicate) -> Result<Statement<ApprovalPredicate>, ApprovalError> {
    let envelope = predicate.about(Sha256::of(b"model")).sign(&key(1)).unwrap();
    let server = "https://sign-off.example.org";
    let expected =
        ExpectedApproval { model_digest: Sha256::of(b"model"), version: Some("diagnosis/tumour:7"), server, now: time(now) };
    verify_approval(&envelope, &key(1).public_key(), &expected)
}

#[test]
fn an_approval_in_force_counts_until_its_end() {
    let statement = verify_at(NOW, approval()).unwrap();
    assert_eq!((statement.subject.name.as_str(), statement.predicate), ("diagnosis/tumour:7", approval()));
    assert!(verify_at(NOW + 9, approval()).is_ok());
    assert_eq!(verify_at(NOW + 10, approval()), Err(ApprovalError::Expired(time(NOW + 10))));
    assert!(verify_at(NOW + 11, ApprovalPredicate { not_after: None, ..approval() }).is_ok());
}

#[test]
fn each_expectation_is_named_when_it_is_not_met() {
    for decision in [Decision::Rejected, Decision::Revoked] {
        assert_eq!(verify_at(NOW, ApprovalPredicate { decision, ..approval() }), Err(ApprovalError::Decision(decision)));
    }
    let server = "https://other.example.org".to_owned();
    let refused = Err(ApprovalError::Server(server.clone()));
    assert_eq!(verify_at(NOW, ApprovalPredicate { server, ..approval() }), refused);

    let refused = Err(ApprovalError::Version("diagnosis/tumour:8".to_owned()));
    assert_eq!(verify_at(NOW, ApprovalPredicate { version: 8, ..approval() }), refused);

    let digest = Sha256::of(b"model");
    let (mut renamed, key) = (approval().about(digest), key(1));
    renamed.subject.name = "diagnosis/tumour:8".to_owned();
    let envelope = renamed.sign(&key).unwrap();
    let expected = ExpectedApproval { model_digest: digest, version: None, server: &approval().server, now: time(NOW) };
    let refused = Err(ApprovalError::Name("diagnosis/tumour:8".to_owned()));
    assert_eq!(verify_approval(&envelope, &key.public_key(), &expected), refused);
}

#[test]
fn an_end_that_is_left_out_is_not_an_approval_without_end() {
    let payload = String::from_utf8(approval().about(Sha256::of(b"model")).to_payload().unwrap()).unwrap();
    let without = payload.replacen(&format!("\"not_after\":\"{}\",", time(NOW + 10)), "", 1);
    assert_ne!(payload, without);
    let envelope = Envelope::sign(without.into_bytes(), &key(1));
    let read = Statement::<ApprovalPredicate>::verify(&envelope, &key(1).public_key());
    assert!(matches!(read, Err(SignedStatementError::Statement(StatementError::Predicate(_)))), "{read:?}");
}

#[test]
fn an_approval_names_the_step_that_it_decides_and_without_one_means_review() {
    let payload = |step: &str| {
        let predicate = ApprovalPredicate { step: step.to_owned(), ..approval() };
        String::from_utf8(predicate.about(Sha256::of(b"model")).to_payload().unwrap()).unwrap()
    };
    assert!(!payload("review").contains("step"), "statements from before steps keep their bytes");
    assert!(payload("technical-review").contains("\"step\":\"technical-review\""));
    for step in ["review", "technical-review"] {
        let envelope = Envelope::sign(payload(step).into_bytes(), &key(1));
        let read = Statement::<ApprovalPredicate>::verify(&envelope, &key(1).public_key()).unwrap();
        assert_eq!(read.predicate.step, step);
    }
}

proptest! {
    #[test]
    fn an_approval_for_one_never_counts_for_another(
        digest in any::<[u8; 32]>(), other in any::<[u8; 32]>(), server in "[a-z]{1,8}", elsewhere in "[a-z]{1,8}", signer in 1_u8..9, trusted in 1_u8..9,
    ) {
        let (digest, other) = (Sha256::from_bytes(digest), Sha256::from_bytes(other));
        let envelope = ApprovalPredicate { server: server.clone(), ..approval() }.about(digest).sign(&key(signer)).unwrap();
        let verify = |model_digest, server: &str, seed| {
            verify_approval(&envelope, &key(seed).public_key(), &ExpectedApproval { model_digest, version: None, server, now: time(NOW) }).map(drop)
        };
        prop_assert_eq!(verify(digest, &server, signer), Ok(()));
        if digest != other {
            prop_assert_eq!(verify(other, &server, signer), Err(ApprovalError::Digest { expected: other, found: digest }));
        }
        if server != elsewhere {
            prop_assert_eq!(verify(digest, &elsewhere, signer), Err(ApprovalError::Server(server.clone())));
        }
        if signer != trusted {
            let refused = DsseError::NotSignedBy(key(trusted).public_key().key_id());
            prop_assert_eq!(verify(digest, &server, trusted), Err(SignedStatementError::from(refused).into()));
        }
    }
}
