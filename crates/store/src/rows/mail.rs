//! The mail server that administrators chose.

use crate::{Reader, StoreError, query::queries, record::table};
use domain::{Timestamp, mail::MailSecurity};

table! {
    /// The mail server that administrators chose, and how it is used. There is one row, or none.
    MailSettings in "mail_settings" [1] {
        /// Always [`MailSettings::NUMBER`].
        number: u64,
        /// The mail server's host.
        host: String,
        /// The mail server's port.
        port: u64,
        /// What protects the connection.
        security: MailSecurity,
        /// The user name, where the mail server asks for one.
        username: Option<String>,
        /// The password, encrypted by the server.
        password: Option<Vec<u8>>,
        /// Certificates, in PEM, of an authority that is trusted besides those of the machine.
        authority: Option<String>,
        /// From whom mails come.
        sender: String,
        /// At which time of day mails go out that gather what happened.
        digest_at: String,
        /// In which time zone.
        time_zone: String,
        /// Counts its changes.
        revision: u64,
        /// When it was chosen first.
        created_at: Timestamp,
    }
}

queries! {
    PRESENT: MailSettings = "WHERE number = 1";
}

impl MailSettings {
    /// The key of the one row.
    pub const NUMBER: u64 = 1;
}

impl Reader {
    /// The mail server that administrators chose, if they did.
    pub async fn mail_settings(&mut self) -> Result<Option<MailSettings>, StoreError> {
        self.first(&PRESENT, &[]).await
    }
}
