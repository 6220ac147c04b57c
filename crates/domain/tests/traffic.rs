//! Which shares of the requests make a revision, and which do not.

use domain::VersionId;
use domain::deployment::{Share, Traffic, TrafficError};
use proptest::prelude::*;

fn shares(weights: &[(u128, u8)]) -> Vec<Share> {
    let version = |number| VersionId::from_uuid(uuid::Uuid::from_u128(number));
    weights.iter().map(|(number, weight)| Share { version: version(*number), weight: *weight }).collect()
}

#[test]
fn shares_add_up_to_one_hundred_and_keep_their_order() {
    for good in [&[(1, 100)][..], &[(2, 90), (1, 10)], &[(1, 1), (2, 1), (3, 98)]] {
        let traffic = Traffic::new(shares(good)).unwrap();
        assert_eq!(traffic.shares(), shares(good));
    }
}

#[test]
fn what_is_wrong_is_said() {
    let cases = [
        (&[][..], TrafficError::Empty, "name at least one version"),
        (&[(1, 100), (2, 0)], TrafficError::Zero, "a weight of 0 serves nothing: leave the version out"),
        (&[(1, 50), (1, 50)], TrafficError::Twice, "the same version is named twice"),
        (&[(1, 90), (2, 20)], TrafficError::Sum(110), "the weights add up to 110, not to 100"),
        (&[(1, 99)], TrafficError::Sum(99), "the weights add up to 99, not to 100"),
        (&[(1, 255), (2, 101)], TrafficError::Sum(356), "the weights add up to 356, not to 100"),
    ];
    for (weights, error, words) in cases {
        assert_eq!(Traffic::new(shares(weights)), Err(error.clone()));
        assert_eq!(error.to_string(), words);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_accepted_adds_up(weights in prop::collection::vec((0_u128..6, prop_oneof![Just(50_u8), Just(25), any::<u8>()]), 0..5)) {
        let sum: u32 = weights.iter().map(|(_, weight)| u32::from(*weight)).sum();
        let mut versions: Vec<_> = weights.iter().map(|(version, _)| *version).collect();
        versions.sort_unstable();
        versions.dedup();
        let good = sum == 100 && versions.len() == weights.len() && weights.iter().all(|(_, weight)| *weight > 0);
        prop_assert_eq!(Traffic::new(shares(&weights)).is_ok(), good);
    }
}
