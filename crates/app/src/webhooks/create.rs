//! Creates a webhook.

use super::{access, address, secrets, view};
use crate::{
    Error, OpContext, change,
    views::{CreateWebhookRequest, WebhookWithSecret},
};
use domain::{access::Scope, notice::Topic};
use store::{Json, StoreError, Webhook};

/// Creates a webhook for all that happens, or for one project; gives its secret, which is not shown again.
///
/// # Errors
/// Neither an administrator nor a manager of the project; a name that is taken; an address that is not allowed; a topic that is none.
pub async fn create(op: &OpContext, request: CreateWebhookRequest) -> Result<WebhookWithSecret, Error> {
    op.needs(Scope::Administer)?;
    access::keep(op, &mut op.read().await?, request.project.as_ref()).await?;
    let topics = topics(&request.topics)?;
    // The look-up of the name may take long, and must not hold the log.
    let url = address::checked(op, &request.url).await?;
    let (ref op, mut tx) = op.write().await?;
    let project = access::keep(op, &mut tx, request.project.as_ref()).await?;
    let webhook = Webhook {
        id: op.id(),
        name: request.name,
        project_id: project.as_ref().map(|project| project.id),
        kind: request.kind,
        url,
        topics: Json(topics),
        generation: 1,
        earlier_until: None,
        disabled_at: None,
        disabled_because: None,
        revision: 1,
        created_at: op.now,
    };
    tx.insert(&webhook).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("webhook", &webhook.name).at("/name"),
        other => other.into(),
    })?;
    change::record(op, &mut tx, view::subject(project.as_ref()), view::set(&webhook, true)).await?;
    tx.commit().await?;
    let view = view::webhook(op, &mut op.read_back().await?, &webhook, project.as_ref()).await.map_err(Error::after_commit)?;
    Ok(WebhookWithSecret { webhook: view, secret: secrets::present(op, &webhook) })
}

/// The topics of these words, each once.
///
/// # Errors
/// A word that is none.
pub(super) fn topics(words: &[String]) -> Result<Vec<Topic>, Error> {
    let mut topics: Vec<Topic> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let topic = word.parse().map_err(|error: String| Error::invalid(format!("/topics/{index}"), error))?;
        if topic == Topic::Test {
            return Err(Error::invalid(
                format!("/topics/{index}"),
                "a test goes to every webhook that somebody tests: leave it out",
            ));
        }
        topics.push(topic);
    }
    topics.sort_unstable();
    topics.dedup();
    Ok(topics)
}
