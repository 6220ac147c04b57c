//! Shows a deployment with its history.

use crate::{Error, OpContext, base::find, deployments, views};
use domain::{
    Name,
    access::{Action, Scope},
};

/// One deployment with its history.
///
/// # Errors
/// No such deployment; no role on the infrastructure.
pub async fn show(op: &OpContext, infrastructure: &Name, service: &Name) -> Result<views::Deployment, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    deployments::view::deployment(op, &mut reader, &infrastructure, service).await
}
