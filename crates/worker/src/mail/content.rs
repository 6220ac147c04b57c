//! What a mail says, as the templates of mails get it.

use crate::words;
use app::messages::Letter;
use serde::Serialize;

/// What a mail about one thing says. Each is plain text: the templates escape it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LetterContent {
    /// The recipient's display name.
    pub to: String,
    pub subject: String,
    /// Why, as webhooks have it: `review_requested`, ….
    pub topic: &'static str,
    /// The version, infrastructure or webhook.
    pub thing: String,
    /// What is asked of the recipient, or that nothing is.
    pub ask: String,
    /// Whether anything is asked.
    pub asks: bool,
    /// What happened.
    pub sentence: String,
    /// What somebody wrote, line by line.
    pub comment: Vec<String>,
    /// Why the recipient is asked.
    pub why: String,
    /// The words of the link.
    pub button: &'static str,
    pub link: String,
    /// How the sign-off stands, and when it happened.
    pub facts: String,
    /// When it happened.
    pub at: String,
    pub unsubscribe: String,
}

/// What a mail says that gathers what happened.
#[derive(Clone, Debug, Serialize)]
pub(super) struct DigestContent {
    pub to: String,
    /// How much happened, and how much waits for the recipient.
    pub lead: String,
    pub things: Vec<Thing>,
    pub unsubscribe: String,
}

/// What happened to one thing, with what is asked now.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Thing {
    pub name: String,
    pub ask: String,
    pub asks: bool,
    pub button: &'static str,
    pub link: String,
    /// The oldest first.
    pub items: Vec<LetterContent>,
}

impl LetterContent {
    pub fn of(letter: &Letter) -> Self {
        Self {
            to: letter.to.to_string(),
            subject: words::subject(&letter.what),
            topic: letter.what.topic.as_str(),
            thing: words::thing(&letter.what),
            ask: words::ask(letter),
            asks: letter.expected.is_some() || letter.what.topic.asks(),
            sentence: words::sentence(&letter.what),
            comment: letter.what.comment.lines().map(visible).collect(),
            why: letter.expected.as_ref().map(|asked| asked.why.clone()).unwrap_or_default(),
            button: words::button(letter),
            link: letter.what.link.clone(),
            facts: words::facts(&letter.what),
            at: words::minute(letter.what.at),
            unsubscribe: letter.unsubscribe.clone(),
        }
    }
}

impl DigestContent {
    /// What several letters to one person say together: thing by thing, what asks for something first.
    pub fn of(letters: &[Letter]) -> Self {
        let mut things: Vec<Thing> = Vec::new();
        for item in letters.iter().map(LetterContent::of) {
            match things.iter_mut().find(|thing| thing.name == item.thing) {
                Some(thing) => thing.add(item),
                None => things.push(Thing::of(item)),
            }
        }
        things.sort_by_key(|thing| !thing.asks);
        let waiting = things.iter().filter(|thing| thing.asks).count();
        let first = letters.first().map(LetterContent::of);
        let (to, unsubscribe) = first.map(|first| (first.to, first.unsubscribe)).unwrap_or_default();
        Self { to, lead: lead(letters.len(), waiting), things, unsubscribe }
    }
}

impl Thing {
    fn of(item: LetterContent) -> Self {
        let LetterContent { thing, ask, asks, button, link, .. } = item.clone();
        Self { name: thing, ask, asks, button, link, items: vec![item] }
    }

    /// A later letter about the same thing says what is asked now.
    fn add(&mut self, item: LetterContent) {
        let (mut items, later) = (std::mem::take(&mut self.items), Self::of(item));
        items.extend(later.items.clone());
        *self = if later.asks || !self.asks { later } else { self.clone() };
        self.items = items;
    }
}

/// *3 things happened, and 1 waits for you.*
fn lead(happened: usize, waiting: usize) -> String {
    let happened = if happened == 1 { "1 thing happened".to_owned() } else { format!("{happened} things happened") };
    match waiting {
        0 => happened,
        1 => format!("{happened}, and 1 waits for you"),
        more => format!("{happened}, and {more} wait for you"),
    }
}

/// A line without the characters that a terminal would act on.
fn visible(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).collect()
}
