//! The approval that a bundle is about.

use super::format::Bundle;
use crate::{
    approval::{ApprovalPredicate, Decision},
    sha256::Sha256,
    statement::Statement,
    trust::TrustedServer,
};

/// The approval of a bundle, once its signature was verified.
pub(super) struct Approved {
    pub statement: Statement<ApprovalPredicate>,
    pub payload: Sha256,
}

/// The one approval among the decisions.
pub(super) fn approval(bundle: &Bundle, trusted: &TrustedServer, version: Option<&str>) -> Result<Approved, String> {
    let mut approved = None;
    for logged in &bundle.decisions {
        let statement =
            Statement::<ApprovalPredicate>::verify(&logged.envelope, &trusted.key).map_err(|error| error.to_string())?;
        let predicate = &statement.predicate;
        let name = format!("{}/{}:{}", predicate.project, predicate.model, predicate.version);
        if statement.subject.name != name {
            return Err(format!("a decision is named `{}`, and it decides {name}", statement.subject.name));
        }
        if trusted.name.as_ref().is_some_and(|trusted| *trusted != predicate.server) {
            return Err(format!("a decision is from server `{}`, which is not the trusted one", predicate.server));
        }
        if predicate.decision == Decision::Approved
            && approved.replace(Approved { payload: logged.envelope.payload_digest(), statement }).is_some()
        {
            return Err("the bundle has two approvals".to_owned());
        }
    }
    let approved = approved.ok_or("the bundle has no approval")?;
    match version {
        Some(version) if version != approved.statement.subject.name => {
            Err(format!("the approval is for {}, not for {version}", approved.statement.subject.name))
        }
        _ => Ok(approved),
    }
}
