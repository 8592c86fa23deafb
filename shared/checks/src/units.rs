//! Whole numbers of every width that columns are carried in.

use arrow_buffer::i256;

/// The whole numbers of a column's native type, and where one of any size lies among them.
pub(crate) trait Units: Copy + PartialOrd + Send + Sync + 'static {
    const LEAST: Self;
    const GREATEST: Self;
    fn from_wide(units: i256) -> Option<Self>;
}

macro_rules! units {
    ($($native:ty),*) => {$(
        impl Units for $native {
            const LEAST: Self = <$native>::MIN;
            const GREATEST: Self = <$native>::MAX;
            fn from_wide(units: i256) -> Option<Self> {
                units.to_i128().and_then(|units| Self::try_from(units).ok())
            }
        }
    )*};
}

units!(i8, i16, i32, i64, u8, u16, u32, u64, i128);

impl Units for i256 {
    const LEAST: Self = i256::MIN;
    const GREATEST: Self = i256::MAX;
    fn from_wide(units: i256) -> Option<Self> {
        Some(units)
    }
}
