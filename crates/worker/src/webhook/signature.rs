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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_gives_a_signature() {
        // Reckoned with Python's hmac module.
        let secrets = ["whsec_AAECAwQFBgcICQoLDA0ODw==".to_owned(), "whsec_Dw4NDAsKCQgHBgUEAwIBAA==".to_owned()];
        let signatures = signatures(&secrets, "event-1", 1_700_000_000, "{}");
        assert_eq!(signatures, "v1,yVMY/XkxdG9jgTCzRYvczIO0NeYZsUq3mvEox6M4fA0= v1,0BozgEx8hcg0AmwR9C5eOS7LsLD0X1OfgYhSqtUdh2M=");
    }
}
