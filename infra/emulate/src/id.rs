//! The ids Lambda gives.

use flow::Timestamp;

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let random = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{random:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A trace that is not sampled, as X-Ray writes it.
pub(crate) fn trace(now: Timestamp) -> String {
    let (root, parent) = (fastrand::u128(..) >> 32, fastrand::u64(..));
    format!("Root=1-{:08x}-{root:024x};Parent={parent:016x};Sampled=0", now.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_lambdas() {
        for _ in 0..100 {
            let id = uuid();
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("4", true), "{id}");
        }
        let trace = trace("2026-11-22T10:00:00Z".parse().unwrap());
        assert!(trace.starts_with("Root=1-"), "{trace}");
        assert_eq!(trace.len(), "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0".len());
    }
}
