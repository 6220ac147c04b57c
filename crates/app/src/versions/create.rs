//! Registers a version: takes the files of an upload, computes their model digest, and fixes both for ever.

use crate::base::governed_version::GovernedVersion;
use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, find},
    versions::{self, fields::shown, servability, uploads},
    views::{self, CreateVersionRequest},
};
use domain::{
    Digest, Name, NextStep,
    access::{Action, Scope},
    event::Event,
    signoff::SignOff,
};
use proof::{FileName, Manifest, ManifestEntry, Sha256};
use store::{Json, Round, UploadedFile, Version, VersionFile};

/// Registers a version from an upload. A version of an ONNX file that comes without a signature gets the one that the file declares.
///
/// # Errors
/// Not a contributor; an empty upload; names that collide; a model digest other than the client's; fields that are wrong.
pub async fn create(
    op: &OpContext,
    project: &Name,
    model: &Name,
    request: CreateVersionRequest,
) -> Result<views::Version, Error> {
    op.needs(Scope::Register)?;
    request.fields.validate().map_err(|error| Error::invalid("/fields", error.to_string()))?;
    let user = op.user()?.id;
    let judged = uploads::files(op, request.upload).await?;
    let inspection = servability::inspect(op, &judged).await?;
    let mut fields = request.fields;
    fields.signature = fields.signature.or(inspection.schema);
    let shown = shown(&fields)?;
    let (ref op, mut tx) = op.write().await?;
    let (project, model) = find::model(op, &mut tx, project, model, Action::Contribute).await?;
    let upload = uploads::own_for_change(op, &mut tx, request.upload).await?;
    if upload.model_id != model.id {
        return Err(Error::invalid("/upload", "the upload was begun for another model"));
    }
    let files = tx.uploaded_files(upload.id).await?;
    if files != judged {
        return Err(Error::stale("the files of the upload have changed since the registration began"));
    }
    let manifest = manifest(&files)?;
    let model_digest = Digest::from_bytes(*manifest.model_digest().as_bytes());
    if request.model_digest.is_some_and(|announced| announced != model_digest) {
        let message = format!("the files that arrived have the model digest {model_digest}, not the one that was announced");
        return Err(Error::new(Code::DigestMismatch, message)
            .at("/model_digest")
            .next(NextStep::CompareUpload { upload: upload.id }));
    }
    let version = Version {
        id: op.id(),
        model_id: model.id,
        number: tx.last_number(model.id).await? + 1,
        model_digest,
        file_count: files.len() as u64,
        size: manifest.total_size(),
        fields: Json(fields),
        shown,
        uploader_id: user,
        workflow: project.workflow.clone(),
        warnings: Json(inspection.warnings),
        revision: 1,
        created_at: op.now,
        uploader: op.signatory().map(Json),
        retired: None,
    };
    tx.insert(&version).await?;
    let files: Vec<_> = files
        .into_iter()
        .map(|file| VersionFile { version_id: version.id, name: file.name, sha256: file.sha256, size: file.size })
        .collect();
    tx.add_version_files(&files).await?;
    let steps = version.workflow.0.sign_offs();
    let rounds: Vec<_> = steps.map(|step| Round::of(&SignOff::new(version.id, step.clone()), 1, op.now)).collect();
    for round in &rounds {
        tx.insert(round).await?;
    }
    tx.end_upload(upload.id).await?;
    let event = Event::VersionCreated {
        number: version.number,
        model_digest,
        files: version.file_count,
        size: version.size,
        fields: version.fields.0.governed(),
    };
    let whole = |round| (version.clone(), model.clone(), project.clone(), round);
    let without = || Error::internal("the workflow of the project has no sign-off");
    let mut found = GovernedVersion::of(rounds.into_iter().map(whole).collect()).ok_or_else(without)?;
    change::record(op, &mut tx, Subject::Version(&mut found), event).await?;
    tx.commit().await?;
    let view = versions::view::version(op, &mut op.read_back().await?, &found).await.map_err(Error::after_commit)?;
    Ok(view)
}

fn manifest(files: &[UploadedFile]) -> Result<Manifest, Error> {
    if files.is_empty() {
        return Err(Error::new(Code::EmptyUpload, "the upload has no files").at("/upload").next(NextStep::SendFile));
    }
    let entries = files.iter().map(|file| {
        let name = FileName::parse(&file.name).map_err(|error| Error::invalid("/upload", error.to_string()))?;
        Ok(ManifestEntry { name, sha256: Sha256::from_bytes(*file.sha256.as_bytes()), size: file.size })
    });
    let entries: Result<Vec<_>, Error> = entries.collect();
    let manifest = Manifest::new(entries?).map_err(|error| Error::invalid("/upload", error.to_string()))?;
    if manifest.total_size() == 0 {
        return Err(Error::new(Code::EmptyUpload, "all files of the upload are empty").at("/upload").next(NextStep::SendFile));
    }
    Ok(manifest)
}
