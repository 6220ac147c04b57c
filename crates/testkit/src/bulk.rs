//! Makes rows by the thousand as copies of a row that the API made. The store's own writer writes them with events, so that the
//! store verifies.

#![expect(clippy::disallowed_methods, reason = "rows in bulk are written beside the use cases, each with its event")]

use crate::{START, TestServer, Version};
use domain::{
    Name, VersionRef,
    event::{Actor, Event},
    signoff::SignOff,
    workflow::Workflow,
};
use store::{About, Deployment, Infrastructure, Json, Origin, Project, Revision, Round, Share, VersionFile, Writer};

/// Rows in one transaction.
const AT_ONCE: u32 = 2_000;

impl TestServer {
    /// Registers so many versions more of the same model, each with the files, fields, sign-off and events of this one.
    pub async fn copies(&self, version: &Version, count: u32) {
        let name: VersionRef = version.name.parse().expect("a version has a name");
        let op = self.console();
        let mut reader = op.read().await.expect("the database answers");
        let found = reader.whole_version_by_name(&name.project, &name.model, name.number).await.expect("the database answers");
        let (template, _, project, round) = found.into_iter().next().expect("the version is there");
        let files = reader.version_files(template.id).await.expect("the database answers");
        let last = reader.last_number(template.model_id).await.expect("the database answers");
        let about = |version| About {
            project: Some(project.id),
            model: Some(template.model_id),
            version: Some(version),
            infrastructure: None,
        };
        let of_template = About { version: Some(template.id), ..About::default() };
        let events = reader.events(of_template, 0, START, 1_000).await.expect("the database answers");
        drop(reader);
        let numbers: Vec<u32> = (last + 1..last + 1 + count).collect();
        for numbers in numbers.chunks(AT_ONCE as usize) {
            let copies: Vec<_> =
                numbers.iter().map(|number| store::Version { id: op.id(), number: *number, ..template.clone() }).collect();
            for (index, logged) in events.iter().enumerate() {
                let mut tx = self.write_as(&logged.actor).await;
                for copy in &copies {
                    let mut event = logged.event.clone();
                    if let Event::VersionCreated { number, .. } = &mut event {
                        *number = copy.number;
                    }
                    // The rows are as the last event leaves them.
                    if index == 0 {
                        let signoff = SignOff { version: copy.id, ..round.signoff.0.clone() };
                        tx.insert(copy).await.expect("the version is new");
                        tx.insert(&Round::of(&signoff, 1, round.changed_at)).await.expect("the round is new");
                        let files: Vec<_> =
                            files.iter().map(|file| VersionFile { version_id: copy.id, ..file.clone() }).collect();
                        tx.add_version_files(&files).await.expect("the files are new");
                    }
                    tx.record(event, about(copy.id));
                }
                tx.commit().await.expect("the database answers");
            }
        }
    }

    /// Creates so many projects without members, with the reviewers and rules of this one, called `NAME-1` and on.
    pub async fn projects_like(&self, name: &str, count: u32) {
        let op = self.console();
        let mut reader = op.read().await.expect("the database answers");
        let name: Name = name.parse().expect("it is a name");
        let template = reader.project_by_name(&name).await.expect("the database answers").expect("the project is there");
        drop(reader);
        self.write_many(1..1 + count, async |tx: &mut Writer, number| {
            let name: Name = format!("{}-{number}", template.name).parse().expect("it is a name");
            let copy = Project { id: op.id(), name, ..template.clone() };
            tx.insert(&copy).await.expect("the project is new");
            let (name, display_name, rules) = (copy.name, copy.display_name, copy.rules.0);
            let about = About { project: Some(copy.id), ..About::default() };
            tx.record(Event::ProjectCreated { name, display_name, rules }, about);
        })
        .await;
    }

    /// Puts what the first revision of a service serves into service so many times more beside it, as `NAME-0001` and on.
    pub async fn services_like(&self, infrastructure: &str, service: &str, count: u32) {
        let op = self.console();
        let mut reader = op.read().await.expect("the database answers");
        let (place, service): (Name, Name) = (infrastructure.parse().expect("a name"), service.parse().expect("a name"));
        let place = reader.infrastructure_by_name(&place).await.expect("the database answers").expect("it is there");
        let template = reader.deployment_by_name(place.id, &service).await.expect("the database answers").expect("it is there");
        let first = reader.revision(template.id, 1).await.expect("the database answers").expect("it is there");
        let shares = reader.shares(template.id, 1).await.expect("the database answers");
        let of_place = About { infrastructure: Some(place.id), ..About::default() };
        let events = reader.events(of_place, 0, START, 1_000).await.expect("the database answers");
        drop(reader);
        let is_first =
            |event: &Event| matches!(event, Event::DeploymentRevised { service: of, revision: 1, .. } if *of == service);
        let logged = events.into_iter().find(|logged| is_first(&logged.event)).expect("the record tells of it");
        self.write_many(1..1 + count, async |tx: &mut Writer, number| {
            let name: Name = format!("{service}-{number:04}").parse().expect("it is a name");
            let copy = Deployment { id: op.id(), service: name.clone(), current_revision: 1, ..template.clone() };
            tx.insert(&copy).await.expect("the service is new");
            tx.insert(&Revision { deployment_id: copy.id, ..first.clone() }).await.expect("the revision is new");
            for share in &shares {
                tx.insert(&Share { deployment_id: copy.id, ..share.clone() }).await.expect("the share is new");
            }
            let mut event = logged.event.clone();
            if let Event::DeploymentRevised { service, .. } = &mut event {
                *service = name;
            }
            tx.record(event, logged.about);
        })
        .await;
    }

    /// Creates so many infrastructures without services and members, with the policy of this one, called `NAME-0001` and on.
    pub async fn infrastructures_like(&self, name: &str, count: u32) {
        let op = self.console();
        let mut reader = op.read().await.expect("the database answers");
        let name: Name = name.parse().expect("it is a name");
        let template = reader.infrastructure_by_name(&name).await.expect("the database answers").expect("it is there");
        let of_template = About { infrastructure: Some(template.id), ..About::default() };
        let created = reader.events(of_template, 0, START, 1).await.expect("the database answers").remove(0);
        drop(reader);
        self.write_many(1..1 + count, async |tx: &mut Writer, number| {
            let copy_name: Name = format!("{name}-{number:04}").parse().expect("it is a name");
            let copy = Infrastructure { id: op.id(), name: copy_name.clone(), revision: 1, ..template.clone() };
            tx.insert(&copy).await.expect("the infrastructure is new");
            let mut event = created.event.clone();
            if let Event::InfrastructureCreated { name, .. } = &mut event {
                *name = copy_name;
            }
            tx.record(event, About { infrastructure: Some(copy.id), ..About::default() });
        })
        .await;
    }

    /// Gives a project this workflow, for the versions to come. No face does that yet.
    pub async fn set_workflow(&self, name: &str, workflow: Workflow) {
        let name: Name = name.parse().expect("it is a name");
        let (_, mut tx) = self.console().write().await.expect("the database answers");
        let project = tx.project_by_name(&name).await.expect("the database answers").expect("the project is there");
        tx.update(&Project { workflow: Json(workflow), ..project.clone() }).await.expect("the project is there");
        let event = Event::ProjectRulesChanged {
            from: project.rules.0.clone(),
            to: project.rules.0,
            reason: "A change for its own sake.".to_owned(),
        };
        tx.record(event, About { project: Some(project.id), ..About::default() });
        tx.commit().await.expect("the database answers");
    }

    /// A writer for somebody who acted before.
    async fn write_as(&self, actor: &Actor) -> Writer {
        let op = self.console();
        let origin =
            Origin { actor: actor.clone(), at: op.now, request: op.request.clone(), seed: op.entropy.bytes(), key: None };
        self.app.store.write(origin).await.expect("the database answers")
    }

    async fn write_many(&self, numbers: std::ops::Range<u32>, each: impl AsyncFn(&mut Writer, u32)) {
        let mut numbers = numbers.peekable();
        while numbers.peek().is_some() {
            let (_, mut tx) = self.console().write().await.expect("the database answers");
            for number in numbers.by_ref().take(AT_ONCE as usize) {
                each(&mut tx, number).await;
            }
            tx.commit().await.expect("the database answers");
        }
    }
}
