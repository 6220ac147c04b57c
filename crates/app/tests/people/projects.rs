//! Groups, projects, their members and reviewers, models, and infrastructures.

use super::world::{World, code, name};
use app::{
    Page, Tag,
    infrastructures::{self, policy},
    people::{groups, users},
    projects::{self, members, models, reviewers, rules},
    views::{
        ChangePolicyRequest, ChangeProjectRequest, ChangeUserRequest, CreateGroupRequest, CreateInfrastructureRequest,
        CreateModelRequest, CreateProjectRequest, SetInfrastructureMemberRequest, SetProjectMemberRequest, SetReviewersRequest,
        Slot,
    },
};
use domain::{
    Duration,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
    people::{InstanceRole::User, ProjectRole},
};

fn project(text: &str) -> CreateProjectRequest {
    CreateProjectRequest { name: name(text), display_name: None }
}

fn infrastructure(text: &str) -> CreateInfrastructureRequest {
    CreateInfrastructureRequest {
        name: name(text),
        stage: name("production"),
        policy: Policy::Prevent,
        on_lapse: None,
        projects: None,
        independent_approval: false,
        permit_valid_for: None,
    }
}

#[tokio::test]
async fn the_last_manager_and_the_last_admin_stay() {
    for world in World::on_each_database("manager").await {
        let root = world.root().await;
        world.person("other", User).await;
        groups::create(&root, CreateGroupRequest { name: name("leads") }).await.unwrap();
        let (p, i) = (name("diagnosis"), name("production"));
        projects::create(&root, project("diagnosis")).await.unwrap();
        infrastructures::create(&root, infrastructure("production")).await.unwrap();
        let role = |role| SetProjectMemberRequest { role };
        let infra_role = |role| SetInfrastructureMemberRequest { role };
        // An empty group keeps nothing.
        members::set(&root, &p, "group:leads", role(ProjectRole::Manager)).await.unwrap();
        infrastructures::members::set(&root, &i, "group:leads", infra_role(InfrastructureRole::Admin)).await.unwrap();
        let size = world.log_size().await;
        assert_eq!(code(members::remove(&root, &p, "root").await), "last_manager");
        assert_eq!(code(members::set(&root, &p, "user:root", role(ProjectRole::Reader)).await), "last_manager");
        assert_eq!(code(infrastructures::members::remove(&root, &i, "root").await), "last_admin");
        assert_eq!(
            code(infrastructures::members::set(&root, &i, "root", infra_role(InfrastructureRole::Viewer)).await),
            "last_admin"
        );
        assert_eq!(world.log_size().await, size);
        groups::add_member(&root, &name("leads"), &name("other")).await.unwrap();
        let left = members::remove(&root, &p, "root").await.unwrap().result;
        assert_eq!(left.members.iter().map(|member| member.member.as_str()).collect::<Vec<_>>(), ["group:leads"]);
        infrastructures::members::set(&root, &i, "root", infra_role(InfrastructureRole::Viewer)).await.unwrap();
        assert_eq!(code(members::set(&root, &p, "role:manager", role(ProjectRole::Reader)).await), "invalid");
        assert_eq!(code(members::set(&root, &p, "group:none", role(ProjectRole::Reader)).await), "not_found");
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_done_already_is_not_recorded_again() {
    for world in World::on_each_database("repeat").await {
        let root = world.root().await;
        world.person("itops", User).await;
        groups::create(&root, CreateGroupRequest { name: name("risk") }).await.unwrap();
        let (p, i) = (name("diagnosis"), name("production"));
        projects::create(&root, project("diagnosis")).await.unwrap();
        infrastructures::create(&root, infrastructure("production")).await.unwrap();
        let contributor = || SetProjectMemberRequest { role: ProjectRole::Contributor };
        let deployer = || SetInfrastructureMemberRequest { role: InfrastructureRole::Deployer };
        let slots =
            || vec![Slot { name: "IT & Operations".parse().unwrap(), assigned: vec!["itops".into(), "user:itops".into()] }];
        let set = || SetReviewersRequest { slots: slots(), approvers: vec!["group:risk".into()] };
        let warn = || ChangePolicyRequest {
            policy: Policy::Warn,
            on_lapse: Some(OnLapse::Disable),
            projects: None,
            independent_approval: None,
            reason: "a trial".into(),
        };
        let rules = || ChangeProjectRequest {
            approval_valid_for: Some(Some(Duration::from_days(180))),
            reason: Some("Twice a year.".to_owned()),
            ..Default::default()
        };
        let rename = || ChangeUserRequest { email: Some(Some("itops@example.org".into())), ..Default::default() };

        assert!(!groups::add_member(&root, &name("risk"), &name("itops")).await.unwrap().already_done);
        assert!(!members::set(&root, &p, "itops", contributor()).await.unwrap().already_done);
        assert!(!infrastructures::members::set(&root, &i, "itops", deployer()).await.unwrap().already_done);
        assert!(!policy::change(&root, &i, warn(), Some("i1")).await.unwrap().already_done);
        let reviewed = reviewers::set(&root, &p, set(), Some("p1")).await.unwrap();
        assert_eq!(
            (reviewed.slots[0].assigned.as_slice(), reviewed.etag()),
            (["user:itops".to_owned()].as_slice(), Tag::Project(2))
        );
        assert_eq!(rules::change(&root, &p, rules(), Some("p2")).await.unwrap().etag(), Tag::Project(3));
        users::change(&root, &name("itops"), rename()).await.unwrap();

        let size = world.log_size().await;
        assert!(groups::add_member(&root, &name("risk"), &name("itops")).await.unwrap().already_done);
        assert!(members::set(&root, &p, "user:itops", contributor()).await.unwrap().already_done);
        assert!(infrastructures::members::set(&root, &i, "itops", deployer()).await.unwrap().already_done);
        assert!(policy::change(&root, &i, warn(), Some("i1")).await.unwrap().already_done);
        assert_eq!(reviewers::set(&root, &p, set(), Some("p3")).await.unwrap().etag(), Tag::Project(3));
        assert_eq!(rules::change(&root, &p, rules(), Some("p3")).await.unwrap().etag(), Tag::Project(3));
        users::change(&root, &name("itops"), rename()).await.unwrap();
        assert!(members::remove(&root, &p, "group:risk").await.unwrap().already_done);
        assert!(infrastructures::members::remove(&root, &i, "group:risk").await.unwrap().already_done);
        assert_eq!(world.log_size().await, size);

        assert!(!groups::remove_member(&root, &name("risk"), &name("itops")).await.unwrap().already_done);
        assert!(groups::remove_member(&root, &name("risk"), &name("itops")).await.unwrap().already_done);
        assert_eq!(world.log_size().await, size + 1);
        world.end().await;
    }
}

#[tokio::test]
async fn reviewers_that_nobody_can_fill_are_kept_with_a_warning() {
    for world in World::on_each_database("reviewers").await {
        let root = world.root().await;
        let p = name("diagnosis");
        world.person("approver", User).await;
        groups::create(&root, CreateGroupRequest { name: name("risk") }).await.unwrap();
        projects::create(&root, project("diagnosis")).await.unwrap();
        let slot = |assigned: &str| vec![Slot { name: "Risk & Compliance".parse().unwrap(), assigned: vec![assigned.into()] }];
        let set = |assigned: &str, approvers: &[&str]| SetReviewersRequest {
            slots: slot(assigned),
            approvers: approvers.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(code(reviewers::set(&root, &p, set("group:risk", &[]), None).await), "precondition_required");
        assert_eq!(code(reviewers::set(&root, &p, set("group:risk", &[]), Some("p2")).await), "stale");
        let nobody = reviewers::set(&root, &p, set("user:nobody", &["approver"]), Some("p1")).await.unwrap_err();
        assert_eq!((nobody.code.as_str(), nobody.fields[0].pointer.as_str()), ("not_found", "/slots/0/assigned/0"));
        let empty = reviewers::set(&root, &p, set("group:risk", &[]), Some("p1")).await.unwrap();
        assert_eq!(empty.warnings.len(), 2, "{:?}", empty.warnings);
        groups::add_member(&root, &name("risk"), &name("approver")).await.unwrap();
        assert_eq!(reviewers::show(&root, &p).await.unwrap().warnings.len(), 1, "membership counts as it is now");
        let filled = reviewers::set(&root, &p, set("group:risk", &["role:manager"]), Some("p2")).await.unwrap();
        assert_eq!(filled.warnings, Vec::<String>::new());
        assert_eq!(filled.approvers, ["role:manager"]);
        world.end().await;
    }
}

#[tokio::test]
async fn lists_leave_out_what_is_hidden_and_still_fill_their_pages() {
    for world in World::on_each_database("lists").await {
        let root = world.root().await;
        let reader = world.person("reader", User).await;
        for number in 0..12 {
            let created = projects::create(&root, project(&format!("p{number:02}"))).await.unwrap();
            if number % 3 == 2 {
                let role = SetProjectMemberRequest { role: ProjectRole::Reader };
                members::set(&root, &created.name, "reader", role).await.unwrap();
            }
        }
        let reader = world.with(&reader).await;
        let page = |after: Option<String>| Page { after: after.unwrap_or_default(), limit: 2 };
        let names = |list: &app::views::List<app::views::Project>| {
            list.items.iter().map(|item| item.name.to_string()).collect::<Vec<_>>()
        };
        let first = projects::list(&reader, page(None)).await.unwrap();
        assert_eq!(names(&first), ["p02", "p05"]);
        let second = projects::list(&reader, page(first.next)).await.unwrap();
        assert_eq!((names(&second), second.next), (vec!["p08".to_owned(), "p11".to_owned()], None));
        assert_eq!(projects::list(&root, Page::default()).await.unwrap().items.len(), 12);
        assert_eq!(code(projects::show(&reader, &name("p00")).await), "not_found");

        assert_eq!(
            code(models::create(&reader, &name("p02"), CreateModelRequest { name: name("tumour"), display_name: None }).await),
            "forbidden"
        );
        let model =
            models::create(&root, &name("p02"), CreateModelRequest { name: name("tumour"), display_name: None }).await.unwrap();
        assert_eq!(
            code(models::create(&root, &name("p02"), CreateModelRequest { name: name("tumour"), display_name: None }).await),
            "already_exists"
        );
        assert_eq!(models::show(&reader, &name("p02"), &name("tumour")).await.unwrap(), model);
        assert_eq!(models::list(&reader, &name("p02"), Page::default()).await.unwrap().items, [model]);
        world.end().await;
    }
}

#[tokio::test]
async fn a_policy_changes_only_with_a_reason_and_from_the_present_state() {
    for world in World::on_each_database("policy").await {
        let root = world.root().await;
        let i = name("production");
        infrastructures::create(&root, infrastructure("production")).await.unwrap();
        let change = |policy, reason: &str| ChangePolicyRequest {
            policy,
            on_lapse: None,
            projects: None,
            independent_approval: None,
            reason: reason.into(),
        };
        assert_eq!(code(policy::change(&root, &i, change(Policy::Warn, " "), Some("i1")).await), "invalid");
        assert_eq!(code(policy::change(&root, &i, change(Policy::Warn, "a trial"), None).await), "precondition_required");
        assert_eq!(code(policy::change(&root, &i, change(Policy::Warn, "a trial"), Some("i7")).await), "stale");
        let changed = policy::change(&root, &i, change(Policy::Warn, "a trial"), Some("i1")).await.unwrap().result;
        assert_eq!(
            (changed.policy, changed.etag(), changed.members.map(|members| members.len())),
            (Policy::Warn, Tag::Infrastructure(2), Some(1))
        );
        let stranger = world.with(&world.person("stranger", User).await).await;
        assert_eq!(infrastructures::show(&stranger, &i).await.unwrap().members, None);
        assert_eq!(code(policy::change(&stranger, &i, change(Policy::Allow, "no"), Some("i2")).await), "forbidden");
        world.end().await;
    }
}
