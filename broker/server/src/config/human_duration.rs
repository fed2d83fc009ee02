//! Lengths of time as a person writes them: `15m`, `12h`, `1h30m`, `250ms`.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A length of time in a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HumanDuration(Duration);

/// The text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a length of time such as \"250ms\", \"60s\", \"15m\", \"12h\", \"1h30m\" or \"7d\""
)]
pub struct InvalidDuration;

impl HumanDuration {
    /// That many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// That many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Reads numbers with units, largest unit first, each unit at most once.
    ///
    /// # Errors
    /// [`InvalidDuration`] for anything else, a bare number included: its unit would be a guess.
    pub fn parse(text: &str) -> Result<Self, InvalidDuration> {
        let mut rest = text.trim();
        let mut total: u64 = 0;
        let mut units = UNITS.iter();
        if rest.is_empty() {
            return Err(InvalidDuration);
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidDuration)?;
            let (number, after) = rest.split_at(digits);
            let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, next) = after.split_at(unit_end);
            let (_, factor) = units.find(|(name, _)| *name == unit).ok_or(InvalidDuration)?;
            let number: u64 = number.parse().map_err(|_| InvalidDuration)?;
            let part = number.checked_mul(*factor).ok_or(InvalidDuration)?;
            total = total.checked_add(part).ok_or(InvalidDuration)?;
            rest = next;
        }
        Ok(Self::from_millis(total))
    }

    /// For the code that waits or adds.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        self.0
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() {
            return f.write_str("0s");
        }
        let mut rest = self.0.as_millis();
        for (name, factor) in UNITS {
            let factor = u128::from(factor);
            if rest >= factor {
                write!(f, "{}{name}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for HumanDuration {
    type Error = InvalidDuration;
    fn try_from(text: String) -> Result<Self, InvalidDuration> {
        Self::parse(&text)
    }
}

impl From<HumanDuration> for String {
    fn from(duration: HumanDuration) -> Self {
        duration.to_string()
    }
}

impl JsonSchema for HumanDuration {
    fn schema_name() -> Cow<'static, str> {
        "HumanDuration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "examples": ["15m"] })
    }
}

#[cfg(test)]
mod tests {
    use super::HumanDuration;

    #[test]
    fn what_is_written_is_what_is_shown() {
        for text in ["250ms", "60s", "15m", "12h", "1h30m", "7d", "0s"] {
            let shown = HumanDuration::parse(text).unwrap().to_string();
            let expected = if text == "60s" { "1m" } else { text };
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn a_number_without_a_unit_is_refused() {
        for text in
            ["", "15", "m", "15 m", "15m15m", "5m1h", "-1s", "1.5h", "99999999999999999999s"]
        {
            assert!(HumanDuration::parse(text).is_err(), "{text:?}");
        }
    }
}
