//! A form with files, read as it arrives: its texts are short and held, its files are streams of any length.

use super::{Failure, body};
use app::{Error, error::Code};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use domain::NextStep;
use futures_util::{Stream, StreamExt};
use multer::{Field, Multipart};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

/// The parts of a form, in the order in which the browser sends them.
pub(crate) struct FormParts {
    parts: Multipart<'static>,
    /// How many bytes of text the rest of the form may bring.
    room: usize,
}

/// A part of a form.
pub(crate) enum FormPart {
    /// A field, and what was typed.
    Text(String, String),
    /// A file that was chosen.
    File(Box<FilePart>),
}

/// A file of a form, on its way.
pub(crate) struct FilePart {
    /// The field in which it was chosen.
    pub(crate) field: String,
    /// Its name, with the folders above it if a whole folder was chosen.
    pub(crate) name: String,
    content: Field<'static>,
}

impl FormParts {
    /// The parts of a body.
    ///
    /// # Errors
    /// A body that is no form with files.
    pub(crate) fn of(headers: &HeaderMap, body: Body) -> Result<Self, Failure> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(media_type).map_err(|_| {
            let message = "a body must be that of a form with files, with `Content-Type: multipart/form-data`";
            Error::new(Code::UnsupportedMediaType, message)
        })?;
        let (_, chunks) = body::chunks(headers, body);
        Ok(Self { parts: Multipart::new(chunks, boundary), room: body::JSON_LIMIT })
    }

    /// The next part. What is left of a file before it is passed over.
    ///
    /// # Errors
    /// A body that breaks off or is no form; more text than a form may bring.
    pub(crate) async fn next(&mut self) -> Result<Option<FormPart>, Failure> {
        let Some(part) = self.parts.next_field().await.map_err(broken)? else { return Ok(None) };
        let field = part.name().unwrap_or_default().to_owned();
        if let Some(name) = part.file_name().map(str::to_owned) {
            return Ok(Some(FormPart::File(Box::new(FilePart { field, name, content: part }))));
        }
        let text = held(part, &mut self.room).await?;
        if text.contains('\0') {
            return Err(Error::invalid(field, "a text may not contain the character NUL").into());
        }
        Ok(Some(FormPart::Text(field, text)))
    }
}

impl FilePart {
    /// Its whole content as text, for a small file.
    ///
    /// # Errors
    /// More bytes than a form's texts may have; a body that breaks off.
    pub(crate) async fn text(self) -> Result<String, Failure> {
        held(self.content, &mut { body::JSON_LIMIT }).await
    }
}

impl Stream for FilePart {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.content.poll_next_unpin(context).map_err(io::Error::other)
    }
}

async fn held(mut part: Field<'static>, room: &mut usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        *room = room.checked_sub(chunk.len()).ok_or_else(|| {
            let message = format!("the texts of a form may have {} bytes together", body::JSON_LIMIT);
            Error::new(Code::BodyTooLarge, message).next(NextStep::SendLess)
        })?;
        bytes.extend_from_slice(&chunk);
    }
    let field = part.name().unwrap_or_default().to_owned();
    String::from_utf8(bytes).map_err(|_| Error::invalid(field, "this is no text in UTF-8").into())
}

fn broken(error: multer::Error) -> Failure {
    Error::new(Code::BodyBrokenOff, format!("the form broke off: {error}")).next(NextStep::SendAgain).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> FormParts {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "multipart/form-data; boundary=xx".parse().unwrap())]);
        FormParts::of(&headers, Body::from(body.replace('\n', "\r\n"))).unwrap_or_else(|_| unreachable!("a form"))
    }

    #[tokio::test]
    async fn texts_and_files_come_in_order_and_a_file_may_be_left_unread() {
        let mut parts = parts(
            "--xx\nContent-Disposition: form-data; name=\"notes\"\n\nhello\n--xx\n\
             Content-Disposition: form-data; name=\"files\"; filename=\"a/model.onnx\"\n\nbytes\n--xx\n\
             Content-Disposition: form-data; name=\"go\"\n\nregister\n--xx--\n",
        );
        let text = |part: Option<FormPart>| match part {
            Some(FormPart::Text(field, text)) => format!("{field}={text}"),
            Some(FormPart::File(file)) => format!("{}:{}", file.field, file.name),
            None => "end".to_owned(),
        };
        for expected in ["notes=hello", "files:a/model.onnx", "go=register", "end"] {
            assert_eq!(text(parts.next().await.unwrap_or(None)), expected);
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_or_is_none_is_refused() {
        let mut cut = parts("--xx\nContent-Disposition: form-data; name=\"notes\"\n\nhel");
        assert_eq!(cut.next().await.err().map(|failure| failure.code()), Some("body_broken_off"));
        let refused = FormParts::of(&HeaderMap::new(), Body::empty()).err();
        assert_eq!(refused.map(|failure| failure.code()), Some("unsupported_media_type"));
        let long =
            format!("--xx\nContent-Disposition: form-data; name=\"notes\"\n\n{}\n--xx--\n", "a".repeat(body::JSON_LIMIT + 1));
        assert_eq!(parts(&long).next().await.err().map(|failure| failure.code()), Some("body_too_large"));
    }
}
