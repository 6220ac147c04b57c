//! The files of a version: the manifest that the model digest covers, and their content.

use crate::{
    Error, OpContext,
    base::find,
    views::{FileView, List},
};
use bytes::Bytes;
use domain::{
    VersionRef,
    access::{Action, Scope},
};
use futures_util::{Stream, StreamExt};
use proof::{FileName, Manifest, ManifestEntry, Sha256};
use std::pin::Pin;
use store::{Reader, Version, VersionFile};

/// A file's content in pieces.
pub type Content = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// The canonical bytes of `manifest.json`; their SHA-256 is the model digest.
///
/// # Errors
/// No such version, or none that the caller may see; files that no longer are what the model digest covers.
pub async fn manifest(op: &OpContext, name: &VersionRef) -> Result<Vec<u8>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    manifest_of(&mut reader, &found.version, &name.to_string()).await
}

/// The canonical manifest of a version, checked against its model digest.
pub(crate) async fn manifest_of(reader: &mut Reader, version: &Version, name: &str) -> Result<Vec<u8>, Error> {
    let entries = reader.version_files(version.id).await?.into_iter().map(|file| {
        let name = FileName::parse(&file.name).map_err(Error::internal)?;
        Ok(ManifestEntry { name, sha256: Sha256::from_bytes(*file.sha256.as_bytes()), size: file.size })
    });
    let manifest = Manifest::new(entries.collect::<Result<_, Error>>()?).map_err(Error::internal)?;
    if manifest.model_digest().as_bytes() != version.model_digest.as_bytes() {
        let problem = format!("the files of {name} are not those that its model digest covers: verify the store");
        return Err(Error::internal(problem));
    }
    Ok(manifest.to_bytes())
}

/// The list of a version's files.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn list(op: &OpContext, name: &VersionRef) -> Result<List<FileView>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let mut files = reader.version_files(found.version.id).await?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(List::whole(files.into_iter().map(view).collect()))
}

/// One file with its content.
///
/// # Errors
/// No such file, or none that the caller may see; a storage that fails, later ones in the stream.
pub async fn content(op: &OpContext, name: &VersionRef, file: &str) -> Result<(FileView, Content), Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let file = reader.version_file(found.version.id, file).await?.ok_or_else(|| Error::not_found("file", file.escape_debug()))?;
    // The storage may be slow, and the database has few connections.
    drop(reader);
    open(op, file).await
}

/// A file, with its content as it stands in the storage.
pub(crate) async fn open(op: &OpContext, file: VersionFile) -> Result<(FileView, Content), Error> {
    let content = op.files.content(file.sha256).await?;
    Ok((view(file), content.map(|piece| piece.map_err(Error::from)).boxed()))
}

fn view(file: VersionFile) -> FileView {
    FileView { name: file.name, sha256: file.sha256, size: file.size }
}
