//! The files of a crate as a tree of modules, and who depends on whom.

use super::source::{Import, Source};
use std::collections::{BTreeMap, BTreeSet};

/// The path of a module from the crate's root.
type Place = Vec<String>;

/// The modules that have files of their own.
pub struct Tree {
    sources: BTreeMap<Place, (String, Source)>,
}

/// For each module the modules that it depends on, with the paths by which it does.
type Edges<'a> = BTreeMap<&'a Place, BTreeMap<&'a Place, BTreeSet<String>>>;

impl Tree {
    /// Reads the files of a crate, by their paths below its folder of sources.
    pub fn new(files: &BTreeMap<String, String>) -> Self {
        let all: BTreeMap<_, _> = files.iter().map(|(path, text)| (place(path), (path.clone(), Source::parse(text)))).collect();
        // What no file declares outside of its tests is a test.
        let declared = |place: &Place| {
            (0..place.len())
                .all(|depth| all.get(&place[..depth]).is_some_and(|(_, source)| source.modules.contains(&place[depth])))
        };
        let kept: BTreeSet<_> = all.keys().filter(|place| declared(place)).cloned().collect();
        Self { sources: all.into_iter().filter(|(place, _)| kept.contains(place)).collect() }
    }

    /// Each circle in words, with what ties it.
    pub fn circles(&self) -> Vec<String> {
        let edges: Edges<'_> = self.sources.keys().map(|place| (place, self.dependencies(place))).collect();
        let reached: BTreeMap<_, _> = edges.keys().map(|place| (*place, reach(&edges, place))).collect();
        let mut shown = BTreeSet::new();
        let mut circles = Vec::new();
        for (place, below) in &reached {
            if shown.contains(place) || !below.contains(place) {
                continue;
            }
            let members: Vec<_> = below.iter().copied().filter(|other| reached[other].contains(place)).collect();
            shown.extend(members.iter().copied());
            circles.push(self.words(&members, &edges));
        }
        circles
    }

    /// Each dependency of a module on another, as the paths of both.
    pub fn dependencies_between_modules(&self) -> Vec<(String, String)> {
        let pairs = self.sources.keys().flat_map(|from| self.dependencies(from).into_keys().map(move |to| (from, to)));
        pairs.map(|(from, to)| (from.join("::"), to.join("::"))).collect()
    }

    fn words(&self, members: &[&Place], edges: &Edges<'_>) -> String {
        let file = |place: &Place| self.sources[place].0.as_str();
        let names: Vec<_> = members.iter().map(|member| file(member)).collect();
        let mut text = format!("a circle of {} files: {}\n", members.len(), names.join(", "));
        for member in members {
            for (other, paths) in edges[*member].iter().filter(|(other, _)| members.contains(other)) {
                let paths: Vec<_> = paths.iter().map(String::as_str).collect();
                text += &format!("  {} takes {} from {}\n", file(member), paths.join(", "), file(other));
            }
        }
        text
    }

    /// The modules that a module depends on. Declaring a module below it and passing its names on is no dependency.
    fn dependencies(&self, from: &Place) -> BTreeMap<&Place, BTreeSet<String>> {
        let source = &self.sources[from].1;
        let mut below: BTreeMap<&Place, BTreeSet<String>> = BTreeMap::new();
        let mut add = |path: &[String], passed_on: bool| {
            let Some(to) = self.resolve(from, path, 0).filter(|to| *to != from) else { return };
            if !(passed_on && to.starts_with(from)) {
                below.entry(to).or_default().insert(path.join("::"));
            }
        };
        for Import { path, name, public } in &source.imports {
            let used_here = name.as_ref().is_some_and(|name| source.words.contains(name));
            add(path, *public && !used_here);
        }
        source.paths.iter().for_each(|path| add(path, false));
        below
    }

    /// The module that defines what a path names; none where that is in another crate, or no path at all.
    fn resolve(&self, from: &Place, path: &[String], depth: usize) -> Option<&Place> {
        let (first, rest) = path.split_first()?;
        let (here, source) = self.sources.get_key_value(from).map(|(place, (_, source))| (place, source))?;
        match first.as_str() {
            "crate" => self.walk(self.sources.get_key_value(&Place::new())?.0, rest, depth),
            "self" => self.walk(here, rest, depth),
            "super" => self.walk(self.above(here)?, rest, depth),
            name if source.modules.contains(name) => self.walk(self.below(here, name)?, rest, depth),
            name => {
                let import = source.imports.iter().find(|import| import.name.as_deref() == Some(name))?;
                // `use anyhow;` names itself.
                let elsewhere = import.path.first() != Some(first) && depth < 20;
                elsewhere.then(|| self.resolve(here, &[import.path.as_slice(), rest].concat(), depth + 1)).flatten()
            }
        }
    }

    /// Follows a path from a module on.
    fn walk<'a>(&'a self, at: &'a Place, path: &[String], depth: usize) -> Option<&'a Place> {
        let Some((name, rest)) = path.split_first() else { return Some(at) };
        let source = &self.sources[at].1;
        if name == "super" {
            return self.walk(self.above(at)?, rest, depth);
        }
        if let Some(below) = self.below(at, name) {
            return self.walk(below, rest, depth);
        }
        if source.names.contains(name) || depth >= 20 {
            return Some(at);
        }
        let mut imports = source.imports.iter();
        if let Some(import) = imports.find(|import| import.name.as_ref() == Some(name)) {
            // What comes from another crate is taken from the file that passes it on.
            return self.resolve(at, &[import.path.as_slice(), rest].concat(), depth + 1).or(Some(at));
        }
        let globs = source.imports.iter().filter(|import| import.name.is_none());
        let targets = globs.filter_map(|glob| self.resolve(at, &glob.path, depth + 1));
        let target = targets.filter(|target| *target != at).find(|target| self.offers(target, name));
        target.map_or(Some(at), |target| self.walk(target, path, depth + 1))
    }

    fn offers(&self, place: &Place, name: &String) -> bool {
        let source = &self.sources[place].1;
        let imported = source.imports.iter().any(|import| import.public && import.name.as_ref() == Some(name));
        imported || source.names.contains(name) || source.modules.contains(name)
    }

    fn above(&self, place: &Place) -> Option<&Place> {
        self.sources.get_key_value(&place[..place.len().checked_sub(1)?]).map(|(place, _)| place)
    }

    fn below(&self, place: &Place, name: &str) -> Option<&Place> {
        self.sources.get_key_value(&[place.as_slice(), &[name.to_owned()]].concat()).map(|(place, _)| place)
    }
}

/// Everything that a module depends on, directly or through others.
fn reach<'a>(edges: &Edges<'a>, from: &'a Place) -> BTreeSet<&'a Place> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(place) = next.pop() {
        next.extend(edges[place].keys().copied().filter(|other| reached.insert(*other)));
    }
    reached
}

/// The module of a file: `lib.rs` and `main.rs` are the root, `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn place(path: &str) -> Place {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") { Place::new() } else { path.split('/').map(str::to_owned).collect() }
}
