//! Compares the dependencies of every package of this workspace with a table.
//! A new dependency that the table does not allow fails here, with the name of the manifest to change.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Each package of the workspace, and the packages of the workspace that it may depend on.
/// ARCHITECTURE.md says why. A new package gets a row here before it builds.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("proof", &[]),
    ("servable", &[]),
    ("store", &["domain", "proof"]),
    ("app", &["domain", "proof", "servable", "store"]),
    ("worker", &["domain", "proof", "app"]),
    ("listener", &[]),
    ("web", &["domain", "proof", "app", "listener"]),
    ("node", &["domain", "proof", "servable", "listener"]),
    ("countersign", &["domain", "proof", "store", "app", "worker", "web", "node"]),
    ("testkit", &["domain", "proof", "store", "app", "worker", "web", "node"]),
    ("integration-tests", &["domain", "proof", "store", "app", "worker", "web", "node", "testkit"]),
    ("benches", &["domain", "proof", "store", "app", "worker", "web", "node", "testkit"]),
    ("xtask", &[]),
];

/// Libraries that only some packages may name in their manifest, tests included, and what to do instead.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("sqlx", &["store", "integration-tests", "benches"], "ask `store` for what the statement is to answer"),
    ("axum", &["web", "countersign", "testkit", "benches"], "leave HTTP to `web`"),
];

/// Packages that do nothing but compute, ...
const PURE: &[&str] = &["domain", "proof", "servable"];
/// ... and what must therefore not be found among their dependencies, however deep.
const IMPURE: &[&str] = &["tokio", "axum", "sqlx", "reqwest"];

/// For each package the names that it depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_crate_knows_only_what_it_may() {
    let metadata = workspace();
    // Development dependencies are left out: a crate's own tests may use the testkit, which knows everything.
    let graph = manifests(&metadata, |kind| kind != DependencyKind::Development);
    assert_none(unknown_packages(&graph));
    assert_none(crossed_borders(&graph));
}

#[test]
fn only_the_crates_made_for_it_name_sql_and_http() {
    assert_none(misplaced_libraries(&manifests(&workspace(), |_| true)));
}

#[test]
fn domain_and_proof_compute_and_do_nothing_else() {
    assert_none(impure_dependencies(&resolved(&workspace())));
}

#[test]
fn a_crossed_border_is_named_with_the_way_out() {
    let crossing = graph(&[("web", &["app", "store", "axum"]), ("app", &["store"]), ("store", &["sqlx"])]);
    assert_eq!(
        crossed_borders(&crossing),
        ["`web` depends on `store`, but may know only domain, proof, app, listener. Take `store` out of the Cargo.toml of \
         `web`, and let one of those offer (or re-export) what is needed; see ARCHITECTURE.md."]
    );
    let lonely = graph(&[("domain", &["proof"]), ("proof", &[])]);
    assert!(crossed_borders(&lonely)[0].contains("`domain` depends on `proof`, but may know only itself"));
}

#[test]
fn a_package_without_a_row_is_named() {
    let unlisted = graph(&[("mailer", &[]), ("app", &[])]);
    assert_eq!(unknown_packages(&unlisted), ["`mailer` has no row in MAY_KNOW: say there what it may depend on."]);
}

#[test]
fn a_misplaced_library_is_named() {
    let sql_in_app = graph(&[("app", &["sqlx", "store"]), ("store", &["sqlx"]), ("web", &["axum"])]);
    assert_eq!(
        misplaced_libraries(&sql_in_app),
        ["`app` names `sqlx`, which only store, integration-tests, benches may: ask `store` for what the statement \
         is to answer."]
    );
}

#[test]
fn an_impure_dependency_is_found_however_deep() {
    let deep = graph(&[("domain", &["serde"]), ("proof", &["a"]), ("a", &["b"]), ("b", &["a", "tokio"]), ("app", &["axum"])]);
    assert_eq!(impure_dependencies(&deep), ["`proof` reaches `tokio` by proof → a → b → tokio: it may only compute."]);
}

fn unknown_packages(graph: &Graph) -> Vec<String> {
    let known = |package: &str| MAY_KNOW.iter().any(|(name, _)| *name == package);
    let unknown = graph.keys().filter(|package| !known(package));
    unknown.map(|package| format!("`{package}` has no row in MAY_KNOW: say there what it may depend on.")).collect()
}

fn crossed_borders(graph: &Graph) -> Vec<String> {
    let ours = |name: &str| MAY_KNOW.iter().any(|(package, _)| *package == name);
    let mut found = Vec::new();
    for (package, allowed) in MAY_KNOW {
        for name in graph.get(*package).into_iter().flatten() {
            if ours(name) && !allowed.contains(&name.as_str()) {
                let list = if allowed.is_empty() { "itself".to_owned() } else { allowed.join(", ") };
                found.push(format!(
                    "`{package}` depends on `{name}`, but may know only {list}. Take `{name}` out of the Cargo.toml of \
                     `{package}`, and let one of those offer (or re-export) what is needed; see ARCHITECTURE.md."
                ));
            }
        }
    }
    found
}

fn misplaced_libraries(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (library, allowed, instead) in ONLY_IN {
        let names_it = graph.iter().filter(|(_, names)| names.contains(*library));
        for (package, _) in names_it.filter(|(package, _)| !allowed.contains(&package.as_str())) {
            found.push(format!("`{package}` names `{library}`, which only {} may: {instead}.", allowed.join(", ")));
        }
    }
    found
}

fn impure_dependencies(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for package in PURE {
        let mut seen = BTreeSet::new();
        let mut paths = vec![vec![*package]];
        while let Some(path) = paths.pop() {
            let last = path[path.len() - 1];
            if IMPURE.contains(&last) {
                found.push(format!("`{package}` reaches `{last}` by {}: it may only compute.", path.join(" → ")));
            } else if seen.insert(last) {
                let next = graph.get(last).into_iter().flatten();
                paths.extend(next.map(|name| [path.as_slice(), &[name.as_str()]].concat()));
            }
        }
    }
    found
}

/// What each manifest of the workspace names, for the kinds of dependency that are wanted.
fn manifests(metadata: &Metadata, wanted: impl Fn(DependencyKind) -> bool) -> Graph {
    let mut graph = Graph::new();
    for package in metadata.workspace_packages() {
        let wanted = package.dependencies.iter().filter(|dependency| wanted(dependency.kind));
        graph.insert(package.name.to_string(), wanted.map(|dependency| dependency.name.clone()).collect());
    }
    graph
}

/// The resolved tree of normal dependencies of all packages, ours and others'. Several versions of one
/// package are one name here, which can only make the check stricter.
fn resolved(metadata: &Metadata) -> Graph {
    let names: BTreeMap<&PackageId, String> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let mut graph = Graph::new();
    for node in &metadata.resolve.as_ref().expect("cargo resolves unless told otherwise").nodes {
        let normal =
            node.deps.iter().filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        let targets = normal.map(|dependency| names[&dependency.pkg].clone());
        graph.entry(names[&node.id].clone()).or_default().extend(targets);
    }
    graph
}

/// The workspace as cargo sees it, for this platform: the others' packages need not be here.
fn workspace() -> Metadata {
    let options = ["--locked", "--filter-platform", "host-tuple"].map(str::to_owned);
    let mut command = MetadataCommand::new();
    command.manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"));
    let metadata = command.other_options(options).exec().expect("cargo metadata answers");
    assert!(metadata.workspace_packages().len() > 5, "this is not the workspace: {}", metadata.workspace_root);
    metadata
}

fn graph(rows: &[(&str, &[&str])]) -> Graph {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    rows.iter().map(|(package, names)| (package.to_string(), owned(names))).collect()
}

fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
