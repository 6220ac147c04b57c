//! The gate's facts about one version and one infrastructure, as the cache keeps them.

use crate::views::StatementView;
use domain::{
    Digest, Name, Timestamp, UserId, VersionId, VersionRef,
    gate::Candidate,
    infrastructure::{Acceptance, Policy},
};
use store::About;

/// One question to the gate by one user: whether they may ask it is part of what is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GateKey {
    pub user: UserId,
    pub infrastructure: Name,
    pub version: String,
    pub digest: Option<Digest>,
}

/// What the gate knows about one version and one infrastructure; the clock is asked anew for each answer.
#[derive(Debug)]
pub(crate) struct GateFacts {
    pub infrastructure: Name,
    pub policy: Policy,
    pub accepts: Acceptance,
    pub candidate: Candidate,
    pub version: Option<VersionRef>,
    pub version_id: Option<VersionId>,
    pub about: About,
    pub permit: Option<StatementView>,
    /// When the first delegation ends, and with it perhaps the caller's view of the version, or who can act on it; or the approval
    /// of the version that was chosen for its bytes.
    pub until: Option<Timestamp>,
}

impl GateFacts {
    /// Whether the time alone has changed nothing of it. The end of an approval is looked at for each answer anew.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The version that it is about, where one was found.
    pub(crate) fn version_id(&self) -> Option<VersionId> {
        self.version_id
    }
}
