//! Checks a bundle, and says of each check whether the bundle shows it, does not show it, or is wrong.

use super::{
    approved::{Approved, approval},
    consistency,
    format::Bundle,
    logged,
    outcome::{Check, Checks, Outcome},
    permits,
};
use crate::{
    approval::{ApprovalPredicate, Decision},
    manifest::Manifest,
    sha256::Sha256,
    statement::Statement,
    text::UtcTime,
    trust::TrustedServer,
};

/// What a bundle is checked against.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// The server whose signatures count.
    pub trusted: &'a TrustedServer,
    /// The present moment: whether the approval has ended.
    pub now: UtcTime,
    /// The version that the bundle has to be about, `project/model:version`, if one is asked for.
    pub version: Option<&'a str>,
    /// Signed checkpoints that the verifier kept: the bundle's log has to continue each of them.
    pub kept: &'a [String],
    /// The manifest of files that the verifier has, if there are any.
    pub files: Option<&'a Manifest>,
}

/// Checks everything that can be checked without a server. The last checks say what no bundle shows.
pub fn verify(bundle: &Bundle, expected: &Expected<'_>) -> Vec<Check> {
    let mut checks = Checks::default();
    let trusted = expected.trusted;
    let approved = approval(bundle, trusted, expected.version);
    match &approved {
        Ok(approved) => checks.result("approval", Ok(in_words(&approved.statement.predicate))),
        Err(problem) => checks.result("approval", Err(problem.clone())),
    }
    if let Ok(approved) = &approved {
        let predicate = &approved.statement.predicate;
        checks.result("files", files(bundle, approved));
        own_files(&mut checks, expected, approved);
        checks.result("fields", digest("fields", &bundle.considered, predicate.considered));
        checks.result("feedback", digest("feedback", &bundle.feedback, predicate.feedback));
        in_force(&mut checks, bundle, expected, approved);
        permits::check(&mut checks, bundle, trusted, approved);
    }
    let checkpoint = logged::check(&mut checks, bundle, trusted);
    consistency::check(&mut checks, bundle, trusted, expected.kept, checkpoint.as_ref());
    let after =
        checkpoint.map_or_else(|| "the bundle's checkpoint".to_owned(), |checkpoint| format!("event {}", checkpoint.size));
    checks.add(
        "no later revocation",
        Outcome::NotShown,
        format!("no bundle shows that the approval was not revoked after {after}"),
        false,
    );
    checks.add("the approver's own hand", Outcome::NotShown, "the server signed for the approver", false);
    checks.0
}

fn in_words(predicate: &ApprovalPredicate) -> String {
    let ApprovalPredicate { project, model, version, decided_by, decided_at, server, .. } = predicate;
    format!(
        "{server} signed that {} ({}) approved {project}/{model}:{version} at {decided_at}",
        decided_by.subject, decided_by.name
    )
}

fn files(bundle: &Bundle, approved: &Approved) -> Result<String, String> {
    let manifest = Manifest::parse(bundle.manifest.as_bytes()).map_err(|error| error.to_string())?;
    let (found, signed) = (manifest.model_digest(), approved.statement.subject.digest);
    match found == signed {
        true => Ok(format!(
            "the approval is for exactly the files of the manifest (number of files: {}), model digest {signed}",
            manifest.entries().len()
        )),
        false => Err(format!("the approval is for model digest {signed}, and the manifest has {found}")),
    }
}

/// The files that the verifier has.
fn own_files(checks: &mut Checks, expected: &Expected<'_>, approved: &Approved) {
    const CHECK: &str = "your files";
    let Some(files) = expected.files else {
        return checks.add(CHECK, Outcome::NotShown, "no folder with the model was given", false);
    };
    let (found, signed) = (files.model_digest(), approved.statement.subject.digest);
    checks.result(
        CHECK,
        match found == signed {
            true => Ok("the files that you have are exactly those that were approved".to_owned()),
            false => Err(format!("the files that you have give model digest {found}, and {signed} was approved")),
        },
    );
}

/// Bytes that the approval names by their digest.
fn digest(what: &str, bytes: &str, signed: Sha256) -> Result<String, String> {
    match Sha256::of(bytes.as_bytes()) == signed {
        true => Ok(format!("the approver considered exactly the {what} in the bundle")),
        false => {
            Err(format!("the approver considered other {what} than the bundle holds: the approval names the digest {signed}"))
        }
    }
}

/// Whether the approval holds: not ended, and not revoked by a decision in the bundle.
fn in_force(checks: &mut Checks, bundle: &Bundle, expected: &Expected<'_>, approved: &Approved) {
    let predicate = &approved.statement.predicate;
    let same_round = |other: &ApprovalPredicate| {
        (&other.project, &other.model, other.version, &other.step, other.round)
            == (&predicate.project, &predicate.model, predicate.version, &predicate.step, predicate.round)
    };
    let mut result = match predicate.not_after {
        Some(end) if end <= expected.now => Err(format!("the approval ended at {end}")),
        Some(end) => Ok(format!("the approval holds until {end}, as far as the bundle knows")),
        None => Ok("the approval has no end, as far as the bundle knows".to_owned()),
    };
    for logged in &bundle.decisions {
        let Ok(statement) = Statement::<ApprovalPredicate>::verify(&logged.envelope, &expected.trusted.key) else {
            continue;
        };
        let other = &statement.predicate;
        result = match other.decision {
            Decision::Approved => continue,
            _ if !same_round(other) => Err("a decision in the bundle is about another round".to_owned()),
            Decision::Revoked if other.revokes != Some(approved.payload) => {
                Err("a revocation in the bundle names another approval".to_owned())
            }
            Decision::Revoked => Err(format!("{} revoked the approval at {}", other.decided_by.subject, other.decided_at)),
            Decision::Rejected => Err("the round was rejected".to_owned()),
        };
    }
    checks.result("in force", result);
}
