//! The governed fields of a version as flags, for registering a version and for changing its fields.

use crate::{
    args::{Metric, Setting},
    failure::Failure,
};
use domain::{Name, fields::Fields};
use serde::de::DeserializeOwned;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a version says of itself. Reviewers see it, and an approval binds it.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Governed fields")]
pub struct FieldArgs {
    /// A measured figure; may be given several times
    #[arg(long = "metric", value_name = "KEY=NUMBER")]
    metrics: Vec<Metric>,
    /// A parameter; may be given several times
    #[arg(long = "param", value_name = "KEY=VALUE")]
    params: Vec<Setting>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<Setting>,
    /// Notes in Markdown, from a file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    notes: Option<PathBuf>,
    /// Input and output schema, from a JSON file
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Another author than the uploader: account, mail address or name; may be given several times
    #[arg(long = "author", value_name = "WHO")]
    authors: Vec<String>,
    /// The run that made the version
    #[arg(long)]
    run: Option<String>,
    /// The account that owns the run; counts as an author
    #[arg(long, value_name = "NAME")]
    run_owner: Option<Name>,
    /// The commit of the training code
    #[arg(long)]
    commit: Option<String>,
    /// The training data
    #[arg(long)]
    data: Option<String>,
}

impl FieldArgs {
    /// Sets what is named here in `fields`, and leaves the rest as it is. Authors take the place of those before.
    ///
    /// # Errors
    /// A file that cannot be read, or fields that the rules refuse.
    pub fn apply(self, fields: &mut Fields) -> Result<(), Failure> {
        once("--metric", self.metrics.iter().map(|Metric(key, _)| key))?;
        once("--param", self.params.iter().map(|Setting(key, _)| key))?;
        once("--tag", self.tags.iter().map(|Setting(key, _)| key))?;
        fields.metrics.extend(self.metrics.into_iter().map(|Metric(key, value)| (key, value)));
        fields.params.extend(self.params.into_iter().map(|Setting(key, value)| (key, value)));
        fields.tags.extend(self.tags.into_iter().map(|Setting(key, value)| (key, value)));
        if let Some(file) = &self.notes {
            fields.notes = read_text(file, "--notes")?;
        }
        if let Some(file) = &self.signature {
            fields.signature = Some(parse_json(&read_text(file, "--signature")?, file)?);
        }
        if !self.authors.is_empty() {
            fields.authors = self.authors;
        }
        let source = &mut fields.source;
        let run_owner = self.run_owner.map(|name| name.to_string());
        for (value, place) in [
            (self.run, &mut source.run),
            (run_owner, &mut source.run_owner),
            (self.commit, &mut source.commit),
            (self.data, &mut source.data),
        ] {
            if value.is_some() {
                *place = value;
            }
        }
        fields.validate().map_err(|error| Failure::usage(error.to_string()))
    }
}

/// Refuses a key that is given twice: one of the two values would be lost.
fn once<'a, K: PartialEq + std::fmt::Display + 'a>(flag: &str, keys: impl Iterator<Item = &'a K>) -> Result<(), Failure> {
    let mut met = Vec::new();
    for key in keys {
        if met.contains(&key) {
            return Err(Failure::usage(format!("{flag} {key} is given twice: give it once")));
        }
        met.push(key);
    }
    Ok(())
}

fn read_text(file: &Path, what: &str) -> Result<String, Failure> {
    let text = if file == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(file) };
    text.map_err(|error| Failure::usage(format!("{what}: {} cannot be read as text: {error}", file.display())))
}

fn parse_json<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(format!("--signature: {} is not JSON: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays() {
        let mut fields = Fields { notes: "as it was".to_owned(), authors: vec!["one".to_owned()], ..Fields::default() };
        fields.metrics.insert("auc".to_owned(), 0.9);
        fields.source.run = Some("run-1".to_owned());
        let args = FieldArgs { metrics: vec!["f1=0.8".parse().unwrap()], commit: Some("abc".to_owned()), ..FieldArgs::default() };
        args.apply(&mut fields).unwrap();
        assert_eq!(fields.metrics.into_iter().collect::<Vec<_>>(), [("auc".to_owned(), 0.9), ("f1".to_owned(), 0.8)]);
        assert_eq!((fields.notes.as_str(), fields.authors.len()), ("as it was", 1));
        assert_eq!((fields.source.run.as_deref(), fields.source.commit.as_deref()), (Some("run-1"), Some("abc")));
    }

    #[test]
    fn what_the_rules_refuse_is_refused_before_anything_is_sent() {
        let args = FieldArgs { params: vec!["a\nb=1".parse().unwrap()], ..FieldArgs::default() };
        assert!(args.apply(&mut Fields::default()).unwrap_err().to_string().contains("cannot be the name of a parameter"));
    }
}
