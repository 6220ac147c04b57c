//! Mail from the settings. What cannot work is refused at the start, and not with the first message.

use super::{
    keys::{self, Key},
    settings::Settings,
};
use crate::failure::Failure;
use app::{Mail, MailPassword, MailSecurity, MailServer, MailWay, Morning};
use std::path::PathBuf;

/// How mails leave the server; none where neither a mail server nor a folder is named.
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
            let of_mail = |key: &&Key| key.name.starts_with("mail.");
            return match keys::ALL.iter().filter(of_mail).find(|key| settings.has(key)) {
                Some(key) => Err(Failure::usage(format!("{} is set, but {} is not", key.name, keys::MAIL_SERVER.name))),
                None => Ok(None),
            };
        }
    };
    let needs_from =
        || Failure::usage(format!("{} needs mail.from as well", if server.is_some() { "mail.server" } else { "mail.folder" }));
    let from = settings.text(&keys::MAIL_FROM).ok_or_else(needs_from)?;
    let (at, zone): (String, String) = (settings.get(&keys::MAIL_DIGEST_AT)?, settings.get(&keys::MAIL_TIME_ZONE)?);
    let morning = Morning::new(&at, &zone).map_err(|error| Failure::usage(format!("mail.digest_at, mail.time_zone: {error}")))?;
    let templates = settings.text(&keys::MAIL_TEMPLATES).map(PathBuf::from);
    let mail = Mail { way, from: from.to_owned(), morning, templates };
    worker::mail::Sender::new(&mail).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Some(mail))
}

/// The mail server at this place.
fn server_at(place: &str, settings: &Settings) -> Result<MailServer, Failure> {
    let no_place =
        || Failure::usage(format!("mail.server: `{}` is no HOST:PORT, like mail.example.org:587", place.escape_debug()));
    let (host, port) = place.rsplit_once(':').filter(|(host, _)| !host.is_empty()).ok_or_else(no_place)?;
    let port = port.parse().map_err(|_| no_place())?;
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
    Ok(MailServer { host: host.to_owned(), port, security, login, authority: authority.transpose()? })
}
