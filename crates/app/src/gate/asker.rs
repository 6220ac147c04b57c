//! Who asks the gate, and where. Both are read once and remembered, since a pipeline asks about many versions.

use crate::{
    Error, OpContext,
    base::{cache::rights::Place, context::allowed, governed_version::GovernedVersion, standing},
};
use domain::{
    Name, ProjectId,
    access::{Access, Action, Standing},
    people::ProjectRole,
};
use std::{collections::BTreeSet, sync::Arc};
use store::{Infrastructure, Reader};

/// Who asks about an infrastructure.
pub(crate) struct Asker {
    place: Arc<Place>,
    standing: Standing,
    /// The size of the log in the view that is read from: what is remembered must be of the same moment. None where nothing is.
    size: Option<u64>,
}

impl Asker {
    /// The caller, if they may see the infrastructure.
    pub async fn at(op: &OpContext, reader: &mut Reader, name: &Name, size: Option<u64>) -> Result<Self, Error> {
        if let Some(size) = size
            && let Some(remembered) = Self::remembered(op, name, size)?
        {
            return Ok(remembered);
        }
        let groups = standing::groups(op, reader).await?;
        let infrastructure = reader.infrastructure_by_name(name).await?.ok_or_else(|| hidden(name))?;
        let roles = standing::infrastructure_roles(op, reader, &groups, &infrastructure).await?;
        let place = Arc::new(Place { infrastructure, groups, roles });
        if let Some(size) = size {
            op.cache.keep_right(size, |rights| &mut rights.places, (op.user()?.id, name.clone()), place.clone());
        }
        Self::of(op, place, size)
    }

    /// The same, where all of it is remembered as of this size of the log.
    pub fn remembered(op: &OpContext, name: &Name, size: u64) -> Result<Option<Self>, Error> {
        let place = op.cache.right(size, |rights| &rights.places, &(op.user()?.id, name.clone()));
        place.map(|place| Self::of(op, place, Some(size))).transpose()
    }

    fn of(op: &OpContext, place: Arc<Place>, size: Option<u64>) -> Result<Self, Error> {
        let standing = standing::on_infrastructure(op.user()?, &place.roles);
        allowed(&standing, Action::SeeInfrastructure, || hidden(&place.infrastructure.name))?;
        Ok(Self { place, standing, size })
    }

    /// Where the caller asks.
    pub fn infrastructure(&self) -> &Infrastructure {
        &self.place.infrastructure
    }

    /// Whether the caller may read what is in service there.
    pub fn reads_deployments(&self) -> bool {
        standing::granted(&self.standing, Action::ReadDeployments)
    }

    /// Whether the caller may ask about a version: a role on the infrastructure is enough, and so is seeing the project.
    pub async fn may_ask(&self, op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<bool, Error> {
        let project = found.project.id;
        let roles = match self.remembered_roles(op, project)? {
            Some(roles) => roles,
            None => {
                let roles = Arc::new(standing::project_roles(op, reader, &self.place.groups, project).await?);
                if let Some(size) = self.size {
                    op.cache.keep_right(size, |rights| &mut rights.project_roles, (op.user()?.id, project), roles.clone());
                }
                roles
            }
        };
        self.may_ask_with(op, &roles, found)
    }

    /// The same; none where the caller's roles in the project are not remembered.
    pub fn is_known_to_be_allowed(&self, op: &OpContext, found: &GovernedVersion) -> Result<Option<bool>, Error> {
        self.remembered_roles(op, found.project.id)?.map(|roles| self.may_ask_with(op, &roles, found)).transpose()
    }

    fn may_ask_with(&self, op: &OpContext, roles: &BTreeSet<ProjectRole>, found: &GovernedVersion) -> Result<bool, Error> {
        let in_project = standing::in_project(op, op.user()?, &self.place.groups, roles, &found.project, found.signoffs());
        let standing = Standing { infrastructure: self.standing.infrastructure.clone(), ..in_project };
        Ok(standing.may(Action::AskGate) == Access::Granted)
    }

    fn remembered_roles(&self, op: &OpContext, project: ProjectId) -> Result<Option<Arc<BTreeSet<ProjectRole>>>, Error> {
        let key = (op.user()?.id, project);
        Ok(self.size.and_then(|size| op.cache.right(size, |rights| &rights.project_roles, &key)))
    }
}

fn hidden(name: &Name) -> Error {
    Error::not_found("infrastructure", name)
}
