//! What a search finds.

use domain::{Digest, DisplayName, Name, Timestamp, VersionRef, people::AccountKind};

/// What a search finds, 50 of each kind at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResults {
    /// Projects by name.
    pub projects: Vec<FoundProject>,
    /// Models by name.
    pub models: Vec<FoundModel>,
    /// Versions by name and number, or by digest.
    pub versions: Vec<FoundVersion>,
    /// Accounts by name.
    pub people: Vec<FoundPerson>,
    /// Services by name, or by the name of their infrastructure.
    pub services: Vec<FoundService>,
}

impl SearchResults {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProject {
    /// The name in addresses.
    pub name: Name,
    /// The display name.
    pub display_name: DisplayName,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundModel {
    /// The project.
    pub project: Name,
    /// The name in addresses.
    pub name: Name,
    /// The name for people, where it has one.
    pub display_name: Option<DisplayName>,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundVersion {
    /// The version.
    pub name: VersionRef,
    /// SHA-256 of the manifest of all files.
    pub model_digest: Digest,
    /// When the version was registered.
    pub created_at: Timestamp,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// The name to sign in with.
    pub name: Name,
    /// The display name.
    pub display_name: DisplayName,
    /// A person or a service account.
    pub kind: AccountKind,
    /// Whether the account is open.
    pub active: bool,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundService {
    /// The infrastructure.
    pub infrastructure: Name,
    /// The service.
    pub service: Name,
}
