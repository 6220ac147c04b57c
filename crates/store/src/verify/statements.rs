//! Reads what the verification of signatures needs: every stored statement with the names behind its ids, and every decided
//! round. The caller knows which key must have signed.

use super::pages::{Page, PageStart};
use crate::{
    Reader, RoundKey, Statement, StoreError,
    query::queries,
    record::{Record, column},
    value::{Kind, Value},
};
use domain::{Digest, Name, Timestamp, VersionRef, signoff::Status};

/// A stored statement, and the present names behind its ids.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedStatement {
    /// The row.
    pub statement: Statement,
    /// The version, with its model digest; none when there is no such version.
    pub version: Option<(VersionRef, Digest)>,
    /// The infrastructure, if the row names one that exists.
    pub infrastructure: Option<Name>,
}

/// A round that ended in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedRound {
    /// The round.
    pub round: RoundKey,
    /// The round's status: approved, rejected, revoked or expired.
    pub status: Status,
    /// The end of the approval in force, if it has one.
    pub not_after: Option<Timestamp>,
}

queries! {
    ;
    // By version, as rounds are, so that nobody has to keep the statements of all versions; and by the index, since a version may have many
    // permits. Takes the page first, so that the database does
    // not join the rows before the page.
    STATED = "SELECT stated.version_id, stated.kind, stated.issued_at, stated.id, stated.id, stated.kind, stated.version_id, stated.infrastructure_id, stated.step, stated.round, stated.model_digest, stated.envelope, stated.issued_at, stated.not_after,
        projects.name, models.name, versions.number, versions.model_digest, infrastructures.name
        FROM (SELECT * FROM statements WHERE (version_id, kind, issued_at, id) > ($2, $3, $4, $5) ORDER BY version_id, kind, issued_at, id LIMIT $1) AS stated
        LEFT JOIN versions ON versions.id = stated.version_id LEFT JOIN models ON models.id = versions.model_id
        LEFT JOIN projects ON projects.id = models.project_id LEFT JOIN infrastructures ON infrastructures.id = stated.infrastructure_id
        ORDER BY stated.version_id, stated.kind, stated.issued_at, stated.id";
    DECIDED = "SELECT version_id, step, number, status, not_after FROM rounds WHERE (version_id, step, number) > ($2, $3, $4)
        ORDER BY version_id, step, number LIMIT $1";
}

const NAMES: [Kind; 5] = [Kind::Text, Kind::Text, Kind::Int, Kind::Bytes, Kind::Text];

impl Reader {
    /// A page of all statements with the names behind their ids, in the order of their versions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stated(&mut self, limit: u32, behind: &PageStart) -> Result<Page<NamedStatement>, StoreError> {
        let kinds = [&[Kind::Uuid, Kind::Text, Kind::Int, Kind::Uuid], Statement::table().kinds().as_slice(), &NAMES].concat();
        self.page(STATED, limit, behind, &kinds, stated).await
    }

    /// A page of all rounds; a round that is not decided comes as none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decided(&mut self, limit: u32, behind: &PageStart) -> Result<Page<Option<DecidedRound>>, StoreError> {
        let kinds = [Kind::Uuid, Kind::Text, Kind::Int, Kind::Text, Kind::Int];
        self.page(DECIDED, limit, behind, &kinds, decided).await
    }
}

fn stated(mut row: Vec<Value>) -> Result<NamedStatement, StoreError> {
    row.drain(..4); // the key of the page
    let mut names = row.split_off(Statement::table().columns.len()).into_iter();
    let project: Option<Name> = column(names.next(), "projects", "name")?;
    let model: Option<Name> = column(names.next(), "models", "name")?;
    let number: Option<u32> = column(names.next(), "versions", "number")?;
    let digest: Option<Digest> = column(names.next(), "versions", "model_digest")?;
    let infrastructure = column(names.next(), "infrastructures", "name")?;
    let name = project.zip(model).zip(number).map(|((project, model), number)| VersionRef { project, model, number });
    Ok(NamedStatement { statement: Statement::from_values(row)?, version: name.zip(digest), infrastructure })
}

fn decided(row: Vec<Value>) -> Result<Option<DecidedRound>, StoreError> {
    let mut row = row.into_iter();
    let decided = DecidedRound {
        round: RoundKey {
            version: column(row.next(), "rounds", "version_id")?,
            step: column(row.next(), "rounds", "step")?,
            number: column(row.next(), "rounds", "number")?,
        },
        status: column(row.next(), "rounds", "status")?,
        not_after: column(row.next(), "rounds", "not_after")?,
    };
    let is_decided = matches!(decided.status, Status::Approved | Status::Rejected | Status::Revoked | Status::Expired);
    Ok(is_decided.then_some(decided))
}
