//! Tokens as pages list and make them: one's own, and those of service accounts.

use crate::http::Form;
use app::{
    Error, OpContext, Page,
    people::tokens,
    views::{CreateTokenRequest, Token},
};
use domain::{Duration, Name, access::Scope};

/// The token that a form asks for: of a service account, or of the person who sends the form.
pub(super) fn new_token(form: &Form, service: Option<&str>) -> Result<CreateTokenRequest, Error> {
    let service = service.map(|name| name.parse::<Name>().map_err(|error| Error::invalid("service", error.to_string())));
    let scope = |word: &str| word.parse::<Scope>().map_err(|_| Error::invalid("scopes", "choose scopes from the list"));
    let expires_in = match form.text("expires_in") {
        Some(text) => Some(text.parse::<Duration>().map_err(|error| Error::invalid("expires_in", error.to_string()))?),
        None => None,
    };
    Ok(CreateTokenRequest {
        service: service.transpose()?,
        label: form.text("label"),
        scopes: Some(form.all("scope").map(scope).collect::<Result<_, _>>()?),
        expires_in,
    })
}

/// Every token of one's own that holds.
pub(super) async fn every_token(op: &OpContext) -> Result<Vec<Token>, Error> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = tokens::list(op, None, &Page { after, limit: 200 }).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = next,
            None => return Ok(all),
        }
    }
}
