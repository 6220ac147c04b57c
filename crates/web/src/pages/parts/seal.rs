//! The seal of a digest: a rosette that people recognise at a glance. It proves nothing by itself, so the digest stands beside it. People
//! learn their seals: a snapshot pins the drawing.

use super::Markup;
use std::{borrow::Borrow, f64::consts::PI, fmt::Write};

/// What the approval behind a digest is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Force {
    /// No approval.
    None,
    /// An approval that is in force.
    Valid,
    /// An approval that ended, or a rejection.
    Ended,
}

impl Force {
    fn class(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Valid => " in-force",
            Self::Ended => " voided",
        }
    }
}

/// The seal of these 32 bytes; `small` for tables.
pub(crate) fn seal(bytes: &[u8; 32], force: impl Borrow<Force>, small: bool) -> Markup {
    let force = *force.borrow();
    let lobes = 3 + u32::from(bytes[0] % 10);
    let amplitude = [9.0, 15.0, 22.0, 30.0][usize::from(bytes[2] % 4)];
    let turns = if small { 2 } else { [3, 4, 5][usize::from(lobes < 8) + usize::from(lobes < 5)] };
    let inner = 2 + u32::from(bytes[3] % 8);
    let inner_amplitude = [4.0, 8.0, 13.0][usize::from(bytes[5] % 3)];
    let inner_turns = if small { 0 } else { 2 + u32::from(inner < 4) };
    let inner_radius = [24.0, 31.0, 38.0][usize::from(bytes[6] % 3)];
    let rotation = f64::from(bytes[7]) / 256.0 * 2.0 * PI;
    let mut drawing = String::new();
    for turn in 0..turns {
        let rotation = rotation + f64::from(turn) * 2.0 * PI / f64::from(lobes) / f64::from(turns);
        drawing.push_str(&wave(lobes, 84.0 - amplitude, amplitude, rotation));
    }
    for turn in 0..inner_turns {
        let rotation = -rotation + f64::from(turn) * 2.0 * PI / f64::from(inner) / f64::from(inner_turns);
        drawing.push_str(&wave(inner, inner_radius, inner_amplitude, rotation));
    }
    drawing.push_str(
        [
            r#"<circle class="core" cx="100" cy="100" r="9"/>"#,
            r#"<circle cx="100" cy="100" r="10"/>"#,
            r#"<circle class="core" cx="100" cy="100" r="4"/><circle cx="100" cy="100" r="12"/>"#,
            "",
        ][usize::from(bytes[8] % 4)],
    );
    let ring = match small {
        true => r#"<g class="ring"><circle cx="100" cy="100" r="95"/></g>"#,
        false => r#"<g class="ring"><circle cx="100" cy="100" r="97"/><circle cx="100" cy="100" r="91"/></g>"#,
    };
    let class = format!("seal{}{}", if small { " sm" } else { "" }, force.class());
    let who = match force {
        Force::Valid => r#"role="img" aria-label="Approved: in force""#,
        Force::None | Force::Ended => r#"aria-hidden="true""#,
    };
    Markup(format!(r#"<svg class="{class}" viewBox="0 0 200 200" {who}>{ring}{drawing}</svg>"#))
}

/// A closed wave around the middle.
fn wave(lobes: u32, radius: f64, amplitude: f64, rotation: f64) -> String {
    let point = |angle: f64, radius: f64| format!("{:.0} {:.0}", 100.0 + radius * angle.cos(), 100.0 + radius * angle.sin());
    let mut path = format!("M{}", point(rotation, radius));
    for half in 0..2 * lobes {
        let angle = |part: f64| rotation + (f64::from(half) + part) * PI / f64::from(lobes);
        let out = if half % 2 == 0 { 2.05 } else { -1.95 };
        // Writing to a String does not fail.
        let _ = write!(path, "Q{} {}", point(angle(0.5), radius + out * amplitude), point(angle(1.0), radius));
    }
    format!(r#"<path d="{path}z"/>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_never_changes() {
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = (place * 37 + 11) as u8;
        }
        insta::assert_snapshot!(format!("{}\n{}", seal(&bytes, Force::Valid, false), seal(&bytes, Force::None, true)));
    }
}
