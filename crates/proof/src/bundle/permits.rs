//! That the permits of a bundle are signed, are for the approved files, and rest on the approval.

use super::{
    approved::Approved,
    format::Bundle,
    outcome::{Checks, Outcome},
};
use crate::{
    permit::{ExpectedPermit, PermitPredicate, verify_permit},
    statement::Statement,
    trust::TrustedServer,
};

pub(super) fn check(checks: &mut Checks, bundle: &Bundle, trusted: &TrustedServer, approved: &Approved) {
    if bundle.permits.is_empty() {
        checks.add(
            "permits",
            Outcome::NotShown,
            "the bundle has no permit: no service whose permit the checkpoint covers rests on this approval",
            false,
        );
    }
    for logged in &bundle.permits {
        let permit = Statement::<PermitPredicate>::verify(&logged.envelope, &trusted.key).map_err(|error| error.to_string());
        checks.result("permit", permit.and_then(|permit| one(&permit, &logged.envelope, trusted, approved)));
    }
}

fn one(
    permit: &Statement<PermitPredicate>,
    envelope: &crate::Envelope,
    trusted: &TrustedServer,
    approved: &Approved,
) -> Result<String, String> {
    let (predicate, subject) = (&permit.predicate, &approved.statement.subject);
    let terms = predicate.terms();
    let expected = ExpectedPermit {
        server: trusted.name.as_deref().unwrap_or_else(|| predicate.server()),
        audience: &terms.audience,
        model_digest: subject.digest,
        version: Some(&subject.name),
        // At the moment from which it holds: a permit that has ended was a permit.
        now: terms.not_before,
    };
    verify_permit(envelope, &trusted.key, &expected).map_err(|error| error.to_string())?;
    if !predicate.approvals().iter().any(|reference| reference.digest.sha256 == approved.payload) {
        return Err(format!("the permit for {} does not rest on this approval", terms.audience));
    }
    Ok(format!(
        "{}/{} was let in from {} to {} on this approval",
        terms.audience, terms.service, terms.not_before, terms.not_after
    ))
}
