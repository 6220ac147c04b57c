//! Tokens and invitation codes are made from randomness; passwords are stored as Argon2id hashes with a secret of the server and the id
//! of the account. So neither a hash that was computed elsewhere nor the hash of another account is a password.

use crate::{Entropy, Error};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use domain::UserId;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// What every token of this product begins with, so that scanners for leaked secrets find it.
pub(crate) const TOKEN_PREFIX: &str = "csn_";

/// What the secret of every browser's session begins with.
pub(crate) const BROWSER_PREFIX: &str = "csb_";

/// What every invitation code begins with.
pub(crate) const INVITATION_PREFIX: &str = "csi_";

/// The shortest password.
const SHORTEST: usize = 8;

/// The longest password: longer ones only cost time.
const LONGEST: usize = 1024;

/// A new secret with this prefix: 43 characters that nobody guesses.
pub(crate) fn generate(prefix: &str, entropy: &dyn Entropy) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(entropy.bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
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

/// What each stored hash begins with: OWASP's second recommendation, 19 MiB, two passes, one lane.
const FORM: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
const SALT: usize = 16;

/// Hashes a password of this account; takes some hundredths of a second on purpose, away from the threads that serve.
pub(crate) async fn hash_password(
    pepper: [u8; 32],
    user: UserId,
    password: String,
    entropy: &dyn Entropy,
) -> Result<String, Error> {
    let mut salt = [0; SALT];
    salt.copy_from_slice(&entropy.bytes()[..SALT]);
    blocking(move || {
        let hash = argon2id(&pepper, user, &password, &salt)?;
        Ok(format!("{FORM}{}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash)))
    })
    .await?
}

/// Whether a password of this account is the one that was hashed. Without account or hash it takes as long and says no, so that the time
/// does not tell which accounts exist.
pub(crate) async fn verify_password(
    pepper: [u8; 32],
    user: Option<UserId>,
    password: String,
    hash: Option<String>,
) -> Result<bool, Error> {
    blocking(move || {
        let known = hash.as_deref().and_then(parse);
        let (salt, expected) = known.unwrap_or(([0; SALT], [0; 32]));
        let found = argon2id(&pepper, user.unwrap_or(UserId::from_uuid(uuid::Uuid::nil())), &password, &salt)?;
        Ok(bool::from(found.ct_eq(&expected)) && known.is_some() && user.is_some())
    })
    .await?
}

/// Salt and hash of a stored password; none for a hash that this server does not write.
fn parse(hash: &str) -> Option<([u8; SALT], [u8; 32])> {
    let (salt, hash) = hash.strip_prefix(FORM)?.split_once('$')?;
    let bytes = |text: &str| STANDARD_NO_PAD.decode(text).ok();
    Some((bytes(salt)?.try_into().ok()?, bytes(hash)?.try_into().ok()?))
}

fn argon2id(pepper: &[u8; 32], user: UserId, password: &str, salt: &[u8; SALT]) -> Result<[u8; 32], Error> {
    let failed = |error: argon2::Error| Error::internal(error.to_string());
    let data = AssociatedData::new(user.uuid().as_bytes()).map_err(failed)?;
    let params = ParamsBuilder::new().m_cost(19_456).t_cost(2).p_cost(1).data(data).build().map_err(failed)?;
    let argon2 = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).map_err(failed)?;
    let mut hash = [0; 32];
    argon2.hash_password_into(password.as_bytes(), salt, &mut hash).map_err(failed)?;
    Ok(hash)
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
    async fn a_hash_is_for_one_password_of_one_account_of_one_server() {
        let (user, other) = (UserId::from_uuid(uuid::Uuid::from_u128(1)), UserId::from_uuid(uuid::Uuid::from_u128(2)));
        let hash = hash_password([1; 32], user, "a password".to_owned(), &crate::SystemEntropy).await.unwrap();
        assert!(hash.starts_with(FORM), "{hash}");
        let verify = async |pepper: u8, user, password: &str, hash: &str| {
            verify_password([pepper; 32], user, password.to_owned(), Some(hash.to_owned())).await.unwrap()
        };
        assert!(verify(1, Some(user), "a password", &hash).await);
        assert!(!verify(1, Some(user), "another password", &hash).await);
        assert!(!verify(1, Some(other), "a password", &hash).await, "the hash of another account");
        assert!(!verify(2, Some(user), "a password", &hash).await, "a hash of another server");
        assert!(!verify(1, None, "a password", &hash).await);
        for broken in ["", FORM, &hash[..hash.len() - 1], &hash.replace("t=2", "t=1")] {
            assert!(!verify(1, Some(user), "a password", broken).await, "{broken}");
        }
        assert!(!verify_password([1; 32], Some(user), "a password".to_owned(), None).await.unwrap());
    }

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
