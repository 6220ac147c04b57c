//! The form for a new project or a new model, as typed.

use crate::{http::Form, pages::failures::sentence};
use app::Error;
use domain::{DisplayName, Name};

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Whether the form was sent, and so stays open.
    pub(super) is_open: bool,
    pub(super) name: String,
    pub(super) display_name: String,
    /// What is wrong, as a sentence.
    pub(super) problem: String,
    field: String,
}

impl Draft {
    pub(super) fn sent(form: &Form) -> Self {
        let text = |name: &str| form.get(name).trim().to_owned();
        Self { is_open: true, name: text("name"), display_name: text("display_name"), ..Self::default() }
    }

    /// The name that was typed.
    ///
    /// # Errors
    /// What a name may be, in the domain's words.
    pub(super) fn name(&self) -> Result<Name, Error> {
        self.name.parse().map_err(|error| Error::invalid("/name", format!("{error}")))
    }

    /// The display name that was typed; none where the field stayed empty.
    ///
    /// # Errors
    /// What a display name may be, in the domain's words.
    pub(super) fn display_name(&self) -> Result<Option<DisplayName>, Error> {
        match self.display_name.as_str() {
            "" => Ok(None),
            name => name.parse().map(Some).map_err(|error| Error::invalid("/display_name", format!("{error}"))),
        }
    }

    /// The same form with the reason why nothing came of it.
    pub(super) fn refused(self, error: &Error) -> Self {
        let field = error.fields.first().map(|field| field.pointer.clone()).unwrap_or_default();
        Self { problem: sentence(&error.message), field, ..self }
    }

    /// Whether what is wrong is in this field.
    pub(super) fn is_wrong(&self, field: &str) -> bool {
        self.field.trim_start_matches('/') == field
    }
}
