//! Stops a service.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::find,
    deployments::present,
    views::{self, Done},
};
use domain::{
    Name,
    access::{Action, Scope},
    deployment::RevisionKind,
    event::Event,
};
use store::{About, Json, Revision};

/// Takes a service out of service. Nothing can deny that.
///
/// # Errors
/// No such deployment; not a deployer.
pub async fn stop(
    op: &OpContext,
    infrastructure: &Name,
    service: &Name,
    expected: Option<&str>,
) -> Result<Done<views::Deployment>, Error> {
    op.needs(Scope::Deploy)?;
    let user = op.user()?.id;
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::Deploy).await?;
    let mut deployment = present::deployed(&mut tx, &infrastructure, service).await?;
    let repeats = present::expect_or_repeat(expected, Some(&deployment))?;
    let revision = tx.revision(deployment.id, deployment.current_revision).await?;
    if revision.is_some_and(|revision| revision.kind == RevisionKind::Stop) {
        drop(tx);
        return Ok(Done { already_done: true, result: present::shown(op, &infrastructure, &deployment).await? });
    }
    if repeats {
        return present::stale();
    }
    deployment.current_revision += 1;
    tx.update(&deployment).await?;
    let number = deployment.current_revision;
    let revision = Revision {
        deployment_id: deployment.id,
        number,
        kind: RevisionKind::Stop,
        answer: None,
        acknowledgement: None,
        created_by: user,
        created_at: op.now,
        signatory: op.signatory().map(Json),
    };
    tx.insert(&revision).await?;
    let event = Event::DeploymentRevised {
        service: service.clone(),
        revision: number,
        kind: RevisionKind::Stop,
        shares: Vec::new(),
        answer: None,
        acknowledgement: None,
    };
    let about = About {
        project: tx.model(deployment.model_id).await?.map(|model| model.project_id),
        model: Some(deployment.model_id),
        infrastructure: Some(infrastructure.id),
        ..About::default()
    };
    change::record(op, &mut tx, Subject::Ids(about), event).await?;
    present::commit(op, tx, &infrastructure, &deployment).await
}
