//! What administrators keep: accounts with their invitations, groups, and the tokens of service accounts.

mod access;
mod groups;
mod tokens;
mod user;
mod users;

use crate::http::Routes;

pub(super) fn routes() -> Routes {
    [groups::routes(), tokens::routes(), user::routes(), users::routes()].into_iter().fold(Routes::new(), Routes::merge)
}
