//! Compares a version with another one of its model: the one that the caller names, else the one in production, else the newest
//! approved one.

use crate::{
    Error, OpContext,
    base::{find, governed_version::GovernedVersion},
    views::{
        AuthorsChange, Because, ComparedWith, Comparison, FileChange, FileContent, FilesChange, MetricChange, NotesChange,
        SchemaChange, TextChange, ValueChange,
    },
};
use domain::{
    VersionRef,
    access::{Action, Scope},
    comparison::{self, MetricDirections},
    fields::Fields,
};
use std::collections::BTreeMap;
use store::{Reader, VersionFile};

/// The stage of the infrastructures where a version is in production.
const PRODUCTION: &str = "production";

/// The most changed files that are named.
const FILES: usize = 500;

/// What differs between a version and another one of its model, or the one that it would replace.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn compare(op: &OpContext, name: &VersionRef, with: Option<u32>) -> Result<Comparison, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let later = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let with = match with {
        Some(number) => {
            let version = VersionRef { number, ..name.clone() };
            Some(ComparedWith { version, because: Because::Asked, infrastructure: None })
        }
        None => replaced(&mut reader, &later).await?,
    };
    let Some(with) = with else {
        return Ok(nothing(name));
    };
    let earlier = find::version(op, &mut reader, &with.version, Action::ReadProject).await?;
    let files = files(reader.version_files(earlier.version.id).await?, reader.version_files(later.version.id).await?);
    Ok(Comparison {
        version: name.clone(),
        with: Some(with),
        same_bytes: earlier.version.model_digest == later.version.model_digest,
        files,
        ..fields(name, &earlier.version.fields.0, &later.version.fields.0, &later.project.rules.0.metrics)
    })
}

/// The version that this one would replace: one in production, on the first such infrastructure by name, or the newest approved one.
async fn replaced(reader: &mut Reader, later: &GovernedVersion) -> Result<Option<ComparedWith>, Error> {
    let (model, own) = (later.version.model_id, later.version.number);
    let named = |number| VersionRef { number, ..later.name.clone() };
    if let Some((number, infrastructure)) = reader.in_stage(model, PRODUCTION, own).await? {
        let infrastructure = Some(infrastructure);
        return Ok(Some(ComparedWith { version: named(number), because: Because::InProduction, infrastructure }));
    }
    let number = reader.newest_approved(model, own).await?;
    Ok(number.map(|number| ComparedWith { version: named(number), because: Because::NewestApproved, infrastructure: None }))
}

fn nothing(name: &VersionRef) -> Comparison {
    fields(name, &Fields::default(), &Fields::default(), &MetricDirections::default())
}

/// All that the fields say.
fn fields(name: &VersionRef, earlier: &Fields, later: &Fields, directions: &MetricDirections) -> Comparison {
    let texts = |changes: Vec<comparison::TextChange>| changes.into_iter().map(text).collect();
    Comparison {
        version: name.clone(),
        with: None,
        same_bytes: false,
        metrics: comparison::metrics(earlier, later, directions).into_iter().map(metric).collect(),
        params: texts(comparison::params(earlier, later)),
        tags: texts(comparison::tags(earlier, later)),
        schema: schema(comparison::schema(earlier.signature.as_ref(), later.signature.as_ref())),
        source: texts(comparison::source(earlier, later)),
        authors: (earlier.authors != later.authors)
            .then(|| AuthorsChange { earlier: earlier.authors.clone(), later: later.authors.clone() }),
        notes: (earlier.notes != later.notes).then(|| NotesChange { earlier: earlier.notes.clone(), later: later.notes.clone() }),
        files: FilesChange::default(),
    }
}

fn metric(change: comparison::MetricChange) -> MetricChange {
    MetricChange {
        difference: change.difference(),
        name: change.name,
        earlier: change.earlier,
        later: change.later,
        direction: change.direction,
        reading: change.reading,
    }
}

fn text(change: comparison::TextChange) -> TextChange {
    TextChange { differs: change.differs(), name: change.name, earlier: change.earlier, later: change.later }
}

fn schema(change: comparison::SchemaChange) -> SchemaChange {
    match change {
        comparison::SchemaChange::None => SchemaChange { read: true, ..SchemaChange::default() },
        comparison::SchemaChange::Unread { equal } => SchemaChange { differs: !equal, ..SchemaChange::default() },
        comparison::SchemaChange::Values(values) => {
            let value = |value: comparison::ValueChange| ValueChange {
                differs: value.differs(),
                side: value.side,
                name: value.name,
                earlier: value.earlier,
                later: value.later,
                breaking: value.breaking,
            };
            let values: Vec<_> = values.into_iter().map(value).collect();
            SchemaChange { read: true, differs: values.iter().any(|value| value.differs), values }
        }
    }
}

fn files(earlier: Vec<VersionFile>, later: Vec<VersionFile>) -> FilesChange {
    let mut files = BTreeMap::<String, (Option<FileContent>, Option<FileContent>)>::new();
    for file in earlier {
        files.entry(file.name).or_default().0 = Some(FileContent { sha256: file.sha256, size: file.size });
    }
    for file in later {
        files.entry(file.name).or_default().1 = Some(FileContent { sha256: file.sha256, size: file.size });
    }
    let all = files.len();
    let mut changes: Vec<_> = files.into_iter().filter(|(_, (earlier, later))| earlier != later).collect();
    let differ = changes.len();
    changes.truncate(FILES);
    FilesChange {
        equal: (all - differ) as u64,
        differ: differ as u64,
        changes: changes.into_iter().map(|(name, (earlier, later))| FileChange { name, earlier, later }).collect(),
    }
}
