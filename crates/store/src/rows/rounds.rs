//! Rounds of a sign-off, a row for each round. The newest round is the present; earlier rounds stay readable for ever.

use crate::{
    Reader, StoreError,
    query::queries,
    record::{column, table},
    value::{Column, Json, Kind},
};
use domain::{Timestamp, VersionId, signoff::SignOff, signoff::Status};

table! {
    /// One round.
    Round in "rounds" [2] found by super::concerns::of_round {
        /// The version.
        version_id: VersionId,
        /// From 1.
        number: u32,
        /// The status, for finding it.
        status: Status,
        /// When its approval ends, for the clock.
        not_after: Option<Timestamp>,
        /// All of it.
        signoff: Json<SignOff>,
        /// Counts the changes.
        revision: u64,
        /// When it last changed.
        changed_at: Timestamp,
    }
}

queries! {
    CURRENT: Round = "WHERE version_id = $1 ORDER BY number DESC LIMIT 1";
    ROUND: Round = "WHERE version_id = $1 AND number = $2";
    ROUNDS: Round = "WHERE version_id = $1 ORDER BY number";
    ;
    DUE = "SELECT version_id FROM rounds WHERE status = 'approved' AND not_after <= $1 AND NOT EXISTS (SELECT 1 FROM rounds AS newer WHERE newer.version_id = rounds.version_id AND newer.number > rounds.number) ORDER BY not_after LIMIT $2";
}

impl Round {
    /// The row of a sign-off, changed at this moment for the `revision`th time.
    pub fn of(signoff: &SignOff, revision: u64, changed_at: Timestamp) -> Self {
        let not_after = match &signoff.state {
            domain::signoff::State::Approved { approval, .. } => approval.not_after,
            _ => None,
        };
        Self {
            version_id: signoff.version,
            number: signoff.round,
            status: signoff.status(),
            not_after,
            signoff: Json(signoff.clone()),
            revision,
            changed_at,
        }
    }
}

impl Reader {
    /// The present round of a version.
    pub async fn current_round(&mut self, version: VersionId) -> Result<Option<Round>, StoreError> {
        self.first(&CURRENT, &[version.to_value()]).await
    }

    /// One round of a version.
    pub async fn round(&mut self, version: VersionId, number: u32) -> Result<Option<Round>, StoreError> {
        self.first(&ROUND, &[version.to_value(), number.to_value()]).await
    }

    /// Every round of a version, the first one first.
    pub async fn rounds(&mut self, version: VersionId) -> Result<Vec<Round>, StoreError> {
        self.all(&ROUNDS, &[version.to_value()]).await
    }

    /// Versions whose present round is approved and whose end has come. Only their ids: one that cannot be read must not hide the
    /// others.
    pub async fn due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<VersionId>, StoreError> {
        let rows = self.rows(DUE, &[now.to_value(), limit.to_value()], &[Kind::Uuid]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "rounds", "version_id")).collect()
    }
}
