use super::*;
use proptest::prelude::*;

fn key(seed: u8) -> LogKey {
    LogKey::from_seed([seed; 32], "sign-off.example.org/log").unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: "sign-off.example.org/log".to_owned(), size: 20_852_163, root: Sha256::of(b"root") }
}

/// A note with this text, signed by the log's key whatever it says.
fn note(text: &str) -> String {
    let signature = key(1).key.sign(text.as_bytes()).to_bytes();
    let line = [&key_id(key(1).name(), &key(1).key.verifying_key())[..], &signature].concat();
    format!("{text}\n— {} {}\n", key(1).name(), STANDARD.encode(line))
}

#[test]
fn a_checkpoint_has_the_form_of_the_specification_and_reads_back() {
    let signed = sign(&checkpoint(), &key(1)).unwrap();
    let root = STANDARD.encode(Sha256::of(b"root").as_bytes());
    assert!(
        signed.starts_with(&format!("sign-off.example.org/log\n20852163\n{root}\n\n— sign-off.example.org/log ")),
        "{signed}"
    );
    assert_eq!(open(&signed, &key(1).vkey()), Ok(checkpoint()));
    let empty = Checkpoint { size: 0, ..checkpoint() };
    assert_eq!(open(&sign(&empty, &key(1)).unwrap(), &key(1).vkey()), Ok(empty));
}

#[test]
fn signatures_of_others_are_ignored_and_a_wrong_one_of_the_log_is_not() {
    let signed = sign(&checkpoint(), &key(1)).unwrap();
    let witness = format!("— witness.example.org {}\n", STANDARD.encode([7; 76]));
    assert_eq!(open(&format!("{signed}{witness}"), &key(1).vkey()), Ok(checkpoint()));
    assert_eq!(open(&signed.replace("\n— ", &format!("\n{witness}— ")), &key(1).vkey()), Ok(checkpoint()));

    let other = sign(&Checkpoint { size: 1, ..checkpoint() }, &key(1)).unwrap();
    let other_line = other.lines().last().unwrap();
    let refused = Err(NoteError::WrongSignature("sign-off.example.org/log".to_owned()));
    assert_eq!(open(&format!("{signed}{other_line}\n"), &key(1).vkey()), refused);
    let refused = Err(NoteError::NotSignedBy("sign-off.example.org/log".to_owned()));
    assert_eq!(open(&signed, &key(2).vkey()), refused);
}

#[test]
fn a_key_signs_only_for_its_own_log() {
    let elsewhere = Checkpoint { origin: "elsewhere.example.org".to_owned(), ..checkpoint() };
    let refused = NoteError::Origin { expected: key(1).name().to_owned(), found: elsewhere.origin.clone() };
    assert_eq!(sign(&elsewhere, &key(1)), Err(refused));
    let root = STANDARD.encode([0; 32]);
    let forged = open(&note(&format!("elsewhere.example.org\n1\n{root}\n")), &key(1).vkey());
    assert!(matches!(forged, Err(NoteError::Origin { .. })), "{forged:?}");
}

#[test]
fn what_is_not_a_checkpoint_is_refused_though_it_is_signed() {
    let (origin, root) = ("sign-off.example.org/log", STANDARD.encode([0; 32]));
    for text in [
        format!("{origin}\n1\n"),
        format!("{origin}\n1\n{root}\nextension\n"),
        format!("{origin}\n01\n{root}\n"),
        format!("{origin}\n+1\n{root}\n"),
        format!("{origin}\n-1\n{root}\n"),
        format!("{origin}\n\n{root}\n"),
        format!("{origin}\n18446744073709551616\n{root}\n"),
        format!("{origin}\n1\n{}\n", STANDARD.encode([0; 31])),
        format!("{origin}\n1\n{}\n", root.trim_end_matches('=')),
    ] {
        assert!(matches!(open(&note(&text), &key(1).vkey()), Err(NoteError::Checkpoint(_))), "{text:?}");
    }
    let signed = sign(&checkpoint(), &key(1)).unwrap();
    for broken in [
        signed.replace("\n\n", "\n"),
        signed.trim_end().to_owned(),
        signed.replace('\n', "\r\n"),
        signed.replace('—', "-"),
        format!("{signed}\n"),
        format!("{signed}— x\n"),
        format!("{signed}— x !\n"),
        format!("{signed}— x AAAA\n"),
        format!("{signed}{}", "— x AAAAAAA=\n".repeat(10_000)),
    ] {
        let opened = open(&broken, &key(1).vkey());
        assert!(matches!(opened, Err(NoteError::Note(_))), "{opened:?}");
    }
}

#[test]
fn a_verifier_key_is_read_only_whole() {
    let signed = sign(&checkpoint(), &key(1)).unwrap();
    let vkey = key(1).vkey();
    for wrong in [
        String::new(),
        vkey.replace("/log", "/log2"),
        vkey.to_uppercase(),
        vkey[..vkey.len() - 4].to_owned(),
        vkey.replacen('+', " ", 1),
    ] {
        assert_eq!(open(&signed, &wrong), Err(NoteError::VerifierKey), "{wrong}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
        assert!(matches!(LogKey::from_seed([1; 32], name), Err(NoteError::Name(_))), "{name:?}");
    }
}

proptest! {
    #[test]
    fn any_altered_byte_is_noticed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let signed = sign(&checkpoint(), &key(1)).unwrap();
        let mut bytes = signed.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(altered) = String::from_utf8(bytes) && altered != signed {
            prop_assert!(open(&altered, &key(1).vkey()).is_err(), "{altered}");
        }
    }

    #[test]
    fn never_panics(note in "[a+/=0-9— \n]{0,80}", vkey in "[a-f0-9+/=A]{0,60}") {
        prop_assert!(open(&note, &vkey).is_err());
        prop_assert!(open(&note, &key(1).vkey()).is_err());
    }
}
