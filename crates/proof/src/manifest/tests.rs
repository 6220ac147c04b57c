use super::*;
use proptest::prelude::*;

fn entry(name: &str, content: &[u8]) -> ManifestEntry {
    ManifestEntry {
        name: FileName::parse(name).unwrap(),
        sha256: Sha256::of(content),
        size: u64::try_from(content.len()).unwrap(),
    }
}

fn manifest(names: &[&str]) -> Result<Manifest, ManifestError> {
    Manifest::new(names.iter().map(|name| entry(name, b"")).collect())
}

fn name(name: &str) -> FileName {
    FileName::parse(name).unwrap()
}

#[test]
fn its_bytes_are_canonical_and_read_back() {
    let manifest = Manifest::new(vec![entry("model.onnx", b"abc"), entry(".hidden", b""), entry("data/é.json", b"{}")]).unwrap();
    let expected = format!(
        r#"[{{"name":".hidden","sha256":"{}","size":0}},{{"name":"data/é.json","sha256":"{}","size":2}},{{"name":"model.onnx","sha256":"{}","size":3}}]"#,
        Sha256::of(b""),
        Sha256::of(b"{}"),
        Sha256::of(b"abc")
    );
    assert_eq!(String::from_utf8(manifest.to_bytes()).unwrap(), expected);
    assert_eq!(manifest.model_digest(), Sha256::of(expected.as_bytes()));
    assert_eq!(manifest.total_size(), 5);
    assert_eq!(Manifest::parse(expected.as_bytes()), Ok(manifest));
}

#[test]
fn names_sort_by_their_bytes_not_by_utf_16() {
    // U+FF5A is above the emoji's surrogates in UTF-16, and below the emoji in bytes.
    let manifest = manifest(&["\u{1f600}", "\u{ff5a}"]).unwrap();
    let names: Vec<&str> = manifest.entries().iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["\u{ff5a}", "\u{1f600}"]);
}

#[test]
fn files_that_cannot_lie_beside_each_other_are_refused() {
    assert_eq!(manifest(&[]), Err(ManifestError::Empty));
    assert_eq!(manifest(&["a", "b", "a"]), Err(ManifestError::Duplicate(name("a"))));
    for (first, second) in [
        ("Model.onnx", "model.onnx"),
        ("STRASSE", "straße"),
        ("a/Ω", "a/\u{3c9}"),
        ("file", "ﬁle"),
        ("x2", "x\u{b2}"),
        ("A/b", "a/B"),
    ] {
        let refused = ManifestError::SameWhenFolded(name(first), name(second));
        assert_eq!(manifest(&[second, first]).map_err(|error| error.to_string()), Err(refused.to_string()));
    }
    for (file, inside) in [("a", "a/b"), ("a", "A/b/c"), ("a/b", "a/b/c/d")] {
        let refused = ManifestError::FileAndFolder(name(file), name(inside));
        assert_eq!(manifest(&[inside, file, "a-b", "a.b", "a!"]), Err(refused));
    }
    assert!(manifest(&["a/b", "a/c", "A/d", "a-b", "ab"]).is_ok());
}

#[test]
fn sizes_beyond_what_json_holds_are_refused() {
    let sized = |name: &str, size| ManifestEntry { size, ..entry(name, b"") };
    assert!(Manifest::new(vec![sized("a", MAX_INTEGER)]).is_ok());
    for sizes in [
        vec![sized("a", MAX_INTEGER + 1)],
        vec![sized("a", MAX_INTEGER), sized("b", 1)],
        vec![sized("a", u64::MAX), sized("b", 1)],
    ] {
        assert_eq!(Manifest::new(sizes), Err(ManifestError::TooManyBytes));
    }
}

#[test]
fn only_the_canonical_form_is_read() {
    let bytes = manifest(&["a", "b"]).unwrap().to_bytes();
    let text = String::from_utf8(bytes).unwrap();
    let digest = Sha256::of(b"").hex();
    for other in [
        format!("{text}\n"),
        text.replace(",{", ", {"),
        text.replace("\"a\"", "\"\\u0061\""),
        format!(r#"[{{"name":"b","sha256":"{digest}","size":0}},{{"name":"a","sha256":"{digest}","size":0}}]"#),
        format!(r#"[{{"sha256":"{digest}","name":"a","size":0}}]"#),
        format!(r#"[{{"name":"a","sha256":"sha256:{digest}","size":0}}]"#),
    ] {
        assert!(
            matches!(Manifest::parse(other.as_bytes()), Err(ManifestError::NotCanonical | ManifestError::Syntax(_))),
            "{other}"
        );
    }
    let too_long = vec![b' '; Manifest::MAX_BYTES + 1];
    assert_eq!(Manifest::parse(&too_long), Err(ManifestError::TooLong(too_long.len())));
    for wrong in [
        String::new(),
        "{}".to_owned(),
        format!(r#"[{{"name":"../a","sha256":"{digest}","size":0}}]"#),
        format!(r#"[{{"name":"a","sha256":"{digest}","size":0,"mode":7}}]"#),
        format!(r#"[{{"name":"a","name":"a","sha256":"{digest}","size":0}}]"#),
        format!(r#"[{{"name":"a","sha256":"{digest}","size":-1}}]"#),
        format!(r#"[{{"name":"a","sha256":"{digest}","size":0.0}}]"#),
    ] {
        assert!(matches!(Manifest::parse(wrong.as_bytes()), Err(ManifestError::Syntax(_))), "{wrong}");
    }
}

type Files = Vec<(String, Vec<u8>)>;

fn files() -> impl Strategy<Value = Files> {
    proptest::collection::btree_map(
        "[a-z]{1,6}(/[a-z0-9]{1,6}){0,2}\\.[0-9]",
        proptest::collection::vec(any::<u8>(), 0..20),
        1..8,
    )
    .prop_map(|files| files.into_iter().collect())
}

fn digest(files: &[(String, Vec<u8>)]) -> Sha256 {
    Manifest::new(files.iter().map(|(name, content)| entry(name, content)).collect()).unwrap().model_digest()
}

proptest! {
    #[test]
    fn the_order_of_files_does_not_matter(files in files()) {
        let mut reversed = files.clone();
        reversed.reverse();
        prop_assert_eq!(digest(&files), digest(&reversed));
    }

    #[test]
    fn every_change_to_a_file_changes_the_digest(files in files(), which in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let which = which.index(files.len());
        let changed = |change: &dyn Fn(&mut Files)| {
            let mut other = files.clone();
            change(&mut other);
            digest(&other)
        };
        let original = digest(&files);
        prop_assert_ne!(original, changed(&|files| files[which].0.push('x')));
        prop_assert_ne!(original, changed(&|files| files[which].1.push(0)));
        prop_assert_ne!(original, changed(&|files| files.push((".empty".to_owned(), Vec::new()))));
        if files.len() > 1 {
            prop_assert_ne!(original, changed(&|files| { files.remove(which); }));
        }
        if !files[which].1.is_empty() {
            let bit = bit.index(files[which].1.len() * 8);
            prop_assert_ne!(original, changed(&|files| files[which].1[bit / 8] ^= 1 << (bit % 8)));
        }
    }

    #[test]
    fn every_manifest_reads_back_and_no_altered_one_is_the_same(files in files(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let manifest = Manifest::new(files.iter().map(|(name, content)| entry(name, content)).collect()).unwrap();
        let mut bytes = manifest.to_bytes();
        prop_assert_eq!(Manifest::parse(&bytes).unwrap(), manifest.clone());
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(other) = Manifest::parse(&bytes) {
            prop_assert_ne!(other.model_digest(), manifest.model_digest());
        }
    }
}

#[test]
fn a_name_with_a_character_that_nobody_sees_is_refused_and_shown_with_it() {
    for (invisible, shown) in [
        ("model\u{200b}.onnx", r"model\u{200b}.onnx"),
        ("\u{202e}xnno.ledom", r"\u{202e}xnno.ledom"),
        ("a/\u{feff}b", r"a/\u{feff}b"),
        ("tag\u{e0041}", r"tag\u{e0041}"),
        ("filler\u{3164}", ""),
        ("soft\u{ad}hyphen", ""),
    ] {
        let refused = FileName::parse(invisible).unwrap_err();
        assert!(matches!(refused, FileNameError::Invisible(_)), "{invisible:?}");
        assert!(refused.to_string().contains(shown), "{refused}");
    }
    for seen in ["modèle.onnx", "模型.onnx", "नमूना.onnx", "😀"] {
        assert_eq!(FileName::parse(seen).unwrap().as_str(), seen);
    }
}
