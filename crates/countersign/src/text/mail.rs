//! Mails to people.

use super::{Table, Text, cells, facts};
use app::views::{List, MailServer, MailSource, Message, RetriedMessages, Subscription, WantedMessages};

/// Mails in a list.
pub fn table(messages: &[Message]) -> Text {
    let row = |message: &Message| {
        cells![message.id, message.to, message.topic, message.state.as_str(), message.attempts, message.created_at, message.error]
    };
    Table::of(&["ID", "TO", "ABOUT", "STATE", "TRIED", "SINCE", "ERROR"], messages, row).text("No mails.")
}

/// A mail that was just made.
pub fn card(message: &Message) -> Text {
    facts(&[("id", &message.id), ("to", &message.to), ("about", &message.topic), ("state", &message.state.as_str())])
}

/// How many mails wait again.
pub fn retried(retried: &RetriedMessages) -> Text {
    facts(&[("wait again", &retried.retried)])
}

/// Which mails one gets.
pub fn choice(wanted: &WantedMessages) -> Text {
    let set_up = if wanted.mail_is_set_up { "yes" } else { "no: people find in the inbox what waits for them" };
    facts(&[("wanted", &wanted.wanted.as_str()), ("address", &wanted.address), ("mail is set up", &set_up)])
}

/// To what one subscribes.
pub fn subscribed(list: &List<Subscription>) -> Text {
    let row = |subscription: &Subscription| cells![subscription.to, subscription.since];
    Table::of(&["TO", "SINCE"], &list.items, row).text("No subscriptions.")
}

/// How mails leave the server.
pub fn server(mail: &MailServer) -> Text {
    let source = match mail.source {
        MailSource::Nobody => "nobody: nobody gets a mail",
        MailSource::Configuration => "the server's configuration",
        MailSource::Administrators => "an administrator",
    };
    let authority = mail.authority.as_ref().map(|_| "one of your own, besides those of the machine");
    facts(&[
        ("chosen by", &source),
        ("mail server", &mail.server),
        ("folder", &mail.folder),
        ("security", &mail.security),
        ("username", &mail.username),
        ("authority", &authority),
        ("from", &mail.from),
        ("gathered mails at", &mail.digest_at),
        ("time zone", &mail.time_zone),
    ])
}
