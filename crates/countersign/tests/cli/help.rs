//! Every command's help, as reviewed text; and that every command leads with an example of itself.

use crate::program::Place;

/// The help of a command, and the names of those below it.
fn help(place: &Place, command: &[String]) -> (String, Vec<String>) {
    let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    let run = place.run(&arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
    let below = run.stdout.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names =
        below.filter(|line| line.starts_with("  ") && !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help").map(str::to_owned).collect();
    (run.stdout, names)
}

fn with_all_below(place: &Place, command: &[String]) -> Vec<(String, String)> {
    let (text, below) = help(place, command);
    let mut all = vec![(command.join(" "), text)];
    for name in below {
        all.extend(with_all_below(place, &[command, &[name]].concat()));
    }
    all
}

#[test]
fn the_help_of_every_command_is_as_reviewed_and_leads_with_an_example_of_it() {
    let place = Place::new();
    let (top, commands) = help(&place, &[]);
    insta::assert_snapshot!("countersign", top);
    for command in commands {
        let all = with_all_below(&place, std::slice::from_ref(&command));
        for (name, text) in &all {
            let example = text.find(&format!("countersign {name}"));
            let usage = text.find("Usage:").unwrap();
            let leaf = !text.contains("\nCommands:\n");
            assert!(!leaf || example.is_some_and(|example| example < usage), "{name} has no example before its usage");
        }
        let text: Vec<_> = all.iter().map(|(name, text)| format!("$ countersign {name} --help\n{text}")).collect();
        insta::assert_snapshot!(command, text.join("\n"));
    }
}

#[test]
fn the_exit_codes_are_documented() {
    let place = Place::new();
    let listed = place.run(&["exit-codes"]);
    let help = place.run(&["help", "exit-codes"]);
    assert_eq!((listed.code, help.code), (0, 0));
    assert!(help.stdout.contains(listed.stdout.trim_end()), "{}", help.stdout);
    insta::assert_snapshot!("exit-codes", listed.stdout);
}

#[test]
fn there_are_completions_and_a_man_page_for_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let run = place.run(&["completions", shell]);
        assert!(run.code == 0 && run.stdout.contains("acknowledge"), "{shell}");
    }
    assert_eq!(place.run(&["man", "pages"]).code, 0);
    for page in ["countersign", "countersign-gate", "countersign-version-create", "countersign-project-member-add"] {
        let text = std::fs::read_to_string(place.path("pages").join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".SH NAME") && text.contains("Examples"), "{page}");
    }
}

#[test]
fn the_document_of_the_api_is_printed() {
    let document: serde_json::Value = serde_json::from_str(&Place::new().run(&["openapi"]).stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}
