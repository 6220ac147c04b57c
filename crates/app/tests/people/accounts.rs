//! Invitations, signing in, tokens, and the last administrator.

use super::world::{PASSWORD, World, code, name, request};
use app::{
    IdempotencyKey, Page,
    people::{groups, invitations, sign_in, tokens, users},
    views::{ChangeUserRequest, CreateGroupRequest, CreateTokenRequest, SignInRequest},
};
use domain::{
    Digest, Duration, NextStep,
    access::Scope,
    people::{
        AccountKind,
        InstanceRole::{Administrator, User},
    },
};

const CLOSE: ChangeUserRequest = ChangeUserRequest { display_name: None, email: None, role: None, active: Some(false) };

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
        let short =
            SignInRequest { user: None, password: "short".into(), invitation: Some(first.invitation.clone()), label: None };
        assert_eq!(code(sign_in::sign_in(&world.anonymous(), short).await), "invalid");
        // Neither of those used it up.
        let token = world.redeem(&first.invitation).await.unwrap();
        assert_eq!(token.scopes, Scope::ALL);
        assert_eq!(users::me(&world.with(&token.token).await).await.unwrap().name, name("scientist"));
        assert_eq!(code(world.redeem(&first.invitation).await), "invitation_used");

        let second = invitations::invite(&root, &name("scientist")).await.unwrap();
        let third = invitations::invite(&root, &name("scientist")).await.unwrap();
        assert_eq!(code(world.redeem(&second.invitation).await), "invitation_cancelled");
        // Until it is redeemed, password and tokens stay.
        world.sign_in("scientist", PASSWORD).await.unwrap();
        world.with(&token.token).await;
        let new_password =
            SignInRequest { user: None, password: "another password".into(), invitation: Some(third.invitation), label: None };
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
        let service = CreateTokenRequest { service: Some(name("pipeline")), ..Default::default() };
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
        let open = ChangeUserRequest { active: Some(true), ..Default::default() };
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
        assert_eq!(code(invitations::invite(&root, &name("newcomer")).await), "user_closed");
        users::change(&root, &name("newcomer"), ChangeUserRequest { active: Some(true), ..Default::default() }).await.unwrap();
        assert_eq!(code(world.redeem(&invited.invitation).await), "invitation_cancelled");
        world.end().await;
    }
}

#[tokio::test]
async fn a_token_ends_is_revoked_and_never_makes_a_wider_one() {
    for world in World::on_each_database("tokens").await {
        let person = world.with(&world.person("scientist", User).await).await;
        let scopes = Some(vec![Scope::Administer, Scope::Read]);
        let ask = |scopes, days| CreateTokenRequest { scopes, expires_in: Some(Duration::from_days(days)), ..Default::default() };
        let narrow = tokens::create(&person, ask(scopes, 2)).await.unwrap();
        let with_narrow = world.with(&narrow.token).await;
        assert_eq!(code(tokens::create(&with_narrow, ask(Some(vec![Scope::Read, Scope::Review]), 1)).await), "scope_missing");
        assert_eq!(tokens::create(&with_narrow, ask(None, 1)).await.unwrap().scopes, narrow.scopes);
        assert_eq!(code(tokens::create(&person, ask(Some(vec![]), 1)).await), "invalid");
        assert_eq!(code(tokens::create(&person, ask(None, 366)).await), "invalid");
        let read_only = tokens::create(&person, ask(Some(vec![Scope::Read]), 1)).await.unwrap();
        let read_only = world.with(&read_only.token).await;
        assert_eq!(code(tokens::create(&read_only, ask(None, 1)).await), "scope_missing");
        assert_eq!(tokens::list(&read_only, None, &Page::default()).await.unwrap().items.len(), 4);

        world.wait(Duration::from_days(1));
        assert_eq!(tokens::list(&person, None, &Page::default()).await.unwrap().items.len(), 4, "a context keeps its moment");
        assert_eq!(tokens::list(&world.with(&narrow.token).await, None, &Page::default()).await.unwrap().items.len(), 2);
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
        let ask = |service: &str, scopes| CreateTokenRequest { service: Some(name(service)), scopes, ..Default::default() };
        assert_eq!(code(tokens::create(&person, ask("pipeline", None)).await), "forbidden");
        assert_eq!(code(tokens::create(&root, ask("scientist", None)).await), "already_exists");
        let token = tokens::create(&root, ask("pipeline", None)).await.unwrap();
        assert_eq!(token.scopes, [Scope::Read, Scope::Register, Scope::Deploy, Scope::Gate]);
        assert_eq!(token.expires_at, root.now.plus(Duration::from_days(30)));
        let service = users::me(&world.with(&token.token).await).await.unwrap();
        assert_eq!((service.kind, service.role), (AccountKind::Service, User));
        assert_eq!(code(invitations::invite(&root, &name("pipeline")).await), "service_account");
        let size = world.log_size().await;
        tokens::create(&root, ask("pipeline", Some(vec![Scope::Review]))).await.unwrap();
        assert_eq!(world.log_size().await, size + 1, "the account was there, so only the token is new");
        users::change(&root, &name("pipeline"), CLOSE).await.unwrap();
        assert_eq!(code(tokens::create(&root, ask("pipeline", None)).await), "user_closed");
        world.end().await;
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for world in World::on_each_database("administrator").await {
        let root = world.root().await;
        let demote = || ChangeUserRequest { role: Some(User), ..Default::default() };
        let size = world.log_size().await;
        assert_eq!(code(users::change(&root, &name("root"), CLOSE).await), "last_administrator");
        assert_eq!(code(users::change(&root, &name("root"), demote()).await), "last_administrator");
        assert_eq!(world.log_size().await, size);
        let second = world.with(&world.person("second", Administrator).await).await;
        users::change(&second, &name("root"), demote()).await.unwrap();
        assert_eq!(code(users::change(&second, &name("second"), CLOSE).await), "last_administrator");
        // The account's present role counts: an administrator at sign-in may be none now.
        assert_eq!(code(users::create(&world.root().await, request("third", User)).await), "forbidden");
        assert_eq!(code(invitations::create_administrator(&world.console(), &name("root")).await), "already_exists");
        invitations::create_administrator(&world.console(), &name("second")).await.unwrap();
        world.end().await;
    }
}

#[tokio::test]
async fn closing_an_account_revokes_only_tokens_that_still_hold() {
    for world in World::on_each_database("old_tokens").await {
        let scientist = world.person("scientist", User).await;
        let scientist = world.with(&scientist).await;
        for _ in 0..3 {
            let request =
                CreateTokenRequest { service: None, label: None, scopes: None, expires_in: Some(Duration::from_seconds(60)) };
            tokens::create(&scientist, request).await.unwrap();
        }
        world.wait(Duration::from_seconds(60));
        let before = world.log_size().await;
        users::change(&world.root().await, &name("scientist"), CLOSE).await.unwrap();
        assert_eq!(world.log_size().await - before, 2, "the account, and the one token that had not run out");
        world.end().await;
    }
}

#[tokio::test]
async fn the_second_request_with_a_key_is_told_to_come_again() {
    for world in World::on_each_database("second_key").await {
        let mut root = world.root().await;
        root.key = Some(IdempotencyKey { key: "k-1".to_owned(), request: Digest::from_bytes([1; 32]) });
        groups::create(&root, CreateGroupRequest { name: name("risk") }).await.unwrap();
        // As when both had looked for an answer before either had one.
        let error = groups::create(&root, CreateGroupRequest { name: name("risk") }).await.unwrap_err();
        assert_eq!(error.code.as_str(), "idempotency_key_used");
        assert_eq!(error.next.as_deref(), Some(&NextStep::RepeatWithSameKey));
        world.end().await;
    }
}
