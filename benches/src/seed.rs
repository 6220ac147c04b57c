//! Fills a database with versions: people, project and infrastructure through the use cases, versions in bulk.
//!
//! Each version has a row, a round, one file, an event of its registration and one of its review request and, if approved, a signed
//! approval with its own event. The store's own writer writes rows and events, so the record names all of them and the store verifies.

#![expect(clippy::disallowed_methods, reason = "rows in bulk are written beside the use cases, each with its event")]

use anyhow::{Context, Result};
use app::{
    Caller, OpContext, Server, infrastructures,
    people::{groups, invitations, sign_in, tokens, users},
    projects::{self, members, models, reviewers},
    views::{
        CreateGroupRequest, CreateInfrastructureRequest, CreateModelRequest, CreateProjectRequest, CreateTokenRequest,
        CreateUserRequest, SetInfrastructureMemberRequest, SetProjectMemberRequest, SetReviewersRequest, SignInRequest, Slot,
    },
};
use domain::{
    Digest, Duration, Name, StepName, TokenId, VersionId, VersionRef,
    access::Scope,
    event::Event,
    fields::Fields,
    infrastructure::{InfrastructureRole, Policy},
    people::{Container, Credential, ProjectRole, Signatory},
    reviewers::Entitlement,
    signoff::{Act, Approval, Notify, Review, SignOff, State},
    workflow::Trigger,
};
use proof::{ApprovalPredicate, Decision, DutyPolicy, FileName, Manifest, ManifestEntry, Nonce, Person, Sha256, UtcTime};
use std::{collections::BTreeSet, sync::Arc};
use store::{About, Json, Model, Project, Round, Statement, StatementKind, Token, TokenKind, Version, VersionFile};

/// Versions made in one transaction.
const AT_ONCE: u32 = 2_000;

/// Who is there to ask and to decide.
pub struct World {
    /// A service's token for the gate.
    pub gate_token: String,
    /// The token of a session of the final approver: a personal token decides nothing.
    pub approver_session: String,
    /// The final approver.
    pub approver: Caller,
}

/// Fills an empty database: versions `diagnosis/tumour:1` and on. Those with an even number up to `versions` are approved; all
/// others, and `waiting` further ones, wait for the final approval.
///
/// # Errors
/// When the database is not empty or does not answer.
pub async fn seed(server: &Arc<Server>, versions: u32, waiting: u32) -> Result<World> {
    let console = OpContext::new(Arc::clone(server), Caller::Console, "bench");
    invitations::create_administrator(&console, &name("root")?).await?;
    let root = acting(server, "root").await?;
    for user in ["scientist", "itops", "riskofficer", "business"] {
        invite(&root, user).await?;
    }
    let approver_session = signed_in(server, &root, "approver").await?;
    let (project, model, risk) = (name("diagnosis")?, name("tumour")?, name("risk")?);
    groups::create(&root, CreateGroupRequest { name: risk.clone() }).await?;
    groups::add_member(&root, &risk, &name("riskofficer")?).await?;
    projects::create(&root, CreateProjectRequest { name: project.clone(), display_name: None }).await?;
    let contributor = SetProjectMemberRequest { role: ProjectRole::Contributor };
    members::set(&root, &project, "scientist", contributor).await?;
    let slot = |name: &str, assigned: &str| anyhow::Ok(Slot { name: name.parse()?, assigned: vec![assigned.to_owned()] });
    let slots = vec![
        slot("IT & Operations", "user:itops")?,
        slot("Risk & Compliance", "group:risk")?,
        slot("Business", "user:business")?,
    ];
    let request = SetReviewersRequest { slots, approvers: vec!["user:approver".to_owned()] };
    reviewers::set(&root, &project, request, Some("p1")).await?;
    models::create(&root, &project, CreateModelRequest { name: model.clone(), display_name: None }).await?;
    let production = name("production")?;
    let request = CreateInfrastructureRequest {
        name: production.clone(),
        stage: production.clone(),
        policy: Policy::Prevent,
        on_lapse: None,
        projects: None,
        independent_approval: false,
        permit_valid_for: None,
    };
    infrastructures::create(&root, request).await?;
    let request =
        CreateTokenRequest { service: Some(name("pipeline")?), label: None, scopes: Some(vec![Scope::Gate]), expires_in: None };
    let gate_token = tokens::create(&root, request).await?.token;
    let deployer = SetInfrastructureMemberRequest { role: InfrastructureRole::Deployer };
    infrastructures::members::set(&root, &production, "pipeline", deployer).await?;
    let approver = acting(server, "approver").await?;
    add_versions(server, &project, &model, versions, waiting).await?;
    Ok(World { gate_token, approver_session, approver: approver.caller })
}

/// Makes an account, and gives its invitation.
async fn invite(administrator: &OpContext, user: &str) -> Result<String> {
    let (user, display_name) = (name(user)?, format!("The {user}").parse()?);
    Ok(users::create(administrator, CreateUserRequest { name: user, display_name, email: None, role: None }).await?.invitation)
}

/// Makes an account and signs it in.
async fn signed_in(server: &Arc<Server>, administrator: &OpContext, user: &str) -> Result<String> {
    let invitation = Some(invite(administrator, user).await?);
    let anybody = OpContext::new(Arc::clone(server), Caller::Anonymous, "bench");
    let request = SignInRequest { user: None, password: "a password for a benchmark".to_owned(), invitation, label: None };
    Ok(sign_in::sign_in(&anybody, request).await?.token)
}

fn name(text: &str) -> Result<Name> {
    Ok(text.parse()?)
}

/// The context of somebody who is signed in, with a token that can do anything.
///
/// # Errors
/// When there is no such account.
pub async fn acting(server: &Arc<Server>, who: &str) -> Result<OpContext> {
    let console = OpContext::new(Arc::clone(server), Caller::Console, "bench");
    let (mut op, mut tx) = console.write().await?;
    let user = tx.user_by_name(&name(who)?).await?.context("the account was just made")?;
    let (id, user_id, scopes): (TokenId, _, _) = (op.id(), user.id, Scope::ALL.to_vec());
    let (label, expires_at) = ("bench".to_owned(), op.now.plus(Duration::from_days(1)));
    tx.insert(&Token {
        id,
        user_id,
        label: label.clone(),
        // Nobody signs in with it.
        lookup: Sha256::of(id.to_string().as_bytes()).as_bytes().to_vec(),
        mac: Vec::new(),
        scopes: scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
        created_at: op.now,
        expires_at,
        revoked_at: None,
        kind: TokenKind::Session,
        parent: None,
    })
    .await?;
    let event = Event::TokenCreated { token: id, user: user_id, label, scopes: scopes.clone(), expires_at, parent: None };
    tx.record(event, About::default());
    tx.commit().await?;
    let (user, scopes) = (Arc::new(user), scopes.into_iter().collect());
    op.caller = Caller::User { user, token: id, scopes, credential: Credential::Session, since: op.now };
    Ok(op)
}

async fn add_versions(server: &Arc<Server>, project: &Name, model: &Name, versions: u32, waiting: u32) -> Result<()> {
    let (scientist, approver) = (acting(server, "scientist").await?, acting(server, "approver").await?);
    let mut reader = scientist.read().await?;
    let project = reader.project_by_name(project).await?.context("the project was just made")?;
    let model = reader.model_by_name(project.id, model).await?.context("the model was just made")?;
    drop(reader);
    let fields = Fields {
        metrics: [("auc".to_owned(), 0.993)].into(),
        notes: "Trained on the public set.".to_owned(),
        ..Fields::default()
    };
    let shown = Digest::from_bytes(*Sha256::of(&proof::canonical::to_vec(&fields.governed())?).as_bytes());
    let last = versions + waiting;
    for first in (1..=last).step_by(AT_ONCE as usize) {
        let op = OpContext::new(Arc::clone(server), scientist.caller.clone(), "bench");
        let (ref op, mut tx) = op.write().await?;
        let (mut files, mut to_approve) = (Vec::new(), Vec::new());
        for number in first..=last.min(first + AT_ONCE - 1) {
            let approved = number <= versions && number.is_multiple_of(2);
            let (version, file) = version(op, &project, &model, number, &fields, shown, approved)?;
            tx.insert(&version).await?;
            let round = waiting_round(op, &version, &project)?;
            tx.insert(&round).await?;
            files.push(file);
            let governed = fields.governed();
            let (model_digest, size, about) = (version.model_digest, version.size, about(&project, &version));
            tx.record(Event::VersionCreated { number, model_digest, files: 1, size, fields: governed }, about);
            let (reviewers, status) = (project.reviewers.0.clone(), round.status);
            let (step, notify) = (StepName::standard(), Notify::All);
            tx.record(Event::ReviewRequested { step, round: 1, status, skip_feedback: true, notify, reviewers, shown }, about);
            if approved {
                to_approve.push((version, round));
            }
        }
        tx.add_version_files(&files).await?;
        tx.commit().await?;
        approve(server, &approver, &project, &model, to_approve).await?;
    }
    Ok(())
}

fn about(project: &Project, version: &Version) -> About {
    About { project: Some(project.id), model: Some(version.model_id), version: Some(version.id), infrastructure: None }
}

/// Approves these versions, each with its statement and its event.
async fn approve(
    server: &Arc<Server>,
    approver: &OpContext,
    project: &Project,
    model: &Model,
    versions: Vec<(Version, Round)>,
) -> Result<()> {
    let op = OpContext::new(Arc::clone(server), approver.caller.clone(), "bench");
    let (ref op, mut tx) = op.write().await?;
    for (version, round) in versions {
        let path = Entitlement::Assigned { container: Container::User(op.user()?.id) };
        let approval =
            Approval { act: act(op, Some(path))?, not_after: None, model_digest: version.model_digest, independent: true };
        let review = round.signoff.0.review().context("the review was just requested")?.clone();
        let state = State::Approved { review, approval: approval.clone() };
        tx.update(&Round::of(&SignOff { state, ..round.signoff.0 }, 2, op.now)).await?;
        let name = VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number };
        tx.insert(&statement(op, &version, name)?).await?;
        let (step, shown) = (StepName::standard(), version.shown);
        tx.record(
            Event::Approved { step, round: 1, replaces: None, approval, shown, answers: Vec::new() },
            about(project, &version),
        );
    }
    tx.commit().await?;
    Ok(())
}

/// An act of somebody now.
fn act(op: &OpContext, path: Option<Entitlement>) -> Result<Act> {
    let user = op.user()?;
    let (account, display_name) = (user.name.clone(), user.display_name.clone());
    let password = user.password_origin.clone().map(|origin| origin.0);
    let signatory = Signatory { account, display_name, credential: Credential::Session, password };
    Ok(Act { by: user.id, signatory: Some(signatory), at: op.now, comment: None, path })
}

fn version(
    op: &OpContext,
    project: &Project,
    model: &Model,
    number: u32,
    fields: &Fields,
    shown: Digest,
    approved: bool,
) -> Result<(Version, VersionFile)> {
    let (id, size): (VersionId, u64) = (op.id(), 5_000);
    let sha256 = Sha256::of(&number.to_be_bytes());
    let manifest = Manifest::new(vec![ManifestEntry { name: FileName::parse("model.onnx")?, sha256, size }])?;
    let mut workflow = project.workflow.clone();
    workflow.0.advance(Trigger::ReviewRequested, Some(&StepName::standard()), |_| false);
    if approved {
        workflow.0.advance(Trigger::Approved, Some(&StepName::standard()), |_| false);
    }
    let version = Version {
        id,
        model_id: model.id,
        number,
        model_digest: Digest::from_bytes(*manifest.model_digest().as_bytes()),
        file_count: 1,
        size,
        fields: Json(fields.clone()),
        shown,
        uploader_id: op.user()?.id,
        workflow,
        warnings: Json(Vec::new()),
        revision: 1,
        created_at: op.now,
        uploader: None,
        retired: None,
    };
    let sha256 = Digest::from_bytes(*sha256.as_bytes());
    Ok((version, VersionFile { version_id: id, name: "model.onnx".to_owned(), sha256, size }))
}

/// The first round, which waits for the final approval.
fn waiting_round(op: &OpContext, version: &Version, project: &Project) -> Result<Round> {
    let review = Review {
        requested: act(op, None)?,
        skip_feedback: true,
        notify: Notify::All,
        since: op.now,
        reviewers: project.reviewers.0.clone(),
        delegations: Vec::new(),
        handed_on: false,
        requested_at: Some("development".parse()?),
        answers: Vec::new(),
        past_issues: Vec::new(),
        shown: version.shown,
        changed: Default::default(),
    };
    let (requesters, state) = (BTreeSet::from([version.uploader_id]), State::WaitingForApproval { review });
    let signoff = SignOff { requesters, state, ..SignOff::new(version.id, StepName::standard()) };
    Ok(Round::of(&signoff, 1, op.now))
}

/// The server's signature under the approval of a version.
fn statement(op: &OpContext, version: &Version, name: VersionRef) -> Result<Statement> {
    let sha256 = |digest: Digest| Sha256::from_bytes(*digest.as_bytes());
    let predicate = ApprovalPredicate {
        step: StepName::standard().to_string(),
        server: op.settings.server_name.clone(),
        meaning: format!("{name}, with exactly these bytes, may be deployed."),
        project: name.project.to_string(),
        model: name.model.to_string(),
        version: name.number.into(),
        round: 1,
        decision: Decision::Approved,
        decided_by: Person {
            issuer: op.settings.links.server().to_owned(),
            subject: "approver".to_owned(),
            name: "The approver".to_owned(),
            credential: None,
            invited_by: None,
            invitation_confirmed_by: None,
        },
        decided_at: UtcTime::from_micros(op.now.micros())?,
        not_after: None,
        independent: true,
        revokes: None,
        comment: String::new(),
        policy: DutyPolicy { author_may_approve: false, requester_may_approve: false },
        approvers: vec!["user:approver".to_owned()],
        slots: Vec::new(),
        considered: sha256(version.shown),
        feedback: Sha256::of(b"[]"),
        nonce: Nonce::from_entropy([0; 16]),
    };
    Ok(Statement {
        step: StepName::standard(),
        id: op.id(),
        kind: StatementKind::Decision,
        version_id: version.id,
        infrastructure_id: None,
        round: 1,
        model_digest: version.model_digest,
        envelope: predicate.about(sha256(version.model_digest)).sign(&op.keys.signing)?.to_json_bytes(),
        issued_at: op.now,
        not_after: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Backend, Place};
    use app::{
        gate, record, reviews,
        views::{DecisionRequest, DecisionWord, GateRequest},
    };
    use domain::gate::Verdict;

    #[tokio::test]
    async fn a_seeded_server_is_one_like_any_other() {
        let place = Place::create(&Backend::Sqlite).await.unwrap();
        let server = place.open().await.unwrap();
        let world = seed(&server, 3, 2).await.unwrap();
        let root = acting(&server, "root").await.unwrap();
        let ask = async |number| {
            let (infrastructure, model) = (name("production").unwrap(), Some("diagnosis/tumour".to_owned()));
            let request = GateRequest { infrastructure, model, version: Some(number), digest: None, acknowledge: None };
            gate::check(&root, request).await.unwrap().verdict
        };
        assert_eq!([ask(1).await, ask(2).await, ask(4).await], [Verdict::Deny, Verdict::Allow, Verdict::Deny]);
        let op = OpContext::new(Arc::clone(&server), world.approver, "bench");
        let version = VersionRef { project: name("diagnosis").unwrap(), model: name("tumour").unwrap(), number: 4 };
        let request = DecisionRequest { decision: DecisionWord::Approve, comment: None, valid_for: None, password: None };
        reviews::decide(&op, &version.into(), request, Some("r1.1")).await.unwrap();
        assert_eq!(ask(4).await, Verdict::Allow);
        record::sign_checkpoint(&server).await.unwrap();
        assert_eq!(record::verify_store(&server, false).await.unwrap().findings, []);
        server.store.close().await;
        place.remove().await.unwrap();
    }
}
