//! Verifies every stored statement, on all cores, and checks that each decided round rests on a signed decision. A person with write
//! access to the database can rewrite rows and log, but cannot sign.

use crate::{
    Error,
    record::envelope::{self, SignedDecision},
};
use domain::{Timestamp, signoff::Status};
use proof::{Decision, Sha256, TrustedServer};
use std::{collections::HashMap, fmt::Display, sync::Arc};
use store::{
    Reader, RoundKey, StoreError,
    verify::{DecidedRound, Finding, Lanes, LoggedDecisions, NamedStatement, PageStart},
};

/// Statements and rounds that are read at once.
const PAGE: u32 = 500;

/// What was signed in a page of statements, or what is wrong with one.
type Page = Vec<Result<SignedDecision, Finding>>;

/// Checks every statement and every decided round, also against what the log tells of it; gives how many statements there are.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn check(
    trusted: &Arc<TrustedServer>,
    reader: &mut Reader,
    logged: HashMap<RoundKey, LoggedDecisions>,
    findings: &mut Vec<Finding>,
) -> Result<u64, Error> {
    let mut check = Check { decisions: HashMap::new(), logged, findings };
    let (mut statements, mut lanes, mut behind) = (0, Lanes::new(), PageStart::no_statement());
    loop {
        let page = reader.stated(PAGE, &behind).await?;
        if page.rows.is_empty() {
            break;
        }
        statements += page.rows.len() as u64;
        behind = page.last;
        let trusted = Arc::clone(trusted);
        if let Some(page) = lanes.begin(move || verify(&trusted, page.rows)).await? {
            check.statements(page);
        }
    }
    while let Some(page) = lanes.next().await? {
        check.statements(page);
    }
    let mut behind = PageStart::no_round();
    loop {
        let page = reader.decided(PAGE, &behind).await?;
        if page.rows.is_empty() {
            break;
        }
        behind = page.last;
        for decided in page.rows {
            match decided {
                Ok(Some(decided)) => check.round(&decided),
                Ok(None) => {}
                Err(error) => check.found("rounds", error),
            }
        }
    }
    check.undecided();
    Ok(statements)
}

fn verify(trusted: &TrustedServer, page: Vec<Result<NamedStatement, StoreError>>) -> Page {
    let one = |stated: Result<NamedStatement, StoreError>| match stated {
        Err(error) => Some(Err(Finding { what: "statements".to_owned(), problem: error.to_string() })),
        Ok(stated) => match envelope::verify(trusted, &stated) {
            Ok(decision) => decision.map(Ok),
            Err(problem) => Some(Err(Finding { what: format!("statements/{}", stated.statement.id), problem })),
        },
    };
    page.into_iter().filter_map(one).collect()
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
    /// What good signatures say of each round.
    decisions: HashMap<RoundKey, Said>,
    /// What the log tells of each round.
    logged: HashMap<RoundKey, LoggedDecisions>,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn found(&mut self, what: impl Into<String>, problem: impl Display) {
        self.findings.push(Finding { what: what.into(), problem: problem.to_string() });
    }

    fn statements(&mut self, page: Page) {
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
        let (said, logged) = (self.decisions.remove(round).unwrap_or_default(), self.logged.remove(round).unwrap_or_default());
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

    /// What is left was signed, or is in the log, about rounds that are not decided.
    fn undecided(&mut self) {
        for round in std::mem::take(&mut self.decisions).into_keys() {
            self.logged.remove(&round);
            self.found(round.to_string(), "the server signed a decision on the round, but the round is not decided");
        }
        for round in std::mem::take(&mut self.logged).into_keys() {
            self.found(round.to_string(), "the log has a decision on the round, but the round is not decided");
        }
    }
}
