//! The form of a mail: headers, and the same content as text and as HTML.
//!
//! One thread for a sign-off: each mail refers to a message that stands for the round (RFC 5322 §3.6.4). `List-Id` is that of RFC 2919, the
//! one-click `List-Unsubscribe` that of RFC 8058, and `Auto-Submitted` that of RFC 3834, so that no absence notice comes back.

use super::{
    content::{DigestContent, LetterContent},
    templates::Templates,
};
use app::messages::Letter;
use domain::Timestamp;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::{Duration, SystemTime};

/// The mail that carries letters to one person: about one thing in its thread, or gathering several.
///
/// # Errors
/// In words: an address that is none, a template that does not work, no letter.
pub(super) fn compose(
    letters: &[Letter],
    templates: &Templates,
    from: &Mailbox,
    server_name: &str,
    now: Timestamp,
) -> Result<Message, String> {
    let Some(first) = letters.first() else { return Err("there is nothing to tell".to_owned()) };
    let address = first.address.parse().map_err(|error| format!("the mail address {} is none: {error}", first.address))?;
    let to = Mailbox::new(Some(first.to.to_string()), address);
    let written = match letters {
        [letter] => templates.letter(&LetterContent::of(letter))?,
        _ => templates.digest(&DigestContent::of(letters))?,
    };
    let domain = domain(server_name);
    let date = SystemTime::UNIX_EPOCH + Duration::from_micros(now.micros().try_into().unwrap_or_default());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(written.subject)
        .date(date)
        .message_id(Some(format!("<{}@{domain}>", first.id)));
    if let ([_], Some(version), Some((step, round))) = (letters, &first.what.version, &first.what.sign_off) {
        let thread = format!("<{}.{}.{}.{step}.{round}@{domain}>", version.project, version.model, version.number);
        builder = builder.in_reply_to(thread.clone()).references(thread);
    }
    let body = MultiPart::alternative_plain_html(written.text, written.html);
    let mut message = builder.multipart(body).map_err(|error| error.to_string())?;
    let list = match (letters, &first.what.version, &first.what.infrastructure) {
        ([_], Some(version), _) => format!("{}.{}", version.model, version.project),
        ([_], None, Some(infrastructure)) => infrastructure.to_string(),
        _ => "countersign".to_owned(),
    };
    for (name, value) in [
        ("List-Id", format!("<{list}.{domain}>")),
        ("List-Unsubscribe", format!("<{}>", first.unsubscribe)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
    ] {
        let name = HeaderName::new_from_ascii_str(name);
        message.headers_mut().insert_raw(HeaderValue::new(name, value));
    }
    Ok(message)
}

/// The right half of ids: the server's name, where it can stand there.
fn domain(server_name: &str) -> &str {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !server_name.is_empty() && server_name.chars().all(fits) { server_name } else { "countersign.invalid" }
}
