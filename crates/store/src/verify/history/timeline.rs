//! A value that changed along the log.

/// Each value with the position of the event that set it.
#[derive(Clone, Debug)]
pub struct Timeline<T>(Vec<(u64, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// The value from this event on. Positions come in order.
    pub fn set(&mut self, position: u64, value: T) {
        self.0.push((position, value));
    }

    /// The value just before this event.
    pub fn before(&self, position: u64) -> Option<&T> {
        self.0[..self.count(position)].last().map(|(_, value)| value)
    }

    /// Every value that was set before this event.
    pub fn all_before(&self, position: u64) -> impl Iterator<Item = &T> {
        self.0[..self.count(position)].iter().map(|(_, value)| value)
    }

    /// The newest value.
    pub fn last(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// How many values came before this event.
    pub fn count(&self, position: u64) -> usize {
        self.0.partition_point(|(set, _)| *set < position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_does_not_see_itself() {
        let mut timeline = Timeline::default();
        timeline.set(3, 'a');
        timeline.set(7, 'b');
        let seen: Vec<_> = [3, 4, 7, 8].map(|position| timeline.before(position).copied()).into();
        assert_eq!(seen, [None, Some('a'), Some('a'), Some('b')]);
        assert_eq!((timeline.count(3), timeline.count(8), timeline.last()), (0, 2, Some(&'b')));
    }
}
