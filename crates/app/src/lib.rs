//! Use cases: a file for each thing that a person does, in the folder of the thing that changes.
//!
//! A use case takes an [`OpContext`] (who, when, in which request) and returns a view for API, pages and command line.
//! A use case opens one transaction, asks the domain, saves, records and commits. The domain decides.

pub mod base;
pub mod change;
pub mod deployments;
pub mod gate;
pub mod infrastructures;
pub mod live;
pub mod messages;
pub mod people;
pub mod projects;
pub mod record;
pub mod reviews;
pub mod search;
pub mod serving;
pub mod upkeep;
pub mod versions;
pub mod views;
pub mod webhooks;

pub use base::{
    caller::Caller,
    clock::{Clock, Entropy, SystemClock, SystemEntropy},
    context::{IdempotencyKey, OpContext},
    error::{self, Error},
    fork_state::ForkState,
    jobs::{JobFailure, JobState, JobStates, JobWork},
    keys::{KeyFiles, Keys, KeysError},
    links::Links,
    mail::{Mail, MailFrom, MailPassword, MailServer, MailWay},
    morning::Morning,
    networks::Networks,
    page::{Limit, Page},
    server::{Limits, Server, Settings},
    tag::Tag,
};
