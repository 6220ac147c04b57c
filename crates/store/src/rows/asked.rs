//! A version that the gate is asked about, with what was signed about its bytes: all that differs from one question to the next, in one query
//! without a transaction.

use super::{
    statements::spoken_of,
    versions::{VersionInLog, named_version, newest_rounds},
};
use crate::{
    Statement, Store, StoreError, WholeVersion,
    conn::{Expected, Sql, together},
    guard::Seen,
    query::{Rows, queries},
    value::Column,
};
use domain::{InfrastructureId, VersionRef};
use std::sync::OnceLock;

/// A version, and what was signed about its bytes.
pub struct AskedVersion {
    /// The size of the log in this view.
    pub size: u64,
    /// The version with all that it belongs to, once for each round that counts of its sign-offs.
    pub rows: Vec<WholeVersion>,
    /// The decisions on every version with these bytes, and the permit on which this version is in service on the infrastructure: the
    /// version's own first, and the last ones first.
    pub statements: Vec<Statement>,
}

/// The version of this name: its id and the digest of its bytes.
macro_rules! named {
    () => {
        "(SELECT versions.id AS id, versions.model_digest AS model_digest FROM versions JOIN models ON models.id = versions.model_id \
        JOIN projects ON projects.id = models.project_id WHERE projects.name = $1 AND models.name = $2 AND versions.number = $3) AS named"
    };
}

queries! {
    VERSION: VersionInLog = named_version!();
    SPOKEN: Statement = concat!("WHERE ", spoken_of!(concat!("(SELECT model_digest FROM ", named!(), ")"), concat!("(SELECT id FROM ", named!(), ")"), "$4"),
        " ORDER BY CASE WHEN version_id = (SELECT id FROM ", named!(), ") THEN 0 ELSE 1 END, issued_at DESC, id DESC LIMIT $5");
}

/// Both queries.
fn asked() -> Sql {
    static ASKED: OnceLock<Sql> = OnceLock::new();
    *ASKED.get_or_init(|| together((VERSION.sql(), VersionInLog::kinds().len()), (SPOKEN.sql(), Statement::kinds().len())))
}

impl Store {
    /// The version of this name, with what was signed about its bytes, `most` statements at most. None where there is no such version, and
    /// where a row may be older than the last event that is known of it: then only a [`crate::Reader`] can tell.
    ///
    /// # Errors
    /// When the database does not answer; a row without its seal.
    pub async fn asked_version(
        &self,
        name: &VersionRef,
        infrastructure: InfrastructureId,
        most: u32,
    ) -> Result<Option<AskedVersion>, StoreError> {
        let args =
            [name.project.to_value(), name.model.to_value(), name.number.to_value(), infrastructure.to_value(), most.to_value()];
        let floor = self.guard().log_size();
        let (of_version, of_statement) = (VersionInLog::kinds(), Statement::kinds());
        let (versions, statements) = self.single(asked(), &args, Expected::Both(&of_version, &of_statement)).await?;
        let mut seen = Seen::default();
        let mut read = |row| VersionInLog::read(row, self.guard(), &mut seen);
        let versions = versions.into_iter().map(&mut read).collect::<Result<Vec<_>, _>>()?;
        let mut read = |row| Statement::read(row, self.guard(), &mut seen);
        let mut statements = statements.into_iter().map(&mut read).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = versions.first() else { return Ok(None) };
        let (size, id) = (first.size, first.whole.0.id);
        let mut rows: Vec<_> = versions.into_iter().map(|version| version.whole).collect();
        if seen.stale.is_some() || size < floor || newest_rounds(&rows).any(|round| round.later_one(self.guard()).is_some()) {
            return Ok(None);
        }
        rows.sort_by(|(.., one), (.., other)| (&one.step, one.number).cmp(&(&other.step, other.number)));
        statements.sort_by_key(|statement| std::cmp::Reverse((statement.version_id == id, statement.issued_at, statement.id)));
        Ok(Some(AskedVersion { size, rows, statements }))
    }
}
