//! Passwords, tokens and invitation codes: made from randomness, stored as hashes, compared in constant time.

use crate::{Entropy, Error};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use proof::Sha256;
use tokio::sync::Semaphore;

/// What every token of this product begins with, so that scanners for leaked secrets find it.
pub(crate) const TOKEN_PREFIX: &str = "csn_";

/// What every invitation code begins with.
pub(crate) const INVITATION_PREFIX: &str = "csi_";

/// The shortest password.
const SHORTEST: usize = 8;

/// The longest password: longer ones only cost time.
const LONGEST: usize = 1024;

/// A new secret with this prefix: 43 characters that nobody guesses.
pub(crate) fn generate(prefix: &str, entropy: &dyn Entropy) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(entropy.bytes()))
}

/// How a token or code is kept. It has 256 bits of randomness, so a plain hash is enough.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::of(secret.as_bytes()).as_bytes().to_vec()
}

/// Checks a new password.
pub(crate) fn check_password(password: &str) -> Result<(), Error> {
    match password.chars().count() {
        count if count < SHORTEST => {
            Err(Error::invalid("/password", format!("the password is too short: use {SHORTEST} characters or more")))
        }
        count if count > LONGEST => {
            Err(Error::invalid("/password", format!("the password is too long: use {LONGEST} characters or fewer")))
        }
        _ => Ok(()),
    }
}

/// Hashes a password with Argon2id; takes some hundredths of a second on purpose, away from the threads that serve.
pub(crate) async fn hash_password(password: String, entropy: &dyn Entropy) -> Result<String, Error> {
    let salt = entropy.bytes();
    blocking(move || {
        let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt[..16]);
        hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
    })
    .await?
}

/// Whether a password is the one that was hashed. Without a hash it takes as long and says no, so that the time does not tell
/// which accounts exist.
pub(crate) async fn verify_password(password: String, hash: Option<String>) -> Result<bool, Error> {
    /// The hash of a password that nobody has.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await?
}

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// How many passwords are hashed at once: each takes 19 MiB and a core, and anybody may ask for it without having signed in.
const AT_ONCE: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    // The turn goes along: a client that hangs up does not stop the work.
    let work = move || (work(), turn).0;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, poll};
    use std::{
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    #[tokio::test]
    async fn passwords_are_hashed_a_few_at_a_time() {
        let others = TURNS.acquire_many(AT_ONCE as u32).await.unwrap();
        let begun = Arc::new(AtomicBool::new(false));
        let flag = begun.clone();
        let mut work = pin!(blocking(move || flag.store(true, Ordering::SeqCst)));
        assert!(poll!(work.as_mut()).is_pending());
        // Whatever was handed to the pool before this is at work by now.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert!(!begun.load(Ordering::SeqCst) && work.as_mut().now_or_never().is_none());
        drop(others);
        work.await.unwrap();
        assert!(begun.load(Ordering::SeqCst));
    }
}
