//! The addresses of the server, and the only place that writes a path. One line gives the path of a route and of every link to
//! the route, so that no link misses its route.

pub(crate) mod api;
mod linked;
pub(crate) mod operations;
pub(crate) mod pages;

use app::Links;
use domain::{Name, StepName, VersionRef};

/// The addresses under which people and programs reach this server.
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
}

impl Urls {
    /// The addresses of a server that is reached at `base_url`.
    pub fn new(base_url: &str) -> Self {
        Self { base: base_url.trim_end_matches('/').to_owned() }
    }

    /// A version, in the API.
    pub(crate) fn version(&self, version: &VersionRef) -> String {
        self.absolute(&of_version(api::VERSION, version))
    }

    /// The page that creates the first administrator.
    pub fn setup_page(&self, code: &str) -> String {
        self.absolute(&fill(linked::SETUP, &[("code", code)]))
    }

    /// The page that redeems an invitation.
    pub(crate) fn invitation_page(&self, code: &str) -> String {
        self.absolute(&fill(linked::INVITATION, &[("code", code)]))
    }

    /// Whether browsers reach the server over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Scheme, host and port, as a browser names the origin of a page.
    pub(crate) fn origin(&self) -> &str {
        let host = self.base.find("://").map_or(0, |at| at + "://".len());
        self.base[host..].find('/').map_or(&self.base, |end| &self.base[..host + end])
    }

    /// A path of this server as a page writes it in links and forms: below the folder of a proxy, on whatever host the browser reached.
    pub(crate) fn here(&self, path: &str) -> String {
        format!("{}{path}", self.base[self.origin().len()..].trim_end_matches('/'))
    }

    /// The sign-off of a step of a version, in the API.
    pub(crate) fn sign_off(&self, version: &VersionRef, step: &StepName) -> String {
        self.absolute(&of_version(api::REVIEW, version)) + &of_step(step)
    }

    /// The same address without scheme and host: for a redirect, which must lead back to the host that the client reached, whatever
    /// that host is called there.
    pub(crate) fn on_this_host(address: &str) -> &str {
        let host = address.find("://").map_or(0, |at| at + "://".len());
        address[host..].find('/').map_or("/", |at| &address[host + at..])
    }

    fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl Links for Urls {
    fn server(&self) -> &str {
        &self.base
    }

    fn version_page(&self, version: &VersionRef) -> String {
        self.absolute(&of_version(linked::VERSION, version))
    }

    fn sign_off_page(&self, version: &VersionRef, step: &StepName) -> String {
        self.version_page(version) + &of_step(step)
    }

    fn statements(&self, version: &VersionRef) -> String {
        self.absolute(&of_version(api::STATEMENTS, version))
    }

    fn infrastructure(&self, infrastructure: &Name) -> String {
        self.absolute(&fill(api::INFRASTRUCTURE, &[("infrastructure", infrastructure.as_str())]))
    }

    fn infrastructure_page(&self, infrastructure: &Name) -> String {
        self.absolute(&fill(linked::INFRASTRUCTURE, &[("infrastructure", infrastructure.as_str())]))
    }

    fn webhook_page(&self, webhook: &Name) -> String {
        self.absolute(&fill(linked::WEBHOOK, &[("webhook", webhook.as_str())]))
    }

    fn unsubscribe_page(&self, code: &str) -> String {
        self.absolute(&fill(linked::UNSUBSCRIBE, &[("code", code)]))
    }
}

fn of_version(path: &str, VersionRef { project, model, number }: &VersionRef) -> String {
    let number = number.to_string();
    fill(path, &[("project", project.as_str()), ("model", model.as_str()), ("version", &number)])
}

/// The query that names a step, where the step is another one than the standard one.
fn of_step(step: &StepName) -> String {
    if step.is_standard() { String::new() } else { format!("?step={step}") }
}

/// The path with these values for its parameters. Names and numbers need no escaping: see [`Name`].
fn fill(path: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(path.to_owned(), |path, (parameter, value)| path.replace(&format!("{{{parameter}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_route_with_the_parameters_filled_in() {
        let version: VersionRef = "diagnosis/tumour.v2:7".parse().unwrap();
        for base in ["https://sign.example", "https://sign.example/"] {
            let urls = Urls::new(base);
            assert_eq!(urls.version_page(&version), "https://sign.example/projects/diagnosis/models/tumour.v2/versions/7");
            let page = |step: &str| urls.sign_off_page(&version, &step.parse().unwrap());
            assert_eq!(page("review"), urls.version_page(&version));
            assert_eq!(page("technical-review"), format!("{}?step=technical-review", urls.version_page(&version)));
            assert_eq!(urls.version(&version), "https://sign.example/api/v1/projects/diagnosis/models/tumour.v2/versions/7");
            let infrastructure = urls.infrastructure(&"production".parse().unwrap());
            assert_eq!(infrastructure, "https://sign.example/api/v1/infrastructures/production");
        }
    }

    #[test]
    fn a_page_links_below_the_folder_of_a_proxy() {
        for (base, origin, path) in [
            ("https://sign.example", "https://sign.example", "/signin"),
            ("http://127.0.0.1:8700", "http://127.0.0.1:8700", "/signin"),
            ("https://example.org/countersign/", "https://example.org", "/countersign/signin"),
        ] {
            let urls = Urls::new(base);
            assert_eq!((urls.origin(), urls.here(pages::SIGN_IN).as_str()), (origin, path));
        }
    }

    #[test]
    fn a_redirect_stays_on_the_host_and_below_the_folder_of_a_proxy() {
        for (address, expected) in [
            ("https://sign.example/api/v1/me", "/api/v1/me"),
            ("http://127.0.0.1:8700/api/v1/me", "/api/v1/me"),
            ("https://example.org/countersign/api/v1/me", "/countersign/api/v1/me"),
            ("https://example.org", "/"),
        ] {
            assert_eq!(Urls::on_this_host(address), expected);
        }
    }
}
