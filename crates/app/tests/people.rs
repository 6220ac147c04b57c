//! People and what is theirs: invitations, signing in, tokens, groups, members; on both databases. Each test ends by verifying
//! the store, so that no row is changed without a word in the record.

mod world;

use app::{
    Page, create_infrastructure, create_project, groups, infrastructure_policy, invitations, members, models, reviewers, sign_in,
    tokens, users,
    views::{
        ChangePolicyRequest, ChangeProjectRequest, ChangeUserRequest, CreateGroupRequest, CreateInfrastructureRequest,
        CreateModelRequest, CreateProjectRequest, CreateTokenRequest, SetInfrastructureMemberRequest, SetProjectMemberRequest,
        SetReviewersRequest, SignInRequest, Slot,
    },
};
use domain::{
    Duration,
    access::Scope,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
    people::{
        AccountKind,
        InstanceRole::{Administrator, User},
        ProjectRole,
    },
};
use world::{PASSWORD, World, code, name, request};

const CLOSE: ChangeUserRequest = ChangeUserRequest {
    display_name: None,
    email: None,
    role: None,
    active: Some(false),
};

fn project(text: &str) -> CreateProjectRequest {
    CreateProjectRequest {
        name: name(text),
        display_name: None,
    }
}

fn infrastructure(text: &str) -> CreateInfrastructureRequest {
    CreateInfrastructureRequest {
        name: name(text),
        stage: name("production"),
        policy: Policy::Prevent,
        on_lapse: None,
        permit_valid_for: None,
    }
}

#[tokio::test]
async fn an_invitation_holds_once_and_for_a_week() {
    for world in World::on_each_database("invitation").await {
        let root = world.root().await;
        let first = users::create(&root, request("scientist", User)).await.unwrap();
        assert_eq!(first.expires_at, root.now.plus(Duration::from_days(7)));
        assert_eq!(code(world.redeem("csi_unknown").await), "invitation_unknown");
        let other = SignInRequest {
            user: Some(name("root")),
            password: PASSWORD.into(),
            invitation: Some(first.invitation.clone()),
            label: None,
        };
        assert_eq!(code(sign_in::sign_in(&world.anonymous(), other).await), "invalid");
        let short = SignInRequest {
            user: None,
            password: "short".into(),
            invitation: Some(first.invitation.clone()),
            label: None,
        };
        assert_eq!(code(sign_in::sign_in(&world.anonymous(), short).await), "invalid");
        // Neither of those used it up.
        let token = world.redeem(&first.invitation).await.unwrap();
        assert_eq!(token.scopes, Scope::ALL);
        assert_eq!(
            users::me(&world.with(&token.token).await).await.unwrap().name,
            name("scientist")
        );
        assert_eq!(code(world.redeem(&first.invitation).await), "invitation_used");

        let second = invitations::invite(&root, &name("scientist")).await.unwrap();
        let third = invitations::invite(&root, &name("scientist")).await.unwrap();
        assert_eq!(code(world.redeem(&second.invitation).await), "invitation_cancelled");
        // Until it is redeemed, password and tokens stay.
        world.sign_in("scientist", PASSWORD).await.unwrap();
        world.with(&token.token).await;
        let new_password = SignInRequest {
            user: None,
            password: "another password".into(),
            invitation: Some(third.invitation),
            label: None,
        };
        sign_in::sign_in(&world.anonymous(), new_password).await.unwrap();
        assert_eq!(code(world.sign_in("scientist", PASSWORD).await), "sign_in_failed");
        assert_eq!(code(world.authenticate(&token.token).await), "token_revoked");

        let late = invitations::invite(&root, &name("scientist")).await.unwrap();
        world.wait(Duration::from_days(7));
        assert_eq!(code(world.redeem(&late.invitation).await), "invitation_expired");
        world.end().await;
    }
}

#[tokio::test]
async fn two_who_redeem_one_invitation_at_once_do_not_both_get_in() {
    for world in World::on_each_database("redeem_race").await {
        let invited = users::create(&world.root().await, request("scientist", User)).await.unwrap();
        let (one, other) = tokio::join!(world.redeem(&invited.invitation), world.redeem(&invited.invitation));
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
        assert_eq!(code(if one.is_ok() { other } else { one }), "invitation_used");
        world.end().await;
    }
}

#[tokio::test]
async fn who_cannot_sign_in_learns_nothing_about_accounts() {
    for world in World::on_each_database("sign_in").await {
        let token = world.person("scientist", User).await;
        users::create(&world.root().await, request("newcomer", User)).await.unwrap();
        let service = CreateTokenRequest {
            service: Some(name("pipeline")),
            ..Default::default()
        };
        tokens::create(&world.root().await, service).await.unwrap();
        let size = world.log_size().await;
        let wrong = world.sign_in("scientist", "wrong password").await.unwrap_err();
        for user in ["nobody", "newcomer", "pipeline"] {
            let refused = world.sign_in(user, PASSWORD).await.unwrap_err();
            assert_eq!((refused.code, &refused.message), (wrong.code, &wrong.message), "{user}");
        }
        assert_eq!(world.log_size().await, size);

        users::change(&world.root().await, &name("scientist"), CLOSE).await.unwrap();
        assert_eq!(code(world.sign_in("scientist", PASSWORD).await), "account_closed");
        assert_eq!(code(world.sign_in("scientist", "wrong password").await), "sign_in_failed");
        assert_eq!(code(world.authenticate(&token).await), "account_closed");
        // Opened again, the tokens from before stay revoked.
        let open = ChangeUserRequest {
            active: Some(true),
            ..Default::default()
        };
        users::change(&world.root().await, &name("scientist"), open).await.unwrap();
        assert_eq!(code(world.authenticate(&token).await), "token_revoked");
        world.sign_in("scientist", PASSWORD).await.unwrap();
        world.end().await;
    }
}

#[tokio::test]
async fn closing_an_account_cancels_its_invitation() {
    for world in World::on_each_database("close").await {
        let root = world.root().await;
        let invited = users::create(&root, request("newcomer", User)).await.unwrap();
        users::change(&root, &name("newcomer"), CLOSE).await.unwrap();
        assert_eq!(code(world.redeem(&invited.invitation).await), "account_closed");
        assert_eq!(code(invitations::invite(&root, &name("newcomer")).await), "account_closed");
        users::change(
            &root,
            &name("newcomer"),
            ChangeUserRequest {
                active: Some(true),
                ..Default::default()
            },
        )
        .await
        .unwrap();
        assert_eq!(code(world.redeem(&invited.invitation).await), "invitation_cancelled");
        world.end().await;
    }
}

#[tokio::test]
async fn a_token_ends_is_revoked_and_never_makes_a_wider_one() {
    for world in World::on_each_database("tokens").await {
        let person = world.with(&world.person("scientist", User).await).await;
        let scopes = Some(vec![Scope::Administer, Scope::Read]);
        let ask = |scopes, days| CreateTokenRequest {
            scopes,
            expires_in: Some(Duration::from_days(days)),
            ..Default::default()
        };
        let narrow = tokens::create(&person, ask(scopes, 2)).await.unwrap();
        let with_narrow = world.with(&narrow.token).await;
        assert_eq!(
            code(tokens::create(&with_narrow, ask(Some(vec![Scope::Read, Scope::Review]), 1)).await),
            "scope_missing"
        );
        assert_eq!(
            tokens::create(&with_narrow, ask(None, 1)).await.unwrap().scopes,
            narrow.scopes
        );
        assert_eq!(code(tokens::create(&person, ask(Some(vec![]), 1)).await), "invalid");
        assert_eq!(code(tokens::create(&person, ask(None, 366)).await), "invalid");
        let read_only = tokens::create(&person, ask(Some(vec![Scope::Read]), 1)).await.unwrap();
        let read_only = world.with(&read_only.token).await;
        assert_eq!(code(tokens::create(&read_only, ask(None, 1)).await), "scope_missing");
        assert_eq!(tokens::list(&read_only).await.unwrap().items.len(), 4);

        world.wait(Duration::from_days(1));
        assert_eq!(
            tokens::list(&person).await.unwrap().items.len(),
            4,
            "a context keeps its moment"
        );
        assert_eq!(tokens::list(&world.with(&narrow.token).await).await.unwrap().items.len(), 2);
        world.wait(Duration::from_days(1));
        assert_eq!(code(world.authenticate(&narrow.token).await), "token_expired");
        assert_eq!(code(world.authenticate("csn_unknown").await), "token_unknown");
        assert_eq!(code(world.authenticate("something else").await), "token_unknown");

        let other = world.with(&world.person("other", User).await).await;
        let kept = tokens::create(&other, CreateTokenRequest::default()).await.unwrap();
        assert_eq!(code(tokens::revoke(&person, kept.id).await), "not_found");
        tokens::revoke(&world.root().await, kept.id).await.unwrap();
        let size = world.log_size().await;
        tokens::revoke(&other, kept.id).await.unwrap();
        assert_eq!(world.log_size().await, size, "it was revoked already");
        assert_eq!(code(world.authenticate(&kept.token).await), "token_revoked");
        tokens::revoke_current(&other).await.unwrap();
        assert_eq!(world.log_size().await, size + 1);
        world.end().await;
    }
}

#[tokio::test]
async fn service_accounts_are_made_by_administrators_for_what_pipelines_do() {
    for world in World::on_each_database("service").await {
        let person = world.with(&world.person("scientist", User).await).await;
        let root = world.root().await;
        let ask = |service: &str, scopes| CreateTokenRequest {
            service: Some(name(service)),
            scopes,
            ..Default::default()
        };
        assert_eq!(code(tokens::create(&person, ask("pipeline", None)).await), "forbidden");
        assert_eq!(code(tokens::create(&root, ask("scientist", None)).await), "already_exists");
        let token = tokens::create(&root, ask("pipeline", None)).await.unwrap();
        assert_eq!(token.scopes, [Scope::Read, Scope::Register, Scope::Deploy, Scope::Gate]);
        assert_eq!(token.expires_at, root.now.plus(Duration::from_days(30)));
        let service = users::me(&world.with(&token.token).await).await.unwrap();
        assert_eq!((service.kind, service.role), (AccountKind::Service, User));
        assert_eq!(code(invitations::invite(&root, &name("pipeline")).await), "service_account");
        let size = world.log_size().await;
        tokens::create(&root, ask("pipeline", Some(vec![Scope::Review])))
            .await
            .unwrap();
        assert_eq!(
            world.log_size().await,
            size + 1,
            "the account was there, so only the token is new"
        );
        users::change(&root, &name("pipeline"), CLOSE).await.unwrap();
        assert_eq!(code(tokens::create(&root, ask("pipeline", None)).await), "account_closed");
        world.end().await;
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for world in World::on_each_database("administrator").await {
        let root = world.root().await;
        let demote = || ChangeUserRequest {
            role: Some(User),
            ..Default::default()
        };
        let size = world.log_size().await;
        assert_eq!(code(users::change(&root, &name("root"), CLOSE).await), "last_administrator");
        assert_eq!(
            code(users::change(&root, &name("root"), demote()).await),
            "last_administrator"
        );
        assert_eq!(world.log_size().await, size);
        let second = world.with(&world.person("second", Administrator).await).await;
        users::change(&second, &name("root"), demote()).await.unwrap();
        assert_eq!(
            code(users::change(&second, &name("second"), CLOSE).await),
            "last_administrator"
        );
        // The record speaks: whoever was an administrator when signing in is none now.
        assert_eq!(
            code(users::create(&world.root().await, request("third", User)).await),
            "forbidden"
        );
        assert_eq!(
            code(invitations::create_administrator(&world.console(), &name("root")).await),
            "already_exists"
        );
        invitations::create_administrator(&world.console(), &name("second"))
            .await
            .unwrap();
        world.end().await;
    }
}

#[tokio::test]
async fn the_last_manager_and_the_last_admin_stay() {
    for world in World::on_each_database("manager").await {
        let root = world.root().await;
        world.person("other", User).await;
        groups::create(&root, CreateGroupRequest { name: name("leads") })
            .await
            .unwrap();
        let (p, i) = (name("diagnosis"), name("production"));
        create_project::create(&root, project("diagnosis")).await.unwrap();
        create_infrastructure::create(&root, infrastructure("production"))
            .await
            .unwrap();
        let role = |role| SetProjectMemberRequest { role };
        let infra_role = |role| SetInfrastructureMemberRequest { role };
        // An empty group keeps nothing.
        members::set_project_member(&root, &p, "group:leads", role(ProjectRole::Manager))
            .await
            .unwrap();
        members::set_infrastructure_member(&root, &i, "group:leads", infra_role(InfrastructureRole::Admin))
            .await
            .unwrap();
        let size = world.log_size().await;
        assert_eq!(code(members::remove_project_member(&root, &p, "root").await), "last_manager");
        assert_eq!(
            code(members::set_project_member(&root, &p, "user:root", role(ProjectRole::Reader)).await),
            "last_manager"
        );
        assert_eq!(
            code(members::remove_infrastructure_member(&root, &i, "root").await),
            "last_admin"
        );
        assert_eq!(
            code(members::set_infrastructure_member(&root, &i, "root", infra_role(InfrastructureRole::Viewer)).await),
            "last_admin"
        );
        assert_eq!(world.log_size().await, size);
        groups::add_member(&root, &name("leads"), &name("other")).await.unwrap();
        let left = members::remove_project_member(&root, &p, "root").await.unwrap().result;
        assert_eq!(
            left.members.iter().map(|member| member.member.as_str()).collect::<Vec<_>>(),
            ["group:leads"]
        );
        members::set_infrastructure_member(&root, &i, "root", infra_role(InfrastructureRole::Viewer))
            .await
            .unwrap();
        assert_eq!(
            code(members::set_project_member(&root, &p, "role:manager", role(ProjectRole::Reader)).await),
            "invalid"
        );
        assert_eq!(
            code(members::set_project_member(&root, &p, "group:none", role(ProjectRole::Reader)).await),
            "not_found"
        );
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_done_already_is_not_recorded_again() {
    for world in World::on_each_database("repeat").await {
        let root = world.root().await;
        world.person("itops", User).await;
        groups::create(&root, CreateGroupRequest { name: name("risk") })
            .await
            .unwrap();
        let (p, i) = (name("diagnosis"), name("production"));
        create_project::create(&root, project("diagnosis")).await.unwrap();
        create_infrastructure::create(&root, infrastructure("production"))
            .await
            .unwrap();
        let contributor = || SetProjectMemberRequest {
            role: ProjectRole::Contributor,
        };
        let deployer = || SetInfrastructureMemberRequest {
            role: InfrastructureRole::Deployer,
        };
        let slots = || {
            vec![Slot {
                name: "IT & Operations".parse().unwrap(),
                assigned: vec!["itops".into(), "user:itops".into()],
            }]
        };
        let set = || SetReviewersRequest {
            slots: slots(),
            approvers: vec!["group:risk".into()],
        };
        let warn = || ChangePolicyRequest {
            policy: Policy::Warn,
            on_lapse: Some(OnLapse::Disable),
            reason: "a trial".into(),
        };
        let rules = || ChangeProjectRequest {
            approval_valid_for: Some(Some(Duration::from_days(180))),
            ..Default::default()
        };
        let rename = || ChangeUserRequest {
            email: Some(Some("itops@example.org".into())),
            ..Default::default()
        };

        assert!(
            !groups::add_member(&root, &name("risk"), &name("itops"))
                .await
                .unwrap()
                .already_done
        );
        assert!(
            !members::set_project_member(&root, &p, "itops", contributor())
                .await
                .unwrap()
                .already_done
        );
        assert!(
            !members::set_infrastructure_member(&root, &i, "itops", deployer())
                .await
                .unwrap()
                .already_done
        );
        assert!(
            !infrastructure_policy::change(&root, &i, warn(), Some("i1"))
                .await
                .unwrap()
                .already_done
        );
        let reviewed = reviewers::set(&root, &p, set(), Some("p1")).await.unwrap();
        assert_eq!(
            (reviewed.slots[0].assigned.as_slice(), reviewed.etag()),
            (["user:itops".to_owned()].as_slice(), "p2".to_owned())
        );
        assert_eq!(
            create_project::change_rules(&root, &p, rules(), Some("p2"))
                .await
                .unwrap()
                .etag(),
            "p3"
        );
        users::change(&root, &name("itops"), rename()).await.unwrap();

        let size = world.log_size().await;
        assert!(
            groups::add_member(&root, &name("risk"), &name("itops"))
                .await
                .unwrap()
                .already_done
        );
        assert!(
            members::set_project_member(&root, &p, "user:itops", contributor())
                .await
                .unwrap()
                .already_done
        );
        assert!(
            members::set_infrastructure_member(&root, &i, "itops", deployer())
                .await
                .unwrap()
                .already_done
        );
        assert!(
            infrastructure_policy::change(&root, &i, warn(), Some("i1"))
                .await
                .unwrap()
                .already_done
        );
        assert_eq!(reviewers::set(&root, &p, set(), Some("p3")).await.unwrap().etag(), "p3");
        assert_eq!(
            create_project::change_rules(&root, &p, rules(), Some("p3"))
                .await
                .unwrap()
                .etag(),
            "p3"
        );
        users::change(&root, &name("itops"), rename()).await.unwrap();
        assert!(
            members::remove_project_member(&root, &p, "group:risk")
                .await
                .unwrap()
                .already_done
        );
        assert!(
            members::remove_infrastructure_member(&root, &i, "group:risk")
                .await
                .unwrap()
                .already_done
        );
        assert_eq!(world.log_size().await, size);

        assert!(
            !groups::remove_member(&root, &name("risk"), &name("itops"))
                .await
                .unwrap()
                .already_done
        );
        assert!(
            groups::remove_member(&root, &name("risk"), &name("itops"))
                .await
                .unwrap()
                .already_done
        );
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
        groups::create(&root, CreateGroupRequest { name: name("risk") })
            .await
            .unwrap();
        create_project::create(&root, project("diagnosis")).await.unwrap();
        let slot = |assigned: &str| {
            vec![Slot {
                name: "Risk & Compliance".parse().unwrap(),
                assigned: vec![assigned.into()],
            }]
        };
        let set = |assigned: &str, approvers: &[&str]| SetReviewersRequest {
            slots: slot(assigned),
            approvers: approvers.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(
            code(reviewers::set(&root, &p, set("group:risk", &[]), None).await),
            "precondition_required"
        );
        assert_eq!(
            code(reviewers::set(&root, &p, set("group:risk", &[]), Some("p2")).await),
            "stale"
        );
        let nobody = reviewers::set(&root, &p, set("user:nobody", &["approver"]), Some("p1"))
            .await
            .unwrap_err();
        assert_eq!(
            (nobody.code, nobody.fields[0].pointer.as_str()),
            ("not_found", "/slots/0/assigned/0")
        );
        let empty = reviewers::set(&root, &p, set("group:risk", &[]), Some("p1")).await.unwrap();
        assert_eq!(empty.warnings.len(), 2, "{:?}", empty.warnings);
        groups::add_member(&root, &name("risk"), &name("approver")).await.unwrap();
        assert_eq!(
            reviewers::show(&root, &p).await.unwrap().warnings.len(),
            1,
            "membership counts as it is now"
        );
        let filled = reviewers::set(&root, &p, set("group:risk", &["role:manager"]), Some("p2"))
            .await
            .unwrap();
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
            let created = create_project::create(&root, project(&format!("p{number:02}")))
                .await
                .unwrap();
            if number % 3 == 2 {
                let role = SetProjectMemberRequest {
                    role: ProjectRole::Reader,
                };
                members::set_project_member(&root, &created.name, "reader", role)
                    .await
                    .unwrap();
            }
        }
        let reader = world.with(&reader).await;
        let page = |after: Option<String>| Page {
            after: after.unwrap_or_default(),
            limit: 2,
        };
        let names = |list: &app::views::List<app::views::Project>| {
            list.items.iter().map(|item| item.name.to_string()).collect::<Vec<_>>()
        };
        let first = create_project::list(&reader, page(None)).await.unwrap();
        assert_eq!(names(&first), ["p02", "p05"]);
        let second = create_project::list(&reader, page(first.next)).await.unwrap();
        assert_eq!(
            (names(&second), second.next),
            (vec!["p08".to_owned(), "p11".to_owned()], None)
        );
        assert_eq!(create_project::list(&root, Page::default()).await.unwrap().items.len(), 12);
        assert_eq!(code(create_project::show(&reader, &name("p00")).await), "not_found");

        assert_eq!(
            code(models::create(&reader, &name("p02"), CreateModelRequest { name: name("tumour") }).await),
            "forbidden"
        );
        let model = models::create(&root, &name("p02"), CreateModelRequest { name: name("tumour") })
            .await
            .unwrap();
        assert_eq!(
            code(models::create(&root, &name("p02"), CreateModelRequest { name: name("tumour") }).await),
            "already_exists"
        );
        assert_eq!(models::show(&reader, &name("p02"), &name("tumour")).await.unwrap(), model);
        assert_eq!(
            models::list(&reader, &name("p02"), Page::default()).await.unwrap().items,
            [model]
        );
        world.end().await;
    }
}

#[tokio::test]
async fn a_policy_changes_only_with_a_reason_and_for_whoever_saw_the_present_one() {
    for world in World::on_each_database("policy").await {
        let root = world.root().await;
        let i = name("production");
        create_infrastructure::create(&root, infrastructure("production"))
            .await
            .unwrap();
        let change = |policy, reason: &str| ChangePolicyRequest {
            policy,
            on_lapse: None,
            reason: reason.into(),
        };
        assert_eq!(
            code(infrastructure_policy::change(&root, &i, change(Policy::Warn, " "), Some("i1")).await),
            "invalid"
        );
        assert_eq!(
            code(infrastructure_policy::change(&root, &i, change(Policy::Warn, "a trial"), None).await),
            "precondition_required"
        );
        assert_eq!(
            code(infrastructure_policy::change(&root, &i, change(Policy::Warn, "a trial"), Some("i7")).await),
            "stale"
        );
        let changed = infrastructure_policy::change(&root, &i, change(Policy::Warn, "a trial"), Some("i1"))
            .await
            .unwrap()
            .result;
        assert_eq!(
            (changed.policy, changed.etag(), changed.members.map(|members| members.len())),
            (Policy::Warn, "i2".to_owned(), Some(1))
        );
        let stranger = world.with(&world.person("stranger", User).await).await;
        assert_eq!(create_infrastructure::show(&stranger, &i).await.unwrap().members, None);
        assert_eq!(
            code(infrastructure_policy::change(&stranger, &i, change(Policy::Allow, "no"), Some("i2")).await),
            "forbidden"
        );
        world.end().await;
    }
}
