//! The headers of a file that a client saves.

use super::digest_header;
use app::{Error, views::FileView};
use axum::http::{HeaderMap, HeaderValue, header};
use std::fmt::Write;

/// The headers for the content of a version's file.
///
/// # Errors
/// A digest that fits into no header, which does not happen.
pub(crate) fn file_headers(file: &FileView) -> Result<HeaderMap, Error> {
    let value = |text: String| HeaderValue::try_from(text).map_err(Error::internal);
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
        (header::CONTENT_DISPOSITION, value(attachment(&file.name))?),
        digest_header(&file.sha256)?,
        (header::ETAG, value(format!("\"{}\"", file.sha256))?),
    ]))
}

/// The `Content-Disposition` (RFC 6266) of a file to be saved under the last part of its name: once for all readers in harmless
/// ASCII, and once as it is, percent-encoded (RFC 8187).
fn attachment(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a String does not fail
        }
    }
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("model.onnx"), "attachment; filename=\"model.onnx\"; filename*=UTF-8''model.onnx");
        assert_eq!(attachment("a/b/größe.txt"), "attachment; filename=\"gr__e.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt");
        assert_eq!(attachment("x\";y='\r\n"), "attachment; filename=\"x__y____\"; filename*=UTF-8''x%22%3By%3D%27%0D%0A");
    }
}
