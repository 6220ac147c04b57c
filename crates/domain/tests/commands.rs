//! The table of commands: complete, in the list of what the actor may do, and in the docs word by word.

mod common;

use common::*;
use domain::access::Scope;
use domain::signoff::{CommandName, CommandTarget, PossibleCommand};
use std::collections::BTreeSet;

#[test]
fn every_command_is_in_the_list_of_what_is_possible() {
    let world = World::new();
    let directory = world.directory();
    let possible = world.fresh().possible(&world.facts(&directory, "manager"));
    let listed: BTreeSet<_> = possible.iter().map(|possible| possible.command).collect();
    assert_eq!(listed, CommandName::ALL.iter().copied().collect());
    let slots = |command: CommandName| -> Vec<_> {
        let of_it = possible.iter().filter(|possible| possible.command == command);
        of_it.map(|possible| possible.slot.as_ref().map(|slot| slot.to_string())).collect()
    };
    for command in CommandName::ALL {
        let expected = match command.rule().target {
            CommandTarget::Review => vec![None],
            CommandTarget::Slot => vec![Some(IT.to_owned()), Some(RISK.to_owned())],
            CommandTarget::Task => vec![Some(IT.to_owned()), Some(RISK.to_owned()), None],
        };
        assert_eq!(slots(*command), expected, "{command}");
    }
}

/// The rows of the table in docs/rules.md, cell by cell.
fn rows_of_the_docs() -> Vec<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let text = std::fs::read_to_string(path).expect("docs/rules.md");
    let rows = text.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_command_is_in_the_docs_with_those_who_may_give_it_and_its_scopes() {
    let rows = rows_of_the_docs();
    for command in CommandName::ALL {
        let row = rows.iter().find(|row| row.get(4).is_some_and(|cell| *cell == format!("`{command}`")));
        let row = row.unwrap_or_else(|| panic!("docs/rules.md has no row for `{command}`"));
        let rule = command.rule();
        let roles: Vec<_> = rule.roles.iter().map(|role| role.holders()).collect();
        let scopes: Vec<_> = rule.scopes.iter().map(|scope| format!("`{scope}`")).collect();
        let mut named: Vec<_> = row[3].split(", ").collect();
        named.sort_unstable_by_key(|role| roles.iter().position(|other| other == role));
        assert_eq!(named, roles, "{command}");
        assert_eq!(row[5], scopes.join(" or "), "{command}");
    }
}

#[test]
fn names_and_scopes_are_what_clients_know() {
    for command in CommandName::ALL {
        assert_eq!(serde_json::to_string(command).unwrap(), format!("\"{command}\""));
        assert!(command.rule().scopes.iter().all(|scope| matches!(scope, Scope::Review | Scope::Register)), "{command}");
    }
}

/// What the list says is what the rules do: an allowed command changes something.
#[test]
fn what_is_possible_is_what_the_rules_allow() {
    let world = World::new();
    let directory = world.directory();
    let open = world.after(&world.fresh(), [("requester", REQUEST), ("itops", give(IT, domain::signoff::Verdict::Approve, ""))]);
    let allowed = |actor: &str| -> Vec<String> {
        let possible = open.possible(&world.facts(&directory, actor));
        let word = |possible: PossibleCommand| match possible.slot {
            Some(slot) => format!("{} {slot}", possible.command),
            None => possible.command.to_string(),
        };
        possible.into_iter().filter(|possible| possible.reason.is_none()).map(word).collect()
    };
    assert_eq!(allowed("outsider"), [""; 0]);
    assert_eq!(allowed("reader"), [""; 0]);
    assert_eq!(allowed("former"), [""; 0]);
    assert_eq!(
        allowed("itops"),
        ["give_feedback IT & Operations", "withdraw_feedback IT & Operations", "delegate IT & Operations"]
    );
    assert_eq!(allowed("riskofficer"), ["give_feedback Risk & Compliance", "delegate Risk & Compliance"]);
    assert_eq!(allowed("approver"), ["request_final_approval", "approve", "reject", "abandon", "delegate"]);
    assert_eq!(
        allowed("author"),
        ["request_final_approval", "abandon"],
        "the duty rules bar authors from deciding and handing it on"
    );
}
