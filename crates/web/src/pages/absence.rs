//! When one is away, and who stands in.

use super::{
    buttons::mendable,
    parts,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    people::absence,
    views::{Absence, SetAbsenceRequest},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::Timestamp;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::OWN_ABSENCE, show).post(paths::OWN_ABSENCE, change)
}

#[derive(Template)]
#[template(path = "absence.html")]
struct AbsencePage<'a> {
    shell: &'a Shell,
    absence: Option<Absence>,
    form: &'a Form,
    problem: String,
}

async fn show(Visit { op, shell }: Visit) -> Result<Response, Failure> {
    page(&op, shell, StatusCode::OK, &Form::default(), String::new()).await
}

async fn change(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let done = match form.get("go") {
        "set" => set(&op, &form).await,
        "end" => end(&op).await,
        _ => return page(&op, shell, StatusCode::OK, &form, String::new()).await,
    };
    match done {
        Ok(words) => see_saying(&web, &shell.at.own_absence(), &words),
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, &form, problem).await
        }
    }
}

async fn end(op: &OpContext) -> Result<String, Error> {
    let before = absence::show(op).await?.absence;
    absence::end(op).await?;
    Ok(match before {
        Some(Absence { until, stand_in: Some(stand_in), .. }) => {
            let day = &until.to_string()[..10];
            format!("You are not away. What was handed to {stand_in} stays with them until {day}; you keep it as well.")
        }
        _ => "You are not away.".to_owned(),
    })
}

async fn set(op: &OpContext, form: &Form) -> Result<String, Error> {
    let from = Some(form.get("from").trim()).filter(|from| !from.is_empty()).map(|from| day("/from", from)).transpose()?;
    let until = day("/until", form.get("until").trim())?;
    let stand_in = form.text("stand_in").map(|name| name.parse()).transpose();
    let stand_in = stand_in.map_err(|error| Error::invalid("/stand_in", format!("{error}")))?;
    absence::set(op, SetAbsenceRequest { from, until, stand_in }).await?;
    Ok("Your absence is kept.".to_owned())
}

/// The beginning of a day (in UTC), or a moment.
fn day(pointer: &str, text: &str) -> Result<Timestamp, Error> {
    let moment = format!("{text}T00:00:00Z").parse().or_else(|_| text.parse());
    moment.map_err(|_| Error::invalid(pointer, format!("`{}` is no day like 2026-12-24", text.escape_debug())))
}

async fn page(op: &OpContext, shell: Shell, status: StatusCode, form: &Form, problem: String) -> Result<Response, Failure> {
    let absence = absence::show(op).await?.absence.filter(|absence| op.now < absence.until);
    shell.page(status, &AbsencePage { shell: &shell, absence, form, problem })
}

impl AbsencePage<'_> {
    /// The day of a moment, as a field for days takes it.
    fn typed(&self, field: &str, known: Option<Timestamp>) -> String {
        match self.form.get("go") {
            "" => known.map(|moment| moment.to_string()[..10].to_owned()).unwrap_or_default(),
            _ => self.form.get(field).to_owned(),
        }
    }

    fn from(&self) -> String {
        self.typed("from", self.absence.as_ref().map(|absence| absence.from))
    }

    fn until(&self) -> String {
        self.typed("until", self.absence.as_ref().map(|absence| absence.until))
    }

    fn stand_in(&self) -> String {
        match (self.form.get("go"), &self.absence) {
            ("", Some(absence)) => absence.stand_in.as_ref().map(ToString::to_string).unwrap_or_default(),
            _ => self.form.get("stand_in").to_owned(),
        }
    }
}
