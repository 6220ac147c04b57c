//! Says when a version is registered why no node will serve the version, so that nobody signs off what cannot be served.

use crate::{Error, OpContext};
use futures_util::TryStreamExt;
use servable::onnx::{self, OnnxLimits};
use store::UploadedFile;

/// Why no node can serve a version of these files, in sentences; empty if the files show nothing against it. The check is the one that
/// a node makes before it loads the model.
///
/// # Errors
/// When the storage of files does not answer.
pub(super) async fn warnings(op: &OpContext, files: &[UploadedFile]) -> Result<Vec<String>, Error> {
    let obstacle = match servable::model_file(files.iter().map(|file| file.name.as_str())) {
        Ok(place) => obstacle(op, &files[place]).await?,
        Err(none) => Some(none.to_string()),
    };
    Ok(obstacle.map(|obstacle| format!("No node can serve this version: {obstacle}.")).into_iter().collect())
}

/// What keeps a node from loading this file.
async fn obstacle(op: &OpContext, file: &UploadedFile) -> Result<Option<String>, Error> {
    let (name, limits) = (file.name.clone(), OnnxLimits::default());
    if file.size > limits.bytes as u64 {
        let most = limits.bytes;
        return Ok(Some(format!("{name} has {} bytes, and a node loads {most} unless its operator allows more", file.size)));
    }
    // One model at a time: it is held in memory as a whole.
    let _turn = op.model_check.lock().await;
    let mut bytes = Vec::with_capacity(file.size as usize);
    let mut content = op.files.content(file.sha256).await?;
    while let Some(piece) = content.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    let check = move || match servable::foreign(&bytes) {
        Some(form) => Some(format!("{name} {form}")),
        None => onnx::check(&bytes, &limits).err().map(|refusal| format!("{name} would be refused, because {refusal}")),
    };
    tokio::task::spawn_blocking(check).await.map_err(Error::internal)
}
