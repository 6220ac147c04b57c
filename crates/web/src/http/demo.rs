//! What the demo brings: people whom a browser on this machine can be, and a tour. No other server has it.

use domain::{Name, VersionRef};

/// The people and the tour of the demo.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The people.
    pub personas: Vec<Persona>,
    /// The password of each of them. The switch signs in with it, as anybody could who knows it.
    pub password: String,
    /// The steps of the tour.
    pub tour: Vec<TourStep>,
}

/// A person of the demo.
#[derive(Clone, Debug)]
pub struct Persona {
    /// The account.
    pub account: Name,
    /// The display name.
    pub name: String,
    /// What the person does, in a few words.
    pub does: String,
}

/// A step of the tour.
#[derive(Clone, Debug)]
pub struct TourStep {
    /// What one does, in a sentence.
    pub words: String,
    /// The account of the person who does it.
    pub account: Name,
    /// The page on which it is done.
    pub page: TourPage,
    /// The command that does it too.
    pub command: String,
}

/// A page to which the tour leads.
#[derive(Clone, Debug)]
pub enum TourPage {
    /// A version, with its sign-off.
    Version(VersionRef),
    /// The form that deploys a version.
    Deploy {
        /// The infrastructure.
        infrastructure: Name,
        /// The service.
        service: Name,
        /// The version.
        version: VersionRef,
    },
    /// The sign-off sheet of a round.
    Sheet(VersionRef, u32),
}
