//! Creates an infrastructure.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    infrastructures::{self, accepts},
    views::{self, CreateInfrastructureRequest},
};
use domain::{
    Duration,
    access::{Action, Scope},
    event::Event,
    infrastructure::{Acceptance, InfrastructureRole},
    people::Container,
};
use store::{Infrastructure, InfrastructureMember, Json, MemberKind, StoreError};

/// How long a permit lasts where nobody says.
const USUAL_PERMIT: Duration = Duration::from_days(1);

/// The shortest permit: a shorter one would end before a node has fetched the files.
const SHORTEST_PERMIT: Duration = Duration::from_seconds(60);

/// The longest permit: as long a node that cannot reach the server goes on with a version whose approval was revoked.
const LONGEST_PERMIT: Duration = Duration::from_days(365);

/// Creates an infrastructure. The caller becomes its admin.
///
/// # Errors
/// Not an administrator; a name that is taken; a permit too short or too long; a project that does not exist.
pub async fn create(op: &OpContext, request: CreateInfrastructureRequest) -> Result<views::Infrastructure, Error> {
    op.needs(Scope::Administer)?;
    let permit_valid_for = request.permit_valid_for.unwrap_or(USUAL_PERMIT);
    if permit_valid_for < SHORTEST_PERMIT || permit_valid_for > LONGEST_PERMIT {
        let message = format!("a permit lasts from {SHORTEST_PERMIT} to {LONGEST_PERMIT}");
        return Err(Error::invalid("/permit_valid_for", message));
    }
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::CreateInfrastructure)?;
    let user = op.user()?;
    let projects = accepts::named(&mut tx, request.projects).await?;
    let infrastructure = Infrastructure {
        id: op.id(),
        name: request.name,
        stage: request.stage,
        policy: request.policy,
        on_lapse: request.on_lapse.unwrap_or_default(),
        accepts: Json(Acceptance { projects, independent_approval: request.independent_approval }),
        permit_valid_for,
        revision: 1,
        created_at: op.now,
    };
    tx.insert(&infrastructure).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("infrastructure", &infrastructure.name).at("/name"),
        other => other.into(),
    })?;
    let event = Event::InfrastructureCreated {
        name: infrastructure.name.clone(),
        stage: infrastructure.stage.clone(),
        policy: infrastructure.policy,
        on_lapse: infrastructure.on_lapse,
        accepts: infrastructure.accepts.0.clone(),
        permit_valid_for,
    };
    change::record(op, &mut tx, Subject::Infrastructure(&infrastructure), event).await?;
    let (infrastructure_id, member_id, role) = (infrastructure.id, user.id.uuid(), InfrastructureRole::Admin);
    tx.insert(&InfrastructureMember { infrastructure_id, member_kind: MemberKind::User, member_id, role }).await?;
    change::record(
        op,
        &mut tx,
        Subject::Infrastructure(&infrastructure),
        Event::InfrastructureMemberSet { member: Container::User(user.id), role },
    )
    .await?;
    tx.commit().await?;
    let view = infrastructures::view::infrastructure(op, &mut op.read_back().await?, &infrastructure)
        .await
        .map_err(Error::after_commit)?;
    Ok(view)
}
