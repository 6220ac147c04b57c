//! Reads every stored statement in the order of its version, and verifies it.

use crate::{
    Error,
    record::envelope::{self, SignedDecision},
};
use domain::VersionId;
use proof::TrustedServer;
use std::sync::Arc;
use store::{
    Reader, StoreError,
    verify::{Finding, Lanes, NamedStatement, PageStart},
};

/// Statements that are read at once.
const PAGE: u32 = 500;

/// Statements, verified on all cores.
pub(super) struct VerifiedStatements {
    trusted: Arc<TrustedServer>,
    lanes: Lanes<Page>,
    /// Behind which statement the next page begins; none once all were read.
    behind: Option<PageStart>,
    /// The last version of the pages that came back: its statements may go on.
    version: Option<VersionId>,
    /// How many statements were read.
    pub(super) count: u64,
}

/// What was signed, or what is wrong with a statement.
pub(super) type Verified = Result<SignedDecision, Finding>;

struct Page {
    verified: Vec<Verified>,
    last: Option<VersionId>,
}

impl VerifiedStatements {
    /// Before all statements.
    pub(super) fn new(trusted: Arc<TrustedServer>) -> Self {
        Self { trusted, lanes: Lanes::new(), behind: Some(PageStart::no_statement()), version: None, count: 0 }
    }

    /// The next page, until every statement about this version and those before it came; without a version, all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn upto(&mut self, version: Option<VersionId>, reader: &mut Reader) -> Result<Option<Vec<Verified>>, Error> {
        if version.is_some() && self.version > version {
            return Ok(None);
        }
        loop {
            let page = match self.behind.take() {
                None => self.lanes.next().await?,
                Some(behind) => {
                    let page = reader.stated(PAGE, &behind).await?;
                    if page.rows.is_empty() {
                        continue;
                    }
                    self.count += page.rows.len() as u64;
                    let (trusted, last) = (Arc::clone(&self.trusted), page.last.version());
                    self.behind = Some(page.last);
                    self.lanes.begin(move || Page { verified: verify(&trusted, page.rows), last }).await?
                }
            };
            match page {
                Some(page) => {
                    self.version = page.last;
                    return Ok(Some(page.verified));
                }
                None if self.behind.is_none() => return Ok(None),
                None => {}
            }
        }
    }
}

fn verify(trusted: &TrustedServer, page: Vec<Result<NamedStatement, StoreError>>) -> Vec<Verified> {
    let one = |stated: Result<NamedStatement, StoreError>| match stated {
        Err(error) => Some(Err(Finding { what: "statements".to_owned(), problem: error.to_string() })),
        Ok(stated) => match envelope::verify(trusted, &stated) {
            Ok(decision) => decision.map(Ok),
            Err(problem) => Some(Err(Finding { what: format!("statements/{}", stated.statement.id), problem })),
        },
    };
    page.into_iter().filter_map(one).collect()
}
