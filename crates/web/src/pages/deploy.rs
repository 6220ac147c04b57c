//! Deploying: the form with the weights now and then and what the gate would say. `refusal` are the pages after the gate denied or warned.

mod choose;
mod draft;
pub(super) mod refusal;

use super::{
    infrastructure::words,
    parts::{self, Force},
    service::sent::{Sent, ServicePath, says},
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, Routes, StrictPath},
    urls::pages as paths,
};
use app::{
    OpContext, deployments,
    error::Kind,
    views::{DeployRequest, Forecast, ForecastVersion, ShareRequest},
};
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::{VersionRef, gate::Verdict};
use draft::{Draft, in_words};
use refusal::Asked;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::DEPLOY, show).post(paths::DEPLOY, send).merge(choose::routes())
}

#[derive(Template)]
#[template(path = "deploy.html")]
struct DeployPage<'a> {
    shell: &'a Shell,
    at: &'a ServicePath,
    forecast: Forecast,
    draft: &'a Draft,
    tag: String,
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(at): StrictPath<ServicePath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let wanted = query.get("version").map(|text| text.trim()).unwrap_or_default();
    let Ok(wanted) = (if wanted.is_empty() { Ok(None) } else { wanted.parse::<VersionRef>().map(Some) }) else {
        return choose::again(&op, shell, &at, wanted, "Write the version as PROJECT/MODEL:NUMBER.").await;
    };
    let present = deployments::forecast(&op, &at.infrastructure, &at.service, &[]).await?.present;
    let mut rows: Vec<_> = wanted.iter().map(|version| (version.clone(), "100".to_owned())).collect();
    for share in present.iter().flat_map(|deployment| &deployment.revision.shares) {
        if wanted.as_ref() != Some(&share.version) {
            let weight = if wanted.is_some() { 0 } else { share.weight };
            rows.push((share.version.clone(), weight.to_string()));
        }
    }
    if rows.is_empty() {
        return choose::again(&op, shell, &at, "", "").await;
    }
    let draft = Draft { rows, ..Draft::default() };
    match page(&op, shell.clone(), &at, StatusCode::OK, &draft).await {
        Err(failure) if failure.error.kind() == Kind::NotFound && wanted.is_some() => {
            let text = wanted.map(|version| version.to_string()).unwrap_or_default();
            choose::again(&op, shell, &at, &text, &parts::sentence(&failure.error.message)).await
        }
        answer => answer,
    }
}

async fn page(op: &OpContext, shell: Shell, at: &ServicePath, status: StatusCode, draft: &Draft) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures");
    // Weights that cannot be read are as good as none for what the gate would say.
    let unread = |(version, _): &(VersionRef, String)| ShareRequest { version: version.clone(), weight: None };
    let shares = draft.shares().unwrap_or_else(|_| draft.rows.iter().map(unread).collect());
    let forecast = deployments::forecast(op, &at.infrastructure, &at.service, &shares).await?;
    let tag = forecast.etag().to_string();
    shell.page(status, &DeployPage { shell: &shell, at, forecast, draft, tag })
}

async fn send(sent: Sent) -> Result<Response, Failure> {
    let draft = Draft::sent(&sent.form);
    if sent.form.get("go") != "deploy" {
        let status = if draft.problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return again(sent, status, draft).await;
    }
    let shares = match draft.shares() {
        Ok(shares) => shares.into_iter().filter(|share| share.weight != Some(0)).collect::<Vec<_>>(),
        Err(error) => {
            let problem = parts::sentence(&error.message);
            return again(sent, StatusCode::UNPROCESSABLE_ENTITY, draft.wrong(problem)).await;
        }
    };
    let ServicePath { infrastructure, service } = &sent.at;
    let request = DeployRequest { shares: shares.clone(), acknowledge: sent.form.text("acknowledge") };
    match deployments::deploy(&sent.op, infrastructure, service, request, sent.seen()).await {
        Ok(done) => {
            let number = done.result.revision.number;
            sent.done(&says(done.already_done, format!("{service} serves {}: revision {number}.", in_words(&shares))))
        }
        Err(error) if refusal::is_one(&error) => {
            let mut fields = vec![("go", "deploy".to_owned())];
            for (version, weight) in &draft.rows {
                fields.extend([("version", version.to_string()), ("weight", weight.clone())]);
            }
            let asked = Asked { action: sent.shell().await?.at.deploy(infrastructure, service), fields };
            refusal::page(&sent, error, asked).await
        }
        Err(error) if error.kind() == Kind::Stale => {
            let problem = format!("{} What you wrote is kept below; nothing was sent.", refusal::what_happened(&sent).await);
            again(sent, StatusCode::CONFLICT, Draft { changed: true, ..draft.wrong(problem) }).await
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let problem = parts::sentence(&error.message);
            again(sent, StatusCode::UNPROCESSABLE_ENTITY, draft.wrong(problem)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(sent: Sent, status: StatusCode, draft: Draft) -> Result<Response, Failure> {
    let shell = sent.shell().await?;
    page(&sent.op, shell, &sent.at, status, &draft).await
}

impl DeployPage<'_> {
    fn rows(&self) -> Vec<(&ForecastVersion, &str, u8, bool)> {
        let now = |version: &VersionRef| {
            let shares = self.forecast.present.iter().flat_map(|deployment| &deployment.revision.shares);
            shares.filter(|share| share.version == *version).map(|share| share.weight).next().unwrap_or_default()
        };
        let rows = self.forecast.versions.iter().zip(&self.draft.rows);
        rows.map(|(version, (_, weight))| {
            let now = now(&version.version);
            (version, weight.as_str(), now, now == 0)
        })
        .collect()
    }

    fn seal(&self, version: &ForecastVersion) -> parts::Markup {
        let force = if version.in_force { Force::Valid } else { Force::None };
        parts::seal(version.model_digest.as_bytes(), force, true)
    }

    /// The versions that would be in service, in words: `tumour v7`.
    fn what(&self) -> String {
        let shares = self.draft.shares().unwrap_or_default();
        let shares: Vec<_> = shares.into_iter().filter(|share| share.weight != Some(0)).collect();
        match shares.first() {
            Some(first) => format!("{} {}", first.version.model, in_words(&shares)),
            None => self.at.service.to_string(),
        }
    }

    fn verdict(&self) -> Option<Verdict> {
        self.forecast.answer.as_ref().map(|answer| answer.verdict)
    }

    fn class(&self) -> &'static str {
        match self.verdict() {
            Some(Verdict::Allow) => "c-ok",
            Some(Verdict::Warn) => "c-warn",
            Some(Verdict::Deny) => "c-no",
            None => "",
        }
    }

    fn icon(&self) -> &'static str {
        match self.verdict() {
            Some(Verdict::Warn) => "warn-arm",
            Some(Verdict::Deny) => "prevent",
            Some(Verdict::Allow) | None => "allow",
        }
    }

    /// What the gate would say, in a sentence.
    fn lead(&self) -> String {
        let Some(answer) = &self.forecast.answer else {
            return "No version would be in service: give one a weight.".to_owned();
        };
        let lacking = self.forecast.versions.iter().filter(|version| !version.in_force).count();
        let lacks = |reason: &domain::gate::Reason| format!("{} lacks {}", short(&reason.version), reason.missing);
        let why = answer.reasons.iter().filter(|reason| refusal::counts(reason)).map(lacks).collect::<Vec<_>>().join("; ");
        match answer.verdict {
            Verdict::Allow if lacking == 0 => "The gate would allow it. The gate is asked again when you deploy.".to_owned(),
            Verdict::Allow => format!("The gate would allow it, unapproved: {why}."),
            Verdict::Warn => format!("The gate would warn, and ask you why: {why}."),
            Verdict::Deny => format!("The gate would deny it: {why}."),
        }
    }

    fn arguments(&self) -> String {
        let shares = self.draft.shares().unwrap_or_default();
        refusal::arguments(self.at, shares.iter().filter(|share| share.weight != Some(0)))
    }

    fn next_revision(&self) -> u32 {
        self.forecast.present.as_ref().map_or(1, |deployment| deployment.revision.number + 1)
    }

    fn acknowledgement(&self) -> &str {
        self.draft.acknowledge.trim()
    }

    fn on_lapse(&self) -> &'static str {
        words::on_lapse(&self.forecast.infrastructure)
    }
}

/// `v7` of `diagnosis/tumour:7`; another name stays whole.
fn short(name: &str) -> String {
    name.parse::<VersionRef>().map_or_else(|_| name.to_owned(), |version| format!("v{}", version.number))
}
