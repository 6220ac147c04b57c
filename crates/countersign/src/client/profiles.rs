//! Profiles: a server, an account and its token. Each profile is a file that only its owner can read.

use crate::{environment::Environment, failure::Failure, secret_file::write_private};
use domain::Name;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// One place where one has signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The server.
    pub url: String,
    /// The account.
    pub user: String,
    /// The token.
    pub token: String,
}

/// The folder with all profiles.
pub struct Profiles(PathBuf);

impl Profiles {
    /// The profiles of `COUNTERSIGN_CONFIG_DIR`, or else of this person's configuration folder.
    ///
    /// # Errors
    /// When there is no home folder to look in.
    pub fn of(environment: &Environment) -> Result<Self, Failure> {
        let chosen = environment.get("COUNTERSIGN_CONFIG_DIR").map(PathBuf::from);
        let folder = chosen.or_else(|| environment.user_folder("XDG_CONFIG_HOME", ".config"));
        let folder = folder
            .ok_or_else(|| Failure::usage("there is no home folder to keep profiles in").hint("Set COUNTERSIGN_CONFIG_DIR."))?;
        Ok(Self::in_folder(&folder))
    }

    /// The profiles of this configuration folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join("profiles"))
    }

    fn file(&self, name: &Name) -> PathBuf {
        self.0.join(format!("{name}.toml"))
    }

    /// The file with the reviews that a profile has looked at.
    pub fn seen_file(&self, name: &Name) -> PathBuf {
        self.0.with_file_name("seen").join(format!("{name}.json"))
    }

    /// Forgets which reviews a profile has looked at: somebody else may act under its name from now on. None is no error.
    ///
    /// # Errors
    /// When the file cannot be taken away.
    pub fn forget_seen(&self, name: &Name) -> Result<(), Failure> {
        match fs::remove_file(self.seen_file(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Failure::failed(format!("{} cannot be removed: {error}", self.seen_file(name).display())))
            }
            _ => Ok(()),
        }
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> Vec<Name> {
        let files = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut names: Vec<Name> =
            files.filter_map(|file| file.file_name().to_str()?.strip_suffix(".toml")?.parse().ok()).collect();
        names.sort();
        names
    }

    fn usual_file(&self) -> PathBuf {
        self.0.with_file_name("profile")
    }

    /// The profile that acts where none is named, if somebody chose one that is still there.
    pub fn usual(&self) -> Option<Name> {
        let name: Name = fs::read_to_string(self.usual_file()).ok()?.trim().parse().ok()?;
        self.file(&name).exists().then_some(name)
    }

    /// Lets this profile act where none is named.
    ///
    /// # Errors
    /// When there is none of this name, or the choice cannot be kept.
    pub fn use_as_usual(&self, name: &Name) -> Result<(), Failure> {
        self.load(name)?;
        let file = self.usual_file();
        write_private(&file, &format!("{name}\n"))
            .map_err(|error| Failure::failed(format!("{} cannot be written: {error}", file.display())))
    }

    /// One profile.
    ///
    /// # Errors
    /// When there is none of this name, or its file cannot be read.
    pub fn load(&self, name: &Name) -> Result<Profile, Failure> {
        let file = self.file(name);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.missing(&format!("there is no profile `{name}`")));
            }
            other => other.map_err(|error| Failure::failed(format!("the profile {} cannot be read: {error}", file.display())))?,
        };
        // The parser's own message would quote the line, and with it the token.
        toml::from_str(&text).map_err(|_| {
            Failure::failed(format!("the profile {} cannot be understood", file.display()))
                .hint("Sign in again: countersign login URL --profile NAME.")
        })
    }

    /// The failure of not knowing who acts.
    pub fn missing(&self, what: &str) -> Failure {
        let names = self.names();
        let hint = if names.is_empty() {
            "Sign in first: countersign login URL --profile NAME.".to_owned()
        } else {
            let names: Vec<_> = names.iter().map(Name::as_str).collect();
            format!(
                "There are: {}. Choose one with --profile NAME, or for good with countersign profile use NAME; or sign in: countersign login URL --profile NAME.",
                names.join(", ")
            )
        };
        Failure::usage(what).hint(hint)
    }

    /// Keeps a profile: whole or not at all, in a folder and a file that only their owner can read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, name: &Name, profile: &Profile) -> Result<PathBuf, Failure> {
        let file = self.file(name);
        let cannot = |error: io::Error| Failure::failed(format!("the profile {} cannot be written: {error}", file.display()));
        let text = toml::to_string(profile).map_err(|error| cannot(io::Error::other(error)))?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(cannot)?;
        write_private(&file, &text).map_err(cannot)?;
        Ok(file)
    }

    /// Makes sure that a profile can be kept, before a token is made that nobody could use otherwise.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn prepare(&self, name: &Name) -> Result<(), Failure> {
        let probe = self.0.join(format!("{name}.probe-{}", std::process::id()));
        let tried = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        let tried = tried.and_then(|()| write_private(&probe, "")).and_then(|()| fs::remove_file(&probe));
        tried.map_err(|error| {
            Failure::failed(format!("the profile {} cannot be written: {error}", self.file(name).display()))
                .hint("You are not signed in; an invitation was not used. Set COUNTERSIGN_CONFIG_DIR to a folder of yours.")
        })
    }

    /// Forgets a profile.
    ///
    /// # Errors
    /// When its file cannot be taken away.
    pub fn remove(&self, name: &Name) -> Result<(), Failure> {
        fs::remove_file(self.file(name))
            .map_err(|error| Failure::failed(format!("the profile `{name}` cannot be removed: {error}")))?;
        self.forget_seen(name)
    }
}
