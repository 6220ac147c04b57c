//! A small world: one row in every table that the record covers, each telling of the others, and any number of such worlds
//! beside each other in one store.

use domain::{
    Digest, Duration, StepName, Timestamp,
    deployment::{Basis, RevisionKind},
    duty::ProjectRules,
    event::{Actor, Event},
    fields::Fields,
    gate,
    infrastructure::{Acceptance, InfrastructureRole, OnLapse, Policy},
    invitation::Inviter,
    mail::MailSecurity,
    notice::Topic,
    people::{AccountKind, Container, Credential, InstanceRole, ProjectRole},
    reviewers::{Reviewers, Slot},
    signoff::SignOff,
    webhook::WebhookKind,
    workflow::Workflow,
};
use proof::{FileName, Manifest, ManifestEntry, Sha256};
use std::{collections::BTreeSet, str::FromStr};
use store::*;
use uuid::Uuid;

/// One row of everything.
#[derive(Clone)]
pub struct World {
    pub user: User,
    pub invitation: Invitation,
    pub token: Token,
    pub group: Group,
    pub group_member: GroupMember,
    pub webhook: Webhook,
    pub mail_settings: MailSettings,
    pub project: Project,
    pub project_member: ProjectMember,
    pub model: Model,
    pub version: Version,
    pub files: Vec<VersionFile>,
    pub round: Round,
    pub infrastructure: Infrastructure,
    pub infrastructure_member: InfrastructureMember,
    pub permit: Statement,
    pub deployment: Deployment,
    pub revision: Revision,
    pub share: Share,
}

/// The moment this many seconds after the tests began.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + second * 1_000_000)
}

/// A name, or anything else that is parsed.
pub fn parse<T: FromStr<Err: std::fmt::Debug>>(text: impl AsRef<str>) -> T {
    text.as_ref().parse().unwrap()
}

/// An id made of two numbers.
pub fn id<T: From<Uuid>>(world: u32, number: u32) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(world) << 32 | u128::from(number)).into()
}

/// The digest of a text.
pub fn digest(text: &str) -> Digest {
    Digest::from_bytes(*Sha256::of(text.as_bytes()).as_bytes())
}

/// The key that signs the statements of every world.
fn signing_key() -> proof::SigningKey {
    proof::SigningKey::from_entropy([7; 32]).unwrap()
}

/// A request of nobody in particular.
pub fn origin() -> Origin {
    Origin { actor: Actor::Console, at: at(0), request: "request-1".to_owned(), seed: [7; 32], key: None }
}

/// Something that happened.
pub fn event(name: &str) -> Event {
    Event::ModelCreated { name: parse(name), display_name: None }
}

impl World {
    /// The rows of the world of this number. Nothing is written yet.
    pub fn new(n: u32) -> Self {
        let user = User {
            id: id(n, 1),
            name: parse(format!("user-{n}")),
            display_name: parse(format!("User {n}")),
            email: Some(format!("user-{n}@example.org")),
            former_names: Json(BTreeSet::from([format!("Former {n}")])),
            kind: AccountKind::Person,
            role: InstanceRole::Administrator,
            active: true,
            password_hash: None,
            created_at: at(1),
            password_origin: None,
            signed_at: None,
            appointed_by_console: false,
            absence: None,
        };
        let invitation = Invitation {
            id: id(n, 2),
            user_id: user.id,
            lookup: digest(&format!("code {n}")).as_bytes().to_vec(),
            mac: vec![1; 32],
            created_at: at(1),
            expires_at: at(1_000),
            redeemed_at: None,
            cancelled_at: None,
            issued_by: Json(Inviter::Console),
            confirmed_by: None,
        };
        let token = Token {
            id: id(n, 3),
            user_id: user.id,
            label: "laptop".to_owned(),
            lookup: digest(&format!("token {n}")).as_bytes().to_vec(),
            mac: vec![1; 32],
            scopes: "read decide".to_owned(),
            created_at: at(2),
            expires_at: at(2_000),
            revoked_at: None,
            kind: TokenKind::Session,
            parent: None,
        };
        let group = Group { id: id(n, 4), name: parse(format!("group-{n}")), created_at: at(2) };
        let group_member = GroupMember { group_id: group.id, user_id: user.id, added_at: at(3) };
        let reviewers = Reviewers {
            slots: vec![Slot { name: parse("Risk & Compliance"), assigned: vec![Container::Group(group.id)] }],
            approvers: vec![Container::User(user.id)],
        };
        let project = Project {
            id: id(n, 5),
            name: parse(format!("project-{n}")),
            display_name: parse(format!("Project “{n}”")),
            rules: Json(ProjectRules::default()),
            reviewers: Json(reviewers),
            workflow: Json(Workflow::standard()),
            revision: 1,
            created_at: at(4),
        };
        let project_member = ProjectMember {
            project_id: project.id,
            member_kind: MemberKind::Group,
            member_id: group.id.uuid(),
            role: ProjectRole::Contributor,
        };
        let webhook = Webhook {
            id: id(n, 20),
            name: parse(format!("webhook-{n}")),
            project_id: Some(project.id),
            kind: WebhookKind::Standard,
            url: "https://example.org/hook".to_owned(),
            topics: Json(vec![Topic::Approved, Topic::Revoked]),
            generation: 2,
            earlier_until: Some(at(90)),
            disabled_at: Some(at(80)),
            disabled_because: Some("the webhook answered 410 Gone".to_owned()),
            revision: 3,
            created_at: at(5),
        };
        let mail_settings = MailSettings {
            number: 10 * u64::from(n),
            host: "mail.example.org".to_owned(),
            port: 587,
            security: MailSecurity::StartTls,
            username: Some("countersign".to_owned()),
            password: Some(vec![1, 2, 3]),
            authority: Some("a certificate".to_owned()),
            sender: "Countersign <countersign@example.org>".to_owned(),
            digest_at: "07:00".to_owned(),
            time_zone: "Europe/Vienna".to_owned(),
            revision: 2,
            created_at: at(5),
        };
        let model = Model {
            id: id(n, 6),
            project_id: project.id,
            name: parse(format!("model-{n}")),
            created_at: at(5),
            display_name: None,
        };
        let (version, files) = version(n, &model, &user);
        let infrastructure = Infrastructure {
            id: id(n, 8),
            name: parse(format!("infrastructure-{n}")),
            stage: parse("production"),
            policy: Policy::Prevent,
            on_lapse: OnLapse::Disable,
            accepts: Json(Acceptance {
                projects: Some(BTreeSet::from([parse(format!("project-{n}"))])),
                independent_approval: true,
            }),
            permit_valid_for: Duration::from_days(1),
            revision: 1,
            created_at: at(7),
        };
        let permit = Statement {
            id: id(n, 9),
            kind: StatementKind::Permit,
            version_id: version.id,
            infrastructure_id: Some(infrastructure.id),
            step: StepName::standard(),
            round: 1,
            model_digest: version.model_digest,
            envelope: proof::Envelope::sign(format!("permit {n}").into_bytes(), &signing_key()).to_json_bytes(),
            issued_at: at(8),
            not_after: Some(at(90_000)),
        };
        let deployment = Deployment {
            id: id(n, 10),
            infrastructure_id: infrastructure.id,
            service: parse(format!("service-{n}")),
            model_id: model.id,
            current_revision: 1,
            created_at: at(9),
            lapse_acknowledged: None,
        };
        let answer =
            gate::Answer { verdict: gate::Verdict::Allow, policy: Policy::Prevent, reasons: Vec::new(), not_after: None };
        Self {
            round: Round::of(&SignOff::new(version.id, StepName::standard()), 1, at(6)),
            infrastructure_member: InfrastructureMember {
                infrastructure_id: infrastructure.id,
                member_kind: MemberKind::User,
                member_id: user.id.uuid(),
                role: InfrastructureRole::Deployer,
            },
            revision: Revision {
                deployment_id: deployment.id,
                number: 1,
                kind: RevisionKind::Deploy,
                answer: Some(Json(answer)),
                acknowledgement: None,
                created_by: user.id,
                created_at: at(9),
                signatory: None,
            },
            share: Share {
                deployment_id: deployment.id,
                revision: 1,
                place: 0,
                version_id: version.id,
                weight: 100,
                model_digest: version.model_digest,
                basis: Basis::Approved,
                permit_id: permit.id,
            },
            user,
            invitation,
            token,
            group,
            group_member,
            webhook,
            mail_settings,
            project,
            project_member,
            model,
            version,
            files,
            infrastructure,
            permit,
            deployment,
        }
    }

    /// Who acts and on what, so that no column of an event is empty.
    pub fn origin(&self) -> Origin {
        let actor = Actor::User {
            id: self.user.id,
            name: self.user.name.clone(),
            display_name: Some(self.user.display_name.clone()),
            token: Some(self.token.id),
            credential: Some(Credential::Session),
        };
        Origin { actor, ..origin() }
    }

    /// What its events are about.
    pub fn about(&self) -> About {
        About {
            project: Some(self.project.id),
            model: Some(self.model.id),
            version: Some(self.version.id),
            infrastructure: Some(self.infrastructure.id),
        }
    }

    /// Writes every row, each with an event of its own.
    pub async fn write(&self, store: &Store) {
        let mut tx = store.write(self.origin()).await.unwrap();
        macro_rules! insert {
            ($($row:ident)*) => {$(
                tx.insert(&self.$row).await.unwrap();
                tx.record(event(&stringify!($row).replace('_', "-")), self.about());
            )*};
        }
        insert! { user invitation token group group_member project project_member model version }
        tx.add_version_files(&self.files).await.unwrap();
        insert! { round infrastructure infrastructure_member permit deployment revision share }
        tx.commit().await.unwrap();
    }

    /// Writes the webhook and the mail server too. They are no part of the rest, whose events tests count.
    pub async fn write_settings(&self, store: &Store) {
        let mut tx = store.write(self.origin()).await.unwrap();
        tx.insert(&self.webhook).await.unwrap();
        tx.record(event("webhook"), self.about());
        tx.insert(&self.mail_settings).await.unwrap();
        tx.record(event("mail-settings"), self.about());
        tx.commit().await.unwrap();
    }

    /// Takes the webhook and the mail server away again.
    #[allow(dead_code, reason = "the unit tests share this file, and do without it")]
    pub async fn delete_settings(&self, store: &Store) {
        let mut tx = store.write(self.origin()).await.unwrap();
        tx.delete(&self.webhook).await.unwrap();
        tx.record(event("webhook"), self.about());
        tx.delete(&self.mail_settings).await.unwrap();
        tx.record(event("mail-settings"), self.about());
        tx.commit().await.unwrap();
    }

    /// Leaves nothing but its events.
    #[allow(dead_code, reason = "the unit tests share this file, and only they use it")]
    pub async fn write_and_delete(mut self, store: &Store) {
        // Files of a version are never taken away by a server, and would hold on to theirs.
        self.files.clear();
        self.write(store).await;
        self.delete(store).await;
    }

    /// Takes every row away again, as a server would: with events.
    pub async fn delete(&self, store: &Store) {
        let mut tx = store.write(self.origin()).await.unwrap();
        macro_rules! delete {
            ($($row:ident)*) => {$(
                tx.delete(&self.$row).await.unwrap();
                tx.record(event(&stringify!($row).replace('_', "-")), self.about());
            )*};
        }
        delete! { share revision deployment permit infrastructure_member infrastructure round version model }
        delete! { project_member project group_member group token invitation user }
        tx.commit().await.unwrap();
    }
}

/// A version with two files, whose digest is that of their manifest.
fn version(n: u32, model: &Model, user: &User) -> (Version, Vec<VersionFile>) {
    let files: Vec<_> = ["model.onnx", "notes/läs-mig.txt"]
        .into_iter()
        .map(|name| VersionFile { version_id: id(n, 7), name: name.to_owned(), sha256: digest(&format!("{name} {n}")), size: 10 })
        .collect();
    let entry = |file: &VersionFile| ManifestEntry {
        name: FileName::parse(&file.name).unwrap(),
        sha256: Sha256::from_bytes(*file.sha256.as_bytes()),
        size: file.size,
    };
    let manifest = Manifest::new(files.iter().map(entry).collect()).unwrap();
    let fields = Fields { metrics: [("auc".to_owned(), 0.993)].into(), notes: "First.".to_owned(), ..Fields::default() };
    let version = Version {
        id: id(n, 7),
        model_id: model.id,
        number: 1,
        model_digest: Digest::from_bytes(*manifest.model_digest().as_bytes()),
        file_count: 2,
        size: 20,
        shown: digest("shown"),
        fields: Json(fields),
        uploader_id: user.id,
        workflow: Json(Workflow::standard()),
        warnings: Json(Vec::new()),
        revision: 1,
        created_at: at(6),
        uploader: None,
        retired: None,
    };
    (version, files)
}
