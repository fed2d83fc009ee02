//! When an application that did not take a message is asked again.

use chrono::TimeDelta;

/// An application that refuses a message (Back-Channel Logout 2.8: status 400) will hardly take it later.
pub(super) const MOST_REFUSALS: i32 = 2;

/// How long to wait after this many attempts. Longer than one attempt may take, so that no two overlap.
pub(super) fn wait(attempts: i32) -> TimeDelta {
    match attempts {
        ..=1 => TimeDelta::seconds(10),
        2 => TimeDelta::minutes(1),
        3 => TimeDelta::minutes(5),
        4 => TimeDelta::minutes(30),
        _ => TimeDelta::hours(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_the_waits_grow_and_fit_into_a_day() {
        let waits: Vec<i64> = (1..=6).map(|attempts| wait(attempts).num_seconds()).collect();
        assert_eq!(waits, [10, 60, 300, 1800, 7200, 7200]);
    }
}
