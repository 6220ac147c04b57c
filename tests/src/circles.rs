//! No circles between the files of a crate: a reader goes down from file to file and never comes back to the first. The test reads
//! imports and paths as text. A file depends on the file that defines what a path names, through every `pub use` on the way.

mod source;
mod tree;

use std::{collections::BTreeMap, fs, path::Path};
pub use tree::Tree;

/// The crates whose files form no circle.
const WITHOUT_CIRCLES: &[&str] =
    &["countersign", "node", "worker", "listener", "app", "proof", "domain", "servable", "store", "web"];

#[test]
fn no_file_depends_on_itself_through_others() {
    let circles = WITHOUT_CIRCLES.iter().flat_map(|name| {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src");
        circles(&src).into_iter().map(move |circle| format!("\n{name}: {circle}"))
    });
    let circles: String = circles.collect();
    assert!(circles.is_empty(), "\nMove what two files need into a third, below both (see ARCHITECTURE.md).\n{circles}");
}

/// The circles between the files of a crate, each in words; `src` is the crate's folder of sources.
fn circles(src: &Path) -> Vec<String> {
    Tree::new(&sources(src)).circles()
}

/// The texts of a crate's files, by their paths below its folder of sources.
pub fn sources(src: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    read(src, "", &mut files);
    assert!(!files.is_empty(), "{} holds no source", src.display());
    files
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a crate has sources") {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("names of sources are text");
        if path.is_dir() {
            read(&path, &format!("{prefix}{name}/"), files);
        } else if name.ends_with(".rs") {
            files.insert(format!("{prefix}{name}"), fs::read_to_string(&path).expect("a source can be read"));
        }
    }
}

/// The circles of a made-up crate.
fn in_tree(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Tree::new(&files).circles()
}

#[test]
fn a_circle_is_named_with_what_ties_it() {
    let circles = in_tree(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::{c::Thing, b::{self, one}};"),
        ("b.rs", "pub fn one() { let x = crate::a::two(); }"),
        ("c.rs", "pub struct Thing;"),
    ]);
    assert_eq!(
        circles,
        [
            "a circle of 2 files: a.rs, b.rs\n  a.rs takes crate::b, crate::b::one from b.rs\n  b.rs takes crate::a::two from a.rs\n"
        ]
    );
}

#[test]
fn a_longer_circle_is_one_circle() {
    let circles = in_tree(&[
        ("main.rs", "mod a; mod b; mod c; fn main() { a::run(); }"),
        ("a.rs", "pub fn run() { crate::b::run() }"),
        ("b.rs", "use super::c; pub fn run() { c::run() }"),
        ("c.rs", "pub fn run() { super::a::run() }"),
    ]);
    assert_eq!(circles.len(), 1);
    assert!(circles[0].starts_with("a circle of 3 files: a.rs, b.rs, c.rs\n"), "{circles:?}");
}

#[test]
fn a_facade_is_no_circle_and_hides_none() {
    let facade = [("lib.rs", "pub mod a; mod other;"), ("a.rs", "mod b; mod c; pub use b::B; pub use c::*;")];
    let of = |b, c, other| in_tree(&[&facade[..], &[("a/b.rs", b), ("a/c.rs", c), ("other.rs", other)]].concat());
    assert!(of("use super::C; pub struct B(C);", "pub struct C;", "use crate::a::{B, C};").is_empty());
    let hidden = of("pub struct B(crate::other::O);", "pub struct C;", "use crate::a::B; pub struct O;");
    assert!(hidden.len() == 1 && hidden[0].contains("other.rs takes crate::a::B from a/b.rs"), "{hidden:?}");
    let by_glob = of("pub struct B;", "pub enum C { O(crate::other::O) }", "use crate::a::C; pub struct O;");
    assert!(by_glob.len() == 1 && by_glob[0].contains("from a/c.rs"), "{by_glob:?}");
}

#[test]
fn a_parent_that_is_more_than_a_facade_counts() {
    let of = |parent, child| in_tree(&[("lib.rs", "mod a;"), ("a.rs", parent), ("a/b.rs", child)]);
    let child = "use super::shared; pub fn b() { shared() }";
    assert!(of("mod b; pub fn shared() {}", child).is_empty());
    assert!(of("mod b; pub use b::b; pub fn shared() {}", child).is_empty());
    assert_eq!(of("mod b; use b::b; pub fn shared() { b() }", child).len(), 1);
    assert_eq!(of("mod b; pub fn shared() { b::b() }", child).len(), 1);
    assert_eq!(of("mod b; pub use b::b; pub fn shared() { b() }", child).len(), 1);
}

#[test]
fn tests_text_and_other_crates_are_no_dependencies() {
    let circles = in_tree(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "use ::b::x; // crate::b::x\n/* crate::b /* nested */ */ const A: &str = \"crate::b::x\"; const C: char = '\"';",
        ),
        ("b.rs", "use crate::a::A; fn f<'a>(x: &'a str) {} #[cfg(test)] mod tests; #[cfg(test)] fn t() { crate::b::tests::t() }"),
        ("b/tests.rs", "use super::*; use crate::a; fn t() {}"),
    ]);
    assert!(circles.is_empty(), "{circles:?}");
    let in_test = in_tree(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub fn a() {} #[cfg(test)] mod tests { use crate::b::b; #[test] fn t() { b() } }"),
        ("b.rs", "pub fn b() { crate::a::a() }"),
    ]);
    assert!(in_test.is_empty(), "{in_test:?}");
}

#[test]
fn a_module_inside_a_file_is_part_of_the_file() {
    let of = |b| in_tree(&[("lib.rs", "mod a; mod b;"), ("a.rs", "pub mod inner { use super::super::b::B; }"), ("b.rs", b)]);
    assert!(of("pub struct B;").is_empty());
    assert_eq!(of("pub struct B; use crate::a::inner;").len(), 1);
    assert!(in_tree(&[("lib.rs", "mod a;"), ("a.rs", "fn f() {} mod inner { use super::f; }")]).is_empty());
}

#[test]
fn raw_strings_and_renamed_imports_are_understood() {
    let circles = in_tree(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b as other; const X: &str = r#\"\"; mod c;\"#; fn a() { other::b() }"),
        ("b.rs", "pub fn b() {} use crate::a::{self as first};"),
    ]);
    assert_eq!(circles.len(), 1, "{circles:?}");
}
