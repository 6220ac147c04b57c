//! How long to wait after a run that failed.

use app::Entropy;
use std::time::Duration;

/// After the first failure.
const FIRST: Duration = Duration::from_secs(1);
/// After many. Short enough that a job goes on soon after an outage.
const LONGEST: Duration = Duration::from_secs(60);

/// The wait after so many failures in a row: each is twice as long as the one before, up to a limit. A random part of up to one half is
/// taken off, so that several servers do not come back to a database at the same moment.
pub fn wait(failures: u32, entropy: &dyn Entropy) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let longest = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let part = f64::from(entropy.bytes()[0]) / f64::from(u8::MAX);
    longest.mul_f64(1.0 - part / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Byte(u8);

    impl Entropy for Byte {
        fn bytes(&self) -> [u8; 32] {
            [self.0; 32]
        }
    }

    #[test]
    fn waits_grow_to_a_limit_and_differ_by_chance() {
        let seconds = |byte: u8| [1, 2, 3, 6, 7, u32::MAX].map(|failures| wait(failures, &Byte(byte)).as_secs_f64());
        assert_eq!(seconds(0), [1.0, 2.0, 4.0, 32.0, 60.0, 60.0]);
        assert_eq!(seconds(u8::MAX), [0.5, 1.0, 2.0, 16.0, 30.0, 30.0]);
    }
}
