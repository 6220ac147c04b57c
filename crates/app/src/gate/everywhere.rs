//! What the gate of every infrastructure would say of a version.

use crate::{
    Error, OpContext,
    base::{error::Kind, find, standing},
    gate::check,
    views::{GateRequest, PlaceAnswer},
};
use domain::{
    VersionRef,
    access::{Action, Scope},
};
use std::collections::HashMap;

/// The most infrastructures that are asked, in the order of their names.
const MOST: u32 = 100;

/// The answer of each gate, as far as the caller may ask it.
///
/// # Errors
/// No such version.
pub async fn everywhere(op: &OpContext, version: &VersionRef) -> Result<Vec<PlaceAnswer>, Error> {
    op.needs(Scope::Gate)?;
    let mut reader = op.read().await?;
    let found = find::any_version(&mut reader, version).await?;
    let mut services: HashMap<_, _> = reader.services_of_model(found.model.id).await?.into_iter().collect();
    let mut places = Vec::new();
    for infrastructure in reader.infrastructures("", MOST).await? {
        let standing = standing::infrastructure_standing(op, &mut reader, &infrastructure).await?;
        let may_deploy = standing::granted(&standing, Action::Deploy) && op.needs(Scope::Deploy).is_ok();
        let service = services.remove(&infrastructure.id).filter(|_| may_deploy);
        places.push((infrastructure.name, infrastructure.stage, may_deploy, service));
    }
    // Each question reads by itself where the cache knows no answer.
    drop(reader);
    let model = Some(format!("{}/{}", version.project, version.model));
    let mut answers = Vec::new();
    for (infrastructure, stage, may_deploy, service) in places {
        let (model, version) = (model.clone(), Some(version.number));
        let request = GateRequest { infrastructure: infrastructure.clone(), model, version, digest: None, acknowledge: None };
        match check(op, request).await {
            Ok(answer) => answers.push(PlaceAnswer { infrastructure, stage, answer, may_deploy, service }),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(answers)
}
