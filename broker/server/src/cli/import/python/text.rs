//! What stands between quotes (Python language reference, sections 2.5 and 2.6).

use super::NotLiteral;

/// A decoded string.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Quoted {
    /// `'text'`.
    Text(String),
    /// `b'bytes'`.
    Bytes(Vec<u8>),
}

/// Whether a word before a quote belongs to the string.
pub(super) fn is_prefix(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["r", "u", "b", "br", "rb", "f", "fr", "rf", "t", "tr", "rt"].contains(&word.as_str())
}

/// How many bytes stand before the closing quotes; none when the string is not closed.
pub(super) fn length(body: &str, quote: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, c) in body.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        if body.get(place..)?.starts_with(quote) {
            return Some(place);
        }
        match c {
            '\\' => escaped = true,
            '\n' if quote.len() == 1 => return None,
            _ => {}
        }
    }
    None
}

/// Reads a string's inside as its prefix says.
pub(super) fn decode(prefix: &str, body: &str) -> Result<Quoted, NotLiteral> {
    let has = |letter: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
    if has('f') || has('t') {
        return Err(NotLiteral::Formatted);
    }
    if has('b') && !body.is_ascii() {
        return Err(NotLiteral::Escape);
    }
    let text = if has('r') { body.to_owned() } else { unescape(body, has('b'))? };
    if !has('b') {
        return Ok(Quoted::Text(text));
    }
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
    Ok(Quoted::Bytes(bytes.collect::<Result<_, _>>().map_err(|_| NotLiteral::Escape)?))
}

/// Every escape is read, or the whole string is not.
fn unescape(body: &str, bytes: bool) -> Result<String, NotLiteral> {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut characters = after.chars();
        let escape = characters.next().ok_or(NotLiteral::Escape)?;
        rest = characters.as_str();
        match escape {
            '\n' => {}
            '\\' | '\'' | '"' => text.push(escape),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            '0'..='7' => {
                let digits = after.chars().take(3).take_while(|c| ('0'..='7').contains(c)).count();
                text.push(number(after, digits, 8)?);
                rest = after.get(digits..).ok_or(NotLiteral::Escape)?;
            }
            'x' => rest = hexadecimal(rest, 2, &mut text)?,
            'u' if !bytes => rest = hexadecimal(rest, 4, &mut text)?,
            'U' if !bytes => rest = hexadecimal(rest, 8, &mut text)?,
            'N' if !bytes => return Err(NotLiteral::Escape),
            // Python keeps the backslash of an escape that it does not know.
            unknown => text.extend(['\\', unknown]),
        }
    }
    text.push_str(rest);
    Ok(text)
}

fn hexadecimal<'a>(rest: &'a str, digits: usize, text: &mut String) -> Result<&'a str, NotLiteral> {
    text.push(number(rest, digits, 16)?);
    rest.get(digits..).ok_or(NotLiteral::Escape)
}

/// The character of a number of exactly so many digits; a half of a surrogate pair is none.
fn number(text: &str, digits: usize, radix: u32) -> Result<char, NotLiteral> {
    let digits = text.get(..digits).filter(|all| all.chars().all(|c| c.is_digit(radix)));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    number.and_then(char::from_u32).ok_or(NotLiteral::Escape)
}
