//! The sign-off sheet of a round: two pages of paper that say who decided what, when and why, and how to verify that.

use super::{
    page::force,
    rail::{Rail, Slot},
};
use crate::{
    auth::Visitor,
    http::{Failure, Routes, StrictPath, Web},
    pages::{
        door::ServerKey,
        parts::{self, Force},
        shell::{Shell, Visit},
    },
    urls::pages as paths,
};
use app::{
    Error, versions,
    views::{AuditEvent, Sheet, SignedDecision, Version},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{VersionRef, signoff::Status};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::SHEET, show).get(paths::SHEET_JSON, show_json)
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetPage<'a> {
    shell: &'a Shell,
    sheet: &'a Sheet,
    version: &'a Version,
    server: &'a str,
    key: ServerKey,
    force: Force,
    slots: Vec<Slot>,
    feedback: String,
    decision: Option<&'a SignedDecision>,
    rows: Vec<(&'a AuditEvent, String)>,
    /// The position of the event that decided, to check the sheet by.
    position: Option<u64>,
    source: Vec<(&'static str, &'a str)>,
}

type Rounds = Query<HashMap<String, String>>;

fn round(Query(query): &Rounds) -> Option<u32> {
    query.get("round").and_then(|round| round.parse().ok())
}

async fn show(
    State(web): State<Web>,
    Visit { op, shell }: Visit,
    StrictPath(name): StrictPath<VersionRef>,
    query: Rounds,
) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let sheet = versions::sheet(&op, &name, round(&query)).await?;
    let decided = ["review.approved", "review.rejected", "review.abandoned"];
    let decision = sheet.decisions.iter().find(|decision| decision.decision != proof::Decision::Revoked);
    let fields = &sheet.version.fields.source;
    let source = [("Training data", &fields.data), ("Commit", &fields.commit), ("Run", &fields.run)];
    let page = SheetPage {
        server: web.urls.origin(),
        key: ServerKey::of(&web),
        force: force(&sheet.review),
        slots: Rail::of(&sheet.review, false).slots,
        feedback: feedback(&sheet),
        decision,
        rows: sheet.events.iter().map(|event| (event, parts::events::words(event).did)).collect(),
        position: sheet.events.iter().rev().find(|event| decided.contains(&event.kind.as_str())).map(|event| event.position),
        source: source.into_iter().filter_map(|(what, value)| Some((what, value.as_deref()?))).collect(),
        version: &sheet.version,
        sheet: &sheet,
        shell: &shell,
    };
    shell.page(StatusCode::OK, &page)
}

async fn show_json(Visitor(op): Visitor, StrictPath(name): StrictPath<VersionRef>, query: Rounds) -> Result<Response, Failure> {
    let sheet = versions::sheet(&op, &name, round(&query)).await?;
    let body = serde_json::to_vec_pretty(&sheet).map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// *2 of 3 slots answered, 1 minor issue, none stale*
fn feedback(sheet: &Sheet) -> String {
    let slots = &sheet.review.slots;
    if slots.is_empty() {
        return "no slot: straight to the final approval".to_owned();
    }
    let answered = slots.iter().filter(|slot| !slot.answers.is_empty()).count();
    let stale = slots.iter().flat_map(|slot| &slot.answers).filter(|answer| answer.stale).count();
    let stale = if stale == 0 { "none stale".to_owned() } else { format!("{stale} stale") };
    format!("{answered} of {} answered, {stale}", parts::count(slots.len(), "slot"))
}

impl SheetPage<'_> {
    fn title(&self) -> String {
        let word = parts::status::words(self.sheet.review.status).to_lowercase();
        format!("Sign-off sheet of {} v{}: {word}", self.version.name.model, self.version.name.number)
    }

    /// Whether nobody has decided.
    fn is_draft(&self) -> bool {
        let review = &self.sheet.review;
        review.decision.is_none() && review.abandonment.is_none()
    }

    /// Whether the fields of the version are those that the decider saw.
    fn fields_are_those_shown(&self) -> bool {
        self.decision.is_none_or(|decision| decision.considered == self.version.shown.to_string())
    }

    fn yes(&self, rule: &bool) -> &'static str {
        if *rule { "may" } else { "may not" }
    }

    fn authors(&self) -> String {
        let named = self.version.authors.iter().map(|author| author.written.clone());
        let editors = self.version.editors.iter().map(|editor| format!("{editor} (changed fields)"));
        [format!("{} (uploader)", self.version.uploader)].into_iter().chain(named).chain(editors).collect::<Vec<_>>().join(", ")
    }
}
