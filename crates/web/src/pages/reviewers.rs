//! The reviewers of a project, with a form in which a manager tries out other ones: every button but the last changes only the draft that
//! the form carries, and the page says who could answer.

use super::{
    buttons::mendable,
    parts,
    project::ProjectPath,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    people::{groups, users},
    projects::{overview, reviewers},
    views::{ProjectOverview, SetReviewersRequest, Slot, TaskPeople},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, people::ProjectRole};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::REVIEWERS, show).post(paths::REVIEWERS, change)
}

/// The most accounts and groups that are offered.
const OFFERED: u32 = 200;

#[derive(Template)]
#[template(path = "reviewers.html")]
struct ReviewersPage<'a> {
    shell: &'a Shell,
    project: ProjectOverview,
    slots: Vec<Edited>,
    last: Edited,
    tag: String,
    problem: String,
    /// Whom one can assign, with the words that explain it.
    offered: Vec<(String, String)>,
}

/// A slot, or the final approval, in the form.
struct Edited {
    task: TaskPeople,
    /// What stands in the field for the next one to be assigned.
    typed: String,
}

/// The reviewers as they stand in the form; the final approval is the last task, without a name.
#[derive(Default)]
struct Draft {
    tasks: Vec<(String, Vec<String>)>,
    typed: Vec<String>,
}

impl Draft {
    fn of_project(project: &ProjectOverview) -> Self {
        let task =
            |task: &TaskPeople| (task.name.clone(), task.assigned.iter().map(|assigned| assigned.written.clone()).collect());
        let tasks: Vec<_> = project.tasks.iter().map(task).collect();
        Self { typed: vec![String::new(); tasks.len()], tasks }
    }

    /// What the form sent, before its button.
    fn sent(form: &Form) -> Self {
        let mut draft = Self::default();
        let names = form.all("slot").map(str::to_owned).chain([String::new()]);
        let last = form.all("slot").count();
        for (place, name) in names.enumerate() {
            let key = if place == last { "final".to_owned() } else { place.to_string() };
            let assigned = form.all(&format!("assigned-{key}")).map(str::to_owned).collect();
            draft.tasks.push((name, assigned));
            draft.typed.push(form.text(&format!("assign-{key}")).unwrap_or_default());
        }
        draft
    }

    /// The place of a task by the value of a button.
    fn place(&self, value: &str) -> Option<usize> {
        match value {
            "final" => self.tasks.len().checked_sub(1),
            number => number.parse().ok().filter(|place| place + 1 < self.tasks.len()),
        }
    }

    /// What the pressed button makes of it.
    fn pressed(mut self, form: &Form) -> Self {
        if let Some(place) = self.place(form.get("add")) {
            let text = std::mem::take(&mut self.typed[place]);
            if !text.is_empty() && !self.tasks[place].1.contains(&text) {
                self.tasks[place].1.push(text);
            }
        }
        if let Some((place, text)) = form.get("remove").split_once(' ')
            && let Some(place) = self.place(place)
        {
            self.tasks[place].1.retain(|assigned| assigned != text);
        }
        let slots = self.tasks.len().saturating_sub(1);
        let swap = match (form.get("up").parse::<usize>(), form.get("down").parse::<usize>()) {
            (Ok(place), _) if place > 0 && place < slots => Some((place - 1, place)),
            (_, Ok(place)) if place + 1 < slots => Some((place, place + 1)),
            _ => None,
        };
        if let Some((one, other)) = swap {
            self.tasks.swap(one, other);
            self.typed.swap(one, other);
        }
        if let Some(place) = form.get("drop").parse().ok().filter(|place: &usize| *place < slots) {
            self.tasks.remove(place);
            self.typed.remove(place);
        }
        if !form.get("add-slot").is_empty() {
            self.tasks.insert(slots, (format!("Slot {}", slots + 1), Vec::new()));
            self.typed.insert(slots, String::new());
        }
        self
    }

    fn request(&self) -> Result<SetReviewersRequest, Error> {
        let mut request = SetReviewersRequest::default();
        let last = self.tasks.len().saturating_sub(1);
        for (place, (name, assigned)) in self.tasks.iter().enumerate() {
            if place == last {
                request.approvers = assigned.clone();
            } else {
                let name = name.trim().parse().map_err(|error| Error::invalid("slot", format!("{error}")))?;
                request.slots.push(Slot { name, assigned: assigned.clone() });
            }
        }
        Ok(request)
    }
}

async fn show(Visit { op, shell }: Visit, StrictPath(ProjectPath(name)): StrictPath<ProjectPath>) -> Result<Response, Failure> {
    let project = overview::show(&op, &name).await?;
    let draft = Draft::of_project(&project);
    page(&op, shell, StatusCode::OK, project, draft, String::new()).await
}

async fn change(
    State(web): State<Web>,
    StrictPath(ProjectPath(name)): StrictPath<ProjectPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let draft = Draft::sent(&form).pressed(&form);
    // Only a manager tries reviewers out.
    overview::draft(&op, &name, &draft.tasks).await?;
    let mut problem = String::new();
    let mut status = StatusCode::OK;
    if form.get("go") == "save" {
        match save(&op, &name, &draft, form.get("tag")).await {
            Ok(()) => {
                return see_saying(&web, &shell.at.reviewers(&name), "The reviewers are saved. Running reviews keep theirs.");
            }
            Err(error) => (status, problem) = mendable(error)?,
        }
    }
    let project = overview::show(&op, &name).await?;
    page(&op, shell, status, project, draft, problem).await
}

async fn save(op: &OpContext, project: &Name, draft: &Draft, tag: &str) -> Result<(), Error> {
    reviewers::set(op, project, draft.request()?, Some(tag)).await.map(|_| ())
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    project: ProjectOverview,
    draft: Draft,
    problem: String,
) -> Result<Response, Failure> {
    let shell = shell.here("projects");
    let tasks = match project.may_manage {
        true => overview::draft(op, &project.project.name, &draft.tasks).await?,
        false => project.tasks.clone(),
    };
    let mut slots: Vec<_> = tasks.into_iter().zip(draft.typed).map(|(task, typed)| Edited { task, typed }).collect();
    let nobody = TaskPeople { name: String::new(), assigned: Vec::new(), people: Vec::new() };
    let last = slots.pop().unwrap_or(Edited { task: nobody, typed: String::new() });
    let offered = if project.may_manage { offered(op).await? } else { Vec::new() };
    let tag = project.project.etag().to_string();
    shell.page(status, &ReviewersPage { shell: &shell, project, slots, last, tag, problem, offered })
}

/// Whom one can assign: roles, groups, people.
async fn offered(op: &OpContext) -> Result<Vec<(String, String)>, Error> {
    let role = |role: &ProjectRole| (format!("role:{role}"), format!("whoever is {role} here"));
    let mut offered: Vec<_> = ProjectRole::ALL.iter().map(role).collect();
    offered.extend(offered_members(op).await?);
    Ok(offered)
}

/// Whom one can give a role: groups, people.
pub(super) async fn offered_members(op: &OpContext) -> Result<Vec<(String, String)>, Error> {
    let groups = groups::list(op, Page { after: String::new(), limit: OFFERED }).await?.items.into_iter();
    let groups = groups.map(|group| (format!("group:{}", group.name), parts::count(group.members.len(), "member")));
    let people = offered_people(op).await?.into_iter().map(|(name, words)| (format!("user:{name}"), words));
    Ok(groups.chain(people).collect())
}

/// The accounts by name.
pub(super) async fn offered_people(op: &OpContext) -> Result<Vec<(String, String)>, Error> {
    let users = users::list(op, Page { after: String::new(), limit: OFFERED }).await?.items.into_iter();
    Ok(users.map(|user| (user.name.to_string(), user.display_name.to_string())).collect())
}

impl ReviewersPage<'_> {
    /// The value of the button that takes one away.
    fn removal(&self, key: &str, written: &str) -> String {
        format!("{key} {written}")
    }
}
