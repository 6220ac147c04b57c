//! No crate below a face knows a command or a flag: how to go on is a typed `NextStep`, and each face words the step.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates below the command line. Their clients read answers of the API, or nothing at all.
const BELOW: &[&str] = &["domain", "proof", "store", "app", "worker", "web", "listener"];
/// The commands of the program that a text could name.
const COMMANDS: &[&str] = &[
    "admin",
    "approve",
    "audit",
    "demo",
    "deploy",
    "deployment",
    "doctor",
    "gate",
    "group",
    "inbox",
    "infra",
    "login",
    "logout",
    "model",
    "node",
    "predict",
    "project",
    "reject",
    "review",
    "reviewers",
    "revoke",
    "serve",
    "token",
    "user",
    "verify",
    "version",
];

#[test]
fn no_crate_below_the_faces_names_a_command_or_a_flag() {
    let mut found = Vec::new();
    for name in BELOW {
        for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in code(&text) {
                if names_one(line) {
                    found.push(format!("{}:{number}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "say how to go on by a NextStep, and let each face word the step:\n{}", found.join("\n"));
}

#[test]
fn commands_and_flags_are_told_from_other_text() {
    for line in ["hint(\"Add --comment.\")", "\"Sign in: countersign login URL.\"", "`countersign admin verify-store`"] {
        assert!(names_one(line), "{line}");
    }
    for line in ["b\"countersign log key v1\"", "let x = a - -b;", "\"urn:countersign:error\"", "\"a -- b\"", "countersign::text"]
    {
        assert!(!names_one(line), "{line}");
    }
}

fn names_one(line: &str) -> bool {
    let command = line.split("countersign ").skip(1).any(|rest| {
        let word: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        COMMANDS.contains(&word.as_str())
    });
    let flag = line.split("--").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    command || flag
}

/// The lines of code of a file with their numbers, without comments and without the tests at its end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| *line != "#[cfg(test)]");
    lines.map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(sources(&path).into_iter().filter(|_| name != "tests"));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            files.push(path);
        }
    }
    files
}
