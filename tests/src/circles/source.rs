//! One source file as far as its place among the others goes: what it defines, what it imports, which paths it names.

use std::collections::BTreeSet;

/// A file's part in the tree of modules.
#[derive(Debug, Default)]
pub struct Source {
    /// The modules that have files of their own.
    pub modules: BTreeSet<String>,
    /// The names defined here.
    pub names: BTreeSet<String>,
    /// What `use` brings in.
    pub imports: Vec<Import>,
    /// The paths named elsewhere than in a `use`.
    pub paths: BTreeSet<Vec<String>>,
    /// The names used here without a path: types, and functions that are called.
    pub words: BTreeSet<String>,
}

/// One name that a `use` brings in.
#[derive(Debug)]
pub struct Import {
    /// Where it is.
    pub path: Vec<String>,
    /// What it is called here; none for `*`.
    pub name: Option<String>,
    /// Whether it goes on from here.
    pub public: bool,
}

/// What comes before a name that an item defines.
const ITEMS: [&str; 8] = ["struct", "enum", "union", "trait", "type", "const", "static", "mod"];

impl Source {
    /// Reads a file; what only tests see is left out.
    pub fn parse(text: &str) -> Self {
        let mut source = Self::default();
        let tokens = tokens(text);
        source.read(&without_tests(&tokens), 0);
        source
    }

    /// Reads the tokens of a module that lies `depth` modules deep in its file.
    fn read(&mut self, tokens: &[&str], depth: usize) {
        let mut braces = 0_usize;
        let mut at = 0;
        while let Some(&token) = tokens.get(at) {
            let next = tokens.get(at + 1).copied().unwrap_or_default();
            match token {
                "{" => braces += 1,
                "}" => braces = braces.saturating_sub(1),
                "use" => {
                    let end = at + tokens[at..].iter().position(|token| *token == ";").unwrap_or(tokens.len() - at);
                    // `pub use`, `pub(crate) use`.
                    let public = at > 0 && matches!(tokens[at - 1], "pub" | ")");
                    self.import(&tokens[at + 1..end], &mut Vec::new(), public, depth);
                    at = end;
                }
                "mod" if tokens.get(at + 2) == Some(&"{") => {
                    let end = closing(tokens, at + 2);
                    self.names.insert(next.to_owned());
                    self.read(&tokens[at + 3..end], depth + 1);
                    at = end;
                }
                "mod" if tokens.get(at + 2) == Some(&";") && depth == 0 => drop(self.modules.insert(next.to_owned())),
                "fn" if braces == 0 => drop(self.names.insert(next.to_owned())),
                "macro_rules" => self.names.extend(tokens.get(at + 2).map(ToString::to_string)),
                _ if ITEMS.contains(&token) && is_name(next) => drop(self.names.insert(next.to_owned())),
                _ if is_name(token) => {
                    let mut path = vec![token.to_owned()];
                    // `::name` begins at another crate.
                    let before = at.checked_sub(1).map_or("", |before| tokens[before]);
                    let foreign = before == "::";
                    while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2).is_some_and(|name| is_name(name)) {
                        path.push(tokens[at + 2].to_owned());
                        at += 2;
                    }
                    let called = matches!(tokens.get(at + 1), Some(&("(" | "!"))) || token.starts_with(char::is_uppercase);
                    if path.len() > 1 && !foreign {
                        self.paths.extend(within(path, depth));
                    } else if called && before != "." && !foreign {
                        self.words.insert(token.to_owned());
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads one tree of a `use`, under what is in front of it.
    fn import(&mut self, tokens: &[&str], before: &mut Vec<String>, public: bool, depth: usize) {
        let length = before.len();
        let mut at = 0;
        while let Some(&token) = tokens.get(at) {
            match token {
                "::" if at == 0 && before.is_empty() => return,
                "{" => {
                    let end = closing(tokens, at);
                    for tree in trees(&tokens[at + 1..end]) {
                        self.import(tree, before, public, depth);
                    }
                    before.truncate(length);
                    return;
                }
                "*" => {
                    self.imports.extend(within(before.clone(), depth).map(|path| Import { path, name: None, public }));
                    before.truncate(length);
                    return;
                }
                "as" => break,
                "::" => {}
                name => before.push(name.to_owned()),
            }
            at += 1;
        }
        let mut path = before.clone();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = if tokens.get(at) == Some(&"as") { tokens.get(at + 1).map(ToString::to_string) } else { path.last().cloned() };
        self.imports.extend(within(path, depth).map(|path| Import { path, name, public }));
        before.truncate(length);
    }
}

/// A path that is named `depth` modules deep in a file, as it would be named at the file's top; none for one that stays below.
fn within(mut path: Vec<String>, depth: usize) -> Option<Vec<String>> {
    let up = path.iter().take_while(|segment| *segment == "super").count();
    if up == 0 {
        return (depth == 0 || path[0] == "crate").then_some(path);
    }
    if up < depth {
        return None;
    }
    path.drain(..depth);
    Some(if up == depth { [vec!["self".to_owned()], path].concat() } else { path })
}

/// The trees between braces, which commas separate.
fn trees<'a, 'b>(tokens: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut depth = 0;
    let separated = tokens.split(|token| {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        *token == "," && depth == 0
    });
    separated.filter(|tree| !tree.is_empty()).collect()
}

/// Where the brace or bracket at `open` is closed.
fn closing(tokens: &[&str], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Without the items that only tests see.
fn without_tests<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "#" && tokens.get(at + 1) == Some(&"[") {
            let end = closing(tokens, at + 1);
            let attribute = &tokens[at + 2..end];
            let test = matches!(attribute, ["test"])
                || attribute.first() == Some(&"cfg") && attribute.contains(&"test") && !attribute.contains(&"not");
            if test {
                at = end_of_item(tokens, end + 1);
                continue;
            }
        }
        kept.push(tokens[at]);
        at += 1;
    }
    kept
}

/// Behind the item that begins here: its semicolon, or the brace that closes its body.
fn end_of_item(tokens: &[&str], begin: usize) -> usize {
    let mut at = begin;
    while at < tokens.len() {
        match tokens[at] {
            ";" => return at + 1,
            "{" => return closing(tokens, at) + 1,
            "(" | "[" => at = closing(tokens, at),
            _ => {}
        }
        at += 1;
    }
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The names and marks of a text, without comments, strings, characters and lifetimes.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = string(rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(&rest[..length]);
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                tokens.push(&rest[..length]);
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of the string that begins here, if one does: `"…"`, `b"…"`, `r#"…"#`.
fn string(text: &str) -> Option<usize> {
    let prefix = text.len() - text.trim_start_matches(['b', 'c', 'r']).len();
    let raw = text[..prefix].contains('r');
    let hashes = text[prefix..].len() - text[prefix..].trim_start_matches('#').len();
    let begin = prefix + hashes;
    if prefix > 2 || !text[begin..].starts_with('"') || (hashes > 0 && !raw) {
        return None;
    }
    if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(text[begin + 1..].find(&end).map_or(text.len(), |at| begin + 1 + at + end.len()));
    }
    let mut escaped = false;
    for (at, c) in text[begin + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(begin + 1 + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// The length of the character or lifetime that begins here.
fn character(text: &str) -> usize {
    let mut rest = text[1..].chars();
    match rest.next() {
        Some('\\') => text[3..].find('\'').map_or(text.len(), |at| 3 + at + 1),
        Some(c) if rest.next() == Some('\'') => 1 + c.len_utf8() + 1,
        _ => 1,
    }
}
