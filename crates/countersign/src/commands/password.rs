//! Reads passwords: typed at a terminal without echo, or one line of standard input. Never from an argument, which others can see.

use crate::{
    client::{Answer, Session},
    failure::Failure,
};
use app::views::Password;
use std::io::{self, BufRead, IsTerminal};

/// How to give the password of the account, for a command that needs a fresh sign-in.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct PasswordArgs {
    /// Read the account's password from standard input, as one line. The server needs it when you signed in some time ago
    #[arg(long)]
    pub password_stdin: bool,
}

impl PasswordArgs {
    /// Sends a request: with the password if the caller gives it, or if the server asks for it and somebody is there to type it.
    ///
    /// # Errors
    /// No password; what the server says.
    pub async fn send(
        self,
        session: &Session,
        send: impl AsyncFn(Option<Password>) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let given = if self.password_stdin { Some(Password(from_standard_input()?)) } else { None };
        match send(given).await {
            Err(failure) if failure.code() == Some("reauthentication_required") && at_a_terminal() => {
                session.out.note(&failure.to_string());
                send(Some(Password(prompt("Password: ")?))).await
            }
            other => other,
        }
    }
}

/// The password for signing in: typed where standard input is a terminal, or else its first line. A new password is typed twice.
///
/// # Errors
/// No password; two that differ.
pub fn read(new: bool) -> Result<String, Failure> {
    if !at_a_terminal() {
        return from_standard_input();
    }
    let password = prompt(if new { "New password: " } else { "Password: " })?;
    if new && prompt("The same again: ")? != password {
        return Err(Failure::usage("the two passwords are not the same"));
    }
    Ok(password)
}

/// A password that may be left out: typed where standard input is a terminal, or else its first line.
///
/// # Errors
/// Standard input cannot be read.
pub fn read_if_any() -> Result<Option<String>, Failure> {
    let typed = if at_a_terminal() { rpassword::prompt_password("Password (empty keeps the known one): ") } else { first_line() };
    Ok(Some(typed.map_err(cannot)?).filter(|password| !password.is_empty()))
}

/// Whether somebody can be asked.
fn at_a_terminal() -> bool {
    io::stdin().is_terminal()
}

/// A password that somebody types, without echo.
///
/// # Errors
/// No password.
fn prompt(prompt: &str) -> Result<String, Failure> {
    present(rpassword::prompt_password(prompt).map_err(cannot)?)
}

/// The first line of standard input.
///
/// # Errors
/// No password.
fn from_standard_input() -> Result<String, Failure> {
    present(first_line().map_err(cannot)?)
}

/// The first line of standard input, without its end.
fn first_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn present(password: String) -> Result<String, Failure> {
    if password.is_empty() {
        let failure = Failure::usage("the password is empty");
        return Err(failure.hint("Type it at the prompt, or give it as one line on standard input."));
    }
    Ok(password)
}

fn cannot(error: io::Error) -> Failure {
    Failure::usage(format!("the password cannot be read: {error}"))
}
