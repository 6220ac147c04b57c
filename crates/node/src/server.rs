//! What node and governance server say to each other: the plan comes, the report goes.

mod client;
mod follow;
mod plan;
mod report;

pub use client::{ServerClient, ServerError, ServerOptions};
pub use follow::{PlanUpdate, SeenLog, follow};
pub use plan::{Plan, PlannedPermit, PlannedService, PlannedShare, PreviousShare, Standing};
pub use report::{LogReport, NodeReport, ReportedService, ReportedVersion, VersionState};
