use crate::constants::LikeView;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn matches(text: &str, pattern: LikeView<'_>, arena: &Bump) -> bool {
    todo!()
}
