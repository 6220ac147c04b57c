//! Events about versions beside their sign-offs.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! versions {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// A version was registered.
            VersionCreated = "version.created" {
                /// The version's number.
                number: u32,
                /// The digest of the version's files.
                model_digest: Digest,
                /// The number of files.
                files: u64,
                /// The size of all files together, in bytes.
                size: u64,
                /// The governed fields.
                fields: Value,
            }
            /// The governed fields of a version changed.
            FieldsChanged = "version.fields_changed" {
                /// The governed fields after the change.
                fields: Value,
                /// The digest of those fields.
                shown: Digest,
            }
            /// A version was retired. It is not in force any more, whatever the status of its sign-off.
            VersionRetired = "version.retired" {
                /// Who did it, when and why.
                act: Act,
            }
            /// A retired version was taken back.
            VersionRestored = "version.restored" {
                /// Who did it, when and why.
                act: Act,
            }
        }
    };
}
