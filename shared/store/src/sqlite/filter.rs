//! A Bloom filter over some fingerprints: says of nearly every other one that it is not among them.

/// With ten bits a key and six of them set, one in a hundred strangers is taken for a member.
const BITS_PER_KEY: usize = 10;
const PROBES: u64 = 6;

/// Which keys may be there.
pub(super) struct Filter {
    bytes: Vec<u8>,
}

impl Filter {
    /// The filter of these keys.
    pub(super) fn of(keys: &[u128]) -> Self {
        let mut filter = Self { bytes: vec![0; (keys.len() * BITS_PER_KEY).div_ceil(8)] };
        for key in keys {
            for (byte, bit) in filter.places(*key) {
                if let Some(byte) = filter.bytes.get_mut(byte) {
                    *byte |= bit;
                }
            }
        }
        filter
    }

    /// The filter as it was stored.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// False when the key is certainly not there.
    pub(super) fn may_hold(&self, key: u128) -> bool {
        self.places(key).all(|(byte, bit)| self.bytes.get(byte).is_some_and(|byte| byte & bit != 0))
    }

    /// Byte and bit of each probe. Filters are stored: this must stay as it is.
    fn places(&self, key: u128) -> impl Iterator<Item = (usize, u8)> + use<> {
        let bits = self.bytes.len() as u128 * 8;
        let [low, high] = [key as u64, (key >> 64) as u64];
        let first = mix(low ^ mix(high));
        let step = mix(first ^ low) | 1;
        (0..PROBES).map(move |probe| {
            let hash = first.wrapping_add(probe.wrapping_mul(step));
            let bit = (u128::from(hash) * bits) >> 64;
            ((bit / 8) as usize, 1 << (bit % 8))
        })
    }
}

/// Spreads a number's bits over all of it.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: impl Fn(u128) -> u128) {
        let members: Vec<u128> = (0..20_000).map(&keys).collect();
        let filter = Filter::from_bytes(Filter::of(&members).into_bytes());
        assert!(members.iter().all(|key| filter.may_hold(*key)));
        let strangers = (20_000..120_000).filter(|number| filter.may_hold(keys(*number))).count();
        assert!(strangers < 2000, "{strangers} of 100,000 strangers pass");
    }

    #[test]
    fn members_pass_and_few_strangers_do() {
        check(|number| number);
        check(|number| number << 64);
        check(|number| number << 100 | number);
    }

    #[test]
    fn nothing_is_in_an_empty_filter() {
        assert!(!Filter::of(&[]).may_hold(7));
    }
}
