//! What stands in a file that should be ONNX and is something else, judged by the first bytes.

/// How many bytes [`foreign`] looks at.
pub const HEAD_BYTES: usize = 64;

/// The first bytes of forms that are often taken for ONNX. An ONNX file begins with a field of protobuf, and none of these bytes do.
const FORMS: [(&[u8], &str); 6] = [
    (
        b"version https://git-lfs.github.com/spec/",
        "is a pointer of Git LFS, not the file itself: run `git lfs pull`, and upload again",
    ),
    (b"\x80\x02", PICKLE),
    (b"\x80\x03", PICKLE),
    (b"\x80\x04", PICKLE),
    (b"\x80\x05", PICKLE),
    (b"PK\x03\x04", "is a ZIP archive, as PyTorch writes: export the model as ONNX"),
];
const PICKLE: &str = "is a pickle, which would run code when it is loaded: export the model as ONNX";

/// What the file is instead of ONNX, as the end of a sentence that begins with its name, with what to do; none where the first
/// bytes show nothing of the kind.
pub fn foreign(head: &[u8]) -> Option<&'static str> {
    FORMS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, form)| *form)
}

#[cfg(test)]
mod tests {
    use super::{FORMS, HEAD_BYTES, foreign};

    #[test]
    fn a_pointer_a_pickle_and_an_archive_are_recognised() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
        assert!(foreign(&pointer[..HEAD_BYTES]).unwrap().contains("git lfs pull"));
        assert!(foreign(b"\x80\x04\x95\x00").unwrap().contains("pickle"));
        assert!(foreign(b"PK\x03\x04\x00").unwrap().contains("ZIP"));
        assert!(FORMS.iter().all(|(mark, _)| mark.len() <= HEAD_BYTES));
    }

    #[test]
    fn onnx_is_nothing_foreign() {
        assert_eq!(foreign(include_bytes!("../../../examples/models/linear/model.onnx")), None);
        assert_eq!(foreign(b""), None);
    }
}
