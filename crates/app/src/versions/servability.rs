//! Looks into the files of a version when the version is registered: says why no node will serve it, so that nobody signs off what cannot
//! be served, and reads the schema from an ONNX file.

use super::schema;
use crate::{Error, OpContext};
use futures_util::TryStreamExt;
use serde_json::Value;
use servable::onnx::{self, OnnxLimits};
use store::UploadedFile;

/// What the files of a version say.
#[derive(Default)]
pub(super) struct Inspection {
    /// Why no node can serve the version, in sentences; empty if the files show nothing against it.
    pub(super) warnings: Vec<String>,
    /// The schema that the model's file declares, in the form of a signature.
    pub(super) schema: Option<Value>,
}

/// Inspects the files. The check is the one that a node makes before it loads the model.
///
/// # Errors
/// When the storage of files does not answer.
pub(super) async fn inspect(op: &OpContext, files: &[UploadedFile]) -> Result<Inspection, Error> {
    let (obstacle, schema) = match servable::model_file(files.iter().map(|file| file.name.as_str())) {
        Ok(place) => look_into(op, &files[place]).await?,
        Err(none) => (Some(none.to_string()), None),
    };
    let warnings = obstacle.map(|obstacle| format!("No node can serve this version: {obstacle}.")).into_iter().collect();
    Ok(Inspection { warnings, schema })
}

/// What keeps a node from loading this file, and the schema in it.
async fn look_into(op: &OpContext, file: &UploadedFile) -> Result<(Option<String>, Option<Value>), Error> {
    let (name, limits) = (file.name.clone(), OnnxLimits::default());
    if file.size > limits.bytes as u64 {
        let most = limits.bytes;
        let message = format!("{name} has {} bytes, and a node loads {most} unless its operator allows more", file.size);
        return Ok((Some(message), None));
    }
    // One model at a time: it is held in memory as a whole.
    let _turn = op.model_check.lock().await;
    let mut bytes = Vec::with_capacity(file.size as usize);
    let mut content = op.files.content(file.sha256).await?;
    while let Some(piece) = content.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    let look = move || {
        if let Some(form) = servable::foreign(&bytes) {
            return (Some(format!("{name} {form}")), None);
        }
        let refusal = onnx::check(&bytes, &limits).err();
        let schema = onnx::describe(&bytes, &limits).ok().map(|description| schema::signature(&name, description));
        (refusal.map(|refusal| format!("{name} would be refused, because {refusal}")), schema)
    };
    tokio::task::spawn_blocking(look).await.map_err(Error::internal)
}
