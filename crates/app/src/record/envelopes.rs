//! Verifies every stored statement, on all cores, and checks that each decided round rests on a signed decision. A person with write
//! access to the database can rewrite rows and log, but cannot sign.

use crate::{
    Error,
    record::{
        envelope::SignedDecision,
        verified_statements::{Verified, VerifiedStatements},
    },
};
use domain::{Timestamp, VersionId, signoff::Status};
use proof::{Decision, Sha256, TrustedServer};
use std::{collections::BTreeMap, fmt::Display, sync::Arc};
use store::{
    LoggedEvent, Reader, RoundKey,
    verify::{AllDecisions, DecidedRound, Finding, LoggedDecisions, PageStart},
};

/// Rounds that are read at once.
const PAGE: u32 = 500;

/// Checks every statement and every decided round, also against what the log tells of it; gives how many statements there are. Statements
/// and rounds come in the order of their versions, so that only those of a few pages are kept.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn check(
    trusted: &Arc<TrustedServer>,
    reader: &mut Reader,
    logged: AllDecisions,
    findings: &mut Vec<Finding>,
) -> Result<u64, Error> {
    let mut statements = VerifiedStatements::new(Arc::clone(trusted));
    let mut check = Check { decisions: BTreeMap::new(), logged, findings };
    let mut behind = PageStart::no_round();
    loop {
        let page = reader.decided(PAGE, &behind).await?;
        // None behind the last round; and where somebody altered the key, so that it is not known which statements the page needs.
        let (is_last, end) = (page.rows.is_empty(), page.last.version());
        while let Some(signed) = statements.upto(end, reader).await? {
            check.statements(signed);
        }
        for decided in page.rows {
            match decided {
                Ok(Some(decided)) => check.round(&decided),
                Ok(None) => {}
                Err(error) => check.found("rounds", error),
            }
        }
        if is_last {
            break;
        }
        check.undecided_before(end);
        behind = page.last;
    }
    check.undecided(|_| true);
    check.unsigned(reader).await?;
    Ok(statements.count)
}

/// What was signed about a round.
#[derive(Default, PartialEq, Eq)]
struct Said {
    /// That it was approved, until when.
    approved: Option<Option<Timestamp>>,
    rejected: bool,
    revoked: bool,
    /// The digest of the approval, and the approval that the revocation names.
    approval: Option<Sha256>,
    revokes: Option<Sha256>,
}

struct Check<'a> {
    /// What good signatures say of each round that was not compared yet.
    decisions: BTreeMap<RoundKey, Said>,
    /// What the log tells of each round.
    logged: AllDecisions,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn found(&mut self, what: impl Into<String>, problem: impl Display) {
        self.findings.push(Finding { what: what.into(), problem: problem.to_string() });
    }

    fn statements(&mut self, page: Vec<Verified>) {
        for signed in page {
            match signed {
                Err(finding) => self.findings.push(finding),
                Ok(SignedDecision { round, decision, not_after, payload, revokes }) => {
                    let said = self.decisions.entry(round).or_default();
                    match decision {
                        Decision::Approved => {
                            said.approved = Some(not_after);
                            said.approval = Some(payload);
                        }
                        Decision::Rejected => said.rejected = true,
                        Decision::Revoked => {
                            said.revoked = true;
                            said.revokes = revokes;
                        }
                    }
                }
            }
        }
    }

    fn round(&mut self, decided: &DecidedRound) {
        let round = &decided.round;
        let (said, logged) = (self.decisions.remove(round).unwrap_or_default(), self.logged.take(round));
        let approved = said.approved.is_some();
        let rests = match decided.status {
            Status::Approved => said.approved == Some(decided.not_after) && !said.rejected && !said.revoked,
            Status::Expired => approved && !said.rejected && !said.revoked,
            Status::Revoked => approved && !said.rejected && said.revoked,
            Status::Rejected => !approved && said.rejected && !said.revoked,
            _ => true,
        };
        let what = || decided.round.to_string();
        if !rests {
            self.found(what(), format!("the round is {}, but the signed decisions do not say so", decided.status));
        } else if logged != (LoggedDecisions { approved, rejected: said.rejected, revoked: said.revoked }) {
            self.found(what(), "the decisions in the log differ from the signed decisions");
        } else if said.revoked && said.revokes != said.approval {
            self.found(what(), "the signed revocation names another approval than the one of the round");
        }
    }

    /// Every round of the versions before this one was compared, if it is known which one that is.
    fn undecided_before(&mut self, end: Option<VersionId>) {
        self.undecided(|round| end.is_some_and(|end| round.version < end));
    }

    /// What is left of these rounds was signed about rounds that are not decided.
    fn undecided(&mut self, these: impl Fn(&RoundKey) -> bool) {
        let left: Vec<_> = self.decisions.extract_if(.., |round, _| these(round)).collect();
        for (round, _) in left {
            self.logged.take(&round);
            self.found(round.to_string(), "the server signed a decision on the round, but the round is not decided");
        }
    }

    /// What is left in the log was decided about rounds that are not decided, and nothing was signed.
    async fn unsigned(&mut self, reader: &mut Reader) -> Result<(), Error> {
        for position in self.logged.left() {
            let Some(body) = reader.event_body(position).await? else { continue };
            let event = LoggedEvent::parse(&body)?;
            let round = event.about.version.zip(event.event.sign_off());
            if let Some((version, (step, number))) = round {
                let round = RoundKey { version, step: step.clone(), number };
                self.found(round.to_string(), "the log has a decision on the round, but the round is not decided");
            }
        }
        Ok(())
    }
}
