use super::*;
use crate::SigningKey;
use proptest::prelude::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    count: u64,
}

impl Predicate for Note {
    const TYPE: &'static str = "urn:test:note:v1";
}

fn key() -> SigningKey {
    SigningKey::from_entropy([7; 32]).unwrap()
}

fn note() -> Statement<Note> {
    let subject = Subject { name: "diagnosis/tumour:1".to_owned(), digest: Sha256::of(b"model") };
    Statement { subject, predicate: Note { text: "é".to_owned(), count: 3 } }
}

fn read(payload: &str) -> Result<Statement<Note>, StatementError> {
    let envelope = Envelope::sign(payload.as_bytes().to_vec(), &key());
    Statement::parse_verified(envelope.verify(&key().public_key()).unwrap())
}

#[test]
fn the_payload_is_canonical_and_reads_back() {
    let payload = String::from_utf8(note().to_payload().unwrap()).unwrap();
    let digest = Sha256::of(b"model");
    assert_eq!(
        payload,
        format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{{"count":3,"text":"é"}},"predicateType":"urn:test:note:v1","subject":[{{"digest":{{"sha256":"{digest}"}},"name":"diagnosis/tumour:1"}}]}}"#
        )
    );
    assert_eq!(read(&payload), Ok(note()));
}

#[test]
fn anything_else_is_refused_with_its_reason() {
    use StatementError as Refused;
    let payload = String::from_utf8(note().to_payload().unwrap()).unwrap();
    let with = |part: &str, other: &str| {
        assert!(payload.contains(part), "{part}");
        read(&payload.replacen(part, other, 1)).unwrap_err()
    };
    assert_eq!(with("Statement/v1", "Statement/v0.1"), Refused::Type("https://in-toto.io/Statement/v0.1".into()));
    let found = "urn:test:note:v2".to_owned();
    assert_eq!(with("note:v1", "note:v2"), Refused::PredicateType { expected: Note::TYPE, found });
    let subject = &payload[payload.find("\"subject\":[").unwrap() + 11..payload.len() - 2];
    assert_eq!(with(&format!("[{subject}]"), &format!("[{subject},{subject}]")), Refused::Subjects(2));
    assert_eq!(with(&format!("[{subject}]"), "[]"), Refused::Subjects(0));
    assert!(matches!(with("{\"_type\"", "{\"extra\":1,\"_type\""), Refused::Syntax(_)));
    assert!(matches!(with("\"name\"", "\"uri\":\"x\",\"name\""), Refused::Syntax(_)));
    assert!(matches!(with("{\"sha256\"", "{\"sha512\":\"\",\"sha256\""), Refused::Syntax(_)));
    assert!(matches!(with("\"count\":3", "\"count\":3,\"more\":1"), Refused::Predicate(_)));
    assert!(matches!(with("\"count\":3,", ""), Refused::Predicate(_)));
    assert!(matches!(with("\"count\":3", "\"count\":3.0"), Refused::Json(StrictJsonError::Float { .. })));
    assert!(matches!(with("\"count\":3", "\"count\":3,\"count\":3"), Refused::Json(StrictJsonError::DuplicateKey { .. })));
    let deep = format!("\"count\":{}1{}", "[".repeat(40), "]".repeat(40));
    assert_eq!(with("\"count\":3", &deep), Refused::Json(StrictJsonError::TooDeep { max: 32 }));
}

#[test]
fn what_nobody_could_read_is_not_signed() {
    let mut long = note();
    long.predicate.text = "x".repeat(1 << 20);
    assert!(matches!(long.to_payload(), Err(StatementError::TooLong(_))));
    let mut large = note();
    large.predicate.count = u64::MAX;
    assert_eq!(large.sign(&key()), Err(CanonicalError::Integer(u64::MAX.to_string()).into()));
}

proptest! {
    #[test]
    fn never_panics_on_what_a_key_may_have_signed(text in r#"[\[\]{}",:a-z0-9_]{0,60}"#) {
        prop_assert!(read(&text).is_err());
    }
}
