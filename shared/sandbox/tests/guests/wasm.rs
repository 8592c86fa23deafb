//! Core modules taken apart and put together, section by section.

/// Sections of a core module: id, and contents with what stands before them.
pub(crate) fn sections(module: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = &module[8..];
    while let Some((id, after)) = rest.split_first() {
        let (length, after) = leb(after);
        found.push((*id, after[..length].to_vec()));
        rest = &after[length..];
    }
    found
}

pub(crate) fn module(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    for (id, contents) in sections {
        bytes.push(*id);
        bytes.extend(to_leb(contents.len()));
        bytes.extend(contents);
    }
    bytes
}

fn leb(bytes: &[u8]) -> (usize, &[u8]) {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let value = bytes[..length].iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
    (value, &bytes[length..])
}

pub(crate) fn to_leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { byte } else { byte | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

/// A module with so many more functions of straight code, each of about this many bytes: nobody
/// calls them, but the compiler works through every one.
pub(crate) fn with_straight_code(bytes: &[u8], functions: usize, function_bytes: usize) -> Vec<u8> {
    let mut sections = sections(bytes);
    let mut new_type = 0;
    for (id, contents) in &mut sections {
        let (count, rest) = leb(contents);
        let (more, entries) = match id {
            1 => {
                new_type = count;
                (1, vec![0x60, 0, 0])
            }
            3 => (functions, to_leb(new_type).repeat(functions)),
            10 => (functions, straight_body(function_bytes).repeat(functions)),
            _ => continue,
        };
        *contents = [to_leb(count + more), rest.to_vec(), entries].concat();
    }
    module(&sections)
}

/// A body that computes with one local over and over.
fn straight_body(bytes: usize) -> Vec<u8> {
    let mut body = vec![1, 1, 0x7e];
    let mut turn = 0_u8;
    while body.len() + 9 < bytes {
        turn = turn.wrapping_add(1) & 0x3f;
        // local.get 0; local.get 0; i64.const turn; i64.rotl; i64.xor; local.set 0
        body.extend([0x20, 0, 0x20, 0, 0x42, turn & 0x3f, 0x89, 0x85, 0x21, 0]);
    }
    body.push(0x0b);
    [to_leb(body.len()), body].concat()
}
