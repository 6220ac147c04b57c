//! Events about the way of mails.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! mail {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// An administrator chose the mail server that takes messages to people, or changed how it is used. The password is in no event.
            MailSet = "mail.set" {
                /// The mail server's host.
                host: String,
                /// The mail server's port.
                port: u16,
                /// What protects the connection.
                security: MailSecurity,
                /// The user name for the mail server, where it asks for one.
                username: Option<String>,
                /// Whether there is another password than before.
                new_password: bool,
                /// Whether the certificate may come from an authority that the administrator named.
                own_authority: bool,
                /// From whom mails come.
                from: String,
                /// At which time of day mails go out that gather what happened.
                digest_at: String,
                /// In which time zone.
                time_zone: String,
            }
            /// An administrator took the mail server away: nobody gets a mail.
            MailRemoved = "mail.removed" {}
        }
    };
}
