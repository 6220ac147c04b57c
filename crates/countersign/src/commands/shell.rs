//! Prints what packages and shells need: the OpenAPI document, completions, man pages, the exit codes.

use crate::{exit, exit::Exit, failure::Failure, output::Output};
use clap::Command;
use clap_complete::Shell;
use std::path::{Path, PathBuf};

/// Prints the API's OpenAPI document
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign openapi > openapi.json")]
pub struct OpenapiArgs {}

/// Prints the completions of a shell
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign completions bash > /etc/bash_completion.d/countersign
  countersign completions zsh > ~/.zfunc/_countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the man page, or writes a page for each command to a folder
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign man | man -l -
  countersign man /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The folder
    folder: Option<PathBuf>,
}

/// Prints the list of exit codes
#[derive(Debug, clap::Args)]
#[command(before_help = exit::table())]
pub struct ExitCodesArgs {}

/// Prints the API's document.
///
/// # Errors
/// When standard output takes nothing more.
pub fn openapi(_: &OpenapiArgs, out: Output) -> Result<Exit, Failure> {
    out.document(&format!("{}\n", web::openapi().trim_end()))?;
    Ok(Exit::Done)
}

/// Prints the completions.
///
/// # Errors
/// When standard output takes nothing more.
pub fn completions(args: &CompletionsArgs, mut command: Command, out: Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "countersign", &mut script);
    out.document(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// Prints the man page, or writes them all.
///
/// # Errors
/// A folder that cannot be written.
pub fn man(args: &ManArgs, command: Command, out: Output) -> Result<Exit, Failure> {
    match &args.folder {
        None => out.document(&String::from_utf8_lossy(&page(command)?))?,
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
            let mut command = command.disable_help_subcommand(true);
            command.build();
            pages(command, folder)?;
        }
    }
    Ok(Exit::Done)
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    // Man pages have their examples at the end.
    let texts = [command.get_before_help(), command.get_after_help()].map(|text| text.map(ToString::to_string));
    let command = command.after_help(texts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"));
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::failed(format!("the man page cannot be made: {error}")))?;
    Ok(page)
}

/// One page for the command and each below it: `countersign-version-create.1`.
fn pages(command: Command, folder: &Path) -> Result<(), Failure> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below.clone(), folder)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let file = folder.join(format!("{name}.1"));
    std::fs::write(&file, page(command.name(name))?).map_err(|error| cannot_write(&file, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written: {error}", path.display()))
}
