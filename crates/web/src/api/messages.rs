//! Messages to people: what became of each, trying again, and which of them a person wants.

use super::{
    params::MessagesQuery,
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictJson, StrictQuery},
    urls::api as paths,
};
use app::{
    Limit, Page,
    messages::{self, mail_server},
    views::{
        List, MailServer, Message, RetriedMessages, RetryMessagesRequest, SetMailServerRequest, SubscribeRequest, Subscription,
        WantMessagesRequest, WantedMessages,
    },
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_messages))
        .publish(routes!(retry_messages))
        .publish(routes!(test_messages))
        .publish(routes!(show_mail_server, set_mail_server, remove_mail_server))
        .publish(routes!(wanted_messages, want_messages))
        .publish(routes!(list_subscriptions, subscribe))
}

/// Lists messages to people and what became of each, for administrators and auditors
#[utoipa::path(get, path = paths::MESSAGES, tag = "operation", params(MessagesQuery), responses((status = 200, description = "The messages, the newest first.", body = List<Message>)))]
async fn list_messages(op: Op, StrictQuery(query): StrictQuery<MessagesQuery>) -> Answer {
    let MessagesQuery { state, after, limit } = query;
    let page = Page { after: after.unwrap_or_default(), limit: Limit::of(limit) };
    reply::ok(&messages::list(&op, state, &page).await?)
}

/// Lets a message that was given up wait again, or all of them
#[utoipa::path(post, path = paths::RETRY_MESSAGES, tag = "operation", request_body = RetryMessagesRequest, responses((status = 200, description = "How many messages wait again.", body = RetriedMessages)))]
async fn retry_messages(op: Op, StrictJson(request): StrictJson<RetryMessagesRequest>) -> Answer {
    reply::ok(&messages::retry(&op, request).await?)
}

/// Sends a message to the caller, to try whether mails arrive
#[utoipa::path(post, path = paths::TEST_MESSAGES, tag = "operation", responses((status = 200, description = "The message, which waits for the mail server.", body = Message)))]
async fn test_messages(op: Op) -> Answer {
    reply::ok(&messages::test(&op).await?)
}

/// Shows how mails leave the server, for administrators and auditors
#[utoipa::path(get, path = paths::MAIL_SERVER, tag = "operation", responses((status = 200, description = "How mails leave the server.", body = MailServer)))]
async fn show_mail_server(op: Op) -> Answer {
    reply::ok(&mail_server::show(&op).await?)
}

/// Chooses the mail server that takes messages to people
#[utoipa::path(put, path = paths::MAIL_SERVER, tag = "operation", request_body = SetMailServerRequest, responses((status = 200, description = "How mails leave the server now.", body = MailServer)))]
async fn set_mail_server(op: Op, StrictJson(request): StrictJson<SetMailServerRequest>) -> Answer {
    reply::ok(&mail_server::set(&op, request).await?)
}

/// Takes the mail server away: nobody gets a mail
#[utoipa::path(delete, path = paths::MAIL_SERVER, tag = "operation", responses((status = 204, description = "Nobody gets a mail.")))]
async fn remove_mail_server(op: Op) -> Answer {
    mail_server::remove(&op).await?;
    reply::no_content()
}

/// Shows which messages the caller wants
#[utoipa::path(get, path = paths::WANTED_MESSAGES, tag = "people", responses((status = 200, description = "Which messages the caller wants.", body = WantedMessages)))]
async fn wanted_messages(op: Op) -> Answer {
    reply::ok(&messages::wanted(&op).await?)
}

/// Sets which messages the caller wants
#[utoipa::path(put, path = paths::WANTED_MESSAGES, tag = "people", request_body = WantMessagesRequest, responses((status = 200, description = "Which messages the caller wants now.", body = WantedMessages)))]
async fn want_messages(op: Op, StrictJson(request): StrictJson<WantMessagesRequest>) -> Answer {
    reply::ok(&messages::set_wanted(&op, request.wanted).await?)
}

/// Lists to what the caller subscribes
#[utoipa::path(get, path = paths::SUBSCRIPTIONS, tag = "people", responses((status = 200, description = "The caller's subscriptions.", body = List<Subscription>)))]
async fn list_subscriptions(op: Op) -> Answer {
    reply::ok(&messages::subscriptions(&op).await?)
}

/// Subscribes the caller to a project, a model or a version, or ends the subscription
#[utoipa::path(put, path = paths::SUBSCRIPTIONS, tag = "people", request_body = SubscribeRequest, responses((status = 200, description = "The caller's subscriptions now.", body = List<Subscription>)))]
async fn subscribe(op: Op, StrictJson(request): StrictJson<SubscribeRequest>) -> Answer {
    reply::ok(&messages::subscribe(&op, request).await?)
}
