//! The files that a serving node fetches by digest: only files of revisions in force on its infrastructure.

use crate::{
    Error, OpContext,
    base::find,
    versions::{self, files::Content},
    views::FileView,
};
use domain::{
    Digest, Name, NextStep,
    access::{Action, Scope},
};

/// The canonical manifest whose SHA-256 is this model digest.
///
/// # Errors
/// Not a node of the infrastructure; nothing with this digest is in service there.
pub async fn manifest(op: &OpContext, infrastructure: &Name, model_digest: Digest) -> Result<Vec<u8>, Error> {
    op.needs(Scope::Node)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::FollowServing).await?;
    let version = reader.served_version(infrastructure.id, model_digest).await?;
    let version = version.ok_or_else(|| not_served("version", model_digest))?;
    versions::files::manifest_of(&mut reader, &version, &format!("sha256:{model_digest}")).await
}

/// The content with this SHA-256, as the storage has it. The node hashes what it fetches.
///
/// # Errors
/// Not a node of the infrastructure; no version in service there has such a file; a storage that fails, later ones in the stream.
pub async fn content(op: &OpContext, infrastructure: &Name, sha256: Digest) -> Result<(FileView, Content), Error> {
    op.needs(Scope::Node)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::FollowServing).await?;
    let file = reader.served_file(infrastructure.id, sha256).await?.ok_or_else(|| not_served("file", sha256))?;
    drop(reader);
    versions::files::open(op, file).await
}

fn not_served(what: &'static str, digest: Digest) -> Error {
    Error::not_found(what, digest).next(NextStep::FollowAgain)
}
