//! Verifies the store: the log, the rows that the record covers, the signatures and the files.

use crate::{
    Caller, Error, OpContext, Server,
    base::signed_checkpoint::{Signed, last_signed},
    record::envelopes,
    views::StoreReport,
};
use std::sync::Arc;
use store::{
    Reader,
    verify::{Finding, Pinned},
};

/// Recomputes the whole log and checks every row that it speaks of, against the last signed checkpoint as well, and the signature of
/// every stored statement; with `files`, every stored file too.
///
/// # Errors
/// When database or file storage do not answer; whatever is wrong in them, or with the checkpoint, is a finding.
pub async fn verify_store(server: &Arc<Server>, files: bool) -> Result<StoreReport, Error> {
    let op = OpContext::new(server.clone(), Caller::Console, "verify-store");
    let (last, damaged) = match last_signed(&server.keys) {
        Ok(last) => (last, None),
        Err(error) => {
            (None, Some(Finding { what: server.keys.checkpoint_file.display().to_string(), problem: error.to_string() }))
        }
    };
    let pinned = |(_, checkpoint): &Signed| Pinned { size: checkpoint.size, root: checkpoint.root };
    let pinned: Vec<_> = last.iter().map(pinned).collect();
    let mut reader = op.read().await?;
    let store::verify::Report { events, rows, root, told, mut findings } = store::verify::verify(&mut reader, &pinned).await?;
    findings.extend(damaged);
    let statements = envelopes::check(server, &mut reader, told, &mut findings).await?;
    if files {
        check_files(server, &mut reader, &mut findings).await?;
    }
    let checkpoint = pinned.first().map(|pinned| pinned.size);
    Ok(StoreReport { clean: findings.is_empty(), events, rows, statements, checkpoint, root, findings })
}

/// Hashes every stored file.
async fn check_files(server: &Server, reader: &mut Reader, findings: &mut Vec<Finding>) -> Result<(), Error> {
    for (sha256, size) in reader.referenced_files().await? {
        let problem = match server.files.examine(sha256).await {
            Ok(Some(stored)) if stored.sha256 == sha256 && stored.size == size => continue,
            Ok(Some(_)) => "the content was altered".to_owned(),
            Ok(None) => "the file is missing".to_owned(),
            Err(error) => error.to_string(),
        };
        findings.push(Finding { what: format!("files/{sha256}"), problem });
    }
    Ok(())
}
