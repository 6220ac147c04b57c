//! Changes what a version says of itself. What the person leaves alone stays exactly as it was, so that no answer becomes stale by accident.

use super::sent::Sent;
use crate::{
    http::{Failure, Routes, StrictPath},
    pages::{
        fields::FieldsDraft,
        parts,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{Error, OpContext, error::Kind, reviews, versions, views::Version};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{SignOffRef, VersionRef};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::EDIT, show).post(paths::EDIT, change)
}

#[derive(Template)]
#[template(path = "edit.html")]
struct EditPage<'a> {
    shell: &'a Shell,
    version: Version,
    fields: FieldsDraft,
    /// Why the fields cannot be changed; empty if they can.
    barred: String,
    /// How many answers would become stale.
    answers: usize,
    /// Where the form differs from a version that changed meanwhile.
    differs: Vec<String>,
}

async fn show(Visit { op, shell }: Visit, StrictPath(name): StrictPath<VersionRef>) -> Result<Response, Failure> {
    page(&op, shell, &name, None).await
}

async fn change(sent: Sent) -> Result<Response, Failure> {
    let mut draft = FieldsDraft::default();
    for (field, text) in sent.form.pairs() {
        draft.take(field.to_owned(), text);
    }
    let shell = Shell::of(&sent.op, &sent.web, &sent.headers).await?;
    if sent.form.get("go") != "change" {
        return page(&sent.op, shell, &sent.name, Some(draft)).await;
    }
    match carry_out(&sent, &draft).await {
        Ok(changed) if changed.is_empty() => see_saying(&sent.web, &shell.at.version(&sent.name), "Nothing was different."),
        Ok(changed) => {
            let says = format!("You changed {}.", changed.join(", "));
            see_saying(&sent.web, &shell.at.version(&sent.name), &says)
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::TooLarge) => {
            page(&sent.op, shell, &sent.name, Some(draft.refused(&error))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes what differs, and names it.
async fn carry_out(sent: &Sent, draft: &FieldsDraft) -> Result<Vec<String>, Error> {
    let present = versions::show(&sent.op, &sent.name).await?;
    let changes = draft.changes(&present.fields)?;
    let version = versions::fields::change(&sent.op, &sent.name, changes, sent.seen()).await?;
    Ok(version.fields.changed(&present.fields).into_iter().collect())
}

async fn page(op: &OpContext, shell: Shell, name: &VersionRef, draft: Option<FieldsDraft>) -> Result<Response, Failure> {
    let version = versions::show(op, name).await?;
    let barred = match versions::fields::check(op, name).await {
        Ok(()) => String::new(),
        Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::Conflict) => parts::sentence(&error.message),
        Err(error) => return Err(error.into()),
    };
    let review = reviews::show(op, &SignOffRef { version: name.clone(), step: None }, None).await?;
    let answers = review.slots.iter().flat_map(|slot| &slot.answers).filter(|answer| !answer.stale).count();
    let fields = draft.unwrap_or_else(|| FieldsDraft::of(&version.fields));
    let differs = match fields.status() {
        StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => {
            let typed = fields.fields().map(|typed| typed.changed(&version.fields)).unwrap_or_default();
            typed.into_iter().filter(|field| !field.starts_with("signature")).collect()
        }
        _ => Vec::new(),
    };
    let shell = shell.here("projects");
    shell.page(fields.status(), &EditPage { shell: &shell, version, fields, barred, answers, differs })
}

impl EditPage<'_> {
    /// Files stand in the form of a new version only.
    fn takes_json_files(&self) -> bool {
        false
    }
}
