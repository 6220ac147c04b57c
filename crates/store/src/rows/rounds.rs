//! Rounds of a sign-off, a row for each round. The newest round counts, and with it the round whose approval it renews, until the newest
//! one is decided: a round counts where every later round names it in `renews`. Earlier rounds stay readable for ever.

use super::people_index;
use crate::{
    Reader, StoreError,
    conn::Sql,
    guard::{Guard, Stale},
    query::queries,
    record::{Record, Written, column, table},
    value::{Column, Json, Kind, Value},
};
use domain::{ProjectId, StepName, Timestamp, VersionId, signoff::SignOff, signoff::Status};
use std::fmt;

table! {
    /// One round.
    Round in "rounds" [3] found by found_by {
        /// The version.
        version_id: VersionId,
        /// The step of the version's workflow that carries the sign-off.
        step: StepName,
        /// From 1.
        number: u32,
        /// The status, for finding it.
        status: Status,
        /// When its approval ends, for the clock.
        not_after: Option<Timestamp>,
        /// The round whose approval goes on beside this one, its renewal, until this one is decided.
        renews: Option<u32>,
        /// All of it.
        signoff: Json<SignOff>,
        /// Counts the changes.
        revision: u64,
        /// When it last changed.
        changed_at: Timestamp,
    }
}

/// Keeps whom the round may concern.
fn found_by(round: &Round, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let key = vec![round.version_id.to_value(), round.step.to_value(), round.number.to_value()];
    people_index::of_round(key, &round.signoff.0, round.changed_at, written)
}

/// The key of a round. It is written as the record names the row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundKey {
    /// The version.
    pub version: VersionId,
    /// The step that carries the sign-off.
    pub step: StepName,
    /// From 1.
    pub number: u32,
}

impl fmt::Display for RoundKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Round::table().row_name(&[self.version.to_value(), self.step.to_value(), self.number.to_value()]))
    }
}

queries! {
    CURRENT: Round = "WHERE version_id = $1 AND step = $2 ORDER BY number DESC LIMIT 1";
    ROUND: Round = "WHERE version_id = $1 AND step = $2 AND number = $3";
    ROUNDS: Round = "WHERE version_id = $1 AND step = $2 ORDER BY number";
    ;
    WITHOUT_NEXT = "SELECT rounds.version_id, rounds.step FROM rounds JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = versions.model_id WHERE models.project_id = $1 AND rounds.status = 'approved' AND rounds.not_after <= $2 AND rounds.not_after > $3 AND versions.retired IS NULL AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number) ORDER BY rounds.not_after LIMIT $4";
    DUE = "SELECT version_id, step FROM rounds WHERE status = 'approved' AND not_after <= $1 AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) ORDER BY not_after LIMIT $2";
}

impl Round {
    /// The next round, where it is known to have been recorded.
    pub(super) fn later_one(&self, guard: &Guard) -> Option<Stale> {
        let row = RoundKey { version: self.version_id, step: self.step.clone(), number: self.number + 1 }.to_string();
        guard.there_since(&row).map(|recorded| Stale { row, recorded })
    }

    /// The row of a sign-off, changed at this moment for the `revision`th time.
    pub fn of(signoff: &SignOff, revision: u64, changed_at: Timestamp) -> Self {
        let not_after = match &signoff.state {
            domain::signoff::State::Approved { approval, .. } => approval.not_after,
            _ => None,
        };
        Self {
            version_id: signoff.version,
            step: signoff.step.clone(),
            number: signoff.round,
            status: signoff.status(),
            not_after,
            renews: signoff.goes_on_beside(),
            signoff: Json(signoff.clone()),
            revision,
            changed_at,
        }
    }
}

impl Reader {
    /// The newest round of a version's sign-off on this step.
    pub async fn current_round(&mut self, version: VersionId, step: &StepName) -> Result<Option<Round>, StoreError> {
        let round = self.first(&CURRENT, &[version.to_value(), step.to_value()]).await?;
        if let Some(round) = &round {
            self.refuse_if_not_newest(round).await?;
        }
        Ok(round)
    }

    /// Refuses a round as the present one where the next one is known to have been recorded: somebody deleted its row.
    pub(crate) async fn refuse_if_not_newest(&mut self, round: &Round) -> Result<(), StoreError> {
        match round.later_one(&self.guard) {
            Some(later) => self.refuse(later).await,
            None => Ok(()),
        }
    }

    /// One round of a version's sign-off on this step.
    pub async fn round(&mut self, version: VersionId, step: &StepName, number: u32) -> Result<Option<Round>, StoreError> {
        self.first(&ROUND, &[version.to_value(), step.to_value(), number.to_value()]).await
    }

    /// Every round of a version's sign-off on this step, the first one first.
    pub async fn rounds(&mut self, version: VersionId, step: &StepName) -> Result<Vec<Round>, StoreError> {
        self.all(&ROUNDS, &[version.to_value(), step.to_value()]).await
    }

    /// The approvals of versions of a project that are not retired, that end after `now` and until then, and after which no round was opened.
    /// Only their keys.
    pub async fn approvals_without_next(
        &mut self,
        project: ProjectId,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(VersionId, StepName)>, StoreError> {
        let args = [project.to_value(), until.to_value(), now.to_value(), limit.to_value()];
        self.sign_offs(WITHOUT_NEXT, &args).await
    }

    /// Sign-offs with a round that counts, is approved and has come to its end. Only their keys: one that cannot be read must not hide the
    /// others.
    pub async fn due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<(VersionId, StepName)>, StoreError> {
        self.sign_offs(DUE, &[now.to_value(), limit.to_value()]).await
    }

    async fn sign_offs(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<(VersionId, StepName)>, StoreError> {
        let rows = self.rows(sql, args, &[Kind::Uuid, Kind::Text]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "rounds", "version_id")?, column(row.next(), "rounds", "step")?))
        };
        rows.into_iter().map(read).collect()
    }
}
