//! The templates of mails: the server's own, or those of a folder. A template of the folder stands in the place of the own one with its name.

use super::content::{DigestContent, LetterContent, Thing};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, escape_formatter, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use std::path::Path;

/// The server's own templates, by name.
pub const OWN: [(&str, &str); 7] = [
    ("frame.html", include_str!("../../templates/frame.html")),
    ("letter.subject.txt", include_str!("../../templates/letter.subject.txt")),
    ("letter.txt", include_str!("../../templates/letter.txt")),
    ("letter.html", include_str!("../../templates/letter.html")),
    ("digest.subject.txt", include_str!("../../templates/digest.subject.txt")),
    ("digest.txt", include_str!("../../templates/digest.txt")),
    ("digest.html", include_str!("../../templates/digest.html")),
];

/// How large a template may be.
const LARGEST: u64 = 256 << 10;

/// Templates that were tried.
pub(super) struct Templates {
    /// Those of the folder, and the own ones for what it has none for.
    chosen: Environment<'static>,
    own: Environment<'static>,
}

/// The parts of a mail.
pub(super) struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Templates {
    /// The templates of a folder, and the server's own for what the folder has none for. Each is tried on an example.
    ///
    /// # Errors
    /// In words: which file is none of the templates, cannot be read, or does not work, and why.
    pub fn load(folder: Option<&Path>) -> Result<Self, String> {
        let own = own()?;
        let mut chosen = own.clone();
        for (name, source) in folder.map(of_folder).transpose()?.unwrap_or_default() {
            chosen.add_template_owned(name.clone(), source).map_err(|error| in_words(&name, &error))?;
        }
        let empty = LetterContent { comment: Vec::new(), why: String::new(), asks: false, ..example() };
        for letter in [example(), empty] {
            write(&chosen, "letter", &letter)?;
            write(&chosen, "digest", &example_digest(letter))?;
        }
        Ok(Self { chosen, own })
    }

    /// A mail about one thing.
    pub fn letter(&self, content: &LetterContent) -> Result<Written, String> {
        self.write("letter", content)
    }

    /// A mail that gathers what happened.
    pub fn digest(&self, content: &DigestContent) -> Result<Written, String> {
        self.write("digest", content)
    }

    /// A template can fail on what no example showed: then the mail goes out in the server's own words.
    fn write(&self, kind: &str, content: &impl Serialize) -> Result<Written, String> {
        write(&self.chosen, kind, content).or_else(|error| {
            tracing::error!(error, "a template of mails failed: the server's own one is used");
            write(&self.own, kind, content)
        })
    }
}

/// The server's own templates.
fn own() -> Result<Environment<'static>, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line with a tag and nothing else leaves nothing behind.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    // The library's own escaping writes each slash of a link as an entity, which some mail programs do not undo.
    environment.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
        (AutoEscape::Html, Some(text)) if !value.is_safe() => Ok(out.write_str(&escaped(text))?),
        _ => escape_formatter(out, state, value),
    });
    for (name, source) in OWN {
        environment.add_template(name, source).map_err(|error| in_words(name, &error))?;
    }
    Ok(environment)
}

/// The parts of a mail of this kind.
fn write(environment: &Environment<'_>, kind: &str, content: &impl Serialize) -> Result<Written, String> {
    let content = Value::from(Serde(content));
    let part = |ending: &str| {
        let name = format!("{kind}.{ending}");
        let template = environment.get_template(&name).map_err(|error| in_words(&name, &error))?;
        template.render(content.clone()).map_err(|error| in_words(&name, &error))
    };
    // A header is one line, whatever a template says.
    let subject = part("subject.txt")?.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Written { subject, text: part("txt")?, html: part("html")? })
}

/// A text as it stands in HTML, in the content of an element or in an attribute with quotation marks.
fn escaped(text: &str) -> String {
    let entities = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];
    entities.into_iter().fold(text.to_owned(), |text, (character, entity)| text.replace(character, entity))
}

/// The templates of a folder, by name. A file of another name is a mistake: it would have no effect.
fn of_folder(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let unread = |path: &Path, error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unread(folder, error))? {
        let path = entry.map_err(|error| unread(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !OWN.iter().any(|(known, _)| *known == name) {
            let known: Vec<_> = OWN.iter().map(|(name, _)| *name).collect();
            return Err(format!("{} is no template: these are {}", path.display(), known.join(", ")));
        }
        let size = std::fs::metadata(&path).map_err(|error| unread(&path, error))?.len();
        if size > LARGEST {
            return Err(format!("{} has {size} bytes; a template has {LARGEST} at most", path.display()));
        }
        found.push((name, std::fs::read_to_string(&path).map_err(|error| unread(&path, error))?));
    }
    Ok(found)
}

/// What is wrong with a template, with the line.
fn in_words(name: &str, error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    let detail = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    format!("the template {name} does not work{line}: {detail}")
}

/// A letter with something in every field.
fn example() -> LetterContent {
    LetterContent {
        to: "Reviewer".to_owned(),
        subject: "project/model:1: review requested".to_owned(),
        topic: "review_requested",
        thing: "project/model:1".to_owned(),
        ask: "Your answer is needed: give your feedback.".to_owned(),
        asks: true,
        sentence: "Data scientist requested a review of project/model:1.".to_owned(),
        comment: vec!["A comment".to_owned(), "of two lines".to_owned()],
        why: "The slot has given no feedback yet.".to_owned(),
        button: "Go to your answer",
        link: "https://countersign.example/".to_owned(),
        facts: "The sign-off is waiting for feedback.".to_owned(),
        at: "2026-01-05 09:00 UTC".to_owned(),
        unsubscribe: "https://countersign.example/unsubscribe/code".to_owned(),
    }
}

fn example_digest(letter: LetterContent) -> DigestContent {
    let LetterContent { to, thing, ask, asks, button, link, unsubscribe, .. } = letter.clone();
    let thing = Thing { name: thing, ask, asks, button, link, items: vec![letter] };
    DigestContent { to, lead: "1 thing happened, and 1 waits for you".to_owned(), things: vec![thing], unsubscribe }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, source) in files {
            std::fs::write(folder.path().join(name), source).unwrap();
        }
        folder
    }

    #[test]
    fn a_template_of_the_folder_takes_the_place_of_the_own_one() {
        let own = folder(&[("letter.txt", "Dear {{ to }},\n{{ ask }}\n"), ("letter.subject.txt", "[ML]\n {{ subject }}\n")]);
        let written = Templates::load(Some(own.path())).unwrap().letter(&example()).unwrap();
        assert_eq!(written.text, "Dear Reviewer,\nYour answer is needed: give your feedback.");
        assert_eq!(written.subject, "[ML] project/model:1: review requested");
        assert!(written.html.contains("Go to your answer"), "the own one, where the folder has none");
    }

    #[test]
    fn one_frame_stands_around_both_kinds_of_mails() {
        let own = folder(&[("frame.html", "<h1>Our bank</h1>{% block content %}{% endblock %}")]);
        let templates = Templates::load(Some(own.path())).unwrap();
        let (letter, digest) = (templates.letter(&example()).unwrap(), templates.digest(&example_digest(example())).unwrap());
        for html in [letter.html, digest.html] {
            assert!(html.starts_with("<h1>Our bank</h1>") && html.contains("give your feedback"), "{html}");
        }
    }

    #[test]
    fn html_is_escaped_and_text_is_not() {
        let link = "https://countersign.example/?a=1&b=\"><script>".to_owned();
        let content = LetterContent { sentence: "<script>alert(1)</script> & more".to_owned(), link, ..example() };
        let written = Templates::load(None).unwrap().letter(&content).unwrap();
        assert!(!written.html.contains("<script>") && written.html.contains("&lt;script&gt;"), "{}", written.html);
        assert!(written.text.contains("<script>alert(1)</script> & more"), "{}", written.text);
    }

    #[test]
    fn a_template_that_fails_on_what_no_example_showed_loses_no_mail() {
        let own = folder(&[("digest.txt", "{{ lead }}{% if things|length > 1 %}{{ things[5].name }}{% endif %}")]);
        let templates = Templates::load(Some(own.path())).unwrap();
        let mut two = example_digest(example());
        two.things.push(Thing { name: "another".to_owned(), ..two.things[0].clone() });
        assert!(templates.digest(&two).unwrap().text.contains("## another"), "the own words");
    }

    #[test]
    fn what_does_not_work_is_named_with_its_line() {
        for (name, source, says) in [
            ("letter.txt", "{{ nothing_of_this_name }}", "letter.txt does not work in line 1"),
            ("digest.html", "\n{% for thing in things %}", "digest.html does not work"),
            ("letter.tx", "", "letter.tx is no template"),
            ("digest.txt", "{% for thing in things %}{{ thing.nothing }}{% endfor %}", "digest.txt does not work in line 1"),
        ] {
            let folder = folder(&[(name, source)]);
            let error = Templates::load(Some(folder.path())).map(|_| ()).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(Templates::load(Some(Path::new("/nowhere/at/all"))).map(|_| ()).unwrap_err().contains("cannot be read"));
    }
}
