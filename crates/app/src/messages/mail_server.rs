//! The mail server that administrators choose. Where the configuration names a way of mails, that way holds and nobody chooses.

use crate::{
    Error, Mail, MailFrom, MailServer, MailWay, Morning, OpContext,
    base::error::Code,
    change::{self, Subject},
    views::{self, MailSource, SetMailServerRequest},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    NextStep,
    access::{Action, Scope},
    event::Event,
    mail::MailSecurity,
};
use store::MailSettings;

/// The longest user name, password or sender.
const LONGEST: usize = 1024;

/// The longest list of certificates, in bytes.
const LONGEST_AUTHORITY: usize = 64 * 1024;

/// How mails leave the server. Nobody is shown the password.
///
/// # Errors
/// Neither an administrator nor an auditor.
pub async fn show(op: &OpContext) -> Result<views::MailServer, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::ReadAudit)?;
    if let Some(mail) = &op.settings.mail {
        return Ok(configured(mail));
    }
    let chosen = op.read().await?.mail_settings().await?;
    Ok(chosen.map_or_else(views::MailServer::none, |chosen| of(&chosen)))
}

/// Chooses the mail server. Without a password the known one is kept, for the host, port, protection, authority and user
/// name that it was given for.
///
/// # Errors
/// Not an administrator; the configuration names a way of mails; what no mail server can have; a password that must be given again.
pub async fn set(op: &OpContext, request: SetMailServerRequest) -> Result<views::MailServer, Error> {
    op.needs(Scope::Administer)?;
    op.allow(Action::KeepMail)?;
    let wanted = checked(op, &request)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepMail)?;
    let before = tx.mail_settings().await?;
    let mut after = MailSettings {
        revision: before.as_ref().map_or(1, |before| before.revision + 1),
        created_at: before.as_ref().map_or(op.now, |before| before.created_at),
        ..wanted
    };
    after.password = password(op, &request, before.as_ref(), &after)?;
    if let Some(before) = before.as_ref().filter(|before| MailSettings { revision: before.revision, ..after.clone() } == **before)
    {
        return Ok(of(before));
    }
    match &before {
        Some(_) => tx.update(&after).await?,
        None => tx.insert(&after).await?,
    }
    let event = Event::MailSet {
        host: after.host.clone(),
        port: after.port.try_into().unwrap_or_default(),
        security: after.security,
        username: after.username.clone(),
        new_password: after.password != before.and_then(|before| before.password),
        own_authority: after.authority.is_some(),
        from: after.sender.clone(),
        digest_at: after.digest_at.clone(),
        time_zone: after.time_zone.clone(),
    };
    change::record(op, &mut tx, Subject::Instance, event).await?;
    tx.commit().await?;
    Ok(of(&after))
}

/// Takes the mail server away: nobody gets a mail, and what waits goes on to wait.
///
/// # Errors
/// Not an administrator; the configuration names a way of mails; there is no mail server.
pub async fn remove(op: &OpContext) -> Result<(), Error> {
    op.needs(Scope::Administer)?;
    op.allow(Action::KeepMail)?;
    not_configured(op)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepMail)?;
    let missing = || Error::new(Code::MailNotSetUp, "no mail server is set up").next(NextStep::SetUpMail);
    let settings = tx.mail_settings().await?.ok_or_else(missing)?;
    tx.delete(&settings).await?;
    change::record(op, &mut tx, Subject::Instance, Event::MailRemoved {}).await?;
    Ok(tx.commit().await?)
}

fn not_configured(op: &OpContext) -> Result<(), Error> {
    match &op.settings.mail {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Code::MailConfigured,
            "the server's configuration says how mails leave the server, so nobody chooses it here",
        )),
    }
}

/// What the request asks for, without the password.
fn checked(op: &OpContext, request: &SetMailServerRequest) -> Result<MailSettings, Error> {
    not_configured(op)?;
    let (host, port) = MailServer::place(request.server.trim()).map_err(|error| Error::invalid("/server", error))?;
    let from: MailFrom = request.from.parse().map_err(|error: String| Error::invalid("/from", error))?;
    let (digest_at, time_zone) = (request.digest_at.trim(), request.time_zone.trim());
    Morning::new(digest_at, time_zone).map_err(|error| Error::invalid("/digest_at", error))?;
    let short = |pointer: &str, text: &str| match text.len() <= LONGEST && !text.contains(char::is_control) {
        true => Ok(()),
        false => Err(Error::invalid(pointer, format!("use up to {LONGEST} characters, and no control characters"))),
    };
    short("/username", request.username.as_deref().unwrap_or_default())?;
    short("/password", request.password.as_deref().unwrap_or_default())?;
    short("/from", &request.from)?;
    let username = request.username.clone().filter(|username| !username.is_empty());
    if username.is_some() && request.security == MailSecurity::None {
        return Err(Error::invalid("/security", "without TLS the password would travel unencrypted: choose starttls or tls"));
    }
    let authority = request.authority.as_deref().map(str::trim).filter(|authority| !authority.is_empty());
    if authority.is_some_and(|pem| pem.len() > LONGEST_AUTHORITY || !are_certificates(pem)) {
        let message = format!(
            "paste certificates in PEM, {} KiB or less: they begin with -----BEGIN CERTIFICATE-----",
            LONGEST_AUTHORITY / 1024
        );
        return Err(Error::invalid("/authority", message));
    }
    Ok(MailSettings {
        number: MailSettings::NUMBER,
        host,
        port: port.into(),
        security: request.security,
        username,
        password: None,
        authority: authority.map(str::to_owned),
        sender: from.to_string(),
        digest_at: digest_at.to_owned(),
        time_zone: time_zone.to_owned(),
        revision: 0,
        created_at: op.now,
    })
}

/// Whether a text is certificates in PEM (RFC 7468): each begins and ends, and holds DER between. Whether a server's certificate comes from one
/// of them shows with the first mail.
fn are_certificates(pem: &str) -> bool {
    let mut blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1).peekable();
    blocks.peek().is_some()
        && blocks.all(|block| {
            let Some((body, _)) = block.split_once("-----END CERTIFICATE-----") else { return false };
            let body: String = body.split_whitespace().collect();
            BASE64_STANDARD.decode(body).is_ok_and(|der| der.first() == Some(&0x30))
        })
}

/// The password, encrypted: a new one, or the known one where it is for the same use.
fn password(
    op: &OpContext,
    request: &SetMailServerRequest,
    before: Option<&MailSettings>,
    after: &MailSettings,
) -> Result<Option<Vec<u8>>, Error> {
    let new = request.password.as_deref().filter(|password| !password.is_empty());
    match (&after.username, new) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Error::invalid("/username", "a password needs its user name")),
        (Some(_), Some(new)) => Ok(Some(op.keys.credentials.keep_mail_password(after, new, op.entropy.bytes()))),
        (Some(_), None) => {
            let kept = before.and_then(|before| before.password.clone());
            let known = MailSettings { password: kept.clone(), ..after.clone() };
            let opens = kept.is_some() && op.keys.credentials.mail_password(&known).is_ok();
            let message = "give the password: the server knows none for this mail server, protection, authority and user name";
            if opens { Ok(kept) } else { Err(Error::invalid("/password", message)) }
        }
    }
}

/// `HOST:PORT`, as somebody wrote it.
fn place(host: &str, port: u64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn of(settings: &MailSettings) -> views::MailServer {
    views::MailServer {
        source: MailSource::Administrators,
        server: Some(place(&settings.host, settings.port)),
        folder: None,
        security: Some(settings.security),
        username: settings.username.clone(),
        authority: settings.authority.clone(),
        from: Some(settings.sender.clone()),
        digest_at: Some(settings.digest_at.clone()),
        time_zone: Some(settings.time_zone.clone()),
    }
}

fn configured(mail: &Mail) -> views::MailServer {
    let server = match &mail.way {
        MailWay::Server(server) => Some(server),
        MailWay::Folder(_) => None,
    };
    let folder = match &mail.way {
        MailWay::Folder(folder) => Some(folder.display().to_string()),
        MailWay::Server(_) => None,
    };
    views::MailServer {
        source: MailSource::Configuration,
        server: server.map(|server| place(&server.host, server.port.into())),
        folder,
        security: server.map(|server| server.security),
        username: server.and_then(|server| server.login.clone()).map(|(username, _)| username),
        authority: server.and_then(|server| server.authority.clone()).map(|pem| String::from_utf8_lossy(&pem).into_owned()),
        from: Some(mail.from.to_string()),
        digest_at: Some(mail.morning.time()),
        time_zone: Some(mail.morning.zone().to_owned()),
    }
}
