//! How messages leave the server: as the configuration says, or else as administrators chose.

use super::{
    error::Kind,
    mail::{Mail, MailPassword, MailServer, MailWay},
    morning::Morning,
};
use crate::{Error, Server};
use std::sync::Arc;
use store::MailSettings;

impl Server {
    /// How messages leave the server: as the configuration says, or else as administrators chose. None: nobody gets a message.
    ///
    /// # Errors
    /// When the database does not answer; a password that the server cannot read, because another key encrypted it.
    pub async fn mail(&self) -> Result<Option<Mail>, Error> {
        if let Some(mail) = &self.settings.mail {
            return Ok(Some(mail.clone()));
        }
        let Some(chosen) = self.chosen_mail().await? else { return Ok(None) };
        let broken = |error: String| Error::internal(format!("the mail server that administrators chose: {error}"));
        let from = chosen.sender.parse().map_err(broken)?;
        let morning = Morning::new(&chosen.digest_at, &chosen.time_zone).map_err(broken)?;
        let port = chosen.port.try_into().map_err(|_| broken("its port is none".to_owned()))?;
        let login = match &chosen.username {
            Some(username) => {
                let password = self.keys.credentials.mail_password(&chosen)?;
                Some((username.clone(), MailPassword(password)))
            }
            None => None,
        };
        let authority = chosen.authority.clone().map(String::into_bytes);
        let way = MailWay::Server(MailServer { host: chosen.host.clone(), port, security: chosen.security, login, authority });
        Ok(Some(Mail { way, from, morning }))
    }

    /// Whether mail is set up. A row that somebody altered counts as set up: then messages wait, and the job that sends them says
    /// what is wrong.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sends_mail(&self) -> Result<bool, Error> {
        if self.settings.mail.is_some() {
            return Ok(true);
        }
        match self.chosen_mail().await {
            Ok(chosen) => Ok(chosen.is_some()),
            Err(error) if error.kind() == Kind::Internal => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// When gathered mails go out; none where mail is not set up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn morning(&self) -> Result<Option<Morning>, Error> {
        if let Some(mail) = &self.settings.mail {
            return Ok(Some(mail.morning.clone()));
        }
        let chosen = match self.chosen_mail().await {
            Err(error) if error.kind() == Kind::Internal => return Ok(Some(Morning::default())),
            chosen => chosen?,
        };
        Ok(chosen.map(|chosen| Morning::new(&chosen.digest_at, &chosen.time_zone).unwrap_or_default()))
    }

    /// What administrators chose, as of now.
    async fn chosen_mail(&self) -> Result<Option<Arc<MailSettings>>, Error> {
        let size = self.cache.log_size(&self.store).await?;
        if let Some(known) = self.cache.mail(size) {
            return Ok(known);
        }
        let chosen = self.store.read().await?.mail_settings().await?.map(Arc::new);
        self.cache.keep_mail(size, chosen.clone());
        Ok(chosen)
    }
}
