//! The way to the mail server: SMTP (RFC 5321), with TLS or without.

use super::compose::compose;
use app::{
    Error, MailPassword, MailSecurity, MailServer,
    error::Code,
    messages::{Attempt, Letter},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        self, PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{error::Error as _, time::Duration};

/// How long the mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends mails over a few connections that it keeps.
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    place: String,
}

impl Sender {
    /// A sender for this mail server. Nothing is connected yet.
    ///
    /// # Errors
    /// Settings that cannot be used: the error says which.
    pub fn new(server: &MailServer) -> Result<Self, Error> {
        let wrong = |what: String| Error::new(Code::MailServer, what);
        let from = server.from.parse().map_err(|error| wrong(format!("mail.from is no mail address: {error}")))?;
        let mut tls = TlsParameters::builder(server.host.clone());
        if let Some(pem) = &server.authority {
            let read = Certificate::from_pem(pem);
            tls = tls
                .add_root_certificate(read.map_err(|error| wrong(format!("mail.authority_file holds no certificate: {error}")))?);
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
        Ok(Self { transport: builder.build(), from, place: format!("{}:{}", server.host, server.port) })
    }

    /// Checks that the mail server is there, can be trusted, and takes the login.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn check(&self) -> Result<(), Error> {
        let what = match self.transport.test_connection().await {
            Ok(true) => return Ok(()),
            Ok(false) => "it does not answer".to_owned(),
            Err(error) => in_words(&error),
        };
        Err(Error::new(Code::MailServer, format!("the mail server {} takes no messages: {what}", self.place)))
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// Whether trying again may help, and why the mail server did not take the letter.
    pub async fn send(&self, letter: &Letter, server_name: &str) -> Result<(), Attempt> {
        let mail = compose(letter, &self.from, server_name).map_err(Attempt::Refused)?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Attempt::Refused(in_words(&error))),
            Err(error) => Err(Attempt::TryAgain(in_words(&error))),
        }
    }
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
