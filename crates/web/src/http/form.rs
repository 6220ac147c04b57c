//! What a form of a page sends: names and values, where a name may come several times.

use super::{
    Failure,
    body::{self, Sender},
};
use app::Error;
use axum::{body::Body, http::HeaderMap};

/// The fields of a form, as typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

/// Fields that no other page carries along: the token of the session, and passwords.
pub(crate) const NOT_CARRIED: [&str; 3] = ["form", "password", "new_password"];

/// Reads a form.
///
/// # Errors
/// A body that is no form, is too large or does not arrive.
pub(crate) async fn read(headers: &HeaderMap, body: Body, sender: Sender) -> Result<Form, Failure> {
    let bytes = body::form(headers, body, sender).await?;
    let form = Form(form_urlencoded::parse(&bytes).into_owned().collect());
    match form.0.iter().find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => Err(Error::invalid(name.clone(), "a text may not contain the character NUL").into()),
        None => Ok(form),
    }
}

impl Form {
    /// The value of a field; empty where the form has no such field.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The text in a field without space around it; none for an empty field.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.get(name).trim();
        (!text.is_empty()).then(|| text.replace("\r\n", "\n"))
    }

    /// The fields as one text, to be carried along by another page.
    pub(crate) fn packed(&self) -> String {
        let carried = self.pairs().filter(|(name, _)| !NOT_CARRIED.contains(name));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(carried).finish()
    }

    /// Every field with its value, in the order of the form.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a field that may come several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_may_come_several_times_and_an_absent_field_is_empty() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        let form = read(&headers, Body::from("notify=a&notify=b%26c&comment=+one%0D%0Atwo+&empty="), Sender::Known)
            .await
            .unwrap_or_default();
        assert_eq!(form.all("notify").collect::<Vec<_>>(), ["a", "b&c"]);
        assert_eq!(form.text("comment").as_deref(), Some("one\ntwo"));
        assert_eq!((form.get("absent"), form.text("empty")), ("", None));
        assert!(read(&headers, Body::from("a=%00"), Sender::Known).await.is_err());
        assert!(read(&HeaderMap::new(), Body::from("a=b"), Sender::Known).await.is_err());
    }
}
