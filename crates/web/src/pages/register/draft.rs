//! What was sent with the form of a new version, and the request that it makes.

use crate::pages::fields::FieldsDraft;
use app::{Error, views::CreateVersionRequest};
use domain::UploadId;

/// The form of a new version.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The upload that holds the files received so far.
    pub(super) upload: Option<UploadId>,
    /// What tells this form from every other: a form that is sent twice registers once.
    pub(super) once: String,
    /// The button that was pressed.
    pub(super) go: String,
    pub(super) fields: FieldsDraft,
}

impl Draft {
    /// The same form with the reason why no version came of it.
    pub(super) fn refused(self, error: &Error) -> Self {
        Self { fields: self.fields.refused(error), ..self }
    }

    /// The same form after its upload has ended.
    pub(super) fn without_upload(self) -> Self {
        let ended = Error::invalid("files", "the files that were sent before are kept no longer: choose them again");
        Self { upload: None, ..self.refused(&ended) }
    }

    pub(super) fn is_refused(&self) -> bool {
        !self.fields.problem.is_empty()
    }

    /// The request that the form makes.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn request(&self) -> Result<CreateVersionRequest, Error> {
        let upload = self.upload.ok_or_else(|| Error::invalid("files", "choose the files of the version: there is none yet"))?;
        Ok(CreateVersionRequest { upload, model_digest: None, fields: self.fields.fields()? })
    }
}
