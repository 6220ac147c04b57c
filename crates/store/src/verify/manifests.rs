//! Compares the listed files of each version with its model digest.

use super::{Check, PAGE};
use crate::{
    Reader, StoreError, VersionFile,
    query::queries,
    value::{Kind, Value},
};
use domain::VersionId;
use proof::{FileName, Manifest, ManifestEntry, Sha256};

queries! {
    ;
    VERSIONS = "SELECT id, model_digest FROM versions ORDER BY id LIMIT $1 OFFSET $2";
    STRAY_FILES = "SELECT COUNT(*) FROM version_files WHERE NOT EXISTS (SELECT 1 FROM versions WHERE versions.id = version_id)";
}

/// Recomputes each version's model digest from the list of its files.
pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut offset = 0;
    loop {
        let page = reader.rows(VERSIONS, &[Value::Int(PAGE.into()), Value::Int(offset)], &[Kind::Uuid, Kind::Bytes]).await?;
        if page.is_empty() {
            break;
        }
        offset += page.len() as i64;
        for row in page {
            // The check has found a row with another kind of key already: no event names such a row.
            let [Value::Uuid(version), Value::Bytes(model_digest)] = row.as_slice() else {
                continue;
            };
            let files = match reader.version_files(VersionId::from_uuid(*version)).await {
                Err(StoreError::Unreadable { .. }) => None,
                files => manifest(&files?),
            };
            if files.is_none_or(|files| files.model_digest().as_bytes() != model_digest.as_slice()) {
                check.found(
                    format!("version_files/{version}"),
                    "the listed files differ from the files that the model digest covers",
                );
            }
        }
    }
    if reader.number::<u64>(STRAY_FILES, &[]).await? > 0 {
        check.found("version_files", "there are files of a version that does not exist");
    }
    Ok(())
}

fn manifest(files: &[VersionFile]) -> Option<Manifest> {
    let entry = |file: &VersionFile| {
        Some(ManifestEntry {
            name: FileName::parse(&file.name).ok()?,
            sha256: Sha256::from_bytes(*file.sha256.as_bytes()),
            size: file.size,
        })
    };
    Manifest::new(files.iter().map(entry).collect::<Option<_>>()?).ok()
}
