//! Gives a webhook another secret.

use super::{access, secrets, view};
use crate::{Error, OpContext, base::error::Code, change, views::WebhookWithSecret};
use domain::{Name, NextStep, access::Scope};
use store::Webhook;

/// Gives a webhook another secret, which is not shown again. For a day deliveries are signed with the earlier secret too.
///
/// # Errors
/// No such webhook, or not the caller's to change; a secret that is a day old at most; a chat, which has no secret but its address.
pub async fn rotate(op: &OpContext, name: &Name) -> Result<WebhookWithSecret, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let (before, project) = access::kept(op, &mut tx, name).await?;
    if before.kind.has_secret_address() {
        let message = "a chat has no secret but its address: make another address there, and change the webhook to it";
        return Err(Error::new(Code::Invalid, message).next(NextStep::CheckName));
    }
    if let Some(until) = before.earlier_until.filter(|until| op.now < *until) {
        let message =
            format!("the webhook has a new secret already, and the earlier one holds until {until}: make another one after that");
        return Err(Error::new(Code::SecretIsNew, message));
    }
    let earlier_until = Some(op.now.plus(secrets::OVERLAP));
    let after = Webhook { generation: before.generation + 1, earlier_until, revision: before.revision + 1, ..before };
    tx.update(&after).await?;
    change::record(op, &mut tx, view::subject(project.as_ref()), view::set(&after, true)).await?;
    tx.commit().await?;
    let view = view::webhook(op, &mut op.read_back().await?, &after, project.as_ref()).await.map_err(Error::after_commit)?;
    Ok(WebhookWithSecret { webhook: view, secret: secrets::present(op, &after) })
}
