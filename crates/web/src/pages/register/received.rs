//! Takes in the form of a new version while it arrives: texts into the draft, files into the upload. A file that is refused spoils neither:
//! the form comes back with everything else.

use super::draft::Draft;
use crate::{
    http::{Failure, FilePart, FormPart, FormParts},
    pages::compare::ModelPath,
};
use app::{Error, OpContext, error::Kind, versions::uploads};

/// The field of single files, and that of a whole folder.
const FILES: &str = "files";
const FOLDER: &str = "folder";
/// The field of a JSON file, and the field whose content it gives.
const JSON_FILES: [(&str, &str); 2] = [("metrics_file", "metrics"), ("params_file", "params")];

/// Receives the whole form.
///
/// # Errors
/// A form that breaks off; storage or database that do not answer. What arrived whole before stays in the upload.
pub(super) async fn receive(op: &OpContext, path: &ModelPath, mut parts: FormParts) -> Result<Draft, Failure> {
    let mut draft = Draft::default();
    while let Some(part) = parts.next().await? {
        match part {
            FormPart::Text(field, text) => match field.as_str() {
                "go" => draft.go = text,
                "once" => draft.once = text,
                "upload" => draft.upload = text.parse().ok(),
                _ => draft.fields.take(field, &text),
            },
            // A browser sends a nameless file where none was chosen.
            FormPart::File(file) if file.name.is_empty() => {}
            FormPart::File(file) => {
                if let Some((_, field)) = JSON_FILES.iter().find(|(known, _)| *known == file.field) {
                    let content = file.text().await?;
                    if let Err(error) = draft.fields.take_file(field, &content) {
                        draft = draft.refused(&error);
                    }
                } else if !draft.is_refused() {
                    draft = take(op, path, draft, file).await?;
                }
            }
        }
    }
    Ok(draft)
}

/// Takes a file into the upload, which begins with the first file.
async fn take(op: &OpContext, path: &ModelPath, mut draft: Draft, file: Box<FilePart>) -> Result<Draft, Failure> {
    let upload = match draft.upload {
        Some(upload) => upload,
        None => uploads::begin(op, &path.project, &path.model).await?.id,
    };
    draft.upload = Some(upload);
    let name = match file.field.as_str() {
        FILES => file.name.clone(),
        // The folder itself is where the version was on somebody's disk: only what is in it belongs to the version.
        FOLDER => file.name.split_once('/').map_or(file.name.as_str(), |(_, name)| name).to_owned(),
        other => {
            let unknown = Error::invalid(other, format!("the form has no field `{other}` for files"));
            return Ok(draft.refused(&unknown));
        }
    };
    match uploads::receive(op, upload, &name, None, None, file).await {
        Ok(_) => Ok(draft),
        Err(error) => match error.kind() {
            Kind::Invalid => Ok(draft.refused(&Error::invalid(FILES, format!("{name}: {}", error.message)))),
            Kind::TooLarge => Ok(draft.refused(&error.at(FILES))),
            Kind::NotFound => Ok(draft.without_upload()),
            _ => Err(error.into()),
        },
    }
}
