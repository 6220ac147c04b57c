//! Uploads: receives the files of a later version. The server hashes each file while it arrives. No version takes a file before
//! the file is complete.

pub mod known;

use crate::{
    Caller, Error, Limits, OpContext,
    base::{error::Code, find},
    views::{self, FileView, UploadLimits},
};
use bytes::Bytes;
use domain::{
    Digest, Name, NextStep, UploadId,
    access::{Action, Scope},
};
use futures_util::Stream;
use proof::FileName;
use store::{OutsideWriter, Reader, StoredFile, Upload, UploadedFile};

/// The bounds of an upload for a version of a model, for somebody who may begin one.
///
/// # Errors
/// Not a contributor; no such model.
pub async fn limits(op: &OpContext, project: &Name, model: &Name) -> Result<UploadLimits, Error> {
    op.needs(Scope::Register)?;
    find::model(op, &mut op.read().await?, project, model, Action::Contribute).await?;
    Ok(bounds(&op.settings.limits))
}

/// Begins an upload for a version of a model.
///
/// # Errors
/// Not a contributor; no such model.
pub async fn begin(op: &OpContext, project: &Name, model: &Name) -> Result<views::Upload, Error> {
    op.needs(Scope::Register)?;
    let user = op.user()?.id;
    let (ref op, mut tx) = op.write_outside().await?;
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

/// Receives one file. A file of the same name takes the place of the one before. Small files of one upload come in beside each other, large
/// ones one after the other: together they could otherwise bring in many times what a version may have. A file brings no more bytes than
/// were announced.
///
/// # Errors
/// A name that cannot be in a manifest, too many bytes or files, another digest than announced, a stream that breaks off:
/// no version sees anything of the file then, and what was stored of it is cleaned up later.
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
    own(op, &mut op.read().await?, id).await?;
    let _turn = op.receiving.turn(id, op.user()?.id, length, op.files.places()).await;
    let most = room(op, id, &name).await?;
    if length.is_some_and(|length| length > most) {
        return Err(too_large(&op.settings.limits, &name));
    }
    let most = length.map_or(most, |length| most.min(length));
    let stored = op.files.receive(op.id(), most, stream).await?;
    // A client that hangs up now does not stop this: the database must know the stored file, or nothing would ever remove it.
    let op = op.clone();
    tokio::spawn(async move { take(&op, id, &name, announced, stored).await }).await.map_err(Error::internal)?
}

/// How many bytes a file of this name may bring in.
async fn room(op: &OpContext, id: UploadId, name: &FileName) -> Result<u64, Error> {
    let limits = &op.settings.limits;
    let mut reader = op.read().await?;
    let (files, bytes) = reader.upload_totals(id).await?;
    let replaced = reader.uploaded_file(id, name.as_str()).await?;
    if files >= limits.version_files && replaced.is_none() {
        return Err(too_many(limits));
    }
    let others = bytes.saturating_sub(replaced.map_or(0, |file| file.size));
    Ok(limits.file_bytes.min(limits.version_bytes.saturating_sub(others)))
}

/// Takes a stored file into the upload; one that is not taken is noted all the same, so that clean-up finds it.
async fn take(
    op: &OpContext,
    id: UploadId,
    name: &FileName,
    announced: Option<Digest>,
    stored: StoredFile,
) -> Result<FileView, Error> {
    let taken = enter(op, id, name, announced, stored).await;
    if taken.is_err()
        && let Err(error) = note(op, stored).await
    {
        tracing::error!(sha256 = %stored.sha256, %error, "a file that was refused stays in the storage until it is swept");
    }
    taken
}

async fn enter(
    op: &OpContext,
    id: UploadId,
    name: &FileName,
    announced: Option<Digest>,
    stored: StoredFile,
) -> Result<FileView, Error> {
    if announced.is_some_and(|announced| announced != stored.sha256) {
        let message = format!("{name} arrived with the digest {}, not with the one that was announced", stored.sha256);
        return Err(Error::new(Code::DigestMismatch, message).next(NextStep::SendAgain));
    }
    let (ref op, mut tx) = op.write_outside().await?;
    own_for_change(op, &mut tx, id).await?;
    let file = UploadedFile { upload_id: id, name: name.to_string(), sha256: stored.sha256, size: stored.size };
    tx.add_uploaded_file(&file, op.now).await?;
    // The same content may have been stored before, and cleaned up just now. From here on clean-up leaves it alone.
    if !op.files.has(stored.sha256).await? {
        return Err(
            Error::new(Code::Unavailable, "the file was cleaned up while it arrived; nothing was kept").next(NextStep::SendAgain)
        );
    }
    // Others may have come in meanwhile, by another server.
    within(&op.settings.limits, &mut tx, id, name).await?;
    tx.commit().await?;
    Ok(FileView { name: file.name, sha256: file.sha256, size: file.size })
}

/// Checks that an upload keeps the bounds with this file, the last one that it took.
async fn within(limits: &Limits, reader: &mut Reader, id: UploadId, last: &FileName) -> Result<(), Error> {
    let (files, bytes) = reader.upload_totals(id).await?;
    if files > limits.version_files {
        return Err(too_many(limits));
    }
    if bytes > limits.version_bytes {
        return Err(too_large(limits, last));
    }
    Ok(())
}

/// Notes a stored file as the server's own doing: the caller may have lost the right to it meanwhile.
async fn note(op: &OpContext, stored: StoredFile) -> Result<(), Error> {
    let (op, mut tx) = OpContext { caller: Caller::Clock, key: None, ..op.clone() }.write_outside().await?;
    tx.note_stored_file(stored.sha256, stored.size, op.now).await?;
    Ok(tx.commit().await?)
}

fn too_many(limits: &Limits) -> Error {
    let message = format!("a version has at most {} files", limits.version_files);
    Error::new(Code::TooManyFiles, message).next(NextStep::PackFiles)
}

fn too_large(limits: &Limits, name: &FileName) -> Error {
    let Limits { file_bytes, version_bytes, .. } = limits;
    let message =
        format!("{name} is too large: a file may have {file_bytes} bytes, all files of a version together {version_bytes}");
    Error::new(Code::FileTooLarge, message)
}

/// Shows an upload and the files received so far.
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

/// The files received so far; none where the upload is not the caller's.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn files(op: &OpContext, id: UploadId) -> Result<Vec<UploadedFile>, Error> {
    let mut reader = op.read().await?;
    match own(op, &mut reader, id).await {
        Ok(_) => Ok(reader.uploaded_files(id).await?),
        Err(error) if error.code == Code::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Cancels an upload.
///
/// # Errors
/// No such upload of the caller.
pub async fn cancel(op: &OpContext, id: UploadId) -> Result<(), Error> {
    op.needs(Scope::Register)?;
    let (ref op, mut tx) = op.write_outside().await?;
    own_for_change(op, &mut tx, id).await?;
    tx.end_upload(id).await?;
    Ok(tx.commit().await?)
}

/// The caller's own upload, as long as its time is not over.
async fn own(op: &OpContext, reader: &mut Reader, id: UploadId) -> Result<Upload, Error> {
    checked(op, id, reader.upload(id).await?)
}

/// The caller's own upload, with which nobody else goes on before this change is committed.
pub(crate) async fn own_for_change(op: &OpContext, tx: &mut OutsideWriter, id: UploadId) -> Result<Upload, Error> {
    let upload = tx.upload_for_change(id).await?;
    checked(op, id, upload)
}

fn checked(op: &OpContext, id: UploadId, upload: Option<Upload>) -> Result<Upload, Error> {
    let user = op.user()?.id;
    let mine = upload.filter(|upload| upload.user_id == user && op.now < upload.expires_at);
    mine.ok_or_else(|| Error::not_found("upload", id).next(NextStep::BeginUpload))
}

fn view(op: &OpContext, upload: &Upload, files: Vec<UploadedFile>) -> views::Upload {
    views::Upload {
        id: upload.id,
        expires_at: upload.expires_at,
        limits: bounds(&op.settings.limits),
        files: files.into_iter().map(|file| FileView { name: file.name, sha256: file.sha256, size: file.size }).collect(),
    }
}

fn bounds(limits: &Limits) -> UploadLimits {
    UploadLimits { file_bytes: limits.file_bytes, version_bytes: limits.version_bytes, version_files: limits.version_files }
}
