//! One event of the record: what happened, old and new, and the proof that the event is in the log.

use crate::{
    auth::Visitor,
    http::{Failure, FromPath, Routes, StrictPath, parameter},
    pages::{
        parts,
        shell::{Shell, Visit},
    },
    urls::pages as paths,
};
use app::{
    Error, record,
    views::{InclusionQuery, ProofView, RecordRow},
};
use askama::Template;
use axum::{
    extract::RawPathParams,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::RECORD_EVENT, show)
        .get(paths::EVENT_BODY, body)
        .get(paths::EVENT_LEAF, leaf)
        .get(paths::EVENT_PROOF, proof)
        .get(paths::EVENT_NOTE, note)
        .get(paths::CHECKPOINT, checkpoint)
}

#[derive(Template)]
#[template(path = "record_event.html")]
struct EventPage<'a> {
    shell: &'a Shell,
    row: RecordRow,
    words: parts::events::EventWords,
    data: String,
    proof: ProofView,
    /// Whether the reader may go to the list, and to the events beside this one.
    reads_all: bool,
}

struct Position(u64);

impl FromPath for Position {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "position")?))
    }
}

async fn show(Visit { op, shell }: Visit, StrictPath(Position(position)): StrictPath<Position>) -> Result<Response, Failure> {
    let shell = shell.here("record");
    let row = record::show(&op, position).await?;
    let proof = record::inclusion(&op, InclusionQuery { position, size: None }).await?;
    let page = EventPage {
        words: parts::events::words(&row.event),
        data: serde_json::to_string_pretty(&row.event.data).map_err(Error::internal)?,
        proof,
        reads_all: record::may_read(&op),
        row,
        shell: &shell,
    };
    shell.page(StatusCode::OK, &page)
}

/// A file to keep.
fn file(media_type: &'static str, name: &str, content: impl IntoResponse) -> Result<Response, Failure> {
    let mut answer = content.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(answer)
}

async fn body(Visitor(op): Visitor, StrictPath(Position(position)): StrictPath<Position>) -> Result<Response, Failure> {
    file("application/json", &format!("event-{position}.json"), record::event(&op, position).await?)
}

async fn leaf(Visitor(op): Visitor, StrictPath(Position(position)): StrictPath<Position>) -> Result<Response, Failure> {
    let proof = record::inclusion(&op, InclusionQuery { position, size: None }).await?;
    file("application/json", &format!("leaf-{position}.json"), proof.leaf_bytes.unwrap_or_default())
}

async fn proof(Visitor(op): Visitor, StrictPath(Position(position)): StrictPath<Position>) -> Result<Response, Failure> {
    let proof = record::inclusion(&op, InclusionQuery { position, size: None }).await?;
    let text = serde_json::to_vec_pretty(&proof).map_err(Error::internal)?;
    file("application/json", &format!("proof-{position}.json"), text)
}

async fn note(Visitor(op): Visitor, StrictPath(Position(position)): StrictPath<Position>) -> Result<Response, Failure> {
    file("text/plain; charset=utf-8", &format!("event-{position}.tlog-proof"), record::tlog_proof(&op, position).await?)
}

async fn checkpoint(Visitor(op): Visitor) -> Result<Response, Failure> {
    file("text/plain; charset=utf-8", "checkpoint.txt", record::checkpoint(&op).await?)
}
