//! The exit codes that scripts rely on. `countersign help exit-codes` prints this list, and a test checks it.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or allowed by the gate.
    Done = 0,
    /// Something that no other code speaks of.
    Failed = 1,
    /// The command or what it was given is wrong.
    Usage = 2,
    /// The gate denies.
    Denied = 3,
    /// The gate warns, and nobody has acknowledged it.
    NotAcknowledged = 4,
    /// Not found, or not yours to see.
    NotFound = 5,
    /// Not signed in, or not permitted.
    NotPermitted = 6,
    /// It does not fit the present state.
    Conflict = 7,
    /// The server does not answer.
    Unreachable = 8,
    /// Still undecided after `--wait`; 75 is `EX_TEMPFAIL` of sysexits.h: try again later.
    Pending = 75,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Denied,
        Self::NotAcknowledged,
        Self::NotFound,
        Self::NotPermitted,
        Self::Conflict,
        Self::Unreachable,
        Self::Pending,
    ];

    /// The number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or allowed",
            Self::Failed => "something unexpected",
            Self::Usage => "the command or its input is wrong",
            Self::Denied => "denied by policy",
            Self::NotAcknowledged => "the gate warns: go on with --acknowledge \"reason\"",
            Self::NotFound => "not found, or not yours to see",
            Self::NotPermitted => "not signed in, or not permitted",
            Self::Conflict => "conflict with the present state: look again",
            Self::Unreachable => "the server cannot be reached; a gate that cannot ask is a denial",
            Self::Pending => "still pending when --timeout was over",
        }
    }
}

/// The list for people.
pub fn table() -> String {
    let lines = Exit::ALL.map(|exit| format!("{:>4}  {}\n", exit.number(), exit.meaning()));
    format!("Exit codes:\n{}", lines.concat())
}
