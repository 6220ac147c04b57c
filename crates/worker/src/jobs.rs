//! The jobs of a server, one file each.

mod announce;
mod call_webhooks;
mod checkpoint;
mod clean_up;
mod deliver;
mod expire;
mod inboxes;
mod measure;
mod recur;
mod remind;
mod renew;
mod stand_in;
mod witnesses;

use crate::Job;

/// Every job.
pub fn all() -> Vec<Box<dyn Job>> {
    vec![
        Box::new(expire::Expire),
        Box::new(renew::Renew),
        Box::new(recur::Recur),
        Box::new(remind::Remind),
        Box::new(stand_in::StandIn),
        Box::new(checkpoint::Checkpoint),
        Box::new(announce::Announce),
        Box::new(deliver::Deliver::default()),
        Box::new(call_webhooks::CallWebhooks::default()),
        Box::new(inboxes::Inboxes),
        Box::new(measure::Measure),
        Box::new(witnesses::Witnesses),
        Box::new(clean_up::CleanUp),
    ]
}

/// The job that takes figures: every server has its own.
pub fn measure() -> Box<dyn Job> {
    Box::new(measure::Measure)
}
