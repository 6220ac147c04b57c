//! What was typed into the form of a deployment, kept where the form comes back.

use crate::{http::Form, pages::parts};
use app::{Error, views::ShareRequest};
use domain::VersionRef;

/// The versions with their weights, as typed.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) rows: Vec<(VersionRef, String)>,
    /// A further version, as typed.
    pub(super) more: String,
    pub(super) acknowledge: String,
    pub(super) problem: String,
    pub(super) changed: bool,
}

impl Draft {
    /// What the form sent. A version that was typed into the last field becomes a row.
    pub(super) fn sent(form: &Form) -> Self {
        let rows = form.all("version").zip(form.all("weight"));
        let mut draft = Self {
            rows: rows.filter_map(|(version, weight)| Some((version.parse().ok()?, weight.trim().to_owned()))).collect(),
            more: form.get("more").trim().to_owned(),
            acknowledge: form.get("acknowledge").replace("\r\n", "\n"),
            ..Self::default()
        };
        if draft.more.is_empty() {
            return draft;
        }
        match draft.more.parse::<VersionRef>() {
            Ok(version) if draft.rows.iter().any(|(known, _)| *known == version) => draft.more.clear(),
            Ok(version) => {
                draft.rows.push((version, "0".to_owned()));
                draft.more.clear();
            }
            Err(error) => draft.problem = parts::sentence(&error.to_string()),
        }
        draft
    }

    /// The versions and weights; an empty field is 0.
    pub(super) fn shares(&self) -> Result<Vec<ShareRequest>, Error> {
        let read = |(version, weight): &(VersionRef, String)| {
            let number = if weight.is_empty() { Ok(0) } else { weight.trim_end_matches([' ', '%']).parse::<u8>() };
            let wrong = |_| Error::invalid("weight", format!("“{weight}” is no weight: write a whole number from 0 to 100"));
            Ok(ShareRequest { version: version.clone(), weight: Some(number.map_err(wrong)?) })
        };
        self.rows.iter().map(read).collect()
    }

    pub(super) fn wrong(self, problem: String) -> Self {
        Self { problem, ..self }
    }
}

/// `v7`, `v7 20 %, v6 80 %`.
pub(super) fn in_words(shares: &[ShareRequest]) -> String {
    let word = |share: &ShareRequest| match share.weight {
        Some(weight) if weight < 100 => format!("v{} {weight} %", share.version.number),
        _ => format!("v{}", share.version.number),
    };
    shares.iter().map(word).collect::<Vec<_>>().join(", ")
}
