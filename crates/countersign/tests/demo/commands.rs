//! The command lines that pages show, each beside a form: the program has to know every one of them.

use super::{Demo, terminal};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many pages of one kind are looked at, for each person.
const OF_A_KIND: usize = 2;

/// Who looks at pages: together they see every form.
const PEOPLE: [&str; 5] = ["root", "manager", "scientist", "approver", "operator"];

/// Goes through the pages as these people, and tries every kind of command that a page shows.
pub async fn try_commands_of_pages(demo: &Demo) {
    let (mut commands, mut pages) = (BTreeMap::new(), BTreeSet::new());
    for person in PEOPLE {
        let (_, session) = demo.be(person, &[]).await;
        let (mut next, mut seen) = (VecDeque::from(["/".to_owned()]), HashMap::<String, usize>::new());
        while let Some(path) = next.pop_front() {
            let page = demo.page(&path, &session).await;
            pages.insert(kind(&path));
            for command in attributes(&page, "data-copy") {
                commands.entry(kind(&command)).or_insert(command);
            }
            for link in attributes(&page, "href").filter(|link| is_page(link)) {
                let count = seen.entry(kind(&link)).or_default();
                *count += 1;
                if *count <= OF_A_KIND {
                    next.push_back(link);
                }
            }
        }
    }
    assert!(pages.len() > 40 && commands.len() > 25, "{pages:#?} {commands:#?}");
    let folder = tempfile::tempdir().unwrap();
    let terminal = terminal(folder.path());
    for command in commands.values().filter(|command| command.starts_with("countersign ")) {
        // What is in capitals is to be replaced. With --help nothing happens, but what stands before it has to be right.
        let words = words(command).into_iter().skip(1).map(|word| match word.as_str() {
            "PROJECT/MODEL:NUMBER" => "project/model:1".to_owned(),
            _ if word.chars().any(|c| c.is_ascii_uppercase()) && !word.contains(' ') => word.to_lowercase(),
            _ => word,
        });
        let words: Vec<_> = words.chain(["--help".to_owned()]).collect();
        let run = terminal.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(run.code == 0, "a page shows `{command}`: {}", run.stderr);
    }
}

/// What two addresses or two commands have in common that differ by numbers and names alone.
fn kind(text: &str) -> String {
    if let Some(command) = text.strip_prefix("countersign ") {
        let mut words = command.split_whitespace();
        let verb: Vec<_> =
            words.by_ref().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')).take(2).collect();
        let flags: BTreeSet<_> = command.split_whitespace().filter(|word| word.starts_with("--")).collect();
        return format!("countersign {} {}", verb.join(" "), flags.into_iter().collect::<Vec<_>>().join(" "));
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    // Nouns stand in turn with names.
    let names = [
        "projects",
        "models",
        "versions",
        "infrastructures",
        "services",
        "users",
        "groups",
        "webhooks",
        "record",
        "mail",
        "mails",
    ];
    let mut after_noun = false;
    let parts = path.split('/').map(|part| {
        let is_name = std::mem::replace(&mut after_noun, names.contains(&part));
        if is_name || part.chars().any(|c| c.is_ascii_digit()) { "*" } else { part }
    });
    let keys: BTreeSet<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{} {}", parts.collect::<Vec<_>>().join("/"), keys.into_iter().collect::<Vec<_>>().join(" "))
}

/// The values of an attribute in a page, as they are meant.
fn attributes<'a>(page: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let begin = format!(" {name}=\"");
    page.match_indices(&begin).map(|(at, begin)| at + begin.len()).collect::<Vec<_>>().into_iter().filter_map(|at| {
        let value = page[at..].split('"').next()?;
        let mut text = value.to_owned();
        for (escaped, meant) in [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")] {
            text = text.replace(escaped, meant);
        }
        Some(text)
    })
}

fn is_page(link: &str) -> bool {
    let elsewhere = ["//", "/assets/", "/api/", "/live"];
    link.starts_with('/') && !elsewhere.iter().any(|prefix| link.starts_with(prefix)) && !link.contains(['#', '.'])
}

/// The words of a command; double quotes keep a word together.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}
