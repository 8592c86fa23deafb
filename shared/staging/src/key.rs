//! Which keys there may be: those that are the same on every file system and object store.

use crate::Error;

/// File systems take names of up to 255 bytes.
const LONGEST_PART: usize = 200;
/// Object stores take keys of up to 1,024 bytes.
const LONGEST_KEY: usize = 900;

/// Checks a key: parts of ASCII letters, digits and `._-=@` joined by `/`, none beginning with a
/// `.` (so none leads out of the stage, and hidden files are free for the stage's own use).
pub(crate) fn check(key: &str) -> Result<(), Error> {
    refuse_unless(key.len() <= LONGEST_KEY && key.split('/').all(is_part), key)
}

/// Checks the beginning of keys; its last part may be cut anywhere.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Error> {
    let (folders, cut) = prefix.rsplit_once('/').map_or((None, prefix), |(folders, cut)| (Some(folders), cut));
    let folders_are_fine = folders.is_none_or(|folders| folders.split('/').all(is_part));
    refuse_unless(prefix.len() <= LONGEST_KEY && folders_are_fine && (cut.is_empty() || is_part(cut)), prefix)
}

fn is_part(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-=@".contains(&byte);
    (1..=LONGEST_PART).contains(&part.len()) && !part.starts_with('.') && part.bytes().all(is_letter)
}

fn refuse_unless(is_fine: bool, key: &str) -> Result<(), Error> {
    if is_fine { Ok(()) } else { Err(Error::BadKey { key: key.chars().take(LONGEST_PART).collect() }) }
}
