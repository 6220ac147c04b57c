//! Signed statements, stored byte for byte: decisions and permits.

use crate::{
    Reader, StatementKind, StoreError,
    query::{listed, queries},
    record::{SignedStatement, table},
    value::Column,
};
use domain::{Digest, InfrastructureId, StatementId, StepName, Timestamp, VersionId};

table! {
    /// A DSSE envelope with what it is about.
    Statement in "statements" [1], signed by signed_statement {
        /// The key.
        id: StatementId,
        /// Decision or permit.
        kind: StatementKind,
        /// About this version.
        version_id: VersionId,
        /// For this infrastructure, where it is a permit.
        infrastructure_id: Option<InfrastructureId>,
        /// The step of the sign-off that it is about; for a permit, of the sign-off that the deployment waits for last.
        step: StepName,
        /// The round of the sign-off.
        round: u32,
        /// The subject.
        model_digest: Digest,
        /// The envelope as JSON.
        envelope: Vec<u8>,
        /// When it was signed.
        issued_at: Timestamp,
        /// When it ends, if it does.
        not_after: Option<Timestamp>,
    }
}

/// Named by the digest of what was signed, not of the envelope: another signature or encoding does not change what was said. None for an
/// envelope that cannot be read, which the server never writes.
fn signed_statement(statement: &Statement) -> Option<SignedStatement> {
    let payload = signed_payload(&statement.envelope)?;
    Some(SignedStatement { payload, version: statement.version_id, model_digest: statement.model_digest })
}

pub(crate) fn signed_payload(envelope: &[u8]) -> Option<Digest> {
    let envelope = proof::Envelope::from_json_bytes(envelope).ok()?;
    Some(Digest::from_bytes(*envelope.payload_digest().as_bytes()))
}

/// Picks the decisions on every version with these bytes, and the permit on which this version of them is in service on an infrastructure.
macro_rules! spoken_of {
    ($model_digest:expr, $version:expr, $infrastructure:expr) => {
        concat!(
            "statements.id IN (SELECT decided.id FROM versions JOIN statements AS decided ON decided.version_id = versions.id WHERE versions.model_digest = ",
            $model_digest,
            " AND decided.kind = 'decision' UNION ALL SELECT id FROM (\
                SELECT permits.id FROM shares JOIN statements AS permits ON permits.id = shares.permit_id \
                JOIN deployments ON deployments.id = shares.deployment_id AND deployments.current_revision = shares.revision \
                WHERE shares.version_id = ",
            $version,
            " AND deployments.infrastructure_id = ",
            $infrastructure,
            " ORDER BY permits.issued_at DESC LIMIT 1) AS in_service)"
        )
    };
}
pub(super) use spoken_of;

queries! {
    STATEMENT: Statement = "WHERE id = $1";
    DECISIONS: Statement = "WHERE version_id = $1 AND kind = 'decision' ORDER BY issued_at, id";
    DECISIONS_OF: Statement = "WHERE version_id IN (LISTED) AND kind = 'decision' ORDER BY issued_at, id";
    DECISIONS_ON_BYTES: Statement = "JOIN versions ON versions.id = statements.version_id WHERE versions.model_digest = $1 AND kind = 'decision' ORDER BY issued_at DESC, statements.id DESC LIMIT $2";
    SPOKEN: Statement = concat!("WHERE ", spoken_of!("$1", "$2", "$3"), " ORDER BY CASE WHEN version_id = $2 THEN 0 ELSE 1 END, issued_at DESC, id DESC LIMIT $4");
    PERMITS: Statement = "WHERE version_id = $1 AND kind = 'permit' ORDER BY issued_at DESC, id DESC LIMIT $2";
    NEWEST: Statement = "ORDER BY id DESC LIMIT 1";
}

impl Reader {
    /// A statement.
    pub async fn statement(&mut self, id: StatementId) -> Result<Option<Statement>, StoreError> {
        self.first(&STATEMENT, &[id.to_value()]).await
    }

    /// The statement that was signed last, as its id tells.
    pub async fn newest_statement(&mut self) -> Result<Option<Statement>, StoreError> {
        self.first(&NEWEST, &[]).await
    }

    /// The decisions on a version, the first one first.
    pub async fn decisions(&mut self, version: VersionId) -> Result<Vec<Statement>, StoreError> {
        self.all(&DECISIONS, &[version.to_value()]).await
    }

    /// The decisions on these versions, the first one first.
    pub async fn decisions_of(&mut self, versions: impl IntoIterator<Item = VersionId>) -> Result<Vec<Statement>, StoreError> {
        self.all(&DECISIONS_OF, &[listed(versions.into_iter().map(|version| version.uuid()))]).await
    }

    /// The decisions on every version with these bytes, the last one first.
    pub async fn decisions_on_bytes(&mut self, model_digest: Digest, limit: u32) -> Result<Vec<Statement>, StoreError> {
        self.all(&DECISIONS_ON_BYTES, &[model_digest.to_value(), limit.to_value()]).await
    }

    /// The decisions on every version with these bytes, and the permit on which this version of them is in service on the infrastructure: the
    /// version's own first, and the last ones first.
    pub async fn spoken_of(
        &mut self,
        model_digest: Digest,
        version: VersionId,
        infrastructure: InfrastructureId,
        limit: u32,
    ) -> Result<Vec<Statement>, StoreError> {
        let args = [model_digest.to_value(), version.to_value(), infrastructure.to_value(), limit.to_value()];
        self.all(&SPOKEN, &args).await
    }

    /// The permits of a version, past ones too, the newest one first.
    pub async fn permits(&mut self, version: VersionId, limit: u32) -> Result<Vec<Statement>, StoreError> {
        self.all(&PERMITS, &[version.to_value(), limit.to_value()]).await
    }
}
