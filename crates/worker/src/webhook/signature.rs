//! The signature of a delivery, as Standard Webhooks 1.0 says: HMAC-SHA256 over id, time and body.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of the header `webhook-signature`: one signature for each secret. `time` is in seconds since 1970.
pub(super) fn signatures(secrets: &[String], id: &str, time: i64, body: &str) -> String {
    let sign = |secret: &String| {
        let key = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{time}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// Whether one of the signatures is that of the secret over this id, time and body.
pub fn is_signed(secret: &str, id: &str, time: &str, signatures: &str, body: &str) -> bool {
    let Ok(seconds) = time.parse() else { return false };
    let right = self::signatures(&[secret.to_owned()], id, seconds, body);
    signatures.split(' ').any(|signature| signature == right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_part_is_signed_by_nobody() {
        let secret = "whsec_AAECAwQFBgcICQoLDA0ODw==";
        let both = format!("v1,AAAA {}", signatures(&[secret.to_owned()], "event-1", 1_700_000_000, "{}"));
        assert!(is_signed(secret, "event-1", "1700000000", &both, "{}"));
        for (secret, id, time, body) in [
            ("whsec_Dw4NDAsKCQgHBgUEAwIBAA==", "event-1", "1700000000", "{}"),
            (secret, "event-2", "1700000000", "{}"),
            (secret, "event-1", "1700000001", "{}"),
            (secret, "event-1", "now", "{}"),
            (secret, "event-1", "1700000000", "{ }"),
        ] {
            assert!(!is_signed(secret, id, time, &both, body), "{secret} {id} {time} {body}");
        }
    }

    #[test]
    fn each_secret_gives_a_signature() {
        // Reckoned with Python's hmac module.
        let secrets = ["whsec_AAECAwQFBgcICQoLDA0ODw==".to_owned(), "whsec_Dw4NDAsKCQgHBgUEAwIBAA==".to_owned()];
        let signatures = signatures(&secrets, "event-1", 1_700_000_000, "{}");
        assert_eq!(signatures, "v1,yVMY/XkxdG9jgTCzRYvczIO0NeYZsUq3mvEox6M4fA0= v1,0BozgEx8hcg0AmwR9C5eOS7LsLD0X1OfgYhSqtUdh2M=");
    }
}
