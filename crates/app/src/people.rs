//! People: accounts, groups, tokens, invitations, signing in.

pub mod absence;
pub(crate) mod account;
pub mod groups;
pub mod invitations;
pub mod password;
pub mod setup;
pub mod sign_in;
pub mod tokens;
pub mod users;
pub(crate) mod view;
