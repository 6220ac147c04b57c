//! The projects of some rounds: loads each project once with the people of its rounds.

use crate::{Error, OpContext, base::project_people::ProjectPeople};
use domain::{
    ProjectId, UserId, VersionRef,
    authors::Authors,
    people::{Container, Directory, Person},
    reviewers::Reviewers,
    signoff::SignOffFacts,
};
use std::collections::{BTreeSet, HashMap};
use store::{Project, Reader, RoundOf, Version};

/// A project with its people.
pub(crate) struct RoundProject {
    pub row: Project,
    pub directory: Directory,
    /// For rules that do not ask who acts.
    nobody: Person,
    containers: BTreeSet<Container>,
    users: BTreeSet<UserId>,
}

/// The projects that were met so far.
#[derive(Default)]
pub(crate) struct RoundProjects(HashMap<ProjectId, RoundProject>);

impl RoundProjects {
    /// Makes known the projects of these rounds, and everybody whom the rounds name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn meet(&mut self, reader: &mut Reader, rounds: &[RoundOf]) -> Result<(), Error> {
        let mut named: HashMap<ProjectId, (BTreeSet<Container>, BTreeSet<UserId>)> = HashMap::new();
        for (round, _, model) in rounds {
            let (containers, users) = named.entry(model.project_id).or_default();
            if let Some(review) = round.signoff.0.review() {
                let slots = review.reviewers.slots.iter().flat_map(|slot| &slot.assigned);
                containers.extend(slots.chain(&review.reviewers.approvers));
                users.extend(review.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
            }
        }
        for (id, (containers, users)) in named {
            if let Some(project) = self.0.get(&id)
                && containers.is_subset(&project.containers)
                && users.is_subset(&project.users)
            {
                continue;
            }
            let (project, mut all, mut besides) = match self.0.remove(&id) {
                Some(project) => (project.row, project.containers, project.users),
                None => match reader.project(id).await? {
                    Some(project) => (project, BTreeSet::new(), BTreeSet::new()),
                    None => continue,
                },
            };
            all.extend(containers);
            besides.extend(users);
            let reviewers = Reviewers { slots: Vec::new(), approvers: all.iter().copied().collect() };
            let users: Vec<_> = besides.iter().copied().collect();
            let directory = ProjectPeople::load(reader, [id], &[&reviewers], &users).await?.directory(id, &[&reviewers], &users);
            let nobody = Person::nobody();
            self.0.insert(id, RoundProject { row: project, directory, nobody, containers: all, users: besides });
        }
        Ok(())
    }

    /// A project that was met.
    pub fn get(&self, id: ProjectId) -> Option<&RoundProject> {
        self.0.get(&id)
    }
}

impl RoundProject {
    /// The name of the version that a round is of.
    pub fn version_name(&self, (_, version, model): &RoundOf) -> VersionRef {
        VersionRef { project: self.row.name.clone(), model: model.name.clone(), number: version.number }
    }

    /// What the rules need to know about a round of this version, where nobody acts. `authors` are those of the round.
    pub fn facts<'a>(
        &'a self,
        op: &OpContext,
        name: &'a VersionRef,
        version: &'a Version,
        authors: &'a Authors,
    ) -> SignOffFacts<'a> {
        SignOffFacts {
            name,
            actor: &self.nobody,
            credential: op.credential(),
            password: None,
            directory: &self.directory,
            reviewers: &self.row.reviewers.0,
            rules: &self.row.rules.0,
            authors,
            workflow: &version.workflow.0,
            retired: version.retired.as_ref().map(|retired| &retired.0),
            waiting_elsewhere: None,
            approved_elsewhere: false,
            model_digest: version.model_digest,
            shown: version.shown,
            now: op.now,
        }
    }
}
