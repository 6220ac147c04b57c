//! The bounds on the size and time of a request.

use std::time::Duration;

/// What bounds a request.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// The most bytes of a body, packed and unpacked.
    pub body: usize,
    /// Bytes of the bodies of all requests at one moment together.
    pub bodies: usize,
    /// How long a whole body may take to arrive.
    pub body_time: Duration,
    /// Of a large body that is arriving, something must come at least that often.
    pub stall_time: Duration,
    /// How long a model may take; a request may ask for less.
    pub deadline: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body: 16 << 20,
            bodies: 512 << 20,
            body_time: Duration::from_secs(30),
            stall_time: Duration::from_secs(5),
            deadline: Duration::from_secs(10),
        }
    }
}
