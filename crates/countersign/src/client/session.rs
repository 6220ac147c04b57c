//! What a client command works with: the server, who acts, and how to print.

use super::{
    address::parse_url,
    http::{Answer, Call, Client},
    profiles::{Profile, Profiles},
    seen::SeenReviews,
};
use crate::{
    environment::Environment,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    secret_file::read_secret,
    text::{Text, plain},
};
use app::views::List;
use domain::{Name, SignOffRef};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{io, path::Path};

/// Options that every command takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Globals {
    /// The form of the data on standard output
    #[arg(long, global = true, value_enum, value_name = "table|json", hide_possible_values = true, default_value_t = Format::Table)]
    #[arg(help_heading = "Global options")]
    pub output: Format,
    /// Who acts: the profile of an earlier `countersign login` [env: COUNTERSIGN_PROFILE]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub profile: Option<Name>,
}

/// Everything around a command.
pub struct Context {
    /// The options that every command takes.
    pub globals: Globals,
    /// The environment variables.
    pub environment: Environment,
    /// How to print.
    pub out: Output,
}

/// A server and somebody signed in there.
pub struct Session {
    /// The client, with the token.
    pub client: Client,
    /// How to print.
    pub out: Output,
    /// The reviews that this profile has looked at; none where no profile acts.
    seen: Option<SeenReviews>,
}

impl Context {
    /// Puts it together.
    pub fn new(globals: Globals, environment: Environment) -> Self {
        let out = Output::new(globals.output, &environment);
        Self { globals, environment, out }
    }

    /// The profile that was asked for by name: by flag, or else by `COUNTERSIGN_PROFILE`.
    ///
    /// # Errors
    /// When the variable holds no name.
    pub fn named_profile(&self) -> Result<Option<Name>, Failure> {
        let variable = self.environment.get("COUNTERSIGN_PROFILE").map(str::parse::<Name>).transpose();
        let variable = variable.map_err(|error| Failure::usage(format!("COUNTERSIGN_PROFILE: {error}")))?;
        Ok(self.globals.profile.clone().or(variable))
    }

    /// Who acts, and where: `--profile` comes before `COUNTERSIGN_TOKEN` or `COUNTERSIGN_TOKEN_FILE`, that before `COUNTERSIGN_PROFILE`, that before
    /// the usual profile, and that before the only profile there is. `COUNTERSIGN_URL` comes before the profile's own address, where it is the same server: a token
    /// goes to no other.
    ///
    /// # Errors
    /// When nobody has signed in, or it is not clear who is meant.
    pub fn session(&self) -> Result<Session, Failure> {
        let url = self.environment.get("COUNTERSIGN_URL");
        let (url, token, profile) = match self.token()? {
            Some((variable, token)) => {
                let url = url.ok_or_else(|| {
                    Failure::usage(format!("{variable} is set, but not the server")).hint("Set COUNTERSIGN_URL too.")
                })?;
                (url.to_owned(), token, None)
            }
            None => {
                let (name, profile) = self.profile()?;
                if let Some(url) = url
                    && parse_url(url)?.origin() != parse_url(&profile.url)?.origin()
                {
                    let message = format!(
                        "COUNTERSIGN_URL is {}, but the token of this profile is for {}",
                        plain(url),
                        plain(&profile.url)
                    );
                    return Err(Failure::usage(message)
                        .hint("Sign in there: countersign login URL --profile NAME. Or set COUNTERSIGN_TOKEN too."));
                }
                (url.map_or(profile.url, str::to_owned), profile.token, Some(name))
            }
        };
        let client = Client::new(parse_url(&url)?, Some(token))?;
        let seen = match profile {
            Some(name) => Some(SeenReviews::new(Profiles::of(&self.environment)?.seen_file(&name), client.server())),
            None => None,
        };
        Ok(Session { client, out: self.out, seen })
    }

    /// The token of the environment, with the variable that has it: pipelines keep theirs there.
    fn token(&self) -> Result<Option<(&'static str, String)>, Failure> {
        if self.globals.profile.is_some() {
            return Ok(None);
        }
        let variables = ["COUNTERSIGN_TOKEN", "COUNTERSIGN_TOKEN_FILE"];
        let token = self.environment.get(variables[0]).map(str::trim).filter(|token| !token.is_empty());
        match (token, self.environment.get(variables[1])) {
            (Some(_), Some(_)) => Err(Failure::usage("COUNTERSIGN_TOKEN and COUNTERSIGN_TOKEN_FILE are both set: set one")),
            (Some(token), None) => Ok(Some((variables[0], token.to_owned()))),
            (None, Some(file)) => Ok(Some((variables[1], read_secret(Path::new(file), variables[1])?))),
            (None, None) => Ok(None),
        }
    }

    fn profile(&self) -> Result<(Name, Profile), Failure> {
        let profiles = Profiles::of(&self.environment)?;
        let name = match (self.named_profile()?.or_else(|| profiles.usual()), profiles.names().as_slice()) {
            (Some(name), _) => name,
            (None, [only]) => only.clone(),
            (None, []) => return Err(profiles.missing("nobody has signed in").with_exit(Exit::NotPermitted)),
            (None, _) => return Err(profiles.missing("there are several profiles: say who acts")),
        };
        let profile = profiles.load(&name)?;
        Ok((name, profile))
    }
}

/// How much of a list to show.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Paging {
    /// How many to list [default: 50, at most 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: Option<u32>,
    /// List all, page after page
    #[arg(long)]
    pub all: bool,
    /// Go on after the end of an earlier list
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    pub after: Option<String>,
}

impl Session {
    /// The tag of the state in which this profile last looked at a review.
    pub fn seen(&self, sign_off: &SignOffRef) -> Option<String> {
        self.seen.as_ref()?.tag(sign_off)
    }

    /// Remembers that the person has looked at this answer: a review.
    pub fn looked_at(&self, sign_off: &SignOffRef, answer: &Answer) {
        self.remember(answer, |seen, tag| seen.keep(sign_off, tag));
    }

    /// Remembers the state that a command of the person led to.
    pub fn changed(&self, sign_off: &SignOffRef, answer: &Answer) {
        self.remember(answer, |seen, tag| seen.keep_own_change(sign_off, tag));
    }

    /// What cannot be remembered is no failure of a command that is done: the next decision asks to look again.
    fn remember(&self, answer: &Answer, keep: impl FnOnce(&SeenReviews, &str) -> io::Result<()>) {
        if let (Some(seen), Some(tag)) = (&self.seen, &answer.etag)
            && let Err(error) = keep(seen, tag)
        {
            self.out.note(&format!("warning: this look at the review cannot be kept for a decision: {error}"));
        }
    }

    /// Shows an object of the API: as the server said it, or in words.
    ///
    /// # Errors
    /// When the answer is something else, or standard output takes nothing more.
    pub fn show<T: DeserializeOwned>(&self, answer: &Answer, text: impl FnOnce(&T) -> Text) -> Result<(), Failure> {
        if self.out.is_json() { self.out.json(&answer.value) } else { self.out.text(&text(&answer.read()?)) }
    }

    /// Shows the result of a command that may have been done before.
    ///
    /// # Errors
    /// When the answer is something else, or standard output takes nothing more.
    pub fn done<T: DeserializeOwned>(&self, answer: &Answer, text: impl FnOnce(&T) -> Text) -> Result<(), Failure> {
        if answer.was_done_before() {
            self.out.note("This was done before; nothing was changed.");
        }
        self.show(answer, text)
    }

    /// Shows a list: `cursor` is the parameter that says where a page begins, `call` a new call for each page.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn list<'a, T: DeserializeOwned>(
        &self,
        paging: &Paging,
        cursor: &str,
        text: impl FnOnce(&[T]) -> Text,
        call: impl Fn() -> Call<'a>,
    ) -> Result<(), Failure> {
        let mut list = List { items: Vec::new(), next: paging.after.clone() };
        let limit = paging.limit.or(paging.all.then_some(200));
        loop {
            let page = call().query("limit", limit).query(cursor, list.next.take()).send().await?;
            let page: List<Value> = page.read()?;
            list.items.extend(page.items);
            list.next = page.next;
            if list.next.is_none() || !paging.all {
                break;
            }
        }
        let next = list.next.clone();
        self.show(&Answer { value: json!(list), etag: None }, |list: &List<T>| text(&list.items))?;
        if let Some(next) = next.filter(|_| !self.out.is_json()) {
            self.out.note(&format!("There is more: --all shows it, --after {next} goes on here."));
        }
        Ok(())
    }
}
