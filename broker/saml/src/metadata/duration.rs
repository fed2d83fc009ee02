//! Durations as XML Schema writes them (XML Schema Part 2, 3.2.6), bounded.

use chrono::TimeDelta;

#[cfg(test)]
mod tests;

/// The longest duration that is told apart: ten years.
const LONGEST: TimeDelta = TimeDelta::days(3650);

/// An `xs:duration`, at most [`LONGEST`]. Months count 30 days and years 365; negative ones are none.
pub(super) fn parse(text: &str) -> Option<TimeDelta> {
    let (date, time) = match text.trim().strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.trim().strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = seconds(date, &[('Y', 365 * 86_400), ('M', 30 * 86_400), ('D', 86_400)])?;
    let clock = seconds(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    let total = days.saturating_add(clock);
    Some(TimeDelta::try_seconds(total).map_or(LONGEST, |duration| duration.min(LONGEST)))
}

/// Adds up `<number><unit>` parts, whose units must come in this order. Only seconds may have a fraction, which is cut.
fn seconds(mut rest: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut units = units.iter();
    let mut total = 0_i64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, behind) = rest.split_at_checked(end)?;
        let unit = behind.chars().next()?;
        let (_, factor) = units.find(|(known, _)| *known == unit)?;
        total = total.saturating_add(whole(number, unit)?.saturating_mul(*factor));
        rest = behind.get(1..)?;
    }
    Some(total)
}

/// The whole part of a number. One that is too long for the machine is as long as can be.
fn whole(number: &str, unit: char) -> Option<i64> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if unit == 'S' && !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    Some(whole.parse().unwrap_or(i64::MAX))
}
