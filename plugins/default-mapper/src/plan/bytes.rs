//! Bytes of a prepared configuration: small numbers are short, texts are borrowed, a sum tells damage.

/// The bytes are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

/// Writes.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }

    pub(crate) fn count(&mut self, mut count: usize) {
        while count >= 0x80 {
            self.byte((count & 0x7f) as u8 | 0x80);
            count >>= 7;
        }
        self.byte((count & 0x7f) as u8);
    }

    pub(crate) fn short(&mut self, short: u16) {
        self.0.extend(short.to_le_bytes());
    }

    pub(crate) fn word(&mut self, word: u64) {
        self.0.extend(word.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// Everything, with its sum.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let sum = sum(&self.0);
        self.word(sum);
        self.0
    }
}

/// Reads; every answer is checked.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Checks the sum.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let (body, end) = bytes.split_last_chunk::<8>().ok_or(Damaged)?;
        if u64::from_le_bytes(*end) == sum(body) {
            Ok(Self(body))
        } else {
            Err(Damaged)
        }
    }

    pub(crate) fn end(&self) -> Result<(), Damaged> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Damaged)
        }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.0.split_first().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Damaged> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged),
        }
    }

    pub(crate) fn count(&mut self) -> Result<usize, Damaged> {
        let mut count = 0_usize;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(count);
            }
        }
        Err(Damaged)
    }

    pub(crate) fn short(&mut self) -> Result<u16, Damaged> {
        let (short, rest) = self.0.split_first_chunk::<2>().ok_or(Damaged)?;
        self.0 = rest;
        Ok(u16::from_le_bytes(*short))
    }

    pub(crate) fn word(&mut self) -> Result<u64, Damaged> {
        let (word, rest) = self.0.split_first_chunk::<8>().ok_or(Damaged)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*word))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let length = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    pub(crate) fn optional(&mut self) -> Result<Option<&'a str>, Damaged> {
        if self.flag()? {
            self.text().map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Against accidents only: the host keeps the bytes, and they decide nothing that their maker could not.
fn sum(bytes: &[u8]) -> u64 {
    let mut sum = bytes.len() as u64;
    let mut add = |word: u64| {
        sum = (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        sum ^= sum >> 31;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
    rest.iter().for_each(|byte| add(u64::from(*byte)));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut writer = Writer::default();
        for count in [0, 1, 127, 128, 300, 65_536, (1 << 28) - 1] {
            writer.count(count);
        }
        writer.text("Zoë");
        writer.optional(None);
        writer.optional(Some(""));
        writer.word(u64::MAX);
        let bytes = writer.finish();
        let mut reader = Reader::open(&bytes).unwrap();
        for count in [0, 1, 127, 128, 300, 65_536, (1 << 28) - 1] {
            assert_eq!(reader.count(), Ok(count));
        }
        assert_eq!(reader.text(), Ok("Zoë"));
        assert_eq!(reader.optional(), Ok(None));
        assert_eq!(reader.optional(), Ok(Some("")));
        assert_eq!(reader.end(), Err(Damaged));
        assert_eq!(reader.word(), Ok(u64::MAX));
        assert_eq!(reader.end(), Ok(()));
        assert_eq!(reader.byte(), Err(Damaged));
    }

    #[test]
    fn a_changed_bit_is_noticed() {
        let mut writer = Writer::default();
        writer.text("something longer than one word");
        let bytes = writer.finish();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Reader::open(&damaged).err(), Some(Damaged), "{bit}");
        }
        assert_eq!(Reader::open(&bytes[..7]).err(), Some(Damaged));
    }
}
