//! The form of a mail: headers, and the same content as text and as HTML.
//!
//! One thread for a sign-off: each mail refers to a message that stands for the round (RFC 5322 §3.6.4). `List-Id` is that of RFC 2919, the
//! one-click `List-Unsubscribe` that of RFC 8058, and `Auto-Submitted` that of RFC 3834, so that no absence notice comes back.

use crate::words;
use app::messages::Letter;
use askama::Template;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::{Duration, SystemTime};

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlBody<'a> {
    letter: &'a Letter,
    words: &'a Words,
}

/// The words of one mail.
struct Words {
    ask: String,
    sentence: String,
    /// What somebody wrote, line by line.
    comment: Vec<String>,
    why: String,
    button: &'static str,
    facts: String,
}

impl Words {
    fn of(letter: &Letter) -> Self {
        Self {
            ask: words::ask(letter),
            sentence: words::sentence(&letter.what),
            comment: letter.what.comment.lines().map(visible).collect(),
            why: letter.expected.as_ref().map(|asked| asked.why.clone()).unwrap_or_default(),
            button: words::button(letter),
            facts: words::facts(&letter.what),
        }
    }

    /// The mail as text: paragraphs, each after an empty line.
    fn text(&self, letter: &Letter) -> String {
        let quoted: Vec<_> = self.comment.iter().map(|line| format!("> {line}")).collect();
        let paragraphs = [
            self.ask.clone(),
            self.sentence.clone(),
            quoted.join("\n"),
            self.why.clone(),
            format!("{}:\n{}", self.button, letter.what.link),
            self.facts.clone(),
            format!("-- \nYou get this mail from Countersign, as {}.\nEnd these mails: {}", letter.to, letter.unsubscribe),
        ];
        paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n") + "\n"
    }
}

/// A line without the characters that a terminal would act on.
fn visible(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).collect()
}

/// The mail that carries a letter.
///
/// # Errors
/// In words: an address that is none.
pub(super) fn compose(letter: &Letter, from: &Mailbox, server_name: &str) -> Result<Message, String> {
    let address = letter.address.parse().map_err(|error| format!("the mail address {} is none: {error}", letter.address))?;
    let to = Mailbox::new(Some(letter.to.to_string()), address);
    let words = Words::of(letter);
    let text = words.text(letter);
    let html = HtmlBody { letter, words: &words }.render().map_err(|error| error.to_string())?;
    let domain = domain(server_name);
    let date = SystemTime::UNIX_EPOCH + Duration::from_micros(letter.what.at.micros().try_into().unwrap_or_default());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(words::subject(&letter.what))
        .date(date)
        .message_id(Some(format!("<{}@{domain}>", letter.id)));
    if let (Some(version), Some((step, round))) = (&letter.what.version, &letter.what.sign_off) {
        let thread = format!("<{}.{}.{}.{step}.{round}@{domain}>", version.project, version.model, version.number);
        builder = builder.in_reply_to(thread.clone()).references(thread);
    }
    let body = MultiPart::alternative_plain_html(text, html);
    let mut message = builder.multipart(body).map_err(|error| error.to_string())?;
    let list = match (&letter.what.version, &letter.what.infrastructure) {
        (Some(version), _) => format!("{}.{}", version.model, version.project),
        (None, Some(infrastructure)) => infrastructure.to_string(),
        (None, None) => "countersign".to_owned(),
    };
    for (name, value) in [
        ("List-Id", format!("<{list}.{domain}>")),
        ("List-Unsubscribe", format!("<{}>", letter.unsubscribe)),
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
