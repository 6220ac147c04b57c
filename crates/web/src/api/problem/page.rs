//! The page docs/errors.md, which is made from the codes and their statuses.

use crate::http::Failure;
use app::error::Code;
use std::{fs, path::PathBuf};

const HEAD: &str = "# Errors

This page lists every `code` that an error of the API can carry, with its HTTP status. A code never changes its meaning. A later version may have more codes: treat a
code that you do not know by its status. [API](api.md) says what else an error carries.

| code | status | what it means | what to do |
| --- | --- | --- | --- |
";

fn page() -> String {
    let row = |code: &Code| {
        let status = Failure::from(app::Error::new(*code, "")).status.as_u16();
        format!("| `{code}` | {status} | {} | {} |\n", code.meaning(), code.remedy())
    };
    HEAD.to_owned() + &Code::ALL.iter().map(row).collect::<String>()
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md")
}

#[test]
fn the_page_on_errors_has_every_code_with_its_status() {
    let written = fs::read_to_string(path()).unwrap_or_default();
    assert!(written == page(), "docs/errors.md is out of date: the ignored test write_the_page_on_errors renews the page");
}

#[test]
#[ignore = "writes docs/errors.md anew"]
fn write_the_page_on_errors() {
    fs::write(path(), page()).unwrap();
}
