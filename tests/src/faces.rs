//! The rooms of `web`: which of its modules may use which, and that `web::urls` alone writes paths.

use crate::circles::{Tree, sources};
use std::path::{Path, PathBuf};

/// What the modules below the faces may use. Every other module of `web` is a face.
const MAY_USE: &[(&str, &[&str])] = &[("http", &["urls"]), ("auth", &["http"]), ("urls", &[])];
/// What a face may use.
const A_FACE_MAY_USE: &[&str] = &["http", "auth", "urls"];

/// The crates that write addresses nowhere: the server's, below its faces and in them.
const SERVER: &[&str] = &["domain", "proof", "store", "app", "worker", "listener", "web"];
/// How the paths of the server begin.
const PATHS: &[&str] = &["/api/v1", "/projects/", "/infrastructures/"];

#[test]
fn no_face_uses_another_and_the_ground_knows_no_face() {
    let crossed: Vec<_> =
        Tree::new(&sources(&folder("web"))).dependencies_between_modules().into_iter().filter(crosses).collect();
    assert!(crossed.is_empty(), "web: each of these uses a module that it may not (see the module docs of web): {crossed:?}");
}

#[test]
fn a_crossed_border_is_found() {
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    for (from, to) in [
        ("http::json", "api::reply"),
        ("pages", "api"),
        ("urls", "http"),
        ("auth::bearer", "pages"),
        ("scim::users", "api::params"),
    ] {
        assert!(crosses(&pair(from, to)), "{from} → {to}");
    }
    for (from, to) in [
        ("", "api"),
        ("api::users", "api::reply"),
        ("http::face", "urls::api"),
        ("pages", "auth"),
        ("auth::bearer", "http::body"),
    ] {
        assert!(!crosses(&pair(from, to)), "{from} → {to}");
    }
}

#[test]
fn urls_alone_writes_paths() {
    let mut found = Vec::new();
    for name in SERVER {
        for (file, text) in sources(&folder(name)) {
            let is_the_place = *name == "web" && (file == "urls.rs" || file.starts_with("urls/"));
            let is_test = file.contains("tests");
            if is_the_place || is_test {
                continue;
            }
            // What follows are the file's own tests.
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let written = code.filter(|line| PATHS.iter().any(|path| line.contains(path)));
            found.extend(written.map(|line| format!("{name}/src/{file}: {}", line.trim())));
        }
    }
    assert!(found.is_empty(), "\nwrite these paths in crates/web/src/urls/, and take them from there:\n{}\n", found.join("\n"));
}

/// Whether a module uses one that it may not.
fn crosses((from, to): &(String, String)) -> bool {
    let room = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let (from, to) = (room(from), room(to));
    let allowed = MAY_USE.iter().find(|(name, _)| *name == from).map_or(A_FACE_MAY_USE, |(_, allowed)| allowed);
    !from.is_empty() && from != to && !allowed.contains(&to.as_str())
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src")
}
