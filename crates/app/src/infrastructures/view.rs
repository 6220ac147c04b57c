//! Builds the view of an infrastructure.

use crate::{Error, OpContext, base::standing, infrastructures::accepts, serving, views};
use domain::{
    Name,
    access::Action,
    people::{Container, Directory},
};
use store::{Infrastructure, Reader};

/// An infrastructure; its members only for those who may see its deployments.
pub(crate) async fn infrastructure(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
) -> Result<views::Infrastructure, Error> {
    let standing = standing::infrastructure_standing(op, reader, infrastructure).await?;
    let reads_deployments = standing::granted(&standing, Action::ReadDeployments);
    let (members, log_refusals) = match reads_deployments {
        true => (Some(members(reader, infrastructure).await?), serving::log::refusals(reader, infrastructure.id).await?),
        false => (None, Vec::new()),
    };
    let projects = accepts::shown(op, reader, &infrastructure.accepts.0, reads_deployments).await?;
    Ok(views::Infrastructure {
        name: infrastructure.name.clone(),
        stage: infrastructure.stage.clone(),
        policy: infrastructure.policy,
        on_lapse: infrastructure.on_lapse,
        projects,
        independent_approval: infrastructure.accepts.0.independent_approval,
        permit_valid_for: infrastructure.permit_valid_for,
        members,
        log_refusals,
        revision: infrastructure.revision,
        created_at: infrastructure.created_at,
    })
}

async fn members(reader: &mut Reader, infrastructure: &Infrastructure) -> Result<Vec<views::Member>, Error> {
    let names = reader.infrastructure_member_names(infrastructure.id).await?;
    let described = |container: Container, name: Option<&Name>| match (container, name) {
        (Container::User(_), Some(name)) => format!("user:{name}"),
        (Container::Group(_), Some(name)) => format!("group:{name}"),
        // Neither users nor groups are ever deleted; should one be missing all the same, its id is shown.
        (other, _) => Directory::default().describe(&other),
    };
    let members = reader.infrastructure_members(infrastructure.id).await?.into_iter().map(|row| {
        let (name, display_name) = names.get(&row.member_id).cloned().unzip();
        views::Member {
            member: described(row.member_kind.container(row.member_id), name.as_ref()),
            display_name: display_name.flatten(),
            role: row.role.to_string(),
        }
    });
    let mut members: Vec<_> = members.collect();
    members.sort_by(|one, other| one.member.cmp(&other.member));
    Ok(members)
}
