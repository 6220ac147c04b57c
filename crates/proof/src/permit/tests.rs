use super::*;
use crate::{dsse::DsseError, signing::SigningKey, statement::StatementError};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_795_000_000_000_000;
const SERVER: &str = "https://sign-off.example.org";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_entropy([seed; 32]).unwrap()
}

fn time(micros: i64) -> UtcTime {
    UtcTime::from_micros(micros).unwrap()
}

fn digest() -> Sha256 {
    Sha256::of(b"model")
}

fn terms(basis: Basis) -> PermitTerms {
    PermitTerms {
        audience: "production".to_owned(),
        service: "tumour".to_owned(),
        revision: 3,
        basis,
        reason: (basis == Basis::Acknowledged).then(|| "Outage: the approver is unreachable.".to_owned()),
        not_before: time(NOW),
        not_after: time(NOW + 10),
        nonce: Nonce::from_entropy([9; 16]),
    }
}

fn approvals(basis: Basis) -> Vec<AttestationReference> {
    let count = usize::from(basis == Basis::Approved);
    vec![AttestationReference { uri: None, digest: DigestSet { sha256: Sha256::of(b"approval") } }; count]
}

fn permit(terms: PermitTerms, approvals: Vec<AttestationReference>) -> Result<PermitPredicate, PermitError> {
    let policy = PolicyReference {
        uri: format!("{SERVER}/infrastructures/production"),
        digest: DigestSet { sha256: Sha256::of(b"prevent") },
    };
    let resource = format!("{SERVER}/diagnosis/tumour/7");
    PermitPredicate::new(SERVER.to_owned(), time(NOW), resource, policy, approvals, terms)
}

fn statement(basis: Basis) -> Statement<PermitPredicate> {
    permit(terms(basis), approvals(basis)).unwrap().about("diagnosis/tumour:7".to_owned(), digest())
}

fn expected() -> ExpectedPermit<'static> {
    ExpectedPermit {
        server: SERVER,
        audience: "production",
        model_digest: digest(),
        version: Some("diagnosis/tumour:7"),
        now: time(NOW),
    }
}

fn verify(envelope: &Envelope, expected: &ExpectedPermit<'_>) -> Result<Statement<PermitPredicate>, PermitError> {
    verify_permit(envelope, &key(1).public_key(), expected)
}

/// A permit as a dishonest or faulty server could have signed it.
fn altered(basis: Basis, change: impl FnOnce(&mut Value)) -> Envelope {
    let mut value = serde_json::from_slice(&statement(basis).to_payload().unwrap()).unwrap();
    change(&mut value);
    Envelope::sign(value.to_string().into_bytes(), &key(1))
}

#[test]
fn it_is_a_slsa_verification_summary() {
    let value: Value = serde_json::from_slice(&statement(Basis::Approved).to_payload().unwrap()).unwrap();
    assert_eq!(value["predicateType"], "https://slsa.dev/verification_summary/v1");
    assert_eq!(
        value["predicate"],
        json!({
            "verifier": {"id": SERVER},
            "timeVerified": time(NOW).to_string(),
            "resourceUri": "https://sign-off.example.org/diagnosis/tumour/7",
            "policy": {
                "uri": "https://sign-off.example.org/infrastructures/production",
                "digest": {"sha256": Sha256::of(b"prevent").hex()},
            },
            "inputAttestations": [{"digest": {"sha256": Sha256::of(b"approval").hex()}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["COUNTERSIGN_APPROVED"],
            "slsaVersion": "1.0",
            "urn:countersign:permit:v1": {
                "audience": "production", "service": "tumour", "revision": 3, "basis": "approved", "reason": null,
                "not_before": time(NOW).to_string(), "not_after": time(NOW + 10).to_string(),
                "nonce": "09".repeat(16),
            },
        })
    );
}

#[test]
fn only_an_approval_passes() {
    for basis in [Basis::Approved, Basis::Acknowledged, Basis::Unapproved] {
        let envelope = statement(basis).sign(&key(1)).unwrap();
        let permit = verify(&envelope, &expected()).unwrap().predicate;
        assert_eq!((permit.passed(), permit.terms()), (basis == Basis::Approved, &terms(basis)));
    }
}

#[test]
fn a_result_that_contradicts_its_basis_is_refused() {
    for (basis, result, level) in [
        (Basis::Approved, "FAILED", "COUNTERSIGN_APPROVED"),
        (Basis::Approved, "PASSED", "FAILED"),
        (Basis::Acknowledged, "PASSED", "FAILED"),
        (Basis::Acknowledged, "PASSED", "COUNTERSIGN_APPROVED"),
        (Basis::Unapproved, "FAILED", "SLSA_BUILD_LEVEL_3"),
        (Basis::Unapproved, "PASSED", "COUNTERSIGN_APPROVED"),
    ] {
        let envelope = altered(basis, |value| {
            value["predicate"]["verificationResult"] = result.into();
            value["predicate"]["verifiedLevels"] = json!([level]);
        });
        assert_eq!(verify(&envelope, &expected()), Err(PermitError::Contradiction(basis)), "{result} {level}");
    }
}

#[test]
fn a_permit_that_rests_on_nothing_is_neither_made_nor_accepted() {
    assert_eq!(permit(terms(Basis::Approved), Vec::new()), Err(PermitError::NoApproval));
    let envelope = altered(Basis::Approved, |value| value["predicate"]["inputAttestations"] = json!([]));
    assert_eq!(verify(&envelope, &expected()), Err(PermitError::NoApproval));

    for reason in [None, Some(String::new()), Some(" \n".to_owned())] {
        let terms = PermitTerms { reason: reason.clone(), ..terms(Basis::Acknowledged) };
        assert_eq!(permit(terms, Vec::new()), Err(PermitError::NoReason));
        let envelope =
            altered(Basis::Acknowledged, |value| value["predicate"]["urn:countersign:permit:v1"]["reason"] = reason.into());
        assert_eq!(verify(&envelope, &expected()), Err(PermitError::NoReason));
    }

    let terms = PermitTerms { not_after: time(NOW - 1), ..terms(Basis::Unapproved) };
    let refused = PermitError::EndsBeforeItBegins { not_before: time(NOW), not_after: time(NOW - 1) };
    assert_eq!(permit(terms, Vec::new()), Err(refused));
}

#[test]
fn it_holds_from_its_beginning_to_its_end() {
    let envelope = statement(Basis::Approved).sign(&key(1)).unwrap();
    let at = |now| verify(&envelope, &ExpectedPermit { now: time(now), ..expected() }).map(drop);
    assert_eq!((at(NOW), at(NOW + 9)), (Ok(()), Ok(())));
    assert_eq!(at(NOW - 1), Err(PermitError::NotYetValid(time(NOW))));
    assert_eq!(at(NOW + 10), Err(PermitError::Expired(time(NOW + 10))));
}

#[test]
fn what_is_not_known_is_refused() {
    for change in [
        |value: &mut Value| value["predicate"]["dependencyLevels"] = json!({}),
        |value: &mut Value| value["predicate"]["urn:countersign:permit:v1"]["scope"] = "all".into(),
        |value: &mut Value| value["predicate"]["urn:countersign:permit:v1"]["basis"] = "emergency".into(),
        |value: &mut Value| value["predicate"]["verificationResult"] = "passed".into(),
        |value: &mut Value| value["predicate"]["urn:countersign:permit:v1"]["not_after"] = Value::Null,
    ] {
        let read = verify(&altered(Basis::Approved, change), &expected());
        let refused = matches!(read, Err(PermitError::Statement(SignedStatementError::Statement(StatementError::Predicate(_)))));
        assert!(refused, "{read:?}");
    }
    let envelope = altered(Basis::Approved, |value| value["predicate"]["slsaVersion"] = "2.0".into());
    assert_eq!(verify(&envelope, &expected()), Err(PermitError::SlsaVersion("2.0".to_owned())));
}

#[test]
fn an_approval_is_not_a_permit() {
    let envelope = altered(Basis::Approved, |value| value["predicateType"] = "urn:countersign:approval:v1".into());
    let refused =
        StatementError::PredicateType { expected: PermitPredicate::TYPE, found: "urn:countersign:approval:v1".to_owned() };
    assert_eq!(verify(&envelope, &expected()), Err(PermitError::Statement(refused.into())));
}

proptest! {
    #[test]
    fn a_permit_for_one_never_holds_for_another(other in any::<[u8; 32]>(), elsewhere in "[a-z]{1,8}", server in "[a-z]{1,8}", trusted in 2_u8..9) {
        let envelope = statement(Basis::Approved).sign(&key(1)).unwrap();
        let model_digest = Sha256::from_bytes(other);
        prop_assert_eq!(
            verify(&envelope, &ExpectedPermit { model_digest, ..expected() }),
            Err(PermitError::Digest { expected: model_digest, found: digest() })
        );
        prop_assert_eq!(
            verify(&envelope, &ExpectedPermit { audience: &elsewhere, ..expected() }),
            Err(PermitError::Audience("production".to_owned()))
        );
        let version = Some("diagnosis/tumour:8");
        prop_assert_eq!(
            verify(&envelope, &ExpectedPermit { version, ..expected() }),
            Err(PermitError::Version("diagnosis/tumour:7".to_owned()))
        );
        prop_assert_eq!(
            verify(&envelope, &ExpectedPermit { server: &server, ..expected() }),
            Err(PermitError::Server(SERVER.to_owned()))
        );
        let stranger = key(trusted).public_key();
        prop_assert_eq!(
            verify_permit(&envelope, &stranger, &expected()),
            Err(PermitError::Statement(DsseError::NotSignedBy(stranger.key_id()).into()))
        );
    }
}
