//! The pages after the gate denied a deployment, or warned and wants a reason: what is missing of each version, who can give it, where the
//! version may go today.

use crate::{
    http::Failure,
    pages::{
        parts::{self, strip::Cell},
        service::sent::{Sent, ServicePath},
        shell::Shell,
    },
};
use app::{
    Error, OpContext, deployments,
    error::{Code, Kind},
    gate,
    infrastructures::gate_log,
    reviews,
    views::{Deployment, PlaceAnswer, Review, ShareRequest},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Name, SignOffRef, VersionRef,
    gate::{Answer, Lack, Reason, Verdict},
};

/// What was asked for, so that a form can ask for it again.
pub(crate) struct Asked {
    /// Where the form goes.
    pub(crate) action: String,
    /// Its hidden fields.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// A version that is not in force.
struct Lacking {
    reason: Reason,
    version: Option<VersionRef>,
    /// The review, for readers of the project.
    review: Option<Review>,
}

#[derive(Template)]
#[template(path = "deploy/refusal.html")]
struct RefusalPage<'a> {
    shell: &'a Shell,
    at: &'a ServicePath,
    answer: Answer,
    lacking: Vec<Lacking>,
    present: Option<Deployment>,
    /// Where the first version may go.
    elsewhere: Vec<PlaceAnswer>,
    /// Where the answer stands in the record.
    position: Option<u64>,
    wanted: Vec<(VersionRef, String)>,
    asked: Asked,
    tag: &'a str,
    acknowledge: String,
    problem: String,
}

/// Whether the gate denied, or warned and nobody said why to go on.
pub(crate) fn is_one(error: &Error) -> bool {
    let answered = error.details.as_ref().is_some_and(|details| details.answer.is_some());
    answered && matches!(error.code, Code::DeniedByPolicy | Code::NotAcknowledged)
}

/// The page of the gate's denial or warning.
pub(crate) async fn page(sent: &Sent, error: Error, asked: Asked) -> Result<Response, Failure> {
    let Some(answer) = error.details.as_ref().and_then(|details| details.answer.clone()) else { return Err(error.into()) };
    let (op, ServicePath { infrastructure, service }) = (&sent.op, &sent.at);
    let shell = sent.shell().await?.here("infrastructures");
    let mut lacking = Vec::new();
    for reason in answer.reasons.iter().filter(|reason| counts(reason)) {
        let version = reason.version.parse::<VersionRef>().ok();
        let review = match &version {
            Some(version) => {
                let step = Some(reason.step.clone());
                reviews::show(op, &SignOffRef { version: version.clone(), step }, None).await.ok()
            }
            None => None,
        };
        lacking.push(Lacking { reason: reason.clone(), version, review });
    }
    let elsewhere = match lacking.first().and_then(|lacking| lacking.version.as_ref()) {
        Some(version) => gate::everywhere(op, version).await?,
        None => Vec::new(),
    };
    let present = match deployments::show(op, infrastructure, service).await {
        Ok(present) => Some(present),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let wanted = wanted(&asked, present.as_ref());
    let warned = answer.verdict == Verdict::Warn;
    let asked_before = sent.form.all("acknowledge").next().is_some();
    let problem = if warned && asked_before { "Say why you go on: one word at least." } else { "" };
    let status = match (warned, asked_before) {
        (false, _) => StatusCode::FORBIDDEN,
        (true, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, false) => StatusCode::OK,
    };
    let page = RefusalPage {
        at: &sent.at,
        elsewhere: elsewhere.into_iter().filter(|place| place.infrastructure != *infrastructure).collect(),
        position: position(op, infrastructure).await?,
        acknowledge: sent.form.get("acknowledge").to_owned(),
        problem: problem.to_owned(),
        tag: sent.form.get("if_match"),
        shell: &shell,
        answer,
        lacking,
        present,
        wanted,
        asked,
    };
    shell.page(status, &page)
}

/// Whether a reason keeps the version out: that the same bytes were rejected elsewhere is a remark.
pub(super) fn counts(reason: &Reason) -> bool {
    !matches!(reason.lack, Lack::SameBytesRejected | Lack::SameBytesRevoked)
}

/// The versions and weights that were asked for; of a rollback those of the revision.
fn wanted(asked: &Asked, present: Option<&Deployment>) -> Vec<(VersionRef, String)> {
    let values = |wanted: &'static str| {
        let all = asked.fields.iter().filter(move |(name, _)| *name == wanted);
        all.map(|(_, value)| value.clone())
    };
    if let Some(to) = values("to").next() {
        let history = present.into_iter().flat_map(|deployment| &deployment.history);
        let shares = history.filter(|revision| revision.number.to_string() == to).flat_map(|revision| &revision.shares);
        return shares.map(|share| (share.version.clone(), share.weight.to_string())).collect();
    }
    let rows = values("version").zip(values("weight"));
    rows.filter_map(|(version, weight)| Some((version.parse().ok()?, weight)))
        .filter(|(_, weight)| !matches!(weight.as_str(), "" | "0"))
        .collect()
}

/// Where the answer to this request stands in the record.
async fn position(op: &OpContext, infrastructure: &Name) -> Result<Option<u64>, Error> {
    let entries = gate_log::list(op, infrastructure, None, 20).await?.items;
    Ok(entries.into_iter().find(|entry| entry.request == op.request).map(|entry| entry.position))
}

/// Who changed the service last, and when, as a sentence.
pub(crate) async fn what_happened(sent: &Sent) -> String {
    match deployments::show(&sent.op, &sent.at.infrastructure, &sent.at.service).await {
        Ok(now) => {
            let when = parts::time::ago_in_words(now.revision.at, sent.web.server.now());
            format!("{} made revision {} {when}.", now.revision.by, now.revision.number)
        }
        Err(_) => "The service has changed.".to_owned(),
    }
}

/// Service and versions, as a command line names them.
pub(super) fn arguments<'a>(at: &ServicePath, shares: impl Iterator<Item = &'a ShareRequest>) -> String {
    let share = |share: &ShareRequest| match share.weight {
        Some(weight) if weight < 100 => format!(" {}={weight}", share.version),
        _ => format!(" {}", share.version),
    };
    format!("{}/{}{}", at.infrastructure, at.service, shares.map(share).collect::<String>())
}

/// `v6, 80 %; v7, 20 %`.
fn in_words(shares: &[(VersionRef, String)]) -> String {
    shares.iter().map(|(version, weight)| format!("v{}, {weight} %", version.number)).collect::<Vec<_>>().join("; ")
}

impl Lacking {
    /// The version, for those who may read its page.
    fn page(&self) -> Option<&VersionRef> {
        self.version.as_ref().filter(|_| self.review.is_some())
    }

    /// The feedback so far, in small.
    fn strip(&self) -> parts::Markup {
        let Some(review) = &self.review else { return parts::Markup::default() };
        let cell = |slot: &app::views::SlotView| {
            let current = slot.answers.iter().filter(|answer| !answer.stale);
            match current.map(|answer| answer.verdict).max() {
                Some(verdict) => Cell::Answer(verdict),
                None if !slot.answers.is_empty() => Cell::Stale,
                None => Cell::Open,
            }
        };
        parts::strip::strip(review.slots.iter().map(|slot| (slot.name.as_str(), cell(slot))), review.status)
    }

    fn name(&self) -> String {
        self.version
            .as_ref()
            .map_or_else(|| self.reason.version.clone(), |version| format!("{} v{}", version.model, version.number))
    }

    fn number(&self) -> String {
        self.version.as_ref().map_or_else(|| self.reason.version.clone(), |version| format!("v{}", version.number))
    }
}

impl RefusalPage<'_> {
    fn is_warning(&self) -> bool {
        self.answer.verdict == Verdict::Warn
    }

    /// The versions that lack something: `tumour v7`.
    fn what(&self) -> String {
        self.lacking.iter().map(Lacking::name).collect::<Vec<_>>().join(" and ")
    }

    fn numbers(&self) -> String {
        self.lacking.iter().map(Lacking::number).collect::<Vec<_>>().join(" and ")
    }

    /// What goes on as it is: `v6 goes on serving`.
    fn goes_on(&self) -> String {
        let shares = self.present.iter().flat_map(|deployment| &deployment.revision.shares);
        let names: Vec<_> = shares.map(|share| format!("v{}", share.version.number)).collect();
        match names.as_slice() {
            [] => "Nothing has changed.".to_owned(),
            [one] => format!("Nothing has changed: {one} goes on serving."),
            several => format!("Nothing has changed: {} go on serving.", several.join(" and ")),
        }
    }

    fn wanted_in_words(&self) -> String {
        in_words(&self.wanted)
    }

    fn now_in_words(&self) -> String {
        let now = self.now();
        if now.is_empty() { "nothing".to_owned() } else { in_words(&now) }
    }

    fn now(&self) -> Vec<(VersionRef, String)> {
        let shares = self.present.iter().flat_map(|deployment| &deployment.revision.shares);
        shares.map(|share| (share.version.clone(), share.weight.to_string())).collect()
    }

    /// Every version of now and then, with its weights.
    fn changes(&self) -> Vec<(u32, String, String, bool)> {
        let now = self.now();
        let weight = |all: &[(VersionRef, String)], version: &VersionRef| {
            all.iter().find(|(known, _)| known == version).map_or_else(|| "0".to_owned(), |(_, weight)| weight.clone())
        };
        let gone = now.iter().filter(|(version, _)| self.wanted.iter().all(|(known, _)| known != version));
        let all = self.wanted.iter().chain(gone).map(|(version, _)| {
            let lacks = self.lacking.iter().any(|lacking| lacking.version.as_ref() == Some(version));
            (version.number, weight(&now, version), weight(&self.wanted, version), lacks)
        });
        all.collect()
    }

    fn deploy_there(&self, place: &PlaceAnswer) -> String {
        let Some(version) = self.lacking.first().and_then(|lacking| lacking.version.as_ref()) else {
            return self.shell.at.deploy_to(&place.infrastructure);
        };
        self.shell.at.deploy_version(&place.infrastructure, place.service.as_ref(), version)
    }

    /// The revision to which a rollback would go.
    fn to(&self) -> Option<&str> {
        self.asked.fields.iter().find(|(name, _)| *name == "to").map(|(_, to)| to.as_str())
    }

    /// What was asked for, as a command line names it.
    fn arguments(&self) -> String {
        let read = |(version, weight): &(VersionRef, String)| ShareRequest {
            version: version.clone(),
            weight: weight.trim_end_matches([' ', '%']).parse().ok(),
        };
        arguments(self.at, self.wanted.iter().map(read).collect::<Vec<_>>().iter())
    }
}
