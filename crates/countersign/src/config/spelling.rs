//! Misspelt keys and variables, and what they were probably meant to be.

use super::keys::{ALL, Key, variable};
use crate::environment::Environment;

/// Variables that are probably meant to be settings but are none, with what they may have meant. Not an error: orchestrators set
/// variables of their own that begin alike.
pub fn misspelt(environment: &Environment) -> Vec<(String, String)> {
    let known: Vec<_> = ALL.iter().flat_map(Key::names).map(|name| variable(&name)).collect();
    let ours = environment.names().filter(|name| name.starts_with("COUNTERSIGN_") && !known.iter().any(|known| known == name));
    ours.filter_map(|name| Some((name.to_owned(), known.iter().find(|known| distance(name, known) <= 2)?.clone()))).collect()
}

/// What to say about a key that there is not.
pub fn suggestion(key: &str) -> String {
    let names: Vec<_> = ALL.iter().flat_map(Key::names).collect();
    match names.iter().min_by_key(|known| distance(key, known)).filter(|known| distance(key, known) <= 3) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are: {}.", names.join(", ")),
    }
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters() {
        for (a, b, letters) in
            [("", "", 0), ("listen", "listen", 0), ("listn", "listen", 1), ("lisetn", "listen", 2), ("", "abc", 3)]
        {
            assert_eq!(distance(a, b), letters, "{a} {b}");
        }
    }

    #[test]
    fn a_variable_that_is_nearly_a_setting_is_named_and_others_are_not() {
        let environment = ["COUNTERSIGN_LISTN", "COUNTERSIGN_DATA", "COUNTERSIGN_SERVICE_HOST", "COUNTERSIGN_URL"];
        let environment = environment.map(|name| (name.to_owned(), "x".to_owned())).into_iter().collect();
        assert_eq!(misspelt(&environment), [("COUNTERSIGN_LISTN".to_owned(), "COUNTERSIGN_LISTEN".to_owned())]);
    }
}
