//! Webhooks: the addresses of other programs that are told of events.

use crate::{
    Reader, StoreError,
    query::queries,
    record::{column, table},
    value::{Column, Json, Kind},
};
use domain::{Name, ProjectId, Timestamp, WebhookId, notice::Topic, webhook::WebhookKind};

table! {
    /// A webhook.
    Webhook in "webhooks" [1] {
        /// The key.
        id: WebhookId,
        /// Unique.
        name: Name,
        /// Told of this project alone; none for everything.
        project_id: Option<ProjectId>,
        /// What listens there.
        kind: WebhookKind,
        /// Where.
        url: String,
        /// What it is told of; empty for everything.
        topics: Json<Vec<Topic>>,
        /// Counts its secrets, from 1.
        generation: u64,
        /// Until then what is sent is signed with the earlier secret too.
        earlier_until: Option<Timestamp>,
        /// Since when the server does not call it.
        disabled_at: Option<Timestamp>,
        /// Why not; none where somebody chose so.
        disabled_because: Option<String>,
        /// Counts its changes.
        revision: u64,
        /// When it was created.
        created_at: Timestamp,
    }
}

queries! {
    BY_ID: Webhook = "WHERE id = $1";
    BY_NAME: Webhook = "WHERE name = $1";
    ALL: Webhook = "WHERE name > $1 ORDER BY name LIMIT $2";
    OF_PROJECT: Webhook = "WHERE project_id = $3 AND name > $1 ORDER BY name LIMIT $2";
    ;
    IDS = "SELECT id FROM webhooks ORDER BY name";
}

impl Webhook {
    /// Whether it is told of this.
    pub fn hears(&self, topic: Topic, project: Option<ProjectId>) -> bool {
        self.disabled_at.is_none()
            && (self.topics.0.is_empty() || self.topics.0.contains(&topic))
            && (self.project_id.is_none() || self.project_id == project)
    }
}

impl Reader {
    /// A webhook.
    pub async fn webhook(&mut self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.first(&BY_ID, &[id.to_value()]).await
    }

    /// The webhook of this name.
    pub async fn webhook_by_name(&mut self, name: &Name) -> Result<Option<Webhook>, StoreError> {
        self.first(&BY_NAME, &[name.to_value()]).await
    }

    /// The ids of all webhooks, so that one row that cannot be read hides no other.
    pub async fn webhook_ids(&mut self) -> Result<Vec<WebhookId>, StoreError> {
        let rows = self.rows(IDS, &[], &[Kind::Uuid]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "webhooks", "id")).collect()
    }

    /// The webhooks of a project, or all, after a name, in the order of their names.
    pub async fn webhooks(&mut self, project: Option<ProjectId>, after: &str, limit: u32) -> Result<Vec<Webhook>, StoreError> {
        let (after, limit) = (after.to_owned().to_value(), limit.to_value());
        match project {
            Some(project) => self.all(&OF_PROJECT, &[after, limit, project.to_value()]).await,
            None => self.all(&ALL, &[after, limit]).await,
        }
    }
}
