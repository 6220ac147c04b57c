//! Searches what the caller may see: projects, models, versions, digests, people and services.

use crate::{
    Error, OpContext,
    base::standing,
    views::{FoundModel, FoundPerson, FoundProject, FoundService, FoundVersion, SearchResults},
};
use domain::{
    Digest, InfrastructureId, ProjectId, VersionRef,
    access::{Action, Scope},
};
use std::collections::{BTreeSet, HashMap};
use store::{Model, Project, Reader, Version};

/// The most of each kind that are shown.
const MOST: u32 = 50;

/// The fewest digits of a digest that are searched for.
const DIGITS: usize = 8;

/// What the caller may see and the text names: a part of a name, `tumour v7`, `diagnosis/tumour:7`, or a digest from its eighth digit on.
///
/// # Errors
/// A token without the scope.
pub async fn search(op: &OpContext, text: &str) -> Result<SearchResults, Error> {
    op.needs(Scope::Read)?;
    let text = text.trim().to_lowercase();
    let mut results = SearchResults::default();
    if text.is_empty() {
        return Ok(results);
    }
    let mut reader = op.read().await?;
    let visible = visible(op, &mut reader).await?;
    let part = like(&text);
    for project in reader.projects_like(&visible, &part, MOST).await? {
        results.projects.push(FoundProject { name: project.name, display_name: project.display_name });
    }
    for (model, project) in reader.models_like(&visible, &part, MOST).await? {
        results.models.push(FoundModel { project: project.name, name: model.name, display_name: model.display_name });
    }
    let mut versions = Vec::new();
    if let Some((model, number)) = version_named(&text) {
        versions.extend(reader.versions_numbered(&visible, &like(model), number, MOST).await?);
    }
    if let Some((from, to)) = digests(&text) {
        versions.extend(reader.versions_of_digests(&visible, from, to, MOST).await?);
    }
    results.versions = versions.into_iter().map(found_version).collect();
    if op.allow(Action::SeePeople).is_ok() {
        for user in reader.users_like(&part, MOST).await? {
            let (name, display_name) = (user.name, user.display_name);
            results.people.push(FoundPerson { name, display_name, kind: user.kind, active: user.active });
        }
    }
    results.services = services(op, &mut reader, &part).await?;
    Ok(results)
}

/// The projects that the caller may read.
async fn visible(op: &OpContext, reader: &mut Reader) -> Result<Vec<ProjectId>, Error> {
    if standing::granted(&op.standing()?, Action::ReadProject) {
        return Ok(reader.project_ids().await?);
    }
    let user = op.user()?;
    let groups: BTreeSet<_> = reader.group_ids(user.id).await?.into_iter().collect();
    let roles = standing::roles(reader, user.id).await?;
    let (mut ids, mut after, none) = (Vec::new(), String::new(), BTreeSet::new());
    loop {
        let projects: Vec<Project> = reader.projects_of(user.id, &after, 200).await?;
        let Some(last) = projects.last() else { return Ok(ids) };
        after = last.name.to_string();
        for project in &projects {
            let standing = standing::in_project(op, user, &groups, roles.get(&project.id).unwrap_or(&none), project, []);
            if standing::granted(&standing, Action::ReadProject) {
                ids.push(project.id);
            }
        }
    }
}

async fn services(op: &OpContext, reader: &mut Reader, part: &str) -> Result<Vec<FoundService>, Error> {
    let mut seen: HashMap<InfrastructureId, bool> = HashMap::new();
    let mut found = Vec::new();
    for (deployment, infrastructure) in reader.services_like(part, 500).await? {
        let granted = match seen.get(&infrastructure.id) {
            Some(granted) => *granted,
            None => {
                let standing = standing::infrastructure_standing(op, reader, &infrastructure).await?;
                let granted = standing::granted(&standing, Action::ReadDeployments);
                seen.insert(infrastructure.id, granted);
                granted
            }
        };
        if granted && found.len() < MOST as usize {
            found.push(FoundService { infrastructure: infrastructure.name, service: deployment.service });
        }
    }
    Ok(found)
}

fn found_version((version, model, project): (Version, Model, Project)) -> FoundVersion {
    FoundVersion {
        name: VersionRef { project: project.name, model: model.name, number: version.number },
        model_digest: version.model_digest,
        created_at: version.created_at,
    }
}

/// A pattern that finds a text anywhere, whatever signs of patterns are in the text.
fn like(text: &str) -> String {
    let plain: String = text.chars().flat_map(|c| if matches!(c, '!' | '%' | '_') { vec!['!', c] } else { vec![c] }).collect();
    format!("%{plain}%")
}

/// The model and the number in `tumour v7`, `tumour:7`, `diagnosis/tumour:7`; of a model with its project, the model.
fn version_named(text: &str) -> Option<(&str, u32)> {
    let (model, number) = text.rsplit_once([' ', ':'])?;
    let number = number.strip_prefix('v').unwrap_or(number).parse().ok()?;
    let model = model.rsplit_once('/').map_or(model, |(_, model)| model).trim();
    (!model.is_empty()).then_some((model, number))
}

/// The first and the last digest that begin with these digits.
fn digests(text: &str) -> Option<(Digest, Digest)> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    if !(DIGITS..=64).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let filled = |with: char| {
        let whole: String = digits.chars().chain(std::iter::repeat_n(with, 64 - digits.len())).collect();
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(0..) {
            *byte = u8::from_str_radix(whole.get(2 * digits..2 * digits + 2)?, 16).ok()?;
        }
        Some(Digest::from_bytes(bytes))
    };
    Some((filled('0')?, filled('f')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_as_people_write_it() {
        for text in ["tumour v7", "tumour:7", "diagnosis/tumour:7", "tumour 7"] {
            assert_eq!(version_named(text), Some(("tumour", 7)), "{text}");
        }
        for text in ["tumour", "v7", "tumour vx", ":7"] {
            assert_eq!(version_named(text), None, "{text}");
        }
    }

    #[test]
    fn a_digest_is_searched_from_its_eighth_digit() {
        let (from, to) = digests("sha256:61a9c0de5").unwrap();
        assert_eq!(
            (&from.as_bytes()[..5], &to.as_bytes()[..5]),
            (&[0x61, 0xa9, 0xc0, 0xde, 0x50][..], &[0x61, 0xa9, 0xc0, 0xde, 0x5f][..])
        );
        assert!(digests("61a9c0d").is_none() && digests("61a9c0dg").is_none() && digests(&"a".repeat(65)).is_none());
        assert_eq!(like("50%_!"), "%50!%!_!!%");
    }
}
