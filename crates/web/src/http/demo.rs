//! What the demo brings: people whom a browser on this machine can be, and a tour. No other server has it.

use domain::{Name, Timestamp, VersionRef};
use std::{collections::VecDeque, path::PathBuf, sync::Mutex};

/// The people and the tour of the demo.
#[derive(Debug)]
pub struct Demo {
    /// The people.
    pub personas: Vec<Persona>,
    /// The password of each of them. The switch signs in with it, as anybody could who knows it.
    pub password: String,
    /// The steps of the tour.
    pub tour: Vec<TourStep>,
    /// The folder that takes the mails of the demo as files.
    pub mails: PathBuf,
    /// What the demo's webhook brings.
    pub catcher: Catcher,
}

/// Where the demo's webhook leads: the server itself, which keeps what arrives.
#[derive(Debug)]
pub struct Catcher {
    /// Whether these are the id, the time, the signatures and the body of a delivery with the webhook's secret.
    pub is_signed: fn(secret: &str, id: &str, time: &str, signatures: &str, body: &str) -> bool,
    /// The secret of the demo's webhook; none where the demo has none.
    pub secret: Option<String>,
    /// What arrived, the newest first.
    pub(crate) caught: Mutex<VecDeque<Caught>>,
}

/// A delivery that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Caught {
    pub(crate) at: Timestamp,
    pub(crate) id: String,
    pub(crate) is_signed: bool,
    pub(crate) body: String,
}

impl Catcher {
    /// One that has caught nothing yet.
    pub fn new(secret: Option<String>, is_signed: fn(&str, &str, &str, &str, &str) -> bool) -> Self {
        Self { is_signed, secret, caught: Mutex::default() }
    }
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
    /// An infrastructure, with what is out of policy there.
    Infrastructure(Name),
    /// The sign-off sheet of a round.
    Sheet(VersionRef, u32),
}
