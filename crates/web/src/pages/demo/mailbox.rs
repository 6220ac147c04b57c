//! The demo's mailbox: the mails of everybody, which go into a folder instead of to a mail server.

use super::visitor::{OnThisMachine, shell};
use crate::{
    http::{Demo, Failure, FromPath, Routes, StrictPath, Web, parameter},
    pages::{
        parts,
        shell::{CONTENT_SECURITY_POLICY, Shell, Visit},
    },
    urls::pages as paths,
};
use app::Error;
use askama::Template;
use axum::{
    extract::{Query, RawPathParams, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{MessageId, Timestamp};
use mail_parser::MessageParser;
use std::{collections::HashMap, path::Path};

/// What a browser may do with the HTML of a mail: show it, and open links elsewhere. Mails have their styles within.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation";

/// How many mails are shown.
const MOST: usize = 200;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::MAILBOX, list).get(paths::MAILBOX_MAIL, show).get(paths::MAILBOX_HTML, html)
}

/// The id of a mail, in an address.
struct MailPath(MessageId);

impl FromPath for MailPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        let id: String = parameter(parameters, "mail")?;
        id.parse().map(Self).map_err(|_| Error::not_found("mail", &id))
    }
}

/// A mail of the folder.
struct Mail {
    id: String,
    to: String,
    address: String,
    subject: String,
    at: Timestamp,
    /// The first line, which says what is asked.
    ask: String,
    text: String,
    html: String,
    /// Headers that people ask for, as they stand in the mail.
    headers: Vec<(&'static str, String)>,
}

/// A person who got mails, and how many.
struct Receiver {
    to: String,
    address: String,
    count: usize,
}

#[derive(Template)]
#[template(path = "demo/mails.html")]
struct MailboxPage<'a> {
    shell: &'a Shell,
    mails: Vec<Mail>,
    receivers: Vec<Receiver>,
    /// Whose mails are shown; empty for everybody's.
    of: &'a str,
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct MailPage<'a> {
    shell: &'a Shell,
    mail: Mail,
    /// The account of the recipient, and the page to which the mail leads.
    go: Option<(String, String)>,
}

async fn list(
    State(web): State<Web>,
    _: OnThisMachine,
    headers: HeaderMap,
    visit: Result<Visit, Failure>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let shell = shell(&web, &headers, visit);
    let all = read_all(&demo(&web)?.mails).await?;
    let mut receivers: Vec<Receiver> = Vec::new();
    for mail in &all {
        match receivers.iter_mut().find(|receiver| receiver.address == mail.address) {
            Some(receiver) => receiver.count += 1,
            None => receivers.push(Receiver { to: mail.to.clone(), address: mail.address.clone(), count: 1 }),
        }
    }
    receivers.sort_by(|one, other| one.to.cmp(&other.to));
    let of = query.get("to").map(String::as_str).unwrap_or_default();
    let mails = all.into_iter().filter(|mail| of.is_empty() || mail.address == of).take(MOST).collect();
    shell.page(StatusCode::OK, &MailboxPage { shell: &shell, mails, receivers, of })
}

async fn show(
    State(web): State<Web>,
    _: OnThisMachine,
    headers: HeaderMap,
    visit: Result<Visit, Failure>,
    StrictPath(MailPath(id)): StrictPath<MailPath>,
) -> Result<Response, Failure> {
    let shell = shell(&web, &headers, visit);
    let demo = demo(&web)?;
    let mail = read_one(&demo.mails, id).await?;
    let receiver = demo.personas.iter().find(|persona| persona.name == mail.to).map(|persona| persona.account.to_string());
    let page = mail.text.lines().find_map(|line| line.strip_prefix(web.urls.origin())).map(str::to_owned);
    let mut answer = shell.page(StatusCode::OK, &MailPage { shell: &shell, mail, go: receiver.zip(page) })?;
    let policy = format!("{CONTENT_SECURITY_POLICY}; frame-src 'self'");
    let policy = HeaderValue::try_from(policy).map_err(Error::internal)?;
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

/// The HTML alternative, as a mail client shows it.
async fn html(
    State(web): State<Web>,
    _: OnThisMachine,
    StrictPath(MailPath(id)): StrictPath<MailPath>,
) -> Result<Response, Failure> {
    let mail = read_one(&demo(&web)?.mails, id).await?;
    // Links of a mail open beside it.
    let html = mail.html.replace("<head>", "<head><base target=\"_top\">");
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, html).into_response())
}

fn demo(web: &Web) -> Result<&Demo, Error> {
    web.options.demo.as_deref().ok_or_else(|| Error::not_found("demo", ""))
}

/// Every mail of the folder, the newest first. A folder that is not there yet is empty.
async fn read_all(folder: &Path) -> Result<Vec<Mail>, Error> {
    let mut mails = Vec::new();
    let Ok(mut files) = tokio::fs::read_dir(folder).await else { return Ok(mails) };
    while let Some(file) = files.next_entry().await.map_err(Error::internal)? {
        let path = file.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        if let (Some(id), Some("eml")) = (id, path.extension().and_then(|extension| extension.to_str())) {
            mails.push(read_one(folder, id).await?);
        }
    }
    mails.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    Ok(mails)
}

async fn read_one(folder: &Path, id: MessageId) -> Result<Mail, Error> {
    let bytes = tokio::fs::read(folder.join(format!("{id}.eml"))).await;
    let bytes = bytes.map_err(|_| Error::not_found("mail", id.to_string()))?;
    let mail = MessageParser::default().parse(&bytes).ok_or_else(|| Error::internal("a mail of the demo cannot be read"))?;
    let recipient = mail.to().and_then(|to| to.first());
    let name = recipient.and_then(|to| to.name()).unwrap_or_default().to_owned();
    let address = recipient.and_then(|to| to.address()).unwrap_or_default().to_owned();
    let text = mail.body_text(0).unwrap_or_default().into_owned();
    let source = String::from_utf8_lossy(&bytes);
    let header = |wanted: &'static str| {
        let lines = source.lines().take_while(|line| !line.is_empty());
        let mut found = lines.filter_map(|line| line.split_once(": ")).filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| (wanted, value.to_owned()))
    };
    let headers = ["Message-ID", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"];
    Ok(Mail {
        id: id.to_string(),
        to: if name.is_empty() { address.clone() } else { name },
        address,
        subject: mail.subject().unwrap_or_default().to_owned(),
        at: mail.date().map(|at| Timestamp::from_micros(at.to_timestamp() * 1_000_000)).unwrap_or(Timestamp::from_micros(0)),
        ask: text.lines().next().unwrap_or_default().to_owned(),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        text,
        headers: headers.into_iter().filter_map(header).collect(),
    })
}

impl MailboxPage<'_> {
    fn of(&self, address: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", address).finish();
        format!("{}?{query}", self.shell.at.mailbox())
    }

    fn shows(&self, address: &str) -> bool {
        self.of == address
    }

    fn asks(&self, mail: &Mail) -> bool {
        mail.ask.starts_with("Your answer is needed")
    }
}
