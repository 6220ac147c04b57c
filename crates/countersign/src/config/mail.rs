//! Mail from the settings. What cannot work is refused at the start, and not with the first message.

use super::{
    keys::{self, Key},
    settings::Settings,
};
use crate::failure::Failure;
use app::{Mail, MailFrom, MailPassword, MailServer, MailWay, Morning};
use domain::mail::MailSecurity;
use std::path::PathBuf;

/// The folder with templates of mails, if there is one. Templates that cannot be used are refused.
///
/// # Errors
/// What is wrong with which template.
pub(super) fn templates(settings: &Settings) -> Result<Option<PathBuf>, Failure> {
    let folder = settings.text(&keys::MAIL_TEMPLATES).map(PathBuf::from);
    worker::mail::check_templates(folder.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(folder)
}

/// How mails leave the server; none where neither a mail server nor a folder is named: then administrators choose.
///
/// # Errors
/// A setting that is missing, or that does not go with the others.
pub(super) fn mail(settings: &Settings) -> Result<Option<Mail>, Failure> {
    let (server, folder) = (settings.text(&keys::MAIL_SERVER), settings.text(&keys::MAIL_FOLDER));
    let way = match (server, folder) {
        (Some(place), None) => MailWay::Server(server_at(place, settings)?),
        (None, Some(folder)) => MailWay::Folder(PathBuf::from(folder)),
        (Some(_), Some(_)) => return Err(Failure::usage("mail.server and mail.folder are both set: mails take one way")),
        (None, None) => {
            let of_mail = |key: &&Key| key.name.starts_with("mail.") && key.name != keys::MAIL_TEMPLATES.name;
            return match keys::ALL.iter().filter(of_mail).find(|key| settings.has(key)) {
                Some(key) => Err(Failure::usage(format!("{} is set, but {} is not", key.name, keys::MAIL_SERVER.name))),
                None => Ok(None),
            };
        }
    };
    let needs_from =
        || Failure::usage(format!("{} needs mail.from as well", if server.is_some() { "mail.server" } else { "mail.folder" }));
    let from = settings.text(&keys::MAIL_FROM).ok_or_else(needs_from)?;
    let from: MailFrom = from.parse().map_err(|error| Failure::usage(format!("mail.from: {error}")))?;
    let (at, zone): (String, String) = (settings.get(&keys::MAIL_DIGEST_AT)?, settings.get(&keys::MAIL_TIME_ZONE)?);
    let morning = Morning::new(&at, &zone).map_err(|error| Failure::usage(format!("mail.digest_at, mail.time_zone: {error}")))?;
    let mail = Mail { way, from, morning };
    worker::mail::Sender::new(&mail, None).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Some(mail))
}

/// The mail server at this place.
fn server_at(place: &str, settings: &Settings) -> Result<MailServer, Failure> {
    let (host, port) = MailServer::place(place).map_err(|error| Failure::usage(format!("mail.server: {error}")))?;
    let security: MailSecurity = settings.get(&keys::MAIL_SECURITY)?;
    let (username, password) = (settings.text(&keys::MAIL_USERNAME), settings.secret(&keys::MAIL_PASSWORD)?);
    let login = match (username, password) {
        (Some(username), Some(password)) => Some((username.to_owned(), MailPassword(password))),
        (None, None) => None,
        _ => return Err(Failure::usage("mail.username and mail.password belong together: set both, or neither")),
    };
    if login.is_some() && security == MailSecurity::None {
        return Err(Failure::usage("mail.security is none, so mail.password would travel unencrypted: set starttls or tls"));
    }
    let authority = settings.text(&keys::MAIL_AUTHORITY_FILE).map(|file| {
        std::fs::read(file).map_err(|error| Failure::usage(format!("mail.authority_file: {file} cannot be read: {error}")))
    });
    Ok(MailServer { host, port, security, login, authority: authority.transpose()? })
}
