//! The pages are listed, and their links lead to files and headings that exist.

use super::{pages, repository};
use std::fs;

#[test]
fn every_page_is_listed_in_the_guide() {
    let list = fs::read_to_string(repository().join("docs/README.md")).unwrap();
    for page in pages().iter().filter(|page| page.parent().unwrap().ends_with("docs")) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "README.md" || list.contains(&format!("({name})")), "docs/README.md does not list {name}");
    }
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains(char::is_whitespace) {
                continue;
            }
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
            if let Some(heading) = heading {
                let text = fs::read_to_string(&target).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(headings.into_iter().any(|it| it == heading), "{}: {link} names no heading", page.display());
            }
        }
    }
}

/// How a heading is named in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars();
    let kept = kept.filter(|character| character.is_alphanumeric() || [' ', '-', '_'].contains(character));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
