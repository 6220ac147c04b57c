//! Verifies each stored statement: its signature, and that its row says what was signed. Checks that each decided round rests
//! on a signed decision. A person with write access to the database can rewrite rows and log, but cannot sign.

use crate::{
    Error,
    change::statements::{sha256, utc},
};
use domain::{Timestamp, signoff::Status};
use proof::{
    ApprovalPredicate, Decision, Envelope, ExpectedPermit, PermitError, Sha256, SignedStatementError, Statement as Signed,
    TrustedServer, verify_permit,
};
use std::{collections::HashMap, fmt::Display};
use store::{
    Reader, RoundKey, Statement, StatementKind,
    verify::{Decided, Finding, Stated, Told},
};

/// Statements and rounds that are read at once.
const PAGE: u32 = 500;

/// Checks every statement and every decided round, also against what the log tells of it; gives how many statements there are.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn check(
    trusted: &TrustedServer,
    reader: &mut Reader,
    told: HashMap<RoundKey, Told>,
    findings: &mut Vec<Finding>,
) -> Result<u64, Error> {
    let mut check = Check { trusted, decisions: HashMap::new(), told, findings };
    let mut statements = 0;
    loop {
        let page = reader.stated(PAGE, statements).await?;
        if page.is_empty() {
            break;
        }
        statements += page.len() as u64;
        page.into_iter().for_each(|stated| match stated {
            Ok(stated) => check.statement(&stated),
            Err(error) => check.found("statements", error),
        });
    }
    let mut rounds = 0;
    loop {
        let page = reader.decided(PAGE, rounds).await?;
        if page.is_empty() {
            break;
        }
        rounds += page.len() as u64;
        page.into_iter().for_each(|decided| match decided {
            Ok(decided) => check.round(&decided),
            Err(error) => check.found("rounds", error),
        });
    }
    check.undecided();
    Ok(statements)
}

/// What was signed about a round.
#[derive(Default, PartialEq, Eq)]
struct Said {
    /// That it was approved, until when.
    approved: Option<Option<Timestamp>>,
    rejected: bool,
    revoked: bool,
}

struct Check<'a> {
    trusted: &'a TrustedServer,
    /// What good signatures say of each round.
    decisions: HashMap<RoundKey, Said>,
    /// What the log tells of each round.
    told: HashMap<RoundKey, Told>,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn found(&mut self, what: impl Into<String>, problem: impl Display) {
        self.findings.push(Finding { what: what.into(), problem: problem.to_string() });
    }

    fn statement(&mut self, stated: &Stated) {
        let checked = match stated.statement.kind {
            StatementKind::Decision => self.decision(stated),
            StatementKind::Permit => self.permit(stated),
        };
        if let Err(problem) = checked {
            self.found(format!("statements/{}", stated.statement.id), problem);
        }
    }

    fn decision(&mut self, stated: &Stated) -> Result<(), String> {
        let row = &stated.statement;
        let Signed { subject, predicate } =
            Signed::<ApprovalPredicate>::verify(&envelope(row)?, &self.trusted.key).map_err(unsigned)?;
        let (version, digest) = subject_of(stated)?;
        if subject.digest != digest || subject.name != version {
            return Err(format!(
                "the signed decision is about other bytes or another version: {} and {}",
                subject.digest, subject.name
            ));
        }
        if let Some(server) = &self.trusted.name
            && predicate.server != *server
        {
            return Err(format!("the signed decision names the server {}, but this server is {server}", predicate.server));
        }
        let (decided_at, not_after) = (time(row.issued_at)?, row.not_after.map(time).transpose()?);
        let same_round = predicate.step == row.step.as_str() && predicate.round == u64::from(row.round);
        if !same_round || predicate.decided_at != decided_at || predicate.not_after != not_after {
            return Err("the row's round, time or end differs from the signed decision".to_owned());
        }
        let round = RoundKey { version: row.version_id, step: row.step.clone(), number: row.round };
        let said = self.decisions.entry(round).or_default();
        match predicate.decision {
            Decision::Approved => said.approved = Some(row.not_after),
            Decision::Rejected => said.rejected = true,
            Decision::Revoked => said.revoked = true,
        }
        Ok(())
    }

    fn permit(&self, stated: &Stated) -> Result<(), String> {
        let row = &stated.statement;
        let (version, model_digest) = subject_of(stated)?;
        let audience =
            stated.infrastructure.as_ref().ok_or("the permit is for an infrastructure that does not exist")?.to_string();
        let server = self.trusted.name.as_deref().ok_or("the name of the server is not known, and a permit has to bear it")?;
        let issued_at = time(row.issued_at)?;
        let expected = ExpectedPermit { server, audience: &audience, model_digest, version: Some(&version), now: issued_at };
        let signed = verify_permit(&envelope(row)?, &self.trusted.key, &expected).map_err(|error| match error {
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

    fn round(&mut self, decided: &Decided) {
        let round = &decided.round;
        let (said, told) = (self.decisions.remove(round).unwrap_or_default(), self.told.remove(round).unwrap_or_default());
        let approved = said.approved.is_some();
        let rests = match decided.status {
            Status::Approved => said == Said { approved: Some(decided.not_after), ..Said::default() },
            Status::Expired => approved && !said.rejected && !said.revoked,
            Status::Revoked => approved && !said.rejected && said.revoked,
            Status::Rejected => said == Said { rejected: true, ..Said::default() },
            _ => true,
        };
        let what = || decided.round.to_string();
        if !rests {
            self.found(what(), format!("the round is {}, but the signed decisions do not say so", decided.status));
        } else if told != (Told { approved, rejected: said.rejected, revoked: said.revoked }) {
            self.found(what(), "the decisions in the log differ from the signed decisions");
        }
    }

    /// What is left was signed, or is told, about rounds that are not decided.
    fn undecided(&mut self) {
        for round in std::mem::take(&mut self.decisions).into_keys() {
            self.told.remove(&round);
            self.found(round.to_string(), "the server signed a decision on the round, but the round is not decided");
        }
        for round in std::mem::take(&mut self.told).into_keys() {
            self.found(round.to_string(), "the log has a decision on the round, but the round is not decided");
        }
    }
}

/// Name and digest of the version that a row is about. The digest stands in both rows: neither may have been altered.
fn subject_of(stated: &Stated) -> Result<(String, Sha256), String> {
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
