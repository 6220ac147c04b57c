//! Events about the log itself.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! log {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// Another key took over from the key that signs the log.
            LogKeyChanged = "log.key_changed" {
                /// The verifier key before.
                from: String,
                /// The verifier key from now on.
                to: String,
                /// The reason.
                reason: String,
            }
            /// The log went on although it does not continue what was signed: an operator restored a backup.
            LogContinued = "log.continued" {
                /// The verifier key before.
                from: String,
                /// The verifier key from now on.
                to: String,
                /// How many events the restored log has.
                size: u64,
                /// The signed checkpoint that the log does not continue.
                given_up: String,
                /// How many events that checkpoint covers; none where the database names no key that signed it.
                given_up_size: Option<u64>,
                /// The reason.
                reason: String,
            }
        }
    };
}
