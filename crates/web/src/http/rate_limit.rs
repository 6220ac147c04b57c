//! How often a caller may ask: a bucket of tokens for each caller, refilled at a steady rate. A caller with patience may wait for a token
//! that comes back soon. A flood of new callers costs the memory of at most [`MOST_BUCKETS`] buckets.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many callers are remembered; beyond that the ones not seen for longest are forgotten.
pub(crate) const MOST_BUCKETS: usize = 10_000;

/// Buckets for callers that are told apart by `K`.
pub(crate) struct RateLimit<K> {
    /// Tokens in a full bucket, and how many come back in a minute. 0: no limit.
    per_minute: u32,
    buckets: Mutex<Generations<K>>,
}

/// Callers in two halves: those seen since the halves last changed places, and those seen before that. When the young half is
/// full it becomes the old one, and what was old is forgotten: no search for the oldest, however many there are.
struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// So many a minute for each caller; 0 is no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, buckets: Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }) }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// When there is none: how long until the next.
    pub(crate) fn take(&self, caller: K, now: Instant) -> Result<(), Duration> {
        self.reserve(caller, now, Duration::ZERO).map(|_| ())
    }

    /// Takes one token, which may be one that comes back within `patience`: gives how long the caller has to wait for it. Those who wait
    /// are served in the order in which they came.
    ///
    /// # Errors
    /// When no token comes back in time: how long until the caller may ask again.
    pub(crate) fn reserve(&self, caller: K, now: Instant, patience: Duration) -> Result<Duration, Duration> {
        if self.per_minute == 0 {
            return Ok(Duration::ZERO);
        }
        let full = f64::from(self.per_minute);
        let per_second = full / 60.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.of(caller, Bucket { tokens: full, at: now });
        let refill = now.saturating_duration_since(bucket.at).as_secs_f64() * per_second;
        *bucket = Bucket { tokens: (bucket.tokens + refill).min(full), at: now };
        let wait = Duration::from_secs_f64(((1.0 - bucket.tokens) / per_second).max(0.0));
        if wait > patience {
            return Err(wait - patience);
        }
        bucket.tokens -= 1.0;
        Ok(wait)
    }

    /// Gives a token back: what it was taken for should not count.
    pub(crate) fn give_back(&self, caller: K, now: Instant) {
        let full = f64::from(self.per_minute);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.of(caller, Bucket { tokens: full, at: now });
        bucket.tokens = (bucket.tokens + 1.0).min(full);
    }
}

impl<K: Eq + Hash> Generations<K> {
    fn of(&mut self, caller: K, new: Bucket) -> &mut Bucket {
        if !self.young.contains_key(&caller) && self.young.len() >= MOST_BUCKETS / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(&caller);
        self.young.entry(caller).or_insert_with(|| known.unwrap_or(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_empties_and_refills() {
        let (limit, start) = (RateLimit::new(60), Instant::now());
        for _ in 0..60 {
            assert_eq!(limit.take("a", start), Ok(()));
        }
        assert_eq!(limit.take("a", start), Err(Duration::from_secs(1)));
        assert_eq!(limit.take("b", start), Ok(()), "each caller has its own");
        assert_eq!(limit.take("a", start + Duration::from_millis(1500)), Ok(()));
        assert!(limit.take("a", start + Duration::from_millis(1500)).is_err());
    }

    #[test]
    fn a_bucket_never_holds_more_than_it_may() {
        let (limit, start) = (RateLimit::new(2), Instant::now());
        limit.give_back("a", start);
        let later = start + Duration::from_secs(3600);
        assert_eq!((limit.take("a", later), limit.take("a", later)), (Ok(()), Ok(())));
        assert!(limit.take("a", later).is_err());
        limit.give_back("a", later);
        assert_eq!(limit.take("a", later), Ok(()));
    }

    #[test]
    fn those_who_wait_are_served_one_after_the_other_and_not_more_than_have_patience() {
        let (limit, start, patience) = (RateLimit::new(60), Instant::now(), Duration::from_secs(3));
        for _ in 0..60 {
            assert_eq!(limit.reserve("a", start, patience), Ok(Duration::ZERO));
        }
        for second in 1..=3 {
            assert_eq!(limit.reserve("a", start, patience), Ok(Duration::from_secs(second)));
        }
        assert_eq!(limit.reserve("a", start, patience), Err(Duration::from_secs(1)));
        assert_eq!(limit.take("a", start), Err(Duration::from_secs(4)), "without patience");
        let later = start + Duration::from_secs(2);
        assert_eq!(limit.reserve("a", later, patience), Ok(Duration::from_secs(2)));
        assert_eq!(limit.reserve("b", start, patience), Ok(Duration::ZERO));
    }

    #[test]
    fn no_limit_is_no_limit() {
        let (limit, start) = (RateLimit::new(0), Instant::now());
        assert!((0..100_000).all(|_| limit.take("a", start).is_ok()));
    }

    #[test]
    fn memory_is_bounded_and_those_who_keep_asking_are_remembered() {
        let (limit, start) = (RateLimit::new(1), Instant::now());
        assert_eq!(limit.take(u32::MAX, start), Ok(()));
        for stranger in 0..100_000 {
            assert_eq!(limit.take(stranger, start), Ok(()));
            assert!(limit.take(u32::MAX, start).is_err(), "forgotten after {stranger} strangers");
        }
        let buckets = limit.buckets.lock().unwrap();
        assert!(buckets.young.len() + buckets.old.len() <= MOST_BUCKETS);
    }
}
