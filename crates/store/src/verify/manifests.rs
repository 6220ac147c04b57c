//! Compares the listed files of each version with its model digest.

use super::{check::Check, lanes::Lanes};
use crate::{
    Reader, StoreError,
    query::queries,
    record::column,
    value::{Kind, Value},
};
use domain::Digest;
use proof::{FileName, Manifest, ManifestEntry, Sha256};

queries! {
    ;
    FIRST_FILES = "SELECT version_id, name, sha256, version_files.size, model_digest FROM version_files LEFT JOIN versions ON versions.id = version_id ORDER BY version_id, name LIMIT $1";
    FILES = "SELECT version_id, name, sha256, version_files.size, model_digest FROM version_files LEFT JOIN versions ON versions.id = version_id
        WHERE (version_id, name) > ($2, $3) ORDER BY version_id, name LIMIT $1";
    WITHOUT_FILES = "SELECT id FROM versions WHERE NOT EXISTS (SELECT 1 FROM version_files WHERE version_id = versions.id)";
}

const KINDS: [Kind; 5] = [Kind::Uuid, Kind::Text, Kind::Bytes, Kind::Int, Kind::Bytes];
const PAGE: u32 = 5_000;

/// What is wrong with the files of a version.
enum Wrong {
    /// There is no such version.
    Stray,
    /// They are other files than the model digest covers.
    Differ(Value),
}

/// Recomputes each version's model digest from the list of its files.
pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let (mut lanes, mut rest) = (Lanes::new(), Vec::new());
    let mut page = reader.rows(FIRST_FILES, &[Value::Int(PAGE.into())], &KINDS).await?;
    let mut stray = false;
    while let Some(last) = page.last() {
        let (version, args) = (last[0].clone(), [Value::Int(PAGE.into()), last[0].clone(), last[1].clone()]);
        rest.append(&mut page);
        // The last version of a page may have more files on the next page.
        let begun = rest.iter().rposition(|row: &Vec<Value>| row[0] != version).map_or(0, |place| place + 1);
        let next = rest.split_off(begun);
        let whole = std::mem::replace(&mut rest, next);
        if let Some(wrong) = lanes.begin(move || compare(&whole)).await? {
            stray |= report(check, wrong);
        }
        page = reader.rows(FILES, &args, &KINDS).await?;
    }
    lanes.begin(move || compare(&rest)).await?.into_iter().for_each(|wrong| stray |= report(check, wrong));
    while let Some(wrong) = lanes.next().await? {
        stray |= report(check, wrong);
    }
    for version in reader.rows(WITHOUT_FILES, &[], &[Kind::Uuid]).await? {
        report(check, version.into_iter().map(Wrong::Differ).collect());
    }
    if stray {
        check.found("version_files", "there are files of a version that does not exist");
    }
    Ok(())
}

fn compare(files: &[Vec<Value>]) -> Vec<Wrong> {
    files.chunk_by(|a, b| a[0] == b[0]).filter_map(of_version).collect()
}

fn of_version(files: &[Vec<Value>]) -> Option<Wrong> {
    let version = files.first()?[0].clone();
    let Value::Bytes(model_digest) = &files[0][4] else {
        return Some(Wrong::Stray);
    };
    let manifest =
        files.iter().map(|row| entry(row.clone())).collect::<Option<Vec<_>>>().and_then(|files| Manifest::new(files).ok());
    let same = manifest.is_some_and(|manifest| manifest.model_digest().as_bytes() == model_digest.as_slice());
    (!same).then_some(Wrong::Differ(version))
}

fn entry(row: Vec<Value>) -> Option<ManifestEntry> {
    let mut row = row.into_iter().skip(1);
    let name: String = column(row.next(), "version_files", "name").ok()?;
    let sha256: Digest = column(row.next(), "version_files", "sha256").ok()?;
    let size = column(row.next(), "version_files", "size").ok()?;
    Some(ManifestEntry { name: FileName::parse(&name).ok()?, sha256: Sha256::from_bytes(*sha256.as_bytes()), size })
}

/// Reports versions whose files differ; says whether there were files of no version.
fn report(check: &mut Check<'_>, wrong: Vec<Wrong>) -> bool {
    let mut stray = false;
    for wrong in wrong {
        match wrong {
            Wrong::Stray => stray = true,
            Wrong::Differ(Value::Uuid(version)) => check
                .found(format!("version_files/{version}"), "the listed files differ from the files that the model digest covers"),
            // The check has found a row with another kind of key already: no event names such a row.
            Wrong::Differ(_) => {}
        }
    }
    stray
}
