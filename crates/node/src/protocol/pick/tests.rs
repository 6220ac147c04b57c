use super::*;
use proptest::prelude::*;

fn serving(weight: u8) -> Choice {
    Choice { weight, serves: true, starting: false }
}

fn starting(weight: u8) -> Choice {
    Choice { weight, serves: false, starting: true }
}

fn failed(weight: u8) -> Choice {
    Choice { weight, serves: false, starting: false }
}

fn counts(arms: &[Choice], draws: impl Iterator<Item = u64>) -> Vec<u32> {
    let mut counts = vec![0; arms.len()];
    for draw in draws {
        counts[pick(arms, draw).unwrap()] += 1;
    }
    counts
}

proptest! {
    #[test]
    fn weights_are_respected(first in 0u8..=100, second in 0u8..=100, start in any::<u64>(), by_key in any::<bool>()) {
        let second = second.min(100 - first);
        let arms = [serving(first), serving(second), serving(100 - first - second)];
        let numbers = (0..20_000).map(|step| start.wrapping_add(step));
        let found = if by_key {
            counts(&arms, numbers.map(|number| sticky("tumour", &number.to_le_bytes())))
        } else {
            counts(&arms, numbers.map(draw))
        };
        for (arm, found) in arms.iter().zip(found) {
            let share = f64::from(found) / 200.0;
            prop_assert!((share - f64::from(arm.weight)).abs() < 2.5, "{share} % of {arm:?}");
            prop_assert!(arm.weight > 0 || found == 0);
        }
    }

    #[test]
    fn a_key_keeps_its_version_while_another_one_starts(key in any::<u64>()) {
        let draw = sticky("tumour", &key.to_le_bytes());
        let all = pick(&[serving(50), serving(30), serving(20)], draw).unwrap();
        let one_starts = pick(&[serving(50), starting(30), serving(20)], draw).unwrap();
        prop_assert!(one_starts != 1);
        prop_assert!(all == one_starts || all == 1);
    }

    #[test]
    fn what_cannot_answer_is_not_hidden(draw in any::<u64>()) {
        let healthy = pick(&[serving(40), serving(60)], draw);
        prop_assert_eq!(pick(&[failed(40), serving(60)], draw), healthy);
        prop_assert_eq!(pick(&[starting(40), failed(60)], draw), healthy);
    }
}

#[test]
fn a_starting_version_leaves_its_part_to_the_others_by_their_weights() {
    let found = counts(&[serving(60), starting(20), serving(20)], (0..20_000).map(draw));
    assert_eq!(found[1], 0);
    assert!((14_600..15_400).contains(&found[0]), "{found:?}");
}

#[test]
fn a_starting_version_alone_is_chosen_and_nothing_where_there_is_none() {
    assert_eq!(pick(&[starting(100)], 7), Some(0));
    assert_eq!(pick(&[starting(100), serving(0)], 7), Some(0), "weight 0 serves nobody who does not ask for it");
    assert_eq!(pick(&[], 7), None);
    assert_eq!(pick(&[serving(0)], 7), None);
}

/// Keys must not move between releases: that would be a switch that nobody asked for.
#[test]
fn the_hash_of_a_key_is_fixed() {
    assert_eq!(sticky("tumour", b"patient-1") % 100, 19);
    assert_ne!(sticky("tumour", b"1"), sticky("tumour1", b""));
}
