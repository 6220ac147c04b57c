//! The page of a model: where its versions serve, their metrics, and all its versions.

use super::{
    compare::ModelPath,
    parts::{
        self,
        chart::{Point, chart},
        comparison,
    },
    project::{sorted_head, with_query},
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, Routes, StrictPath},
    urls::pages as paths,
};
use app::{
    deployments::in_service,
    messages,
    versions::table,
    views::{ModelInService, ServedPlace, StatusGroup, VersionRow, VersionsPage, VersionsQuery},
};
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::Name;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::MODEL, show)
}

/// How many metrics are drawn, and stand in the table.
const METRICS: usize = 3;

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage<'a> {
    shell: &'a Shell,
    project: Name,
    model: Name,
    versions: VersionsPage,
    /// Whether who looks subscribes to it.
    subscribed: bool,
    in_service: ModelInService,
    metrics: Vec<String>,
    charts: Vec<Chart>,
    statuses: Vec<(&'static str, &'static str)>,
    status: String,
    sort: String,
    q: String,
    after: u32,
}

/// A metric over versions.
struct Chart {
    id: String,
    name: String,
    direction: &'static str,
    range: String,
    drawing: parts::Markup,
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(ModelPath { project, model }): StrictPath<ModelPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let text = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (q, status, sort) = (text("q"), text("status"), text("sort"));
    let after = text("after").parse().unwrap_or_default();
    let wanted = VersionsQuery {
        text: q.clone(),
        status: StatusGroup::of(&status),
        retired: status == "retired",
        sort: sort.clone(),
        after,
    };
    let versions = table::table(&op, &project, &model, &wanted).await?;
    let in_service = in_service::of_model(&op, &project, &model).await?;
    let mut metrics = table::frequent_metrics(&versions.latest);
    metrics.truncate(METRICS);
    let charts = (0..).zip(&metrics).filter_map(|(place, name)| drawn(place, name, &versions, &in_service.places)).collect();
    let mut statuses: Vec<_> = StatusGroup::ALL.iter().map(|group| (group.as_str(), group.words())).collect();
    statuses.push(("retired", "Retired"));
    let subscribed = messages::subscribes(&op, &format!("{project}/{model}")).await?;
    let page = ModelPage {
        shell: &shell,
        project,
        model,
        subscribed,
        versions,
        in_service,
        metrics,
        charts,
        statuses,
        status,
        sort,
        q,
        after,
    };
    shell.page(StatusCode::OK, &page)
}

fn drawn(place: usize, name: &str, versions: &VersionsPage, places: &[ServedPlace]) -> Option<Chart> {
    let is_live = |number: u32| places.iter().any(|place| place.is_production && place.version == number);
    let point = |row: &VersionRow| {
        let number = row.name.number;
        row.metrics.get(name).map(|value| Point { number, value: *value, status: row.status, is_live: is_live(number) })
    };
    let points: Vec<_> = versions.latest.iter().rev().filter_map(point).collect();
    let (first, last) = (points.first()?, points.last()?);
    let id = format!("c-{place}");
    let drawing = chart(&points, &id);
    let figure = comparison::figure;
    let range = format!(
        ": from {} in v{} to {} in v{}. The figures are in the table of versions.",
        figure(first.value),
        first.number,
        figure(last.value),
        last.number
    );
    let direction = comparison::direction(&versions.directions.of(name));
    (drawing != parts::Markup::default()).then(|| Chart { id, name: name.to_owned(), direction, range, drawing })
}

impl ModelPage<'_> {
    fn is_chosen(&self, status: &str) -> bool {
        self.status == status
    }

    fn address(&self) -> String {
        self.shell.at.model_named(&self.project, &self.model)
    }

    fn head(&self, by: &str, words: &str, class: &str) -> parts::Markup {
        let address = self.address();
        let present = if self.sort.is_empty() { "-version" } else { &self.sort };
        let with = |sort: &str| with_query(&address, &[("q", &self.q), ("status", &self.status), ("sort", sort)]);
        sorted_head(with, present, by, words, class)
    }

    fn first_page(&self) -> String {
        with_query(&self.address(), &[("q", &self.q), ("status", &self.status), ("sort", &self.sort)])
    }

    fn page_from(&self, after: &u32) -> String {
        with_query(
            &self.address(),
            &[("q", &self.q), ("status", &self.status), ("sort", &self.sort), ("after", &after.to_string())],
        )
    }

    fn figure(&self, row: &VersionRow, metric: &str) -> String {
        let all = self.versions.rows.iter().filter_map(|row| row.metrics.get(metric));
        let decimals = all.map(|value| comparison::decimals(*value)).max().unwrap_or_default();
        row.metrics.get(metric).map_or_else(|| "–".to_owned(), |value| comparison::written(*value, decimals))
    }

    /// Where a version is in service: `hospital-prod 20 %`.
    fn places(&self, row: &VersionRow) -> String {
        let places = self.in_service.places.iter().filter(|place| place.version == row.name.number);
        let words = places.map(|place| match place.weight {
            100 => place.infrastructure.to_string(),
            weight => format!("{} {weight} %", place.infrastructure),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}
