//! Files by pattern: `*` and `?` within a name, `**` for any folders between.
//!
//! As in a shell, a wildcard at a name's beginning does not stand for a leading dot.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// The pattern taken apart: the folder before the first wildcard, and the names behind it.
pub(crate) fn split(pattern: &str) -> (&str, Vec<&str>) {
    let first_wildcard = pattern.find(['*', '?']).unwrap_or(pattern.len());
    let (fixed, _) = pattern.split_at(first_wildcard);
    let folder_end = fixed.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, rest) = pattern.split_at(folder_end);
    (if folder.is_empty() { "." } else { folder }, rest.split('/').filter(|name| !name.is_empty()).collect())
}

/// The files under `folder` that match, as paths relative to it with `/` between, in order.
pub(crate) fn find(folder: &Path, names: &[&str]) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    walk(folder, names, "", &mut found)?;
    Ok(found)
}

fn walk(folder: &Path, names: &[&str], prefix: &str, found: &mut BTreeSet<String>) -> io::Result<()> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    let any_depth = *name == "**";
    if !name.contains(['*', '?']) {
        return step(&folder.join(name), rest, format!("{prefix}{name}"), found);
    }
    if any_depth {
        walk(folder, if rest.is_empty() { &["*"] } else { rest }, prefix, found)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let entry_name = entry.file_name();
        let Some(entry_name) = entry_name.to_str() else { continue };
        let path = format!("{prefix}{entry_name}");
        if any_depth {
            // A link to a folder above would never end.
            if entry.file_type()?.is_dir() && !entry_name.starts_with('.') {
                walk(&entry.path(), names, &format!("{path}/"), found)?;
            }
        } else if matches(name, entry_name) {
            step(&entry.path(), rest, path, found)?;
        }
    }
    Ok(())
}

/// Takes a file that is the pattern's last name, or goes into a folder that is not.
fn step(entry: &Path, rest: &[&str], path: String, found: &mut BTreeSet<String>) -> io::Result<()> {
    let metadata = match fs::metadata(entry) {
        // A link to nothing is no file, and neither is one that went away while looking.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    match (rest.is_empty(), metadata.is_dir()) {
        (true, false) => {
            found.insert(path);
            Ok(())
        }
        (false, true) => walk(entry, rest, &format!("{path}/"), found),
        _ => Ok(()),
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how much of the name it has been given.
    let mut star: Option<(usize, usize)> = None;
    while let Some(letter) = name.get(n) {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(expected), _) if *expected == '?' || expected == letter => {
                p += 1;
                n += 1;
            }
            (_, Some((at, given))) => {
                star = Some((at, given + 1));
                (p, n) = (at + 1, given + 1);
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(p).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*.csv", "a.csv", true),
            ("*.csv", ".a.csv", false),
            ("*.csv", "a.csv.gz", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?.csv", "é.csv", true),
            ("?.csv", "ab.csv", false),
            ("*", "", true),
            ("x", "x", true),
            ("x[1].csv", "x[1].csv", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn patterns_are_split_at_their_first_wildcard() {
        for (pattern, folder, names) in [
            ("/d/e/*.csv", "/d/e/", &["*.csv"][..]),
            ("/d/e/f.csv", "/d/e/", &["f.csv"]),
            ("f.csv", ".", &["f.csv"]),
            ("/d/2*/**/f.csv", "/d/", &["2*", "**", "f.csv"]),
            ("/*.csv", "/", &["*.csv"]),
        ] {
            assert_eq!(split(pattern), (folder, names.to_vec()), "{pattern}");
        }
    }

    #[test]
    fn folders_are_walked_in_order_and_each_file_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["b.csv", "a.csv", "x/c.csv", "x/y/d.csv", "x/y/.hidden.csv", ".git/e.csv", "x/n.txt"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        for (names, expected) in [
            (&["*.csv"][..], "a.csv b.csv"),
            (&["**", "*.csv"], "a.csv b.csv x/c.csv x/y/d.csv"),
            (&["**", "**", "d.csv"], "x/y/d.csv"),
            (&["**"], "a.csv b.csv x/c.csv x/n.txt x/y/d.csv"),
            (&["x", "*", "?.csv"], "x/y/d.csv"),
            (&["*", "y", "d.csv"], "x/y/d.csv"),
            (&["x", "y", ".hidden.csv"], "x/y/.hidden.csv"),
            (&["x"], ""),
            (&["a.csv", "b"], ""),
            (&["*"], "a.csv b.csv"),
            (&["z"], ""),
        ] {
            let found = find(folder.path(), names).unwrap();
            assert_eq!(found.into_iter().collect::<Vec<_>>().join(" "), expected, "{names:?}");
        }
    }
}
