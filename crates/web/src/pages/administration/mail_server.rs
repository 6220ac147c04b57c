//! The mail server that takes messages to people: which one, how it is used, and from whom mails come.

use super::access::administrators;
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    pages::{
        buttons::{mendable, pressed},
        parts,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    messages::mail_server,
    views::{MailServer, MailSource, SetMailServerRequest},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::mail::MailSecurity;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::MAIL_SERVER, show).post(paths::MAIL_SERVER, change)
}

#[derive(Template)]
#[template(path = "administration/mail_server.html")]
struct MailServerPage<'a> {
    shell: &'a Shell,
    known: MailServer,
    form: &'a Form,
    problem: String,
}

async fn show(Visit { op, shell }: Visit) -> Result<Response, Failure> {
    page(&op, shell, StatusCode::OK, &Form::default(), String::new()).await
}

async fn change(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    let done = match pressed(&form, &["save", "remove"]) {
        Some("save") => save(&op, &form).await.map(|()| "The mail server is kept. Send yourself a test."),
        Some(_) => mail_server::remove(&op).await.map(|()| "Nobody gets a mail any more."),
        None => return page(&op, shell, StatusCode::OK, &form, String::new()).await,
    };
    match done {
        Ok(words) => see_saying(&web, &shell.at.mail(), words),
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, &form, problem).await
        }
    }
}

async fn save(op: &OpContext, form: &Form) -> Result<(), Error> {
    let text = |name: &str| Some(form.get(name).trim().to_owned()).filter(|text| !text.is_empty());
    let security: Result<MailSecurity, String> = form.get("security").parse();
    let request = SetMailServerRequest {
        server: form.get("server").to_owned(),
        from: form.get("from").to_owned(),
        security: security.map_err(|error| Error::invalid("/security", error))?,
        username: text("username"),
        // As it was typed: a password may begin with a space.
        password: Some(form.get("password").to_owned()).filter(|password| !password.is_empty()),
        authority: text("authority"),
        digest_at: form.get("digest_at").to_owned(),
        time_zone: form.get("time_zone").to_owned(),
    };
    mail_server::set(op, request).await.map(|_| ())
}

async fn page(op: &OpContext, shell: Shell, status: StatusCode, form: &Form, problem: String) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let known = mail_server::show(op).await?;
    shell.page(status, &MailServerPage { shell: &shell, known, form, problem })
}

impl MailServerPage<'_> {
    fn is_configured(&self) -> bool {
        self.known.source == MailSource::Configuration
    }

    fn is_chosen(&self) -> bool {
        self.known.source == MailSource::Administrators
    }

    /// What somebody typed, or else what is known, or else this.
    fn typed(&self, field: &str, known: &Option<String>, otherwise: &str) -> String {
        match self.form.get("go") {
            "" => known.clone().unwrap_or_else(|| otherwise.to_owned()),
            _ => self.form.get(field).to_owned(),
        }
    }

    fn securities(&self) -> [(&'static str, &'static str); 3] {
        [
            ("starttls", "STARTTLS, mostly on port 587"),
            ("tls", "TLS, mostly on port 465"),
            ("none", "None: for a mail server on this machine"),
        ]
    }

    fn is_security(&self, word: &str) -> bool {
        let known = self.known.security.map(|security| security.as_str().to_owned());
        self.typed("security", &known, "starttls") == word
    }
}
