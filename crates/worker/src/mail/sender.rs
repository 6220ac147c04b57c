//! The way of mails: to a mail server by SMTP (RFC 5321), with TLS or without; or, for trials, into a folder.

use super::{compose::compose, templates::Templates};
use app::{
    Error, Mail, MailFrom, MailPassword, MailServer, MailWay,
    error::Code,
    messages::{Attempt, Letter},
};
use domain::{Timestamp, mail::MailSecurity};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        self, PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends mails.
pub struct Sender {
    way: Way,
    templates: Templates,
    from: Mailbox,
}

enum Way {
    /// Over a few connections that are kept, to the mail server at this place.
    Server(AsyncSmtpTransport<Tokio1Executor>, String),
    Folder(PathBuf),
}

impl Sender {
    /// A sender by these settings, with templates of this folder in the place of the own ones. Nothing is connected yet.
    ///
    /// # Errors
    /// Settings or templates that cannot be used: the error says which.
    pub fn new(mail: &Mail, templates: Option<&Path>) -> Result<Self, Error> {
        let MailFrom { name, address } = &mail.from;
        let address = address.parse().map_err(|error| wrong(format!("{address} is no mail address: {error}")))?;
        let from = Mailbox::new(name.clone(), address);
        let templates = Templates::load(templates).map_err(|error| wrong(format!("mail.templates: {error}")))?;
        let way = match &mail.way {
            MailWay::Server(server) => Way::Server(transport(server)?, format!("{}:{}", server.host, server.port)),
            MailWay::Folder(folder) => Way::Folder(folder.clone()),
        };
        Ok(Self { way, templates, from })
    }

    /// Checks that the mail server is there, can be trusted, and takes the login; or that there is the folder.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn check(&self) -> Result<(), Error> {
        let (transport, place) = match &self.way {
            Way::Server(transport, place) => (transport, place),
            Way::Folder(folder) => {
                let made = tokio::fs::create_dir_all(folder).await;
                return made.map_err(|error| wrong(format!("the folder {} takes no mails: {error}", folder.display())));
            }
        };
        let what = match transport.test_connection().await {
            Ok(true) => return Ok(()),
            Ok(false) => "it does not answer".to_owned(),
            Err(error) => in_words(&error),
        };
        Err(wrong(format!("the mail server {place} takes no messages: {what}")))
    }

    /// Sends letters to one person as one mail.
    ///
    /// # Errors
    /// Whether trying again may help, and why the mail server did not take the mail.
    pub async fn send(&self, letters: &[Letter], server_name: &str, now: Timestamp) -> Result<(), Attempt> {
        let mail = compose(letters, &self.templates, &self.from, server_name, now).map_err(Attempt::Refused)?;
        match &self.way {
            Way::Server(transport, _) => match transport.send(mail).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(Attempt::Refused(in_words(&error))),
                Err(error) => Err(Attempt::TryAgain(in_words(&error))),
            },
            Way::Folder(folder) => {
                let kept = keep(folder, letters.first().map(|letter| letter.id.to_string()).unwrap_or_default(), &mail).await;
                kept.map_err(|error| Attempt::TryAgain(format!("the file cannot be written: {error}")))
            }
        }
    }
}

/// Writes a mail into a file with the name of its id, which is there whole or not at all.
async fn keep(folder: &Path, id: String, mail: &Message) -> io::Result<()> {
    let unfinished = folder.join(format!("{id}.part"));
    tokio::fs::write(&unfinished, mail.formatted()).await?;
    tokio::fs::rename(unfinished, folder.join(format!("{id}.eml"))).await
}

/// Checks the templates of a folder, if there is one.
///
/// # Errors
/// What is wrong with which template.
pub fn check_templates(folder: Option<&Path>) -> Result<(), Error> {
    Templates::load(folder).map(|_| ()).map_err(|error| wrong(format!("mail.templates: {error}")))
}

fn wrong(what: String) -> Error {
    Error::new(Code::MailServer, what)
}

/// The way to a mail server.
fn transport(server: &MailServer) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let mut tls = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.authority {
        let read = Certificate::from_pem(pem);
        tls = tls.add_root_certificate(
            read.map_err(|error| wrong(format!("the authority of the mail server is no certificate in PEM: {error}")))?,
        );
    }
    let tls = tls.build().map_err(|error| wrong(format!("TLS for the mail server cannot be set up: {error}")))?;
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
        .port(server.port)
        .timeout(Some(PATIENCE))
        .pool_config(PoolConfig::new().max_size(4).idle_timeout(Duration::from_secs(30)))
        .tls(match server.security {
            MailSecurity::Tls => Tls::Wrapper(tls),
            MailSecurity::StartTls => Tls::Required(tls),
            MailSecurity::None => Tls::None,
        });
    if let Some((user, MailPassword(password))) = &server.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

/// What the mail server said; or else what lies behind the error, without the layers that carried it here.
fn in_words(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source().filter(|_| error.status().is_none());
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}
