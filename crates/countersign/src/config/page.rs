//! The page docs/settings.md, which is made from the declarations of the settings.

use super::keys::{ALL, Key, variable};
use std::{fs, path::PathBuf};

const HEAD: &str = "# Settings

Each setting has a key in the TOML file (`--config`, `COUNTERSIGN_CONFIG`) and an environment variable; some have a flag. A flag comes before a variable, and a variable before the file.
A dot in a key is a table: `files.bucket` is `bucket` under `[files]`. The server refuses unknown keys. The key of a secret may end in `_file`: the value is then in that file.
[Configuration and operation](operation.md) has a file to start from.

| key | variable and flag | default | what it is for |
| --- | --- | --- | --- |
";

fn page() -> String {
    let row = |key: &Key| {
        let code = |text: &str| format!("`{text}`");
        let names: Vec<_> = key.names().map(|name| code(&name)).collect();
        let variables: Vec<_> = key.names().map(|name| code(&variable(&name))).collect();
        let flag = key.flag.map(|flag| format!(", {}", code(&format!("{flag} {}", key.value)))).unwrap_or_default();
        let default = key.fallback().unwrap_or_else(|| "none".to_owned());
        let (names, variables, about) = (names.join(" or "), variables.join(" or "), key.about);
        format!("| {names} | {variables}{flag} | {default} | {about} |\n")
    };
    HEAD.to_owned() + &ALL.iter().map(row).collect::<String>()
}

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

#[test]
fn the_page_on_settings_says_what_the_program_reads() {
    let written = fs::read_to_string(docs("settings.md")).unwrap_or_default();
    assert!(
        written == page(),
        "docs/settings.md is out of date: cargo test -p countersign write_the_page_on_settings -- --ignored"
    );
}

#[test]
#[ignore = "writes docs/settings.md anew"]
fn write_the_page_on_settings() {
    fs::write(docs("settings.md"), page()).unwrap();
}

#[test]
fn the_file_to_start_from_can_be_used() {
    let operation = fs::read_to_string(docs("operation.md")).unwrap();
    let example = operation.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    fs::write(&file, example).unwrap();
    super::settings::Settings::default().add_file(&file).unwrap();
}
