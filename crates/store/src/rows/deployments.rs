//! Deployments: services, their revisions and what each revision serves.

use crate::{
    Infrastructure, Model, Project, Reader, Round, Statement, StoreError, Version,
    query::{listed, queries},
    record::{column, table},
    value::{Column, Json, Kind, Value},
};
use domain::{
    DeploymentId, Digest, InfrastructureId, ModelId, Name, StatementId, Timestamp, UserId, VersionId, VersionRef,
    deployment::Basis, deployment::LapseAcknowledgement, deployment::RevisionKind, gate, people::Signatory,
};

table! {
    /// A service on an infrastructure.
    Deployment in "deployments" [1] {
        /// The key.
        id: DeploymentId,
        /// Where.
        infrastructure_id: InfrastructureId,
        /// Unique on the infrastructure.
        service: Name,
        /// The one model that it serves.
        model_id: ModelId,
        /// The number of the revision in force.
        current_revision: u32,
        /// When it was first deployed.
        created_at: Timestamp,
        /// That it is known to be out of policy, and tolerated for a while; none while nobody has said so.
        lapse_acknowledged since 10: Option<Json<LapseAcknowledgement>>,
    }
}

table! {
    /// One change of a deployment.
    Revision in "revisions" [2] {
        /// The deployment.
        deployment_id: DeploymentId,
        /// From 1.
        number: u32,
        /// What made it.
        kind: RevisionKind,
        /// The gate's answer; none for a stop.
        answer: Option<Json<gate::Answer>>,
        /// The typed reason, where the gate warned.
        acknowledgement: Option<String>,
        /// Who made it.
        created_by: UserId,
        /// When.
        created_at: Timestamp,
        /// Who made it, as they were named then; none where no account did.
        signatory: Option<Json<Signatory>>,
    }
}

table! {
    /// One version of a revision.
    Share in "shares" [3] {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The revision.
        revision: u32,
        /// The order in which it was named, from 0.
        place: u32,
        /// The version.
        version_id: VersionId,
        /// Its part of the requests in percent.
        weight: u8,
        /// The bytes.
        model_digest: Digest,
        /// On what ground it went into service.
        basis: Basis,
        /// The permit that was signed for it.
        permit_id: StatementId,
    }
}

/// A share of the revision in force, with its deployment.
pub type ServingShare = (Deployment, Share);
/// A deployment with its revision in force, and the model that it serves with its project.
pub type WholeDeployment = (Deployment, Revision, Model, Project);
/// A version of a revision as history names it, without what only the one in force needs: there may be thousands of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastShare {
    /// The revision.
    pub revision: u32,
    /// The version.
    pub version: VersionRef,
    /// Its part of the requests in percent.
    pub weight: u8,
    /// The bytes.
    pub model_digest: Digest,
    /// On what ground it went into service.
    pub basis: Basis,
}

/// A place where a version is in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedWhere {
    /// The version's number.
    pub version: u32,
    /// The infrastructure.
    pub infrastructure: Name,
    /// The infrastructure's stage.
    pub stage: Name,
    /// The version's part of the requests of a service there, in percent.
    pub weight: u8,
}

/// A share with its permit, and its version with model, project and a round that counts of one of its sign-offs.
pub type WholeShare = (Share, Statement, Version, Model, Project, Round);

/// Whether the revision `earlier` served other versions than the revision `$2`, or the same ones with other weights.
macro_rules! served_otherwise {
    () => {
        "((SELECT COUNT(*) FROM shares WHERE deployment_id = $1 AND revision = earlier.number) <> (SELECT COUNT(*) FROM shares WHERE deployment_id = $1 AND revision = $2) OR EXISTS (SELECT 1 FROM shares AS its WHERE its.deployment_id = $1 AND its.revision = earlier.number AND NOT EXISTS (SELECT 1 FROM shares AS same WHERE same.deployment_id = $1 AND same.revision = $2 AND same.place = its.place AND same.version_id = its.version_id AND same.weight = its.weight)))"
    };
}

queries! {
    DEPLOYMENT: Deployment = "WHERE id = $1";
    DEPLOYMENT_BY_NAME: Deployment = "WHERE infrastructure_id = $1 AND service = $2";
    WHOLE: WholeDeployment = "JOIN revisions ON revisions.deployment_id = deployments.id AND revisions.number = deployments.current_revision JOIN models ON models.id = deployments.model_id JOIN projects ON projects.id = models.project_id WHERE infrastructure_id = $1 AND service = $2";
    ALL: WholeDeployment = "JOIN revisions ON revisions.deployment_id = deployments.id AND revisions.number = deployments.current_revision JOIN models ON models.id = deployments.model_id JOIN projects ON projects.id = models.project_id WHERE infrastructure_id = $1 AND service > $2 ORDER BY service LIMIT $3";
    AMONG: WholeDeployment = "JOIN revisions ON revisions.deployment_id = deployments.id AND revisions.number = deployments.current_revision JOIN models ON models.id = deployments.model_id JOIN projects ON projects.id = models.project_id WHERE deployments.id IN (LISTED)";
    EVERYWHERE: (Deployment, Infrastructure) = "JOIN infrastructures ON infrastructures.id = deployments.infrastructure_id WHERE deployments.id > $1 ORDER BY deployments.id LIMIT $2";
    FIRST_OF_MODELS: WholeDeployment = "JOIN revisions ON revisions.deployment_id = deployments.id AND revisions.number = deployments.current_revision JOIN models ON models.id = deployments.model_id JOIN projects ON projects.id = models.project_id \
        WHERE deployments.id IN (SELECT id FROM (SELECT serving.id AS id, ROW_NUMBER() OVER (PARTITION BY serving.model_id ORDER BY CASE WHEN infrastructures.stage = 'production' THEN 0 ELSE 1 END, infrastructures.name, serving.service) AS place \
            FROM deployments AS serving JOIN infrastructures ON infrastructures.id = serving.infrastructure_id WHERE serving.model_id IN (LISTED) \
            AND EXISTS (SELECT 1 FROM shares WHERE shares.deployment_id = serving.id AND shares.revision = serving.current_revision)) AS numbered WHERE place <= $2)";
    LAST_SHARES: WholeShare = "JOIN deployments ON deployments.id = shares.deployment_id \
        JOIN statements ON statements.id = shares.permit_id \
        JOIN versions ON versions.id = shares.version_id JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id \
        JOIN rounds ON rounds.version_id = shares.version_id AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) \
        WHERE shares.deployment_id IN (LISTED) AND shares.revision >= deployments.current_revision - $2 ORDER BY shares.deployment_id, shares.revision DESC, shares.place, rounds.step, rounds.number";
    SERVICES_LIKE: (Deployment, Infrastructure) = "JOIN infrastructures ON infrastructures.id = deployments.infrastructure_id WHERE deployments.service LIKE $1 ESCAPE '!' OR infrastructures.name LIKE $1 ESCAPE '!' ORDER BY infrastructures.name, deployments.service LIMIT $2";
    REVISION: Revision = "WHERE deployment_id = $1 AND number = $2";
    REVISIONS: Revision = "WHERE deployment_id = $1 ORDER BY number DESC LIMIT $2";
    SHARES: Share = "WHERE deployment_id = $1 AND revision = $2 ORDER BY place";
    SERVING: ServingShare = "JOIN shares ON shares.deployment_id = deployments.id AND shares.revision = deployments.current_revision WHERE version_id = $1 ORDER BY deployments.id";
    SHARE: Share = "WHERE deployment_id = $1 AND revision = $2 AND place = $3";
    RENEWABLE: Share = "JOIN deployments ON deployments.id = shares.deployment_id AND deployments.current_revision = shares.revision \
        JOIN infrastructures ON infrastructures.id = deployments.infrastructure_id \
        JOIN statements ON statements.id = shares.permit_id \
        WHERE statements.issued_at + statements.not_after <= $1 \
            AND (EXISTS (SELECT 1 FROM rounds WHERE rounds.version_id = shares.version_id AND rounds.step = statements.step \
                    AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) \
                    AND rounds.status = 'approved' AND (rounds.not_after IS NULL OR rounds.not_after > statements.not_after)) \
                OR shares.basis = 'acknowledged' AND infrastructures.policy <> 'prevent' \
                OR shares.basis = 'unapproved' AND infrastructures.policy = 'allow') \
            AND (statements.not_after, statements.id) > (COALESCE((SELECT not_after FROM statements AS earlier WHERE earlier.id = $2), 0), $2) \
        ORDER BY statements.not_after, statements.id LIMIT $3";
    ;
    SERVED_WHERE = "SELECT versions.number, infrastructures.name, infrastructures.stage, shares.weight FROM deployments \
        JOIN infrastructures ON infrastructures.id = deployments.infrastructure_id JOIN shares ON shares.deployment_id = deployments.id AND shares.revision = deployments.current_revision \
        JOIN versions ON versions.id = shares.version_id WHERE deployments.model_id = $1 \
        GROUP BY versions.number, infrastructures.name, infrastructures.stage, shares.weight \
        ORDER BY CASE WHEN infrastructures.stage = 'production' THEN 0 ELSE 1 END, versions.number DESC, infrastructures.name, shares.weight DESC LIMIT 2000";
    SERVICE_NAMES = "SELECT deployments.service, projects.name, models.name FROM deployments JOIN models ON models.id = deployments.model_id JOIN projects ON projects.id = models.project_id WHERE infrastructure_id = $1 ORDER BY deployments.service LIMIT $2";
    SERVICES_OF_MODEL = "SELECT infrastructure_id, COALESCE(MIN(CASE WHEN EXISTS (SELECT 1 FROM shares WHERE shares.deployment_id = deployments.id AND shares.revision = deployments.current_revision) THEN service END), MIN(service)) \
        FROM deployments WHERE model_id = $1 GROUP BY infrastructure_id";
    PAST_SHARES = "SELECT shares.revision, projects.name, models.name, versions.number, shares.weight, shares.model_digest, shares.basis FROM shares \
        JOIN versions ON versions.id = shares.version_id JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id \
        WHERE shares.deployment_id = $1 AND shares.revision >= $2 ORDER BY shares.revision DESC, shares.place";
    SERVED_OTHERWISE = concat!("SELECT number FROM revisions AS earlier WHERE deployment_id = $1 AND number < $2 AND kind <> 'stop' AND ", served_otherwise!(), " ORDER BY number DESC LIMIT 1");
    SERVED_THE_SAME = concat!("SELECT number FROM revisions AS earlier WHERE deployment_id = $1 AND number < $2 AND kind <> 'stop' AND NOT ", served_otherwise!(), " ORDER BY number DESC LIMIT 1");
}

impl Reader {
    /// The deployment of this service.
    pub async fn deployment_by_name(
        &mut self,
        infrastructure: InfrastructureId,
        service: &Name,
    ) -> Result<Option<Deployment>, StoreError> {
        self.first(&DEPLOYMENT_BY_NAME, &[infrastructure.to_value(), service.to_value()]).await
    }

    /// The deployment of this service, with what it serves.
    pub async fn whole_deployment(
        &mut self,
        infrastructure: InfrastructureId,
        service: &Name,
    ) -> Result<Option<WholeDeployment>, StoreError> {
        self.first(&WHOLE, &[infrastructure.to_value(), service.to_value()]).await
    }

    /// An infrastructure's deployments after a service, in the order of their names.
    pub async fn whole_deployments(
        &mut self,
        infrastructure: InfrastructureId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<WholeDeployment>, StoreError> {
        self.all(&ALL, &[infrastructure.to_value(), after.to_owned().to_value(), limit.to_value()]).await
    }

    /// These deployments, in no order.
    pub async fn deployments_among(
        &mut self,
        ids: impl IntoIterator<Item = DeploymentId>,
    ) -> Result<Vec<WholeDeployment>, StoreError> {
        self.all(&AMONG, &[listed(ids.into_iter().map(|id| id.uuid()))]).await
    }

    /// The deployments of all infrastructures after this one, in the order of their keys.
    pub async fn deployments_everywhere(
        &mut self,
        after: DeploymentId,
        limit: u32,
    ) -> Result<Vec<(Deployment, Infrastructure)>, StoreError> {
        self.all(&EVERYWHERE, &[after.to_value(), limit.to_value()]).await
    }

    /// The deployments that serve one of these models now, `each` of them at most for each model, in no order: those in production before
    /// others, then by the names of infrastructure and service.
    pub async fn first_of_models(
        &mut self,
        models: impl IntoIterator<Item = ModelId>,
        each: u32,
    ) -> Result<Vec<WholeDeployment>, StoreError> {
        let models = listed(models.into_iter().map(|model| model.uuid()));
        self.all(&FIRST_OF_MODELS, &[models, each.to_value()]).await
    }

    /// Where the versions of a model are in service, each place once, those in production and the newest versions first; 2,000 at most.
    pub async fn served_where(&mut self, model: ModelId) -> Result<Vec<ServedWhere>, StoreError> {
        let kinds = [Kind::Int, Kind::Text, Kind::Text, Kind::Int];
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok(ServedWhere {
                version: column(row.next(), "versions", "number")?,
                infrastructure: column(row.next(), "infrastructures", "name")?,
                stage: column(row.next(), "infrastructures", "stage")?,
                weight: column(row.next(), "shares", "weight")?,
            })
        };
        self.rows(SERVED_WHERE, &[model.to_value()], &kinds).await?.into_iter().map(read).collect()
    }

    /// The first services of an infrastructure by name, each with the project and model that it serves. For showing them only.
    pub async fn service_names(
        &mut self,
        infrastructure: InfrastructureId,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Name)>, StoreError> {
        let args = [infrastructure.to_value(), limit.to_value()];
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            let service = column(row.next(), "deployments", "service")?;
            Ok((service, column(row.next(), "projects", "name")?, column(row.next(), "models", "name")?))
        };
        self.rows(SERVICE_NAMES, &args, &[Kind::Text; 3]).await?.into_iter().map(read).collect()
    }

    /// A service of each infrastructure that has one for this model: the first by name that serves, or else the first one.
    pub async fn services_of_model(&mut self, model: ModelId) -> Result<Vec<(InfrastructureId, Name)>, StoreError> {
        let rows = self.rows(SERVICES_OF_MODEL, &[model.to_value()], &[Kind::Uuid, Kind::Text]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "deployments", "infrastructure_id")?, column(row.next(), "deployments", "service")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Services with a name like this pattern, or on an infrastructure with such a name.
    pub async fn services_like(&mut self, pattern: &str, limit: u32) -> Result<Vec<(Deployment, Infrastructure)>, StoreError> {
        self.all(&SERVICES_LIKE, &[pattern.to_owned().to_value(), limit.to_value()]).await
    }

    /// One revision.
    pub async fn revision(&mut self, deployment: DeploymentId, number: u32) -> Result<Option<Revision>, StoreError> {
        self.first(&REVISION, &[deployment.to_value(), number.to_value()]).await
    }

    /// The last revisions of a deployment, newest first.
    pub async fn revisions(&mut self, deployment: DeploymentId, limit: u32) -> Result<Vec<Revision>, StoreError> {
        self.all(&REVISIONS, &[deployment.to_value(), limit.to_value()]).await
    }

    /// What a revision serves.
    pub async fn shares(&mut self, deployment: DeploymentId, revision: u32) -> Result<Vec<Share>, StoreError> {
        self.all(&SHARES, &[deployment.to_value(), revision.to_value()]).await
    }

    /// What the revisions in force of these deployments serve, and the `back` revisions before each of them: newest first,
    /// each share once for each sign-off of its version.
    pub async fn last_shares(
        &mut self,
        deployments: impl IntoIterator<Item = DeploymentId>,
        back: u32,
    ) -> Result<Vec<WholeShare>, StoreError> {
        let deployments = listed(deployments.into_iter().map(|deployment| deployment.uuid()));
        self.all(&LAST_SHARES, &[deployments, back.to_value()]).await
    }

    /// What the revisions of a deployment from this one on served: newest first.
    pub async fn past_shares(&mut self, deployment: DeploymentId, from: u32) -> Result<Vec<PastShare>, StoreError> {
        let kinds = [Kind::Int, Kind::Text, Kind::Text, Kind::Int, Kind::Int, Kind::Bytes, Kind::Text];
        let rows = self.rows(PAST_SHARES, &[deployment.to_value(), from.to_value()], &kinds).await?;
        rows.into_iter().map(past_share).collect()
    }

    /// One version of a revision.
    pub async fn share(&mut self, deployment: DeploymentId, revision: u32, place: u32) -> Result<Option<Share>, StoreError> {
        self.first(&SHARE, &[deployment.to_value(), revision.to_value(), place.to_value()]).await
    }

    /// The deployment with this key.
    pub async fn deployment(&mut self, id: DeploymentId) -> Result<Option<Deployment>, StoreError> {
        self.first(&DEPLOYMENT, &[id.to_value()]).await
    }

    /// What is in service on permits past half of their time, the first to end first, from behind the permit `after` (the nil id
    /// for the beginning). Left out are those that could not end later or whose ground is gone, so that nobody looks at them over
    /// and over.
    pub async fn renewable(&mut self, now: Timestamp, after: StatementId, limit: u32) -> Result<Vec<Share>, StoreError> {
        // Past half of the time: the sum of beginning and end is no more than twice now.
        self.all(&RENEWABLE, &[now.micros().saturating_mul(2).to_value(), after.to_value(), limit.to_value()]).await
    }

    /// The last revision before this one that served something, and not the same.
    pub async fn served_otherwise(&mut self, deployment: DeploymentId, revision: u32) -> Result<Option<u32>, StoreError> {
        let rows = self.rows(SERVED_OTHERWISE, &[deployment.to_value(), revision.to_value()], &[Kind::Int]).await?;
        rows.into_iter().next().map(|mut row| column(row.pop(), "revisions", "number")).transpose()
    }

    /// The last revision before this one that served the same.
    pub async fn served_the_same(&mut self, deployment: DeploymentId, revision: u32) -> Result<Option<u32>, StoreError> {
        let rows = self.rows(SERVED_THE_SAME, &[deployment.to_value(), revision.to_value()], &[Kind::Int]).await?;
        rows.into_iter().next().map(|mut row| column(row.pop(), "revisions", "number")).transpose()
    }

    /// Where a version is in service now.
    pub async fn serving(&mut self, version: VersionId) -> Result<Vec<ServingShare>, StoreError> {
        self.all(&SERVING, &[version.to_value()]).await
    }
}

fn past_share(row: Vec<Value>) -> Result<PastShare, StoreError> {
    let mut row = row.into_iter();
    let revision = column(row.next(), "shares", "revision")?;
    let (project, model) = (column(row.next(), "projects", "name")?, column(row.next(), "models", "name")?);
    let version = VersionRef { project, model, number: column(row.next(), "versions", "number")? };
    Ok(PastShare {
        revision,
        version,
        weight: column(row.next(), "shares", "weight")?,
        model_digest: column(row.next(), "shares", "model_digest")?,
        basis: column(row.next(), "shares", "basis")?,
    })
}
