//! The record as a file: a table for spreadsheets, or a line of JSON for each event. The file is sent while it is read, with the filters
//! of the page.

use super::filters::Filters;
use crate::{
    auth::Visitor,
    http::{Failure, Routes, StrictPath},
    pages::{parts, project::ProjectPath},
    urls::pages as paths,
};
use app::{
    Error, OpContext, record,
    views::{Changed, RecordQuery, RecordRow},
};
use axum::{
    body::{Body, Bytes},
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use domain::Name;
use futures_util::{StreamExt, stream};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::RECORD_CSV, csv)
        .get(paths::RECORD_LINES, lines)
        .get(paths::PROJECT_RECORD_CSV, project_csv)
        .get(paths::PROJECT_RECORD_LINES, project_lines)
}

type Asked = Query<HashMap<String, String>>;

async fn csv(Visitor(op): Visitor, query: Asked) -> Result<Response, Failure> {
    export(op, None, &query, Form::Csv).await
}

async fn lines(Visitor(op): Visitor, query: Asked) -> Result<Response, Failure> {
    export(op, None, &query, Form::Lines).await
}

async fn project_csv(Visitor(op): Visitor, StrictPath(path): StrictPath<ProjectPath>, query: Asked) -> Result<Response, Failure> {
    export(op, Some(path.0), &query, Form::Csv).await
}

async fn project_lines(
    Visitor(op): Visitor,
    StrictPath(path): StrictPath<ProjectPath>,
    query: Asked,
) -> Result<Response, Failure> {
    export(op, Some(path.0), &query, Form::Lines).await
}

#[derive(Clone, Copy)]
enum Form {
    Csv,
    Lines,
}

const COLUMNS: [&str; 11] =
    ["position", "time", "actor", "name", "credential", "type", "about", "what", "comment", "changes", "request"];

impl Form {
    fn head(self) -> String {
        match self {
            Self::Csv => record_of(&COLUMNS.map(str::to_owned)),
            Self::Lines => String::new(),
        }
    }

    fn row(self, row: &RecordRow) -> Result<String, Error> {
        match self {
            Self::Csv => Ok(csv_row(row)),
            Self::Lines => serde_json::to_string(row).map(|line| line + "\n").map_err(Error::internal),
        }
    }

    fn headers(self) -> [(header::HeaderName, &'static str); 2] {
        match self {
            Self::Csv => [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"record.csv\""),
            ],
            Self::Lines => [
                (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"record.jsonl\""),
            ],
        }
    }
}

/// Sends the export part by part. Rights and filters are checked before the first byte; a failure later cuts the file off, so that no
/// reader takes a part for the whole.
async fn export(op: OpContext, project: Option<Name>, query: &Asked, form: Form) -> Result<Response, Failure> {
    let wanted = Filters::of(query).wanted(project.as_ref()).map_err(|problem| Error::invalid("query", problem))?;
    let first = record::export(&op, &wanted, 0).await?;
    let state = Some((op, wanted, Some(first), 0));
    let rest = stream::try_unfold(state, move |state| next_part(state, form));
    let head = stream::once(async move { Ok::<_, Error>(Bytes::from(form.head())) });
    Ok((form.headers(), Body::from_stream(head.chain(rest))).into_response())
}

type Part = (Vec<RecordRow>, Option<u64>);
type State = Option<(OpContext, RecordQuery, Option<Part>, u64)>;

async fn next_part(state: State, form: Form) -> Result<Option<(Bytes, State)>, Error> {
    let Some((op, wanted, known, from)) = state else { return Ok(None) };
    let (rows, next) = match known {
        Some(part) => part,
        None => record::export(&op, &wanted, from).await?,
    };
    let mut text = String::new();
    for row in &rows {
        text.push_str(&form.row(row)?);
    }
    let state = next.map(|next| (op, wanted, None, next));
    Ok(Some((Bytes::from(text), state)))
}

fn csv_row(row: &RecordRow) -> String {
    let event = &row.event;
    let words = parts::events::words(event);
    record_of(&[
        event.position.to_string(),
        event.at.to_string(),
        event.actor.clone(),
        event.actor_name.clone().unwrap_or_default(),
        event.credential.map(|credential| credential.to_string()).unwrap_or_default(),
        event.kind.clone(),
        event.about.clone().unwrap_or_default(),
        words.did,
        words.comment,
        row.changes.iter().map(change).collect::<Vec<_>>().join("; "),
        event.request.clone(),
    ])
}

/// *role: contributor → manager*
fn change(Changed { what, from, to }: &Changed) -> String {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    format!("{what}: {} → {}", told(from), told(to))
}

fn record_of(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// A cell that no spreadsheet takes for a formula: an apostrophe stands before a text that begins like one.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for (text, expected) in [
            ("plain", r#""plain""#),
            ("=1+1", r#""'=1+1""#),
            ("+1", r#""'+1""#),
            ("-1", r#""'-1""#),
            ("@SUM(A1)", r#""'@SUM(A1)""#),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("a \"b\", c\r\n=1", "\"a \"\"b\"\", c\r\n=1\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
