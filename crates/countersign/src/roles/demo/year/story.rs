//! The words in which the year is told: who does what to which version, and when. Nothing happens here: a story is a list.

use super::calendar::Calendar;
use app::views::ChangeFieldsRequest;
use domain::{
    Duration, Timestamp,
    fields::Fields,
    infrastructure::{OnLapse, Policy},
    signoff::Verdict,
};
use std::fmt;

/// The account of somebody who acts.
pub type Who = &'static str;

/// A version: `PROJECT/MODEL` and its number.
pub type Version = (&'static str, u32);

/// Something that somebody does at a moment.
#[derive(Debug)]
pub struct Beat {
    pub at: Timestamp,
    pub by: Who,
    pub deed: Deed,
}

/// What somebody does.
#[derive(Debug)]
pub enum Deed {
    CreateProject(ProjectPlan),
    CreateInfrastructure(InfrastructurePlan),
    ChangePolicy {
        infrastructure: &'static str,
        policy: Policy,
        reason: &'static str,
    },
    AppointNode {
        node: &'static str,
        infrastructure: &'static str,
    },
    Register {
        version: Version,
        material: Box<Material>,
    },
    /// Registers so many copies of the first versions of a model.
    CopyVersions {
        model: &'static str,
        count: u32,
    },
    ChangeFields {
        version: Version,
        change: Box<ChangeFieldsRequest>,
    },
    RequestReview {
        version: Version,
        skip_feedback: bool,
    },
    RequestRenewal(Version),
    Answer {
        version: Version,
        slot: &'static str,
        verdict: Verdict,
        comment: Option<&'static str>,
    },
    Delegate {
        version: Version,
        slot: &'static str,
        to: Who,
        days: u32,
    },
    RequestFinalApproval(Version),
    Approve {
        version: Version,
        comment: Option<&'static str>,
        days: Option<u32>,
    },
    Reject {
        version: Version,
        comment: &'static str,
    },
    Abandon {
        version: Version,
        comment: &'static str,
    },
    Revoke {
        version: Version,
        comment: &'static str,
    },
    Retire {
        version: Version,
        comment: &'static str,
    },
    Deploy {
        place: Place,
        shares: Vec<(Version, u8)>,
        acknowledge: Option<&'static str>,
    },
    /// Deploys, and the gate denies it.
    MeetTheGate {
        place: Place,
        version: Version,
    },
    RollBack {
        place: Place,
        to: u32,
    },
    Stop(Place),
    /// The clock ends the approvals whose time is over.
    EndApprovals,
    /// The clock signs the log.
    SignLog,
}

/// An infrastructure and a service on it.
pub type Place = (&'static str, &'static str);

/// A project to create.
#[derive(Debug)]
pub struct ProjectPlan {
    pub name: &'static str,
    pub display_name: &'static str,
    /// Each slot with those to whom it is assigned.
    pub slots: &'static [(&'static str, &'static [&'static str])],
    pub approvers: &'static [&'static str],
    /// How long an approval holds at most, in days.
    pub approval_days: u32,
    /// Within how many work days feedback and the final approval are expected.
    pub due_days: Option<(u16, u16)>,
    pub models: &'static [&'static str],
}

/// An infrastructure to create.
#[derive(Debug)]
pub struct InfrastructurePlan {
    pub name: &'static str,
    pub stage: &'static str,
    pub policy: Policy,
    pub on_lapse: OnLapse,
    /// The projects whose approvals count; empty for every project.
    pub projects: &'static [&'static str],
    pub independent_approval: bool,
}

/// What a version is registered with.
#[derive(Clone)]
pub struct Material {
    /// The bytes of its ONNX file.
    pub onnx: &'static [u8],
    pub fields: Fields,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.onnx.len())
    }
}

/// Everything that happens in the year.
pub struct Story {
    /// The dates.
    pub calendar: Calendar,
    beats: Vec<Beat>,
}

impl Story {
    /// A story in which nothing happens yet.
    pub fn new(calendar: Calendar) -> Self {
        Self { calendar, beats: Vec::new() }
    }

    /// Somebody does something.
    pub fn add(&mut self, at: Timestamp, by: Who, deed: Deed) {
        self.beats.push(Beat { at, by, deed });
    }

    /// What happens to a version.
    pub fn version(&mut self, model: &'static str, number: u32) -> VersionStory<'_> {
        VersionStory { version: (model, number), story: self }
    }

    /// What happens, in the order of time.
    pub fn beats(mut self) -> Vec<Beat> {
        self.beats.sort_by_key(|beat| beat.at);
        self.beats
    }
}

/// What happens to a version.
pub struct VersionStory<'a> {
    version: Version,
    story: &'a mut Story,
}

impl VersionStory<'_> {
    fn then(self, at: Timestamp, by: Who, deed: Deed) -> Self {
        self.story.add(at, by, deed);
        self
    }

    pub fn registered(self, at: Timestamp, by: Who, material: Material) -> Self {
        let (version, material) = (self.version, Box::new(material));
        self.then(at, by, Deed::Register { version, material })
    }

    pub fn changed(self, at: Timestamp, by: Who, change: ChangeFieldsRequest) -> Self {
        let (version, change) = (self.version, Box::new(change));
        self.then(at, by, Deed::ChangeFields { version, change })
    }

    pub fn review_requested(self, at: Timestamp, by: Who) -> Self {
        let version = self.version;
        self.then(at, by, Deed::RequestReview { version, skip_feedback: false })
    }

    pub fn renewal_requested(self, at: Timestamp, by: Who) -> Self {
        let version = self.version;
        self.then(at, by, Deed::RequestRenewal(version))
    }

    pub fn answered(self, at: Timestamp, by: Who, slot: &'static str, verdict: Verdict, comment: &'static str) -> Self {
        let (version, comment) = (self.version, Some(comment).filter(|comment| !comment.is_empty()));
        self.then(at, by, Deed::Answer { version, slot, verdict, comment })
    }

    pub fn delegated(self, at: Timestamp, by: Who, slot: &'static str, to: Who, days: u32) -> Self {
        let version = self.version;
        self.then(at, by, Deed::Delegate { version, slot, to, days })
    }

    pub fn approval_requested(self, at: Timestamp, by: Who) -> Self {
        let version = self.version;
        self.then(at, by, Deed::RequestFinalApproval(version))
    }

    /// Approved for so many days; the clock ends the approval, if that time is over by now.
    pub fn approved(self, at: Timestamp, by: Who, comment: &'static str, days: u32) -> Self {
        let end = at.plus(Duration::from_days(days)).plus(Duration::from_seconds(40));
        if end < self.story.calendar.now() {
            self.story.add(end, "the clock", Deed::EndApprovals);
        }
        let (version, comment) = (self.version, Some(comment).filter(|comment| !comment.is_empty()));
        self.then(at, by, Deed::Approve { version, comment, days: Some(days) })
    }

    pub fn rejected(self, at: Timestamp, by: Who, comment: &'static str) -> Self {
        let version = self.version;
        self.then(at, by, Deed::Reject { version, comment })
    }

    pub fn abandoned(self, at: Timestamp, by: Who, comment: &'static str) -> Self {
        let version = self.version;
        self.then(at, by, Deed::Abandon { version, comment })
    }

    pub fn revoked(self, at: Timestamp, by: Who, comment: &'static str) -> Self {
        let version = self.version;
        self.then(at, by, Deed::Revoke { version, comment })
    }

    pub fn retired(self, at: Timestamp, by: Who, comment: &'static str) -> Self {
        let version = self.version;
        self.then(at, by, Deed::Retire { version, comment })
    }

    pub fn deployed(self, at: Timestamp, by: Who, place: Place) -> Self {
        let shares = vec![(self.version, 100)];
        self.then(at, by, Deed::Deploy { place, shares, acknowledge: None })
    }

    pub fn deployed_although_warned(self, at: Timestamp, by: Who, place: Place, why: &'static str) -> Self {
        let shares = vec![(self.version, 100)];
        self.then(at, by, Deed::Deploy { place, shares, acknowledge: Some(why) })
    }

    pub fn denied(self, at: Timestamp, by: Who, place: Place) -> Self {
        let version = self.version;
        self.then(at, by, Deed::MeetTheGate { place, version })
    }
}
