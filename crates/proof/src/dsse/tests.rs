use super::*;
use crate::SigningKey;
use proptest::prelude::*;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_entropy([seed; 32]).unwrap()
}

#[test]
fn the_published_example_of_the_encoding() {
    assert_eq!(pae("http://example.com/HelloWorld", b"hello world"), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
}

#[test]
fn an_envelope_reads_back_byte_for_byte() {
    // Not JSON, not even UTF-8: whatever was signed is kept.
    let envelope = Envelope::sign(b"{ \"a\" :1}\xff".to_vec(), &key(1));
    let bytes = envelope.to_json_bytes();
    assert!(bytes.starts_with(
        b"{\"payload\":\"eyAiYSIgOjF9/w==\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"keyid\":"
    ));
    let again = Envelope::from_json_bytes(&bytes).unwrap();
    assert_eq!(again, envelope);
    assert_eq!(again.verify(&key(1).public_key()).unwrap().bytes(), b"{ \"a\" :1}\xff");
    assert_eq!(serde_json::from_slice::<Envelope>(&bytes).unwrap(), envelope);
}

#[test]
fn only_the_key_that_signed_verifies() {
    let envelope = Envelope::sign(b"{}".to_vec(), &key(1));
    let other = key(2).public_key();
    assert_eq!(envelope.verify(&other), Err(DsseError::NotSignedBy(other.key_id())));
    let mut renamed = envelope.clone();
    renamed.signature.key_id = other.key_id();
    assert_eq!(renamed.verify(&other), Err(DsseError::WrongSignature(other.key_id())));
    let mut retyped = envelope;
    retyped.payload_type = "application/json".to_owned();
    assert_eq!(retyped.verify(&key(1).public_key()), Err(DsseError::PayloadType("application/json".to_owned())));
}

/// Common verifiers refuse two signatures, so the server's own reader does too.
#[test]
fn an_envelope_bears_exactly_one_signature() {
    let text = String::from_utf8(Envelope::sign(b"{}".to_vec(), &key(1)).to_json_bytes()).unwrap();
    let (head, rest) = text.split_once('[').unwrap();
    let (one, tail) = rest.split_once(']').unwrap();
    for (signatures, count) in [(String::new(), 0), (format!("{one},{one}"), 2), (vec![one; 17].join(","), 17)] {
        let envelope = format!("{head}[{signatures}]{tail}");
        assert_eq!(Envelope::from_json_bytes(envelope.as_bytes()), Err(DsseError::Signatures(count)));
    }
    assert!(Envelope::from_json_bytes(text.as_bytes()).is_ok());
}

#[test]
fn only_the_standard_form_is_read() {
    let text = String::from_utf8(Envelope::sign(b"{}x".to_vec(), &key(1)).to_json_bytes()).unwrap();
    for (part, other) in [
        ("{\"payload\"", "{\"extra\":1,\"payload\""),
        ("{\"payload\"", "{\"payload\":\"\",\"payload\""),
        ("\"keyid\"", "\"keyId\""),
        ("e314", "e314="),
        ("e314", "e31"),
        ("e314", "e314\\n"),
        ("e314", "e3"),
        ("e314", "e3_-"),
    ] {
        assert!(text.contains(part), "{text}");
        assert!(Envelope::from_json_bytes(text.replacen(part, other, 1).as_bytes()).is_err(), "{other}");
    }
}

proptest! {
    #[test]
    fn flipping_any_bit_of_an_envelope_is_noticed(payload in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = Envelope::sign(payload, &key(1)).to_json_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let verified = Envelope::from_json_bytes(&bytes).is_ok_and(|envelope| envelope.verify(&key(1).public_key()).is_ok());
        prop_assert!(!verified);
    }
}
