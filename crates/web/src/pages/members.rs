//! The members of a project: who has which role, and forms in which a manager gives roles and takes them away.

use super::{
    buttons::mendable,
    parts,
    project::{ProjectPath, with_query},
    reviewers::offered_members,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    projects::{members, overview},
    views::{MemberShown, OpenRound, ProjectOverview, SetProjectMemberRequest},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::people::ProjectRole;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::MEMBERS, show).post(paths::MEMBERS, change)
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage<'a> {
    shell: &'a Shell,
    project: ProjectOverview,
    /// How many members stand on the pages before.
    after: usize,
    problem: String,
    /// The member and the role that a refused form had.
    member: String,
    role: String,
    /// Whom one can name, with the words that explain it.
    offered: Vec<(String, String)>,
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let project = overview::show(&op, &name).await?;
    let after = query.get("after").and_then(|after| after.parse().ok()).unwrap_or_default();
    page(&op, shell, StatusCode::OK, project, after, &Form::default(), String::new()).await
}

async fn change(
    State(web): State<Web>,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let member = form.get("member").trim().to_owned();
    let made = match form.get("go") {
        "set" => match form.get("role").parse::<ProjectRole>() {
            Ok(role) => members::set(&op, &name, &member, SetProjectMemberRequest { role }).await,
            Err(_) => Err(Error::invalid("role", "choose a role")),
        },
        "remove" => members::remove(&op, &name, &member).await,
        _ => {
            let project = overview::show(&op, &name).await?;
            return page(&op, shell, StatusCode::OK, project, 0, &form, String::new()).await;
        }
    };
    let error = match made {
        Ok(done) => {
            let says = if done.already_done { "That was done before." } else { "The members are saved." };
            let says = format!("{says}{}", stranded(&done.result.without_approver));
            return see_saying(&web, &shell.at.members(&name), &says);
        }
        Err(error) => error,
    };
    let (status, problem) = mendable(error)?;
    let project = overview::show(&op, &name).await?;
    page(&op, shell, status, project, 0, &form, problem).await
}

/// A warning about open rounds that nobody can approve now.
pub(super) fn stranded(rounds: &[OpenRound]) -> String {
    let Some(first) = rounds.first() else { return String::new() };
    let more = if rounds.len() > 1 { format!(" and {} more", rounds.len() - 1) } else { String::new() };
    format!(" Nobody can approve {}{more} now: name a final approver, and reload the reviewers of the review.", first.version)
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    project: ProjectOverview,
    after: usize,
    form: &Form,
    problem: String,
) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let offered = if project.may_manage { offered_members(op).await? } else { Vec::new() };
    let (member, role) = (form.get("member").to_owned(), form.get("role").to_owned());
    shell.page(status, &MembersPage { shell: &shell, project, after, problem, member, role, offered })
}

/// How many members are on a page.
const PAGE: usize = 50;

impl MembersPage<'_> {
    fn items(&self) -> impl Iterator<Item = &MemberShown> {
        self.project.members.iter().skip(self.after).take(PAGE)
    }

    /// The addresses of the first page and of the next one, where there is more than one page.
    fn pager(&self) -> (Option<String>, Option<String>) {
        let address = self.shell.at.members(&self.project.project.name);
        let next = self.after.saturating_add(PAGE);
        let more = (next < self.project.members.len()).then(|| with_query(&address, &[("after", &next.to_string())]));
        ((self.after > 0).then_some(address), more)
    }

    fn roles(&self) -> &'static [ProjectRole] {
        ProjectRole::ALL
    }

    /// Whether this is the only manager: the project keeps it.
    fn is_last_manager(&self, member: &MemberShown) -> bool {
        let managers = self.project.members.iter().filter(|member| member.role == ProjectRole::Manager && member.people > 0);
        member.role == ProjectRole::Manager && managers.count() < 2
    }

    /// What a role lets its members do.
    fn consequence(&self, role: &ProjectRole) -> &'static str {
        match role {
            ProjectRole::Manager => "changes members, reviewers and rules; opens the next round",
            ProjectRole::Contributor => "registers models and versions, and requests reviews",
            ProjectRole::Reader => "reads everything of the project",
        }
    }

    fn is_typed(&self, role: &ProjectRole) -> bool {
        if self.role.is_empty() { *role == ProjectRole::Reader } else { role.as_str() == self.role }
    }
}
