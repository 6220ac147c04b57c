//! The governed fields in a form: as typed, as they were, and as the fields that the form makes. The form that registers a version has
//! them, and the form that changes a version.

mod figures;

use super::failures::sentence;
use crate::http::Failure;
use app::{Error, views::ChangeFieldsRequest};
use axum::http::StatusCode;
use domain::fields::{Fields, Source};
use std::collections::BTreeMap;

/// Governed fields in a form that may come back.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldsDraft {
    texts: BTreeMap<String, String>,
    /// What is wrong, as a sentence, and the field that is wrong.
    pub(super) problem: String,
    field: String,
    status: Option<StatusCode>,
}

impl FieldsDraft {
    /// The form with what a version says of itself.
    pub(super) fn of(fields: &Fields) -> Self {
        let metrics = fields.metrics.iter().map(|(name, number)| (name.as_str(), number.to_string())).collect();
        let texts = |map: &BTreeMap<String, String>| {
            figures::written(map.iter().map(|(name, text)| (name.as_str(), text.clone())).collect())
        };
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        let source = &fields.source;
        let typed = [
            ("metrics", figures::written(metrics)),
            ("params", texts(&fields.params)),
            ("tags", texts(&fields.tags)),
            ("notes", fields.notes.clone()),
            ("data", some(&source.data)),
            ("commit", some(&source.commit)),
            ("run", some(&source.run)),
            ("run_owner", some(&source.run_owner)),
            ("authors", fields.authors.join("\n")),
        ];
        Self { texts: typed.into_iter().map(|(field, text)| (field.to_owned(), text)).collect(), ..Self::default() }
    }

    /// Keeps what was typed into a field.
    pub(super) fn take(&mut self, field: String, text: &str) {
        self.texts.insert(field, text.replace("\r\n", "\n"));
    }

    /// Adds the content of a JSON file to a field.
    ///
    /// # Errors
    /// A file that is no JSON object of plain values.
    pub(super) fn take_file(&mut self, field: &str, content: &str) -> Result<(), Error> {
        let lines = figures::lines(field, content)?;
        let text = self.texts.entry(field.to_owned()).or_default();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&lines);
        Ok(())
    }

    /// What was typed into a field.
    pub(super) fn text(&self, field: &str) -> &str {
        self.texts.get(field).map(String::as_str).unwrap_or_default()
    }

    /// The same form with the reason why it was not carried out. The first reason stands.
    pub(super) fn refused(mut self, error: &Error) -> Self {
        if self.problem.is_empty() {
            self.problem = sentence(&error.message);
            self.field = error.fields.first().map(|field| field.pointer.clone()).unwrap_or_default();
            self.status = Some(Failure::from(Error::new(error.code, "")).status);
        }
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }

    /// Whether what is wrong is in this field.
    pub(super) fn is_wrong(&self, field: &str) -> bool {
        self.field.trim_start_matches('/').trim_start_matches("fields/").split('/').next() == Some(field)
    }

    /// Whether something was typed about where the version comes from.
    pub(super) fn tells_source(&self) -> bool {
        let told = |field: &&str| !self.text(field).is_empty() || self.is_wrong(field);
        ["data", "commit", "run", "run_owner", "authors", "tags"].iter().any(told)
    }

    /// The changes that the form makes to the fields that a version has now. What its person left alone is not changed, however a browser
    /// sends it back.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn changes(&self, present: &Fields) -> Result<ChangeFieldsRequest, Error> {
        let (shown, typed) = (Self::of(present), self.fields()?);
        let touched = |field: &str| as_sent(self.text(field)) != as_sent(shown.text(field));
        let part =
            |field: &str, typed: Option<String>, present: &Option<String>| if touched(field) { typed } else { present.clone() };
        let source = Source {
            run: part("run", typed.source.run, &present.source.run),
            run_owner: part("run_owner", typed.source.run_owner, &present.source.run_owner),
            commit: part("commit", typed.source.commit, &present.source.commit),
            data: part("data", typed.source.data, &present.source.data),
        };
        Ok(ChangeFieldsRequest {
            metrics: touched("metrics").then_some(typed.metrics),
            params: touched("params").then_some(typed.params),
            tags: touched("tags").then_some(typed.tags),
            notes: touched("notes").then_some(typed.notes),
            signature: None,
            source: (source != present.source).then_some(source),
            authors: touched("authors").then_some(typed.authors),
        })
    }

    /// The fields that the form makes. The form has no signature.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn fields(&self) -> Result<Fields, Error> {
        let some = |field: &str| Some(self.text(field).trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Fields {
            metrics: figures::metrics(self.text("metrics"))?,
            params: figures::texts("params", self.text("params"))?,
            tags: figures::texts("tags", self.text("tags"))?,
            notes: self.text("notes").trim().to_owned(),
            signature: None,
            source: Source { run: some("run"), run_owner: some("run_owner"), commit: some("commit"), data: some("data") },
            authors: self.text("authors").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        })
    }
}

/// A text without the ends of lines, which browsers write in their own way and leave out of fields of one line.
fn as_sent(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_touched_is_not_changed() {
        let present = Fields {
            metrics: BTreeMap::from([("auc".to_owned(), 0.1 + 0.2), ("n".to_owned(), 1e21)]),
            params: BTreeMap::from([("a=b".to_owned(), " x\ny ".to_owned())]),
            notes: "\n# Notes\r\n\n".to_owned(),
            source: Source { data: Some(" two\nlines ".to_owned()), ..Source::default() },
            authors: vec![" A ".to_owned()],
            ..Fields::default()
        };
        let mut draft = FieldsDraft::of(&present);
        // As a browser sends it.
        for (field, text) in draft.texts.clone() {
            let text = if field == "data" { text.replace('\n', "") } else { text.replace("\r\n", "\n").replace('\n', "\r\n") };
            draft.take(field, &text);
        }
        assert_eq!(draft.changes(&present).unwrap(), ChangeFieldsRequest::default());
        draft.take("commit".to_owned(), "4f2a9c1");
        let source = draft.changes(&present).unwrap().source.unwrap();
        assert_eq!((source.commit.as_deref(), source.data), (Some("4f2a9c1"), present.source.data));
    }
}
