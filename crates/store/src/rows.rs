//! The rows of the record, a file for each family of tables, each with its queries.

mod asked;
mod concerns;
mod deployments;
mod infrastructures;
mod kinds;
mod mail;
mod people;
mod people_index;
mod projects;
mod rounds;
mod statements;
mod versions;
mod webhooks;

pub use asked::AskedVersion;
pub use deployments::{Deployment, PastShare, Revision, ServedWhere, ServingShare, Share, WholeDeployment, WholeShare};
pub use infrastructures::{Infrastructure, InfrastructureMember};
pub use kinds::{MemberKind, StatementKind, TokenKind};
pub use mail::MailSettings;
pub(crate) use people::folded_names;
pub use people::{Group, GroupMember, Invitation, Token, User};
pub use projects::{Model, Project, ProjectMember};
pub use rounds::{Round, RoundKey};
pub use statements::Statement;
pub(crate) use statements::signed_payload;
pub use versions::{RoundOf, Version, VersionFile, WholeVersion};
pub use webhooks::Webhook;

/// Every statement of these files, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("rows/asked.rs", asked::statements()),
        ("rows/concerns.rs", concerns::statements()),
        ("rows/deployments.rs", deployments::statements()),
        ("rows/infrastructures.rs", infrastructures::statements()),
        ("rows/mail.rs", mail::statements()),
        ("rows/people.rs", people::statements()),
        ("rows/people_index.rs", people_index::statements()),
        ("rows/people_index.rs", people_index::of_each()),
        ("rows/projects.rs", projects::statements()),
        ("rows/rounds.rs", rounds::statements()),
        ("rows/statements.rs", statements::statements()),
        ("rows/versions.rs", versions::statements()),
        ("rows/webhooks.rs", webhooks::statements()),
    ]
}

/// Every table that the record covers.
pub(crate) fn covered() -> Vec<&'static crate::record::Table> {
    use crate::record::Record;
    vec![
        User::table(),
        Invitation::table(),
        Token::table(),
        Group::table(),
        GroupMember::table(),
        Project::table(),
        ProjectMember::table(),
        Model::table(),
        Version::table(),
        Round::table(),
        Infrastructure::table(),
        InfrastructureMember::table(),
        Statement::table(),
        Deployment::table(),
        Revision::table(),
        Share::table(),
        Webhook::table(),
        MailSettings::table(),
    ]
}
