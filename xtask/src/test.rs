//! `cargo xtask test`: all tests, on SQLite and on PostgreSQL.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::postgres::{self, Server};
use crate::{chromium, demo, jq, node, onnxruntime, opensmtpd, prometheus, python};

/// Runs all tests and then the scripted demo; with a filter only the tests whose name contains it.
pub fn run_tests(filter: Option<&str>) -> Result<()> {
    let python = python::with_test_clients()?;
    let verifiers = node::with_test_verifiers()?;
    let browser = chromium::find_or_install()?;
    let library = onnxruntime::library()?;
    let smtpd = opensmtpd::find_or_install()?;
    let promtool = prometheus::find_or_unpack();
    jq::find_or_install()?;
    let server = Server::find_or_start()?;
    // A failure in one crate hides no failure in the next: the log shows everything that is to mend.
    let mut tests = cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    tests
        .args(filter)
        .envs(smtpd.map(|program| (opensmtpd::TEST_VARIABLE, program)))
        .envs(promtool.map(|program| (prometheus::TEST_VARIABLE, program)))
        .env(postgres::VARIABLE, server.url())
        .env(python::TEST_VARIABLE, python)
        .env(node::TEST_VARIABLE, verifiers)
        .env(chromium::TEST_VARIABLE, browser)
        .env(onnxruntime::TEST_VARIABLE, library);
    run(&mut tests)?;
    match filter {
        Some(_) => Ok(()),
        None => demo::run_demo(&["--script".to_owned()]),
    }
}
