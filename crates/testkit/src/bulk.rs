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
use store::{About, Json, Origin, Project, Round, VersionFile, Writer};

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
