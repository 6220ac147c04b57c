//! Members of an infrastructure: giving users and groups roles, and taking roles away. An infrastructure keeps its last admin.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, find},
    infrastructures,
    people::account::holds_somebody,
    views::{self, Done, SetInfrastructureMemberRequest},
};
use domain::{
    Name, NextStep,
    access::{Action, Scope},
    event::Event,
    infrastructure::InfrastructureRole,
};
use store::{Infrastructure, InfrastructureMember, Reader};

/// Gives a user or group a role on an infrastructure, in place of the one it has.
///
/// # Errors
/// Not an admin of the infrastructure; no such user or group; the infrastructure would lose its last admin.
pub async fn set(
    op: &OpContext,
    infrastructure: &Name,
    member: &str,
    request: SetInfrastructureMemberRequest,
) -> Result<Done<views::Infrastructure>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let found = find::infrastructure(op, &mut tx, infrastructure, Action::ManageInfrastructure).await?;
    let (member_kind, member_id, container) = find::member(&mut tx, member, "member").await?;
    let row = InfrastructureMember { infrastructure_id: found.id, member_kind, member_id, role: request.role };
    match tx.infrastructure_member(found.id, member_kind, member_id).await? {
        Some(before) if before == row => {
            return Ok(Done { already_done: true, result: infrastructures::view::infrastructure(op, &mut tx, &found).await? });
        }
        Some(before) => {
            keep_an_admin(&mut tx, &found, &before).await?;
            tx.update(&row).await?;
        }
        None => tx.insert(&row).await?,
    }
    change::record(
        op,
        &mut tx,
        Subject::Infrastructure(&found),
        Event::InfrastructureMemberSet { member: container, role: row.role },
    )
    .await?;
    tx.commit().await?;
    let result =
        infrastructures::view::infrastructure(op, &mut op.read_back().await?, &found).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}

/// Takes away the role that a user or group has on an infrastructure.
///
/// # Errors
/// Not an admin of the infrastructure; no such user or group; the infrastructure would lose its last admin.
pub async fn remove(op: &OpContext, infrastructure: &Name, member: &str) -> Result<Done<views::Infrastructure>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let found = find::infrastructure(op, &mut tx, infrastructure, Action::ManageInfrastructure).await?;
    let (kind, id, container) = find::member(&mut tx, member, "member").await?;
    let Some(row) = tx.infrastructure_member(found.id, kind, id).await? else {
        return Ok(Done { already_done: true, result: infrastructures::view::infrastructure(op, &mut tx, &found).await? });
    };
    keep_an_admin(&mut tx, &found, &row).await?;
    tx.delete(&row).await?;
    change::record(op, &mut tx, Subject::Infrastructure(&found), Event::InfrastructureMemberRemoved { member: container })
        .await?;
    tx.commit().await?;
    let result =
        infrastructures::view::infrastructure(op, &mut op.read_back().await?, &found).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}

/// Refuses to change this admin's role while nobody else could keep the infrastructure.
async fn keep_an_admin(
    reader: &mut Reader,
    infrastructure: &Infrastructure,
    leaving: &InfrastructureMember,
) -> Result<(), Error> {
    if leaving.role != InfrastructureRole::Admin {
        return Ok(());
    }
    for row in reader.infrastructure_members(infrastructure.id).await? {
        if row.role == InfrastructureRole::Admin
            && row != *leaving
            && holds_somebody(reader, row.member_kind, row.member_id).await?
        {
            return Ok(());
        }
    }
    let message = format!("this is the last admin of the infrastructure “{}”", infrastructure.name);
    Err(Error::new(Code::LastAdmin, message).next(NextStep::AppointAnother { role: "admin".to_owned() }))
}
