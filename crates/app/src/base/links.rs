//! The addresses that use cases write into views, events and statements. A face says what they are: no use case knows a path.

use domain::{Name, StepName, VersionRef};
use std::fmt::Debug;

/// The addresses of a server. Each leads to what it names: for a person in a browser, or for a program with a token.
pub trait Links: Debug + Send + Sync {
    /// The server itself, without a slash at the end. Statements name it as the issuer of its accounts.
    fn server(&self) -> &str;

    /// The page of a version, with its sign-off.
    fn version_page(&self, version: &VersionRef) -> String;

    /// The page of a version, with the sign-off of this step.
    fn sign_off_page(&self, version: &VersionRef, step: &StepName) -> String;

    /// The signed statements about a version.
    fn statements(&self, version: &VersionRef) -> String;

    /// An infrastructure, with its policy.
    fn infrastructure(&self, infrastructure: &Name) -> String;

    /// The page of an infrastructure.
    fn infrastructure_page(&self, infrastructure: &Name) -> String;

    /// The page of a webhook.
    fn webhook_page(&self, webhook: &Name) -> String;

    /// The page on which a person ends the messages, without signing in.
    fn unsubscribe_page(&self, code: &str) -> String;
}
