//! The pages, for people. Each page is a file with its templates in `templates/`: the handler reads the request, calls use cases, and
//! renders. A GET changes nothing. A POST answers with 303, or with the page again and what was typed. Every page works without JavaScript.
//!
//! `shell` is what stands around each page, `parts` draws what templates cannot, `assets` are style and script, `failures` are the pages
//! for what went wrong. A program that follows a link with its token is sent to the resource of the API that the page shows.

mod absence;
mod account;
mod administration;
mod assets;
mod buttons;
mod compare;
mod demo;
mod deploy;
mod door;
mod failures;
mod fields;
mod inbox;
mod infrastructure;
mod infrastructures;
mod live;
mod members;
mod model;
mod parts;
mod project;
mod record;
mod register;
mod reviewers;
mod rules;
mod search;
mod service;
mod setup;
mod shell;
mod tokens;
mod unsent;
mod unsubscribe;
mod version;
mod webhooks;

pub(crate) use failures::write_failure;

use crate::http::{Face, Routes};

/// What the pages bring; the bar of the demo only where a demo runs.
pub(crate) fn face(is_demo: bool) -> Face {
    let families = [
        assets::routes(),
        door::routes(),
        setup::routes(),
        inbox::routes(),
        version::routes(),
        search::routes(),
        reviewers::routes(),
        members::routes(),
        rules::routes(),
        record::routes(),
        administration::routes(),
        project::routes(),
        model::routes(),
        register::routes(),
        compare::routes(),
        infrastructures::routes(),
        infrastructure::routes(),
        service::routes(),
        deploy::routes(),
        absence::routes(),
        account::routes(),
        unsubscribe::routes(),
        webhooks::routes(),
        live::routes(),
    ];
    let families = families.into_iter().chain(is_demo.then(demo::routes));
    Face {
        routes: families.fold(Routes::new(), Routes::merge),
        failures: write_failure,
        content_security_policy: shell::CONTENT_SECURITY_POLICY,
    }
}
