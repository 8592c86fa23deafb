/// A LIKE pattern, its escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePattern {
    /// Its parts in order.
    pub parts: Vec<LikePart>,
    /// ILIKE.
    pub ignore_case: bool,
}

/// A part of a LIKE pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LikePart {
    /// These letters.
    Text(String),
    /// `_`: any one letter.
    One,
    /// `%`: any letters or none.
    Any,
}

const TEXT: u8 = 0;
const ONE: u8 = 1;
const ANY: u8 = 2;

impl LikePattern {
    /// Its bytes: whether case is ignored (0 or 1), then each part as its kind, a text followed by
    /// its length in four bytes and itself. Texts next to each other are joined, and runs of `%`
    /// are one. The text of a pattern that ignores case is made lower.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.ignore_case)];
        let mut text = String::new();
        let mut last_is_any = false;
        for part in &self.parts {
            let is_any = *part == LikePart::Any;
            match part {
                LikePart::Text(letters) if self.ignore_case => {
                    text.extend(letters.chars().map(crate::functions::text::lower_letter));
                }
                LikePart::Text(letters) => text.push_str(letters),
                LikePart::One => {
                    put_text(&mut bytes, &mut text);
                    bytes.push(ONE);
                }
                LikePart::Any => {
                    put_text(&mut bytes, &mut text);
                    if !last_is_any {
                        bytes.push(ANY);
                    }
                }
            }
            last_is_any = is_any;
        }
        put_text(&mut bytes, &mut text);
        bytes
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &mut String) {
    if text.is_empty() {
        return;
    }
    bytes.push(TEXT);
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(text.as_bytes());
    text.clear();
}

/// An encoded [`LikePattern`], and an iterator over its parts.
#[derive(Debug, Clone, Copy)]
pub struct LikeView<'a> {
    ignore_case: bool,
    rest: &'a [u8],
}

/// A part of an encoded pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeItem<'a> {
    /// These letters.
    Text(&'a [u8]),
    /// `_`.
    One,
    /// `%`.
    Any,
}

impl<'a> LikeView<'a> {
    /// The pattern of these bytes.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        match bytes.split_first() {
            Some((first, rest)) => LikeView { ignore_case: *first == 1, rest },
            None => LikeView { ignore_case: false, rest: &[] },
        }
    }

    /// Whether it is an ILIKE.
    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.ignore_case
    }
}

impl<'a> Iterator for LikeView<'a> {
    type Item = LikeItem<'a>;

    #[inline]
    fn next(&mut self) -> Option<LikeItem<'a>> {
        let (kind, rest) = self.rest.split_first()?;
        match *kind {
            ONE => {
                self.rest = rest;
                Some(LikeItem::One)
            }
            ANY => {
                self.rest = rest;
                Some(LikeItem::Any)
            }
            _ => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                self.rest = rest;
                Some(LikeItem::Text(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LikeItem, LikePart, LikePattern, LikeView};

    #[test]
    fn a_pattern_is_read_back_with_its_texts_joined() {
        let text = |letters: &str| LikePart::Text(letters.to_owned());
        let parts = vec![text("ab"), text("c"), LikePart::Any, LikePart::Any, LikePart::One, LikePart::Any, text("é")];
        let bytes = LikePattern { parts, ignore_case: false }.encode();
        let view = LikeView::of(&bytes);
        assert!(!view.ignores_case());
        let items: Vec<_> = view.collect();
        assert_eq!(
            items,
            [LikeItem::Text(b"abc"), LikeItem::Any, LikeItem::One, LikeItem::Any, LikeItem::Text("é".as_bytes())]
        );
    }

    #[test]
    fn a_cut_pattern_ends_early() {
        let bytes = LikePattern { parts: vec![LikePart::Text("abc".to_owned())], ignore_case: true }.encode();
        for length in 0..bytes.len() {
            assert_eq!(LikeView::of(&bytes[..length]).count(), 0);
        }
    }
}
