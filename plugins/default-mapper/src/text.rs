//! Texts that go into fields, notes and the audit trail.

/// Control and bidi characters become spaces: the host refuses them, and a line break in somebody's
/// office address is no reason to keep the person out.
pub(crate) fn one_line(text: &str) -> String {
    if is_clean(text.as_bytes()) {
        return text.to_owned();
    }
    let spaced = |c: char| {
        let bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || c.is_whitespace() || bidi
    };
    text.split(spaced)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Printable ASCII with single spaces inside: what nearly every value is.
fn is_clean(bytes: &[u8]) -> bool {
    let mut before = b' ';
    for &byte in bytes {
        if !(b' '..0x7f).contains(&byte) || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    bytes.is_empty() || before != b' '
}

/// A note or message of at most 400 bytes on one line; the host takes 500.
pub(crate) fn note(text: &str) -> String {
    let mut line = one_line(text);
    if line.len() > 400 {
        let end = (0..=400).rev().find(|at| line.is_char_boundary(*at));
        line.truncate(end.unwrap_or_default());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_text_stays_and_everything_else_becomes_one_line() {
        for clean in ["", "a", "Adele Vance", "18/2111"] {
            assert_eq!(one_line(clean), clean);
        }
        for (text, line) in [
            (" a", "a"),
            ("a ", "a"),
            ("a  b", "a b"),
            (" ", ""),
            ("a\r\nb\u{202e}c", "a b c"),
            ("Zoë\u{a0}Łukasz", "Zoë Łukasz"),
            ("a\u{7f}b", "a b"),
        ] {
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn a_note_is_cut_between_characters() {
        assert_eq!(note(&"ä".repeat(300)).len(), 400);
        assert_eq!(note(&format!("a{}", "ä".repeat(300))).len(), 399);
    }
}
