//! Character references (PC-06): roxmltree reads one to no character at all, such as `&#xD800;`, as U+FFFD, where others
//! refuse or leave it out. Does not own: any other form of reference, which the parser judges.

use crate::fault::{Fault, Refusal};

/// Refuses references to what is no character of XML 1.0 (section 2.2), also where they are only text.
pub(super) fn are_characters(text: &str) -> Result<(), Refusal> {
    // One character is looked for several times as fast as two.
    for (at, _) in text.match_indices('&') {
        let behind = text.get(at + 1..).unwrap_or_default();
        let Some(behind) = behind.strip_prefix('#') else { continue };
        let (digits, radix) = match behind.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (behind, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let number = u32::from_str_radix(digits.get(..end).unwrap_or_default(), radix);
        // What is no number here is refused by the parser, or is text in CDATA.
        if number.is_ok_and(|number| !char::from_u32(number).is_some_and(is_xml)) {
            let seen = "a reference to no character";
            return Err(Refusal::new(Fault::Malformed, seen, "characters of XML 1.0"));
        }
    }
    Ok(())
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saml_pc06_references_to_no_character_are_refused() {
        for fine in [
            "&#9;&#xA;&#13;&#x20;&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10FFFF;&#0065;",
            "&amp;",
            "&#",
            "&#;",
            "&#x;",
        ] {
            assert_eq!(are_characters(fine), Ok(()), "{fine}");
        }
        for odd in [
            "&#0;",
            "&#x8;",
            "&#31;",
            "&#xD800;",
            "&#xDFFF;",
            "&#xFFFE;",
            "&#65535;",
            "&#x110000;",
            "&#x67FFFF;",
        ] {
            assert_eq!(are_characters(odd).unwrap_err().fault, Fault::Malformed, "{odd}");
        }
    }
}
