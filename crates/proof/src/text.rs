//! The small values that statements carry as text: a time and a nonce.
//! Each value has one spelling, because signed bytes must not depend on the program that wrote them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// A moment: microseconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC with six decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

/// A moment that statements cannot carry.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UtcTimeError {
    /// Not the one spelling that is accepted.
    #[error("`{0}` is not a time: write it in UTC with six decimals, like 2026-11-23T09:30:00.000000Z")]
    Text(String),
    /// Outside of the years 0 to 9999, which are all that RFC 3339 can write.
    #[error("{0} microseconds since 1970 is outside of the years 0 to 9999: use a moment within them")]
    Range(i64),
}

impl UtcTime {
    /// A moment from its microseconds since the epoch.
    ///
    /// # Errors
    /// When its year is not between 0 and 9999.
    pub fn from_micros(micros: i64) -> Result<Self, UtcTimeError> {
        // 0000-01-01T00:00:00.000000Z and 9999-12-30T22:00:00.999999Z, the last moment that the calendar library knows.
        const YEARS: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_207_200_999_999;
        if YEARS.contains(&micros) { Ok(Self(micros)) } else { Err(UtcTimeError::Range(micros)) }
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{moment:.6}")
    }
}

impl fmt::Debug for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcTime {
    type Err = UtcTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || UtcTimeError::Text(text.chars().take(80).collect());
        let moment: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
        let time = Self::from_micros(moment.as_microsecond()).map_err(|_| wrong())?;
        // Offsets, other precisions and lower-case letters are also RFC 3339: one moment would have many spellings.
        if time.to_string() == text { Ok(time) } else { Err(wrong()) }
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// 16 random bytes of the server, written as 32 hexadecimal digits: no two statements are alike and none can be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// A nonce from the caller's entropy.
    pub const fn from_entropy(entropy: [u8; 16]) -> Self {
        Self(entropy)
    }

    /// Its 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        hex::decode_to_slice(&text, &mut bytes)
            .ok()
            .filter(|()| !text.bytes().any(|byte| byte.is_ascii_uppercase()))
            .map(|()| Self(bytes))
            .ok_or_else(|| D::Error::custom("a nonce is 32 hexadecimal digits in lower case"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_has_one_spelling() {
        let text = "2026-11-23T09:30:00.000001Z";
        let time: UtcTime = text.parse().unwrap();
        assert_eq!((time.micros(), time.to_string().as_str()), (1_795_426_200_000_001, text));
        for wrong in [
            "2026-11-23T09:30:00Z",
            "2026-11-23T09:30:00.000001+00:00",
            "2026-11-23t09:30:00.000001z",
            "2026-11-23T09:30:00.0000010Z",
            "2026-11-23 09:30:00.000001Z",
            "2026-02-30T09:30:00.000001Z",
            "-002026-11-23T09:30:00.000001Z",
            "",
        ] {
            assert_eq!(wrong.parse::<UtcTime>(), Err(UtcTimeError::Text(wrong.to_owned())));
        }
        assert_eq!(UtcTime::from_micros(i64::MAX), Err(UtcTimeError::Range(i64::MAX)));
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(micros in -62_167_219_200_000_000_i64..=253_402_207_200_999_999) {
            let time = UtcTime::from_micros(micros).unwrap();
            prop_assert_eq!(time.to_string().len(), 27);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn a_nonce_reads_back_in_lower_case_only() {
        let nonce = Nonce::from_entropy([0xab; 16]);
        let text = serde_json::to_string(&nonce).unwrap();
        assert_eq!(serde_json::from_str::<Nonce>(&text).unwrap(), nonce);
        for wrong in [text.to_uppercase(), "\"\"".to_owned(), "\"abab\"".to_owned()] {
            assert!(serde_json::from_str::<Nonce>(&wrong).is_err(), "{wrong}");
        }
    }
}
