//! Signs in and out, and shows the account. The command reads a password from the terminal or from standard input, never from an
//! argument.

use super::password;
use crate::{
    client::{Client, Context, Profile, Profiles, Session, is_loopback, parse_url, paths},
    environment::Environment,
    exit::Exit,
    failure::Failure,
    secret_file::read_secret,
    text::{facts, user},
};
use app::views::{NewToken, SignInRequest};
use domain::{Name, Timestamp, TokenId, access::Scope};
use serde::Serialize;

/// Signs in to a server and keeps a token for it in a profile
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign login https://countersign.example.org --profile scientist
  countersign login https://countersign.example.org --profile scientist --invitation csi_…
  countersign login http://127.0.0.1:8700 --profile scientist < password.txt")]
pub struct LoginArgs {
    /// The server's address
    url: String,
    /// The account [default: the profile's name; with an invitation, the account of the invitation]
    #[arg(long, value_name = "NAME")]
    user: Option<Name>,
    /// An invitation code, which works once; the password is then the new password [env: COUNTERSIGN_INVITATION_FILE, a file]
    #[arg(long, value_name = "CODE")]
    invitation: Option<String>,
}

/// A login that succeeded, without its token.
#[derive(Debug, Serialize)]
struct Login {
    profile: Name,
    url: String,
    user: Name,
    id: TokenId,
    scopes: Vec<Scope>,
    expires_at: Timestamp,
    file: String,
}

/// Signs in.
///
/// # Errors
/// A wrong password or invitation; a profile that cannot be written.
pub async fn login(args: LoginArgs, context: &Context) -> Result<Exit, Failure> {
    let url = parse_url(&args.url)?;
    let named = context.named_profile()?.or_else(|| args.user.clone());
    let profile = named.ok_or_else(|| {
        Failure::usage("say who signs in").hint("Add --profile NAME; the account has the same name unless you add --user.")
    })?;
    if url.scheme() == "http" && !is_loopback(&url) {
        context.out.note("warning: the password and everything after it travels unencrypted: use https://.");
    }
    let invitation = match args.invitation {
        Some(code) => Some(code),
        None => invitation_from_file(&context.environment)?,
    };
    // An invitation says itself whose account it is; a profile may have another name.
    let user = args.user.or_else(|| invitation.is_none().then(|| profile.clone()));
    let profiles = Profiles::of(&context.environment)?;
    profiles.prepare(&profile)?;
    let password = password::read(invitation.is_some())?;
    let client = Client::new(url, None)?;
    let request = SignInRequest { user, password, invitation, label: Some(format!("login as profile {profile}")) };
    let mut token = client.post(&paths::sessions(), &request).send().await?.read::<NewToken>()?;
    let kept =
        Profile { url: client.server().to_string(), user: token.user.to_string(), token: std::mem::take(&mut token.token) };
    let file = profiles.save(&profile, &kept)?;
    profiles.forget_seen(&profile)?;
    let login = Login {
        profile,
        url: kept.url,
        user: token.user,
        id: token.id,
        scopes: token.scopes,
        expires_at: token.expires_at,
        file: file.to_string_lossy().into_owned(),
    };
    context.out.show(&login, |login| {
        facts(&[
            ("signed in as", &login.user),
            ("server", &login.url),
            ("profile", &login.profile),
            ("until", &login.expires_at),
            ("scopes", &login.scopes),
            ("kept in", &login.file),
        ])
    })?;
    Ok(Exit::Done)
}

fn invitation_from_file(environment: &Environment) -> Result<Option<String>, Failure> {
    let file = environment.get("COUNTERSIGN_INVITATION_FILE");
    file.map(|file| read_secret(file.as_ref(), "COUNTERSIGN_INVITATION_FILE")).transpose()
}

/// Signs out: revokes the profile's token and removes the profile
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign logout --profile scientist")]
pub struct LogoutArgs {}

/// Signs out.
///
/// # Errors
/// A server that cannot be reached keeps the token alive, so the profile is kept too.
pub async fn logout(_: LogoutArgs, context: &Context) -> Result<Exit, Failure> {
    let profile = context.named_profile()?.ok_or_else(|| Failure::usage("say who signs out").hint("Add --profile NAME."))?;
    let profiles = Profiles::of(&context.environment)?;
    let Profile { url, token, .. } = profiles.load(&profile)?;
    let revoked = Client::new(parse_url(&url)?, Some(token))?.delete(&paths::session()).send().await;
    // A token that the server no longer knows needs no revoking.
    revoked.map(|_| ()).or_else(|failure| if failure.exit == Exit::NotPermitted { Ok(()) } else { Err(failure) })?;
    profiles.remove(&profile)?;
    context.out.note(&format!("Signed out; the profile {} is gone.", profile));
    Ok(Exit::Done)
}

/// Shows the account that the profile acts as
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign whoami
  countersign whoami --profile approver --output json")]
pub struct WhoamiArgs {}

/// Shows who one is.
///
/// # Errors
/// When nobody is signed in.
pub async fn whoami(_: WhoamiArgs, session: &Session) -> Result<Exit, Failure> {
    session.show(&session.client.get(&paths::me()).send().await?, user::card)?;
    Ok(Exit::Done)
}
