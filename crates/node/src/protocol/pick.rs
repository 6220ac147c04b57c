//! Chooses the version that answers a request. Pure: chance is an argument.

/// What matters of a version for the choice.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Its part of the requests.
    pub weight: u8,
    /// Whether it answers at this moment.
    pub serves: bool,
    /// Whether it is still on its way.
    pub starting: bool,
}

/// The place of the version for a request with this draw; the same draw gives the same version as long as the weights stay.
/// A version that is starting is passed over while another one with a weight serves; any other that cannot answer is chosen all
/// the same, because weights are policy. `None` where no version has a weight.
pub fn pick(arms: &[Choice], draw: u64) -> Option<usize> {
    let chosen = by_weight(arms, draw, |_| true)?;
    let another_serves = || arms.iter().any(|arm| arm.serves && arm.weight > 0);
    if arms[chosen].starting && another_serves() {
        // Drawn again, so that what the others get on top is in proportion to their weights.
        return by_weight(arms, mix(draw), |arm| !arm.starting);
    }
    Some(chosen)
}

fn by_weight(arms: &[Choice], draw: u64, eligible: impl Fn(&Choice) -> bool) -> Option<usize> {
    let weight = |arm: &Choice| if eligible(arm) { u64::from(arm.weight) } else { 0 };
    let total: u64 = arms.iter().map(weight).sum();
    let mut rest = draw.checked_rem(total)?;
    arms.iter().position(|arm| match rest.checked_sub(weight(arm)) {
        Some(left) => {
            rest = left;
            false
        }
        None => true,
    })
}

/// A draw from a running number: consecutive ones look like chance.
pub fn draw(number: u64) -> u64 {
    mix(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The draw of a key that keeps to one version of this service, on every node and in every release.
pub fn sticky(service: &str, key: &[u8]) -> u64 {
    // FNV-1a, with a byte between the two that no name has.
    let bytes = service.bytes().chain([0]).chain(key.iter().copied());
    mix(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// Spreads each bit over all others (the finisher of SplitMix64).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
