//! Verifies one stored statement: its signature, and that its row says what was signed.

use crate::change::statements::{sha256, utc};
use domain::Timestamp;
use proof::{
    ApprovalPredicate, Decision, Envelope, ExpectedPermit, PermitError, Sha256, SignedStatementError, Statement as Signed,
    TrustedServer, verify_permit,
};
use store::{RoundKey, Statement, StatementKind, verify::NamedStatement};

/// What a good signature says of a round.
pub(super) struct SignedDecision {
    pub round: RoundKey,
    pub decision: Decision,
    /// The end of the approval.
    pub not_after: Option<Timestamp>,
    /// The digest of what was signed.
    pub payload: Sha256,
    /// The approval that a revocation takes back.
    pub revokes: Option<Sha256>,
}

/// Verifies a statement; gives what it decides, unless it is a permit.
///
/// # Errors
/// What is wrong with the statement.
pub(super) fn verify(trusted: &TrustedServer, stated: &NamedStatement) -> Result<Option<SignedDecision>, String> {
    match stated.statement.kind {
        StatementKind::Decision => decision(trusted, stated).map(Some),
        StatementKind::Permit => permit(trusted, stated).map(|()| None),
    }
}

fn decision(trusted: &TrustedServer, stated: &NamedStatement) -> Result<SignedDecision, String> {
    let row = &stated.statement;
    let envelope = envelope(row)?;
    let Signed { subject, predicate } = Signed::<ApprovalPredicate>::verify(&envelope, &trusted.key).map_err(unsigned)?;
    let (version, digest) = subject_of(stated)?;
    if subject.digest != digest || subject.name != version {
        return Err(format!(
            "the signed decision is about other bytes or another version: {} and {}",
            subject.digest, subject.name
        ));
    }
    if let Some(server) = &trusted.name
        && predicate.server != *server
    {
        return Err(format!("the signed decision names the server {}, but this server is {server}", predicate.server));
    }
    let (decided_at, not_after) = (time(row.issued_at)?, row.not_after.map(time).transpose()?);
    let same_round = predicate.step == row.step.as_str() && predicate.round == u64::from(row.round);
    if !same_round || predicate.decided_at != decided_at || predicate.not_after != not_after {
        return Err("the row's round, time or end differs from the signed decision".to_owned());
    }
    Ok(SignedDecision {
        round: RoundKey { version: row.version_id, step: row.step.clone(), number: row.round },
        decision: predicate.decision,
        not_after: row.not_after,
        payload: envelope.payload_digest(),
        revokes: predicate.revokes,
    })
}

fn permit(trusted: &TrustedServer, stated: &NamedStatement) -> Result<(), String> {
    let row = &stated.statement;
    let (version, model_digest) = subject_of(stated)?;
    let audience = stated.infrastructure.as_ref().ok_or("the permit is for an infrastructure that does not exist")?.to_string();
    let server = trusted.name.as_deref().ok_or("the name of the server is not known, and a permit has to bear it")?;
    let issued_at = time(row.issued_at)?;
    let expected = ExpectedPermit { server, audience: &audience, model_digest, version: Some(&version), now: issued_at };
    let signed = verify_permit(&envelope(row)?, &trusted.key, &expected).map_err(|error| match error {
        PermitError::Statement(error) => unsigned(error),
        other => other.to_string(),
    })?;
    let terms = signed.predicate.terms();
    let not_after = row.not_after.map(time).transpose()?;
    if terms.not_before != issued_at || Some(terms.not_after) != not_after {
        return Err("the row's time or end differs from the signed permit".to_owned());
    }
    Ok(())
}

/// Name and digest of the version that a row is about. The digest stands in both rows: neither may have been altered.
fn subject_of(stated: &NamedStatement) -> Result<(String, Sha256), String> {
    match &stated.version {
        None => Err("the statement is about a version that does not exist".to_owned()),
        Some((_, digest)) if *digest != stated.statement.model_digest => {
            Err("the row's model digest differs from the version's".to_owned())
        }
        Some((name, digest)) => Ok((name.to_string(), sha256(*digest))),
    }
}

fn envelope(row: &Statement) -> Result<Envelope, String> {
    Envelope::from_json_bytes(&row.envelope).map_err(|error| unsigned(error.into()))
}

fn unsigned(error: SignedStatementError) -> String {
    format!("the server did not sign the statement: {error}")
}

fn time(moment: Timestamp) -> Result<proof::UtcTime, String> {
    utc(moment).map_err(|_| format!("the row's time cannot be that of a statement: {moment}"))
}
