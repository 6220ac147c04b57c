//! One search over everything that who looks may see.

use super::{
    parts,
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, Routes},
    urls::pages as paths,
};
use app::views::SearchResults;
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::people::AccountKind;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::SEARCH, show)
}

/// The longest text that is searched for.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    shell: &'a Shell,
    q: &'a str,
    found: SearchResults,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let q: String = query.get("q").map(|q| q.trim()).unwrap_or_default().chars().filter(|c| *c != '\0').take(LONGEST).collect();
    let found = app::search::search(&op, &q).await?;
    shell.page(StatusCode::OK, &SearchPage { shell: &shell, q: &q, found })
}

impl SearchPage<'_> {
    fn is_service(&self, kind: &AccountKind) -> bool {
        *kind == AccountKind::Service
    }
}
