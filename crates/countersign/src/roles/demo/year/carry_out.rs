//! Carries out what the story says, each deed by its use case and as its person.

use super::{
    many,
    server::Year,
    story::{Beat, Deed, InfrastructurePlan, Material, Place, ProjectPlan, Version, Who},
};
use crate::roles::demo::people::{IT, MANAGER, OPERATOR, SCIENTIST};
use anyhow::{Context, bail};
use app::{
    OpContext, deployments,
    infrastructures::{self, members as infrastructure_members, policy},
    people::{groups, tokens},
    projects::{self, members, models, reviewers, rules},
    record, reviews,
    versions::{self, fields, uploads},
    views::{
        ChangePolicyRequest, ChangeProjectRequest, CommentRequest, CreateGroupRequest, CreateInfrastructureRequest,
        CreateModelRequest, CreateProjectRequest, CreateTokenRequest, CreateVersionRequest, DecisionRequest, DecisionWord,
        DelegateRequest, DeployRequest, GiveFeedbackRequest, RequestReviewRequest, RetireRequest, RevokeRequest, RollbackRequest,
        SetInfrastructureMemberRequest, SetProjectMemberRequest, SetReviewersRequest, ShareRequest, Slot,
    },
};
use bytes::Bytes;
use domain::{
    Duration, Name, SignOffRef, VersionRef, access::Scope, infrastructure::InfrastructureRole, people::ProjectRole,
    work_days::WorkDays,
};
use futures_util::stream;
use std::convert::Infallible;

impl Year {
    /// Carries out what somebody does. The clock stands at the moment.
    pub(super) async fn carry_out(&mut self, beat: Beat) -> anyhow::Result<()> {
        match beat.deed {
            Deed::EndApprovals => {
                reviews::expire_due(&self.server).await?;
            }
            Deed::SignLog => {
                record::sign_checkpoint(&self.server).await?;
            }
            Deed::AppointNode { node, infrastructure } => {
                let token = appoint_node(&self.acting(beat.by).await?, node, infrastructure).await?;
                self.nodes.insert(node, token);
            }
            Deed::CreateProject(plan) => self.create_project(beat.by, plan).await?,
            deed => act(&self.acting(beat.by).await?, deed).await?,
        }
        Ok(())
    }

    async fn create_project(&self, who: Who, plan: ProjectPlan) -> anyhow::Result<()> {
        let op = self.acting(who).await?;
        let project: Name = plan.name.parse()?;
        if let Err(error) = groups::show(&op, &"risk".parse()?).await {
            // The first project brings the group with it.
            if error.kind() != app::error::Kind::NotFound {
                return Err(error.into());
            }
            groups::create(&op, CreateGroupRequest { name: "risk".parse()? }).await?;
            for member in ["riskofficer", "deputyrisk"] {
                groups::add_member(&op, &"risk".parse()?, &member.parse()?).await?;
            }
        }
        let display_name = Some(plan.display_name.parse()?);
        projects::create(&op, CreateProjectRequest { name: project.clone(), display_name }).await?;
        for (member, role) in
            [(MANAGER, ProjectRole::Manager), (SCIENTIST, ProjectRole::Contributor), (OPERATOR, ProjectRole::Reader)]
        {
            members::set(&op, &project, member, SetProjectMemberRequest { role }).await?;
        }
        self.clock.move_on(Duration::from_seconds(600));
        let manager = self.acting(MANAGER).await?;
        let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let slots =
            plan.slots.iter().map(|(name, assigned)| anyhow::Ok(Slot { name: name.parse()?, assigned: strings(assigned) }));
        let request = SetReviewersRequest { slots: slots.collect::<Result<_, _>>()?, approvers: strings(plan.approvers) };
        let tag = projects::show(&manager, &project).await?.etag().to_string();
        let set = reviewers::set(&manager, &project, request, Some(&tag)).await?;
        let work_days = |days: u16| WorkDays::new(days).map_err(anyhow::Error::msg);
        let (feedback, approval) = plan.due_days.unzip();
        let request = ChangeProjectRequest {
            feedback_due_after: Some(feedback.map(work_days).transpose()?),
            approval_due_after: Some(approval.map(work_days).transpose()?),
            approval_valid_for: Some(Some(Duration::from_days(plan.approval_days))),
            reason: Some("The model policy asks for a new look at least that often.".to_owned()),
            ..Default::default()
        };
        rules::change(&manager, &project, request, Some(&set.etag().to_string())).await?;
        self.clock.move_on(Duration::from_seconds(300));
        let scientist = self.acting(SCIENTIST).await?;
        for model in plan.models {
            models::create(&scientist, &project, CreateModelRequest { name: model.parse()?, display_name: None }).await?;
        }
        Ok(())
    }
}

/// A deed of one use case.
async fn act(op: &OpContext, deed: Deed) -> anyhow::Result<()> {
    match deed {
        Deed::CreateInfrastructure(plan) => create_infrastructure(op, plan).await?,
        Deed::ChangePolicy { infrastructure, policy: to, reason } => {
            let name = infrastructure.parse()?;
            let tag = infrastructures::show(op, &name).await?.etag().to_string();
            let reason = reason.to_owned();
            let request = ChangePolicyRequest { policy: to, on_lapse: None, projects: None, independent_approval: None, reason };
            policy::change(op, &name, request, Some(&tag)).await?;
        }
        Deed::Register { version, material } => register(op, version, *material).await?,
        Deed::CopyVersions { model, count } => many::copy(op, model, count).await?,
        Deed::ChangeFields { version, change } => {
            let name = name(version)?;
            let tag = versions::show(op, &name).await?.etag().to_string();
            fields::change(op, &name, *change, Some(&tag)).await?;
        }
        Deed::RequestReview { version, skip_feedback } => {
            let request = RequestReviewRequest { skip_feedback, ..Default::default() };
            reviews::request(op, &sign_off(version)?, request, None).await?;
        }
        Deed::RequestRenewal(version) => {
            reviews::renew(op, &sign_off(version)?, RequestReviewRequest::default(), None).await?;
        }
        Deed::Answer { version, slot, verdict, comment } => {
            let request = GiveFeedbackRequest { slot: slot.parse()?, verdict, comment: comment.map(str::to_owned) };
            reviews::feedback::give(op, &sign_off(version)?, request, None).await?;
        }
        Deed::Delegate { version, slot, to, days } => {
            let request = DelegateRequest { slot: Some(slot.parse()?), to: to.parse()?, until: Some(format!("{days}d")) };
            reviews::delegate(op, &sign_off(version)?, request, None).await?;
        }
        Deed::RequestFinalApproval(version) => {
            reviews::request_final(op, &sign_off(version)?, None).await?;
        }
        Deed::Approve { version, comment, days } => {
            let valid_for = days.map(Duration::from_days);
            let (decision, comment) = (DecisionWord::Approve, comment.map(str::to_owned));
            decide(op, version, DecisionRequest { decision, comment, valid_for, password: None }).await?;
        }
        Deed::Reject { version, comment } => {
            let (decision, comment) = (DecisionWord::Reject, Some(comment.to_owned()));
            decide(op, version, DecisionRequest { decision, comment, valid_for: None, password: None }).await?;
        }
        Deed::Abandon { version, comment } => {
            let (name, tag) = seen(op, version).await?;
            reviews::abandon(op, &name, CommentRequest { comment: Some(comment.to_owned()) }, Some(&tag)).await?;
        }
        Deed::Revoke { version, comment } => {
            let (name, tag) = seen(op, version).await?;
            let request = RevokeRequest { comment: Some(comment.to_owned()), ..Default::default() };
            reviews::revoke(op, &name, request, Some(&tag)).await?;
        }
        Deed::Retire { version, comment } => {
            let request = RetireRequest { comment: Some(comment.to_owned()), ..Default::default() };
            reviews::retire(op, name(version)?, request, None).await?;
        }
        Deed::Deploy { place, shares, acknowledge } => deploy(op, place, &shares, acknowledge).await?,
        Deed::MeetTheGate { place, version } => match deploy(op, place, &[(version, 100)], None).await {
            Ok(()) => bail!("the gate should have denied this"),
            Err(denied) => tracing::debug!(%denied, "as the story says"),
        },
        Deed::RollBack { place: (infrastructure, service), to } => {
            let request = RollbackRequest { to: Some(to), acknowledge: None };
            deployments::rollback(op, &infrastructure.parse()?, &service.parse()?, request, None).await?;
        }
        Deed::Stop((infrastructure, service)) => {
            deployments::stop(op, &infrastructure.parse()?, &service.parse()?, None).await?;
        }
        Deed::CreateProject(_) | Deed::AppointNode { .. } | Deed::EndApprovals | Deed::SignLog => {
            bail!("this takes more than one use case")
        }
    }
    Ok(())
}

fn name((model, number): Version) -> anyhow::Result<VersionRef> {
    format!("{model}:{number}").parse().map_err(|error| anyhow::anyhow!("{model}:{number}: {error}"))
}

fn sign_off(version: Version) -> anyhow::Result<SignOffRef> {
    Ok(name(version)?.into())
}

/// A sign-off and the tag of its present state, as somebody has who looked at it.
async fn seen(op: &OpContext, version: Version) -> anyhow::Result<(SignOffRef, String)> {
    let name = sign_off(version)?;
    let tag = reviews::show(op, &name, None).await?.etag.to_string();
    Ok((name, tag))
}

async fn decide(op: &OpContext, version: Version, request: DecisionRequest) -> anyhow::Result<()> {
    let (name, tag) = seen(op, version).await?;
    reviews::decide(op, &name, request, Some(&tag)).await?;
    Ok(())
}

async fn register(op: &OpContext, (model, number): Version, material: Material) -> anyhow::Result<()> {
    let (project, name) = model.split_once('/').context("a model has a project")?;
    let (project, name) = (project.parse()?, name.parse()?);
    let upload = uploads::begin(op, &project, &name).await?.id;
    for (file, content) in material.files(model, number)? {
        let content = stream::iter([Ok::<_, Infallible>(Bytes::from(content))]);
        uploads::receive(op, upload, file, None, None, content).await?;
    }
    let request = CreateVersionRequest { upload, model_digest: None, fields: material.fields };
    let made = versions::create(op, &project, &name, request).await?;
    if made.name.number != number {
        bail!("this should have been version {number}, and is {}", made.name);
    }
    Ok(())
}

async fn deploy(op: &OpContext, place: Place, shares: &[(Version, u8)], acknowledge: Option<&str>) -> anyhow::Result<()> {
    let (infrastructure, service) = (place.0.parse()?, place.1.parse()?);
    let shares =
        shares.iter().map(|(version, weight)| anyhow::Ok(ShareRequest { version: name(*version)?, weight: Some(*weight) }));
    let request = DeployRequest { shares: shares.collect::<Result<_, _>>()?, acknowledge: acknowledge.map(str::to_owned) };
    deployments::deploy(op, &infrastructure, &service, request, None).await?;
    Ok(())
}

async fn create_infrastructure(op: &OpContext, plan: InfrastructurePlan) -> anyhow::Result<()> {
    let name: Name = plan.name.parse()?;
    let projects = plan.projects.iter().map(|project| project.parse()).collect::<Result<Vec<Name>, _>>()?;
    let request = CreateInfrastructureRequest {
        name: name.clone(),
        stage: plan.stage.parse()?,
        policy: plan.policy,
        on_lapse: Some(plan.on_lapse),
        projects: Some(projects).filter(|projects| !projects.is_empty()),
        independent_approval: plan.independent_approval,
        permit_valid_for: None,
    };
    infrastructures::create(op, request).await?;
    for (member, role) in [
        (OPERATOR, InfrastructureRole::Deployer),
        (MANAGER, InfrastructureRole::Viewer),
        (SCIENTIST, InfrastructureRole::Viewer),
        (IT, InfrastructureRole::Viewer),
    ] {
        infrastructure_members::set(op, &name, member, SetInfrastructureMemberRequest { role }).await?;
    }
    Ok(())
}

/// Makes the service account of a node, and gives its token.
async fn appoint_node(op: &OpContext, node: &str, infrastructure: &str) -> anyhow::Result<String> {
    let request = CreateTokenRequest {
        service: Some(node.parse()?),
        label: Some("node".to_owned()),
        scopes: Some(vec![Scope::Node]),
        expires_in: Some(Duration::from_days(180)),
    };
    let token = tokens::create(op, request).await?.token;
    let role = SetInfrastructureMemberRequest { role: InfrastructureRole::Node };
    infrastructure_members::set(op, &infrastructure.parse()?, node, role).await?;
    Ok(token)
}
