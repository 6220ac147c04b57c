//! To what a person subscribes: a project, a model or a version. A subscriber hears of each step of its reviews.

use crate::{
    Error, OpContext,
    base::{error::Code, find},
    views::{self, List, SubscribeRequest},
};
use domain::{
    Name, NextStep, VersionRef,
    access::{Action, Scope},
};
use store::Reader;

/// To how much a person can subscribe: more would be read by nobody.
const MOST: u32 = 500;

/// To what the caller subscribes.
///
/// # Errors
/// When nobody is signed in.
pub async fn subscriptions(op: &OpContext) -> Result<List<views::Subscription>, Error> {
    op.needs(Scope::Read)?;
    let found = op.read().await?.subscriptions(op.user()?.id, MOST).await?;
    Ok(List::whole(found.into_iter().map(|(to, since)| views::Subscription { to, since }).collect()))
}

/// Whether the caller subscribes to just this.
///
/// # Errors
/// When nobody is signed in.
pub async fn subscribes(op: &OpContext, to: &str) -> Result<bool, Error> {
    Ok(op.read().await?.subscribes(op.user()?.id, to).await?)
}

/// Subscribes the caller to a project, a model or a version, or ends the subscription.
///
/// # Errors
/// A name of none of these, or of one that the caller may not see; too many subscriptions.
pub async fn subscribe(op: &OpContext, request: SubscribeRequest) -> Result<List<views::Subscription>, Error> {
    op.needs(Scope::Administer)?;
    let SubscribeRequest { to, subscribed } = request;
    if subscribed {
        let mut reader = op.read().await?;
        check_seen(op, &mut reader, &to).await?;
        if reader.subscriptions(op.user()?.id, MOST).await?.len() >= MOST as usize {
            let message = format!("you subscribe to {MOST} things already: subscribe to a project or a model as a whole");
            return Err(Error::new(Code::Invalid, message).at("/to").next(NextStep::SendLess));
        }
    }
    let (op, mut tx) = op.write_outside().await?;
    let user = op.user()?.id;
    // A subscription to what one no longer sees can be ended too.
    if subscribed {
        tx.subscribe(user, &to, op.now).await?;
    } else {
        tx.end_subscription(user, &to).await?;
    }
    tx.commit().await?;
    subscriptions(&op).await
}

/// Refuses a name of nothing that the caller may see.
async fn check_seen(op: &OpContext, reader: &mut Reader, to: &str) -> Result<(), Error> {
    let wrong = |error: String| Error::invalid("/to", format!("write PROJECT, PROJECT/MODEL or PROJECT/MODEL:NUMBER: {error}"));
    let name = |text: &str| text.parse::<Name>().map_err(|error| wrong(error.to_string()));
    if to.contains(':') {
        let version: VersionRef = to.parse().map_err(|error| wrong(format!("{error}")))?;
        find::version(op, reader, &version, Action::ReadProject).await?;
    } else if let Some((project, model)) = to.split_once('/') {
        find::model(op, reader, &name(project)?, &name(model)?, Action::ReadProject).await?;
    } else {
        find::project(op, reader, &name(to)?, Action::ReadProject).await?;
    }
    Ok(())
}
