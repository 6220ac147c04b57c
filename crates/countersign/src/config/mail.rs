//! The mail server from the settings. What cannot work is refused at the start, and not with the first message.

use super::{
    keys::{self, Key},
    settings::Settings,
};
use crate::failure::Failure;
use app::{MailPassword, MailSecurity, MailServer};

/// The mail server; none where none is named.
///
/// # Errors
/// A setting that is missing, or that does not go with the others.
pub(super) fn server(settings: &Settings) -> Result<Option<MailServer>, Failure> {
    let Some(place) = settings.text(&keys::MAIL_SERVER) else {
        let of_mail = |key: &&Key| key.name.starts_with("mail.") && key.name != keys::MAIL_SERVER.name;
        return match keys::ALL.iter().filter(of_mail).find(|key| settings.has(key)) {
            Some(key) => Err(Failure::usage(format!("{} is set, but {} is not", key.name, keys::MAIL_SERVER.name))),
            None => Ok(None),
        };
    };
    let no_place =
        || Failure::usage(format!("mail.server: `{}` is no HOST:PORT, like mail.example.org:587", place.escape_debug()));
    let (host, port) = place.rsplit_once(':').filter(|(host, _)| !host.is_empty()).ok_or_else(no_place)?;
    let port = port.parse().map_err(|_| no_place())?;
    let from = settings.text(&keys::MAIL_FROM).ok_or_else(|| Failure::usage("mail.server needs mail.from as well"))?;
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
    let server =
        MailServer { host: host.to_owned(), port, security, login, from: from.to_owned(), authority: authority.transpose()? };
    worker::mail::Sender::new(&server).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Some(server))
}
