//! The page of an infrastructure: what is out of policy first, what runs, the policy and what another one would do today, the answers of the
//! gate. `forms` takes what people send.

mod draft;
mod forms;
pub(super) mod page;
pub(super) mod words;

use super::shell::Visit;
use crate::{
    http::{Failure, Routes, StrictPath},
    urls::pages as paths,
};
use axum::{extract::Query, response::Response};
use draft::Draft;
use page::{InfrastructurePath, Pages, page};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::INFRASTRUCTURE, show).merge(forms::routes())
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(InfrastructurePath(name)): StrictPath<InfrastructurePath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).map_or("", String::as_str);
    let members = text("members").parse().unwrap_or_default();
    let pages = Pages { services: text("services"), log: text("after").parse().ok(), members };
    page(&op, shell, &name, pages, &Draft::default()).await
}
