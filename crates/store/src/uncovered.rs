//! Tables that the record does not cover, a file for each family: what passes, what is on its way, and what rows are found by.
//! They are written through [`crate::OutsideWriter`], and with the rows of governance through [`crate::Writer`].

pub(crate) mod account_names;
mod checkpoints;
mod deliveries;
mod idempotency_keys;
mod log_keys;
pub(crate) mod mail_addresses;
mod messages;
mod nodes;
mod reminders;
mod server_key;
mod session_uses;
mod subscriptions;
mod uploads;
mod wanted_messages;

pub use deliveries::{Delivery, FailingWebhook, WebhookAnswer};
pub use idempotency_keys::StoredResponse;
pub use log_keys::LogKeyRow;
pub use messages::{Message, MessageState};
pub use nodes::Node;
pub use reminders::Reminder;
pub use uploads::{Upload, UploadedFile};

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("uncovered/account_names.rs", account_names::statements()),
        ("uncovered/checkpoints.rs", checkpoints::statements()),
        ("uncovered/deliveries.rs", deliveries::statements()),
        ("uncovered/deliveries.rs", deliveries::of_each()),
        ("uncovered/idempotency_keys.rs", idempotency_keys::statements()),
        ("uncovered/log_keys.rs", log_keys::statements()),
        ("uncovered/mail_addresses.rs", mail_addresses::statements()),
        ("uncovered/messages.rs", messages::statements()),
        ("uncovered/messages.rs", messages::of_each()),
        ("uncovered/nodes.rs", nodes::statements()),
        ("uncovered/reminders.rs", reminders::statements()),
        ("uncovered/server_key.rs", server_key::statements()),
        ("uncovered/session_uses.rs", session_uses::statements()),
        ("uncovered/subscriptions.rs", subscriptions::statements()),
        ("uncovered/uploads.rs", uploads::statements()),
        ("uncovered/uploads.rs", uploads::of_each()),
        ("uncovered/wanted_messages.rs", wanted_messages::statements()),
    ]
}

#[cfg(test)]
mod tests {
    use crate::rows;

    #[test]
    fn no_statement_of_these_files_changes_a_covered_table() {
        let covered: Vec<_> = rows::covered().iter().map(|table| table.name).collect();
        let mut changing = 0;
        for (file, statements) in super::statements() {
            for (name, sql) in statements {
                let words: Vec<_> = sql.postgres.split_whitespace().collect();
                let table = match words[0] {
                    "INSERT" | "DELETE" => words[2],
                    "UPDATE" => words[1],
                    _ => continue,
                };
                assert!(!covered.contains(&table), "{file}: {name} changes {table}, of which the record speaks");
                changing += 1;
            }
        }
        assert!(changing > 10, "that the statements are looked at");
    }
}
