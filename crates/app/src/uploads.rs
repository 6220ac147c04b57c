//! Uploads: receiving the files of a version to be. Each file is hashed while it comes in; no version sees any of it before all is there.

use crate::{
    Error, Limits, OpContext,
    error::Kind,
    find,
    views::{self, FileView, UploadLimits},
};
use bytes::Bytes;
use domain::{
    Digest, Name, UploadId,
    access::{Action, Scope},
};
use futures_util::Stream;
use proof::FileName;
use store::{Reader, Upload, UploadedFile};

/// Begins an upload for a version of a model.
///
/// # Errors
/// Not a contributor; no such model.
pub async fn begin(op: &OpContext, project: &Name, model: &Name) -> Result<views::Upload, Error> {
    op.needs(Scope::Register)?;
    let user = op.user()?.id;
    let (ref op, mut tx) = op.write().await?;
    let (_, model) = find::model(op, &mut tx, project, model, Action::Contribute).await?;
    let upload = Upload {
        id: op.id(),
        model_id: model.id,
        user_id: user,
        created_at: op.now,
        expires_at: op.now.plus(op.settings.limits.upload_lifetime),
    };
    tx.add_upload(&upload).await?;
    tx.commit().await?;
    Ok(view(op, &upload, Vec::new()))
}

/// Receives one file. A file of the same name takes the place of the one before.
///
/// # Errors
/// A name that cannot be in a manifest, too many bytes or files, another digest than announced, a stream that breaks off:
/// nothing of the file is kept then.
pub async fn receive<E: std::fmt::Display>(
    op: &OpContext,
    id: UploadId,
    name: &str,
    announced: Option<Digest>,
    length: Option<u64>,
    stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<FileView, Error> {
    op.needs(Scope::Register)?;
    let name = FileName::parse(name).map_err(|error| Error::invalid("name", error.to_string()))?;
    let mut reader = op.read().await?;
    let upload = own(op, &mut reader, id).await?;
    let (files, bytes) = reader.upload_totals(id).await?;
    let limits = &op.settings.limits;
    let replaces = |file: &UploadedFile| file.name == name.as_str();
    if files >= limits.version_files && !reader.uploaded_files(id).await?.iter().any(replaces) {
        return Err(too_many(limits));
    }
    drop(reader);
    let most = limits.file_bytes.min(limits.version_bytes.saturating_sub(bytes));
    if length.is_some_and(|length| length > most) {
        return Err(too_large(limits, &name));
    }
    let stored = op.files.receive(op.id(), most, stream).await?;
    if announced.is_some_and(|announced| announced != stored.sha256) {
        let (ref op, mut tx) = op.write().await?;
        tx.note_stored_file(stored.sha256, stored.size, op.now).await?;
        tx.commit().await?;
        let message = format!("{name} arrived with the digest {}, not with the one that was announced", stored.sha256);
        return Err(Error::new(Kind::Invalid, "digest_mismatch", message)
            .hint("The file changed on the way or while it was read: send it again."));
    }
    let file = UploadedFile { upload_id: upload.id, name: name.to_string(), sha256: stored.sha256, size: stored.size };
    let (ref op, mut tx) = op.write().await?;
    own(op, &mut tx, id).await?;
    // The same content may have been stored before, and cleaned up just now; clean-up works inside of a writer too.
    if !op.files.has(file.sha256).await? {
        return Err(Error::new(Kind::Unavailable, "unavailable", "the file was cleaned up while it arrived; nothing was kept")
            .hint("Send it again."));
    }
    tx.add_uploaded_file(&file, op.now).await?;
    // Others may have come in meanwhile.
    let (files, bytes) = tx.upload_totals(id).await?;
    if files > limits.version_files {
        return Err(too_many(limits));
    }
    if bytes > limits.version_bytes {
        return Err(too_large(limits, &name));
    }
    tx.commit().await?;
    Ok(FileView { name: file.name, sha256: file.sha256, size: file.size })
}

fn too_many(limits: &Limits) -> Error {
    let message = format!("a version has at most {} files", limits.version_files);
    Error::new(Kind::TooLarge, "too_many_files", message).hint("Pack what belongs together into one file.")
}

fn too_large(limits: &Limits, name: &FileName) -> Error {
    let Limits { file_bytes, version_bytes, .. } = limits;
    let message =
        format!("{name} is too large: a file may have {file_bytes} bytes, all files of a version together {version_bytes}");
    Error::new(Kind::TooLarge, "file_too_large", message)
}

/// Shows an upload and what it has received.
///
/// # Errors
/// No such upload of the caller.
pub async fn show(op: &OpContext, id: UploadId) -> Result<views::Upload, Error> {
    op.needs(Scope::Register)?;
    let mut reader = op.read().await?;
    let upload = own(op, &mut reader, id).await?;
    let files = reader.uploaded_files(id).await?;
    Ok(view(op, &upload, files))
}

/// Forgets an upload.
///
/// # Errors
/// No such upload of the caller.
pub async fn cancel(op: &OpContext, id: UploadId) -> Result<(), Error> {
    op.needs(Scope::Register)?;
    let (ref op, mut tx) = op.write().await?;
    own(op, &mut tx, id).await?;
    tx.end_upload(id).await?;
    Ok(tx.commit().await?)
}

/// The caller's own upload, as long as its time is not over.
pub(crate) async fn own(op: &OpContext, reader: &mut Reader, id: UploadId) -> Result<Upload, Error> {
    let user = op.user()?.id;
    let upload = reader.upload(id).await?;
    let mine = upload.filter(|upload| upload.user_id == user && op.now < upload.expires_at);
    mine.ok_or_else(|| Error::not_found("upload", id).hint("It was finished, cancelled or is too old: begin a new one."))
}

fn view(op: &OpContext, upload: &Upload, files: Vec<UploadedFile>) -> views::Upload {
    let limits = &op.settings.limits;
    views::Upload {
        id: upload.id,
        expires_at: upload.expires_at,
        limits: UploadLimits {
            file_bytes: limits.file_bytes,
            version_bytes: limits.version_bytes,
            version_files: limits.version_files,
        },
        files: files.into_iter().map(|file| FileView { name: file.name, sha256: file.sha256, size: file.size }).collect(),
    }
}
