//! The mails of the server: whether a mail server is set up, what became of each mail, trying again, and a mail to oneself as a test.

use super::access::administrators;
use crate::{
    auth::SentForm,
    http::{Failure, Routes, Web},
    pages::{
        buttons::{mendable, pressed},
        parts,
        project::with_query,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{
    OpContext, Page, messages,
    views::{List, MailServer, Message, MessageState, RetryMessagesRequest, WantedMessages},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{MessageId, mail::MailSecurity};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::MAIL, show).post(paths::MAIL, change)
}

#[derive(Template)]
#[template(path = "administration/mail.html")]
struct MailPage<'a> {
    shell: &'a Shell,
    /// The administrator's own, with whether mail is set up.
    own: WantedMessages,
    /// How mails leave the server.
    mail: MailServer,
    /// Whether templates of the operator's own are in use.
    own_templates: bool,
    state: Option<MessageState>,
    list: List<Message>,
    problem: String,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let state = text("state").parse().ok();
    page(&op, shell, StatusCode::OK, state, text("after"), String::new()).await
}

async fn change(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    let address = shell.at.mail();
    let done = match pressed(&form, &["test", "retry", "retry_all"]) {
        Some("test") => {
            messages::test(&op).await.map(|_| "The test waits for the mail server. Look here again in a moment.".to_owned())
        }
        Some("retry") => {
            let message: Option<MessageId> = form.get("message").parse().ok();
            match message {
                Some(message) => retry(&op, RetryMessagesRequest { message: Some(message) }).await,
                None => Ok(String::new()),
            }
        }
        Some(_) => retry(&op, RetryMessagesRequest::default()).await,
        None => Ok(String::new()),
    };
    match done {
        Ok(words) => see_saying(&web, &address, &words),
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, None, String::new(), problem).await
        }
    }
}

async fn retry(op: &OpContext, request: RetryMessagesRequest) -> Result<String, app::Error> {
    Ok(match messages::retry(op, request).await?.retried {
        0 => "No mail was given up: nothing is tried again.".to_owned(),
        1 => "One mail waits again.".to_owned(),
        more => format!("{more} mails wait again."),
    })
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    state: Option<MessageState>,
    after: String,
    problem: String,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let own = messages::wanted(op).await?;
    let mail = messages::mail_server::show(op).await?;
    let own_templates = op.settings.mail_templates.is_some();
    let list = messages::list(op, state, &Page { after, limit: 50 }).await?;
    shell.page(status, &MailPage { shell: &shell, own, mail, own_templates, state, list, problem })
}

impl MailPage<'_> {
    fn states(&self) -> [(Option<MessageState>, &'static str); 4] {
        let [waiting, sent, failed] = MessageState::ALL;
        [(None, "All"), (Some(waiting), "Waiting"), (Some(sent), "Sent"), (Some(failed), "Given up")]
    }

    fn shows(&self, state: &Option<MessageState>) -> bool {
        *state == self.state
    }

    fn in_state(&self, state: &Option<MessageState>) -> String {
        with_query(&self.shell.at.mail(), &[("state", state.map_or("", MessageState::as_str))])
    }

    fn next_page(&self, next: &str) -> String {
        with_query(&self.shell.at.mail(), &[("state", self.state.map_or("", MessageState::as_str)), ("after", next)])
    }

    /// The way that mails take, in words.
    fn way(&self) -> String {
        let MailServer { server, folder, security, username, .. } = &self.mail;
        let security = match security {
            Some(MailSecurity::None) => "unencrypted",
            Some(MailSecurity::Tls) => "with TLS",
            _ => "with STARTTLS",
        };
        let login = username.as_ref().map(|username| format!(", as {username}")).unwrap_or_default();
        match (server, folder) {
            (Some(server), _) => format!("to the mail server {server}, {security}{login}"),
            (None, Some(folder)) => format!("into the folder {folder}: nobody gets one"),
            (None, None) => String::new(),
        }
    }

    fn topic(&self, message: &Message) -> String {
        message.topic.replace('_', " ")
    }

    fn is(&self, message: &Message, state: &str) -> bool {
        message.state.as_str() == state
    }
}
