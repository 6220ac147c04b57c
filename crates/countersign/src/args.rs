//! The arguments that people type, checked before the client asks the server: names, `KEY=VALUE`, slots, shares, times.

use crate::{failure::Failure, text::plain};
use app::views::{ShareRequest, Slot};
use domain::{
    Duration, Name, SlotName, Timestamp, VersionRef,
    deployment::{Share, Traffic},
};
use std::{fmt, str::FromStr};

/// `PROJECT/MODEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRef {
    /// The project.
    pub project: Name,
    /// The model.
    pub model: Name,
}

/// `INFRASTRUCTURE/SERVICE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRef {
    /// The infrastructure.
    pub infrastructure: Name,
    /// The service.
    pub service: Name,
}

fn pair(text: &str, form: &str) -> Result<(Name, Name), String> {
    let (first, second) = text.split_once('/').ok_or_else(|| format!("write {form}"))?;
    let name = |part: &str| part.parse().map_err(|error: domain::name::NameError| error.to_string());
    Ok((name(first)?, name(second)?))
}

impl FromStr for ModelRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (project, model) = pair(text, "PROJECT/MODEL, like diagnosis/tumour")?;
        Ok(Self { project, model })
    }
}

impl FromStr for ServiceRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (infrastructure, service) = pair(text, "INFRASTRUCTURE/SERVICE, like production/tumour")?;
        Ok(Self { infrastructure, service })
    }
}

/// `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting(pub String, pub String);

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok(Self(key.to_owned(), value.to_owned())),
            _ => Err("write KEY=VALUE".to_owned()),
        }
    }
}

/// `KEY=NUMBER`.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric(pub String, pub f64);

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Setting(key, value) = text.parse().map_err(|_| "write KEY=NUMBER, like auc=0.993".to_owned())?;
        match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Self(key, number)),
            _ => Err(format!("`{}` is not a finite number", plain(&value))),
        }
    }
}

/// Somebody who can be assigned: `user:NAME`, `group:NAME`, `role:NAME`; a bare name is a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member(String);

impl FromStr for Member {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').unwrap_or(("user", text));
        if !matches!(kind, "user" | "group" | "role") {
            return Err("write user:NAME, group:NAME or role:NAME".to_owned());
        }
        let name: Name = name.parse().map_err(|error: domain::name::NameError| error.to_string())?;
        Ok(Self(format!("{kind}:{name}")))
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `SLOT=MEMBER,MEMBER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSpec {
    name: SlotName,
    assigned: Vec<Member>,
}

impl FromStr for SlotSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, members) =
            text.split_once('=').ok_or("write \"SLOT=MEMBER,MEMBER\", like \"Risk & Compliance=group:risk\"")?;
        let name = name.parse().map_err(|error: domain::name::NameError| error.to_string())?;
        let assigned: Result<_, _> = members.split(',').map(|member| member.trim().parse()).collect();
        Ok(Self { name, assigned: assigned? })
    }
}

/// The slots in their order; a slot named again gets more members.
pub fn slots(specs: &[SlotSpec]) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for spec in specs {
        let assigned = spec.assigned.iter().map(Member::to_string);
        match slots.iter_mut().find(|slot| slot.name == spec.name) {
            Some(slot) => slot.assigned.extend(assigned),
            None => slots.push(Slot { name: spec.name.clone(), assigned: assigned.collect() }),
        }
    }
    slots
}

/// `PROJECT/MODEL:VERSION`, or with its part of the requests `PROJECT/MODEL:VERSION=90`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareSpec {
    /// The version.
    pub version: VersionRef,
    weight: Option<u8>,
}

impl FromStr for ShareSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (version, weight) = match text.split_once('=') {
            Some((version, weight)) => (version, Some(weight)),
            None => (text, None),
        };
        let version = version.parse().map_err(|error: domain::name::NameError| error.to_string())?;
        let wrong = |weight: &str| format!("the weight `{}` is not a whole number from 1 to 100", plain(weight));
        let weight =
            weight.map(|text| text.parse::<u8>().ok().filter(|weight| (1..=100).contains(weight)).ok_or_else(|| wrong(text)));
        Ok(Self { version, weight: weight.transpose()? })
    }
}

/// What to serve, by the rules that the server applies as well.
///
/// # Errors
/// A version without a weight among several, the same one twice, or weights that do not sum to 100.
pub fn shares(specs: &[ShareSpec]) -> Result<Vec<ShareRequest>, Failure> {
    let hint = "Give each version its part in percent, like diagnosis/tumour:1=90 diagnosis/tumour:2=10.";
    if specs.len() > 1 && specs.iter().any(|spec| spec.weight.is_none()) {
        return Err(Failure::usage("of several versions each needs its weight").hint(hint));
    }
    // The rules speak of ids; the place of a version's first mention is as good a one.
    let shares = specs.iter().map(|spec| {
        let first = specs.iter().position(|other| other.version == spec.version).unwrap_or(0);
        Share { version: uuid::Uuid::from_u128(first as u128).into(), weight: spec.weight.unwrap_or(100) }
    });
    Traffic::new(shares.collect()).map_err(|error| Failure::usage(error.to_string()).hint(hint))?;
    Ok(specs
        .iter()
        .map(|spec| ShareRequest { version: spec.version.clone(), weight: Some(spec.weight.unwrap_or(100)) })
        .collect())
}

/// A moment: RFC 3339, or how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// That moment.
    At(Timestamp),
    /// So long ago.
    Ago(Duration),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.parse().map(Self::At).ok();
        at.or_else(|| text.parse().map(Self::Ago).ok())
            .ok_or_else(|| "write how long ago, like 2h, or a time, like 2026-11-23T09:30:00Z".to_owned())
    }
}

impl Since {
    /// The moment, where it is `now`.
    pub fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(duration) => now.minus(duration),
        }
    }
}

/// Checks that a text is a length of time or a moment, which the server reads by itself.
///
/// # Errors
/// When it is neither.
pub fn until(text: &str) -> Result<String, String> {
    let good = text.parse::<Duration>().is_ok() || text.parse::<Timestamp>().is_ok();
    if good { Ok(text.to_owned()) } else { Err("write how long, like 30d, or a time, like 2026-11-23T09:30:00Z".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs(texts: &[&str]) -> Vec<ShareSpec> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn weights_must_sum_to_100() {
        assert_eq!(shares(&specs(&["p/m:1"])).unwrap()[0].weight, Some(100));
        assert_eq!(shares(&specs(&["p/m:1=90", "p/m:2=10"])).unwrap().len(), 2);
        for (wrong, message) in [
            (specs(&["p/m:1=90", "p/m:2=20"]), "the weights add up to 110, not to 100"),
            (specs(&["p/m:1=40"]), "the weights add up to 40, not to 100"),
            (specs(&["p/m:1=50", "p/m:1=50"]), "the same version is named twice"),
            (specs(&["p/m:1", "p/m:2=10"]), "of several versions each needs its weight"),
        ] {
            assert!(shares(&wrong).unwrap_err().to_string().contains(message));
        }
        for wrong in ["p/m", "p/m:1=", "p/m:1=0", "p/m:1=101", "p/m:1=9.5", "p/m:1=-1"] {
            assert!(wrong.parse::<ShareSpec>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn slots_keep_their_order_and_gather_their_members() {
        let specs: Vec<SlotSpec> = ["B=user:b", "A & C=group:a,c", "B=role:manager"].map(|text| text.parse().unwrap()).into();
        let slots: Vec<_> = slots(&specs).into_iter().map(|slot| (slot.name.to_string(), slot.assigned)).collect();
        assert_eq!(
            slots,
            [
                ("B".to_owned(), vec!["user:b".to_owned(), "role:manager".to_owned()]),
                ("A & C".to_owned(), vec!["group:a".to_owned(), "user:c".to_owned()])
            ]
        );
        for wrong in ["A", "=user:a", "A=", "A=team:x", "A=user:A B"] {
            assert!(wrong.parse::<SlotSpec>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn metrics_are_finite_numbers() {
        assert_eq!("auc=0.993".parse(), Ok(Metric("auc".to_owned(), 0.993)));
        assert_eq!("a=b=c".parse(), Ok(Setting("a".to_owned(), "b=c".to_owned())));
        for wrong in ["auc", "auc=", "auc=NaN", "auc=inf", "auc=1e999", "=1"] {
            assert!(wrong.parse::<Metric>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_moments_or_lengths() {
        let now = Timestamp::from_micros(7_200_000_000);
        assert_eq!("2h".parse::<Since>().unwrap().moment(now), Timestamp::from_micros(0));
        assert_eq!("1970-01-01T00:00:00Z".parse::<Since>().unwrap().moment(now), Timestamp::from_micros(0));
        assert!("yesterday".parse::<Since>().is_err());
        assert!(until("30d").is_ok() && until("soon").is_err());
    }
}
