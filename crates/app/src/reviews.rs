//! Reviews: requests, feedback, the final decision, the commands after the decision, and the inbox.

mod ask;
mod by_clock;
pub(crate) mod carry_out;
pub(crate) mod comment;
mod decide;
mod delegate;
mod ending;
mod expire;
pub mod feedback;
mod inbox;
mod possible;
mod recur;
mod remind;
mod reset;
mod retire;
mod round_projects;
pub(crate) mod scope;
mod show;
mod stand_in;
pub(crate) mod stranded;
pub(crate) mod view;

pub use ask::{back, reload_reviewers, renew, request, request_final, take_back};
pub use decide::{abandon, cancel_abandon, commit_decision, decide, needs_password, prepare_decision, revoke};
pub use delegate::delegate;
pub use ending::tell_of_ends;
pub use expire::expire_due;
pub use inbox::{inbox, prepare_inboxes, waiting_count};
pub(crate) use inbox::{waiting_rounds, waiting_since};
pub use recur::open_renewals;
pub use remind::remind;
pub use reset::reset;
pub use retire::{restore, retire};
pub use show::{history, show};
pub use stand_in::hand_to_stand_ins;
