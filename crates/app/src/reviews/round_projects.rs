//! The projects of some rounds: loads each project once with the people of its rounds.

use crate::{Error, base::project_people::ProjectPeople};
use domain::{
    ProjectId, UserId,
    people::{Container, Directory, Person},
    reviewers::Reviewers,
};
use std::collections::{BTreeSet, HashMap};
use store::{Project, Reader, RoundOf};

/// A project with its people.
pub(crate) struct Known {
    pub project: Project,
    pub directory: Directory,
    /// For rules that do not ask who acts.
    pub nobody: Person,
    containers: BTreeSet<Container>,
    users: BTreeSet<UserId>,
}

/// The projects that were met so far.
#[derive(Default)]
pub(crate) struct RoundProjects(HashMap<ProjectId, Known>);

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
            if let Some(known) = self.0.get(&id)
                && containers.is_subset(&known.containers)
                && users.is_subset(&known.users)
            {
                continue;
            }
            let (project, mut all, mut besides) = match self.0.remove(&id) {
                Some(known) => (known.project, known.containers, known.users),
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
            self.0.insert(id, Known { project, directory, nobody, containers: all, users: besides });
        }
        Ok(())
    }

    /// A project that was met.
    pub fn get(&self, id: ProjectId) -> Option<&Known> {
        self.0.get(&id)
    }
}
