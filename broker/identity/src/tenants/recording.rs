//! What a tenant keeps of people's sign-ins, for how long, and what of it nobody may read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LONGEST_DAYS: u16 = 90;
const MOST: u32 = 100_000;
const MOST_NAMES: usize = 100;
const LONGEST_NAME: usize = 200;

/// How much of a person is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingKeep {
    /// Nothing is recorded.
    Off,
    /// Structure, groups and protocol claims; what tells who somebody is becomes a pseudonym.
    #[default]
    Redacted,
    /// Everything but what is named in `redact`: personal data.
    Full,
}

impl RecordingKeep {
    /// The word in settings and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Redacted => "redacted",
            Self::Full => "full",
        }
    }

    /// Whether a change to `to` keeps less of people than before: then what is there goes.
    #[must_use]
    pub fn keeps_more_than(self, to: Self) -> bool {
        let amount = |keep| match keep {
            Self::Off => 0,
            Self::Redacted => 1,
            Self::Full => 2,
        };
        amount(self) > amount(to)
    }
}

/// How a tenant records sign-ins (features MP13, MP14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecordingSettings {
    /// How much of a person is kept.
    pub keep: RecordingKeep,
    /// For how many days; 1 to 90. A change counts for what is recorded from then on.
    #[schemars(range(min = 1, max = 90))]
    pub days: u16,
    /// How many of each connector; older ones go first.
    #[schemars(range(min = 1, max = 100_000))]
    pub most: u32,
    /// Claims, by name or dotted path, that are masked whatever `keep` says.
    pub redact: Vec<String>,
    /// Claims, by name or dotted path, that stay readable although `keep` is `redacted`.
    pub reveal: Vec<String>,
}

impl Default for RecordingSettings {
    fn default() -> Self {
        Self {
            keep: RecordingKeep::default(),
            days: 7,
            most: 10_000,
            redact: Vec::new(),
            reveal: Vec::new(),
        }
    }
}

impl RecordingSettings {
    /// Whether a tenant that never chose has the same.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that is not acceptable, with its place.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !(1..=LONGEST_DAYS).contains(&self.days) {
            problems
                .push(format!("recording.days: {} is not within 1 to {LONGEST_DAYS}", self.days));
        }
        if !(1..=MOST).contains(&self.most) {
            problems.push(format!("recording.most: {} is not within 1 to {MOST}", self.most));
        }
        for (list, names) in [("redact", &self.redact), ("reveal", &self.reveal)] {
            if names.len() > MOST_NAMES {
                let seen = names.len();
                problems.push(format!("recording.{list}: {seen} names, at most {MOST_NAMES}"));
            }
            let wrong = names.iter().enumerate().filter(|(_, name)| !is_name(name));
            problems.extend(wrong.map(|(place, name)| {
                format!("recording.{list}[{place}]: {name:?} is no name of a claim")
            }));
        }
        let both = self.reveal.iter().filter(|name| self.redact.contains(name));
        problems.extend(both.map(|name| {
            format!("recording.reveal: {name:?} stands in redact, too: it cannot be both")
        }));
        problems
    }
}

fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    name.trim() == name
        && (1..=LONGEST_NAME).contains(&length)
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mp13_every_problem_of_the_settings_is_told_at_once() {
        assert_eq!(RecordingSettings::default().problems(), [""; 0]);
        let wrong = RecordingSettings {
            keep: RecordingKeep::Full,
            days: 91,
            most: 0,
            redact: vec!["email".into(), " ".into()],
            reveal: vec!["email".into(), "a\u{7}".into()],
        };
        let problems = wrong.problems().join("\n");
        for told in ["days: 91", "most: 0", "redact[1]", "reveal[1]", "cannot be both"] {
            assert!(problems.contains(told), "{told}: {problems}");
        }
    }

    #[test]
    fn mp13_unknown_settings_are_refused_and_absent_ones_have_the_defaults() {
        let read = serde_json::from_str::<RecordingSettings>;
        assert_eq!(read(r#"{"keep": "full"}"#).unwrap().days, 7);
        assert_eq!(read("{}").unwrap().keep, RecordingKeep::Redacted);
        assert!(read(r#"{"kep": "full"}"#).is_err());
    }

    #[test]
    fn mp13_only_a_step_down_keeps_less() {
        let (off, redacted, full) =
            (RecordingKeep::Off, RecordingKeep::Redacted, RecordingKeep::Full);
        assert!(full.keeps_more_than(redacted) && full.keeps_more_than(off));
        assert!(redacted.keeps_more_than(off));
        assert!(!redacted.keeps_more_than(full) && !full.keeps_more_than(full));
    }
}
