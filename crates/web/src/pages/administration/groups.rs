//! The groups with their members, and forms that make a group and change who is in one.

use super::access::administrators;
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    pages::{
        buttons::{mendable, pressed},
        members::stranded,
        parts,
        reviewers::offered_people,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    people::groups,
    views::{CreateGroupRequest, Group},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::Name;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::GROUPS, show).post(paths::GROUPS, change)
}

#[derive(Template)]
#[template(path = "administration/groups.html")]
struct GroupsPage<'a> {
    shell: &'a Shell,
    items: Vec<Group>,
    later: bool,
    next: Option<String>,
    problem: String,
    form: &'a Form,
    offered: Vec<(String, String)>,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let after = query.get("after").cloned().unwrap_or_default();
    page(&op, shell, StatusCode::OK, after, &Form::default(), String::new()).await
}

async fn change(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    // The button of a member's chip names the member; the other buttons say what to do.
    let go = if form.get("remove").is_empty() { pressed(&form, &["create", "add", "take"]) } else { Some("remove") };
    let Some(go) = go else {
        return page(&op, shell, StatusCode::OK, form.get("after").to_owned(), &form, String::new()).await;
    };
    match carry_out(&op, go, &form).await {
        Ok(says) => see_saying(&web, &shell.at.groups(), &says),
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, form.get("after").to_owned(), &form, problem).await
        }
    }
}

async fn carry_out(op: &OpContext, go: &str, form: &Form) -> Result<String, Error> {
    let name = |field: &str| form.get(field).trim().parse::<Name>().map_err(|error| Error::invalid(field, error.to_string()));
    Ok(match go {
        "create" => {
            let group = groups::create(op, CreateGroupRequest { name: name("name")? }).await?;
            format!("The group {} is there. Add its members.", group.name)
        }
        "add" => {
            groups::add_member(op, &name("group")?, &name("user")?).await?;
            format!("{} is in the group {} now.", form.get("user").trim(), form.get("group"))
        }
        _ => {
            let field = if go == "take" { "user" } else { "remove" };
            let done = groups::remove_member(op, &name("group")?, &name(field)?).await?;
            let says = format!("{} is no longer in the group {}.", form.get(field).trim(), form.get("group"));
            format!("{says}{}", stranded(&done.result.without_approver))
        }
    })
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    after: String,
    form: &Form,
    problem: String,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let later = !after.is_empty();
    let list = groups::list(op, Page { after, limit: 50 }).await?;
    let offered = offered_people(op).await?;
    shell.page(status, &GroupsPage { shell: &shell, items: list.items, later, next: list.next, problem, form, offered })
}

/// How many members of a group have a chip.
const CHIPS: usize = 100;

impl GroupsPage<'_> {
    /// How many members of a group have no chip.
    fn unlisted(&self, group: &Group) -> usize {
        group.members.len().saturating_sub(CHIPS)
    }

    /// What stands in the field of a group for the next member.
    fn typed(&self, group: &Name) -> &str {
        if self.form.get("group") == group.as_str() { self.form.get("user") } else { "" }
    }

    fn page_from(&self, after: &str) -> String {
        crate::pages::project::with_query(&self.shell.at.groups(), &[("after", after)])
    }
}
