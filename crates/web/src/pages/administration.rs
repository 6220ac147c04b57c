//! What administrators keep: accounts with their invitations, groups, the tokens of service accounts, and the mails of the server.

mod access;
mod groups;
mod mail;
mod mail_server;
mod tokens;
mod user;
mod users;

use crate::http::Routes;

pub(super) fn routes() -> Routes {
    let families = [groups::routes(), mail::routes(), mail_server::routes(), tokens::routes(), user::routes(), users::routes()];
    families.into_iter().fold(Routes::new(), Routes::merge)
}
