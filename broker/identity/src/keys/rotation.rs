//! When keys come and go: pure decisions over what is stored, applied in `settle`.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use symbolon_storage::SigningKeyState;

use super::signing_key::SigningAlgorithm;

/// What may be known about a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where it is in its life.
    pub state: SigningKeyState,
    /// Since when it is published.
    pub created_at: DateTime<Utc>,
    /// When it began to sign.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it ceased to sign.
    pub retired_at: Option<DateTime<Utc>>,
}

impl KeyFacts {
    pub(super) fn signing_since(&self) -> DateTime<Utc> {
        self.activated_at.unwrap_or(self.created_at)
    }
}

/// A stored key: what is known about it, its public half, its sealed private half.
#[derive(Debug, Clone)]
pub(super) struct StoredKey {
    pub(super) facts: KeyFacts,
    pub(super) public_jwk: Value,
    pub(super) sealed_private: String,
}

/// How long a key stays in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs.
    pub active_for: TimeDelta,
    /// How long a key is published before it signs: at least as long as applications cache the JWKS.
    pub publish_before: TimeDelta,
    /// How long a key stays published after it signed: longest token lifetime and JWKS cache together.
    pub retire_for: TimeDelta,
}

impl Default for RotationPolicy {
    fn default() -> Self {
        Self {
            active_for: TimeDelta::days(90),
            publish_before: TimeDelta::hours(24),
            retire_for: TimeDelta::hours(48),
        }
    }
}

/// One step of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// Make a key, in state next or active.
    Create {
        /// For which algorithm.
        algorithm: SigningAlgorithm,
        /// In which state.
        state: SigningKeyState,
    },
    /// Let a next key sign.
    Activate {
        /// Which.
        kid: String,
    },
    /// Let an active key sign no more; it stays published.
    Retire {
        /// Which.
        kid: String,
    },
    /// Forget a retired key.
    Remove {
        /// Which.
        kid: String,
    },
}

/// What is due now: a first key for every algorithm that is `wanted`, and the next step of every key there is.
#[must_use]
pub fn plan(
    keys: &[KeyFacts],
    wanted: &[SigningAlgorithm],
    now: DateTime<Utc>,
    policy: &RotationPolicy,
) -> Vec<KeyChange> {
    let present =
        keys.iter().filter(|key| key.state != SigningKeyState::Retired).map(|key| key.algorithm);
    let algorithms: BTreeSet<_> = wanted.iter().copied().chain(present).collect();
    let mut changes = Vec::new();
    for algorithm in algorithms {
        plan_algorithm(&Ring::of(keys, algorithm), algorithm, now, policy, &mut changes);
    }
    let outlived = |key: &&KeyFacts| {
        key.state == SigningKeyState::Retired
            && key.retired_at.is_some_and(|retired| now - retired >= policy.retire_for)
    };
    let removals = keys.iter().filter(outlived);
    changes.extend(removals.map(|key| KeyChange::Remove { kid: key.kid.clone() }));
    changes
}

/// A rotation by command: the next key, or a new one, signs at once. The old one stays published.
#[must_use]
pub fn plan_rotate_now(keys: &[KeyFacts], algorithm: SigningAlgorithm) -> Vec<KeyChange> {
    let ring = Ring::of(keys, algorithm);
    let mut changes = vec![match ring.next.first() {
        Some(next) => KeyChange::Activate { kid: next.kid.clone() },
        None => KeyChange::Create { algorithm, state: SigningKeyState::Active },
    }];
    changes.extend(ring.active.iter().map(|key| KeyChange::Retire { kid: key.kid.clone() }));
    changes
}

/// The keys of one algorithm: the newest active and the oldest next come first.
struct Ring<'a> {
    active: Vec<&'a KeyFacts>,
    next: Vec<&'a KeyFacts>,
}

impl<'a> Ring<'a> {
    fn of(keys: &'a [KeyFacts], algorithm: SigningAlgorithm) -> Self {
        let in_state =
            |state| keys.iter().filter(move |key| key.algorithm == algorithm && key.state == state);
        let mut active: Vec<_> = in_state(SigningKeyState::Active).collect();
        active.sort_by_key(|key| std::cmp::Reverse((key.signing_since(), key.kid.clone())));
        let mut next: Vec<_> = in_state(SigningKeyState::Next).collect();
        next.sort_by_key(|key| key.created_at);
        Self { active, next }
    }
}

fn plan_algorithm(
    ring: &Ring<'_>,
    algorithm: SigningAlgorithm,
    now: DateTime<Utc>,
    policy: &RotationPolicy,
    changes: &mut Vec<KeyChange>,
) {
    let Some((current, surplus)) = ring.active.split_first() else {
        // Nothing signs: an application's cached JWKS cannot be waited for.
        changes.push(match ring.next.first() {
            Some(next) => KeyChange::Activate { kid: next.kid.clone() },
            None => KeyChange::Create { algorithm, state: SigningKeyState::Active },
        });
        return;
    };
    // Two nodes that made the first key at the same moment: one of the keys is enough.
    changes.extend(surplus.iter().map(|key| KeyChange::Retire { kid: key.kid.clone() }));
    let age = now - current.signing_since();
    let next_is_known = |next: &KeyFacts| now - next.created_at >= policy.publish_before;
    match ring.next.first() {
        Some(next) if age >= policy.active_for && next_is_known(next) => {
            changes.push(KeyChange::Activate { kid: next.kid.clone() });
            changes.push(KeyChange::Retire { kid: current.kid.clone() });
        }
        None if age >= policy.active_for - policy.publish_before => {
            changes.push(KeyChange::Create { algorithm, state: SigningKeyState::Next });
        }
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES: SigningAlgorithm = SigningAlgorithm::Es256;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn key(kid: &str, state: SigningKeyState, since: i64) -> KeyFacts {
        let at = |wanted| (state == wanted).then(|| day(since));
        KeyFacts {
            kid: kid.to_owned(),
            algorithm: ES,
            state,
            created_at: day(if state == SigningKeyState::Next { since } else { 0 }),
            activated_at: at(SigningKeyState::Active),
            retired_at: at(SigningKeyState::Retired),
        }
    }

    fn due(keys: &[KeyFacts], today: i64) -> String {
        let changes = plan(keys, &[ES], day(today), &RotationPolicy::default());
        words(changes)
    }

    fn words(changes: Vec<KeyChange>) -> String {
        let word = |change| match change {
            KeyChange::Create { algorithm, state } => format!("create {algorithm} {state}"),
            KeyChange::Activate { kid } => format!("activate {kid}"),
            KeyChange::Retire { kid } => format!("retire {kid}"),
            KeyChange::Remove { kid } => format!("remove {kid}"),
        };
        changes.into_iter().map(word).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn h10_what_is_due_on_which_day() {
        use SigningKeyState::{Active, Next, Retired};
        let table: &[(&[KeyFacts], i64, &str)] = &[
            (&[], 0, "create ES256 active"),
            (&[key("a", Active, 0)], 88, ""),
            (&[key("a", Active, 0)], 89, "create ES256 next"),
            (&[key("a", Active, 0), key("b", Next, 89)], 89, ""),
            (&[key("a", Active, 0), key("b", Next, 89)], 90, "activate b, retire a"),
            // Nobody looked for months: the next key is published a day all the same.
            (&[key("a", Active, 0)], 400, "create ES256 next"),
            (&[key("a", Active, 0), key("b", Next, 400)], 400, ""),
            (&[key("a", Active, 0), key("b", Next, 400)], 401, "activate b, retire a"),
            (&[key("b", Active, 90), key("a", Retired, 90)], 91, ""),
            (&[key("b", Active, 90), key("a", Retired, 90)], 92, "remove a"),
            (&[key("b", Next, 5)], 5, "activate b"),
            (&[key("a", Retired, 5)], 5, "create ES256 active"),
            (&[key("a", Active, 5), key("b", Active, 6)], 6, "retire a"),
        ];
        for (keys, today, expected) in table {
            assert_eq!(due(keys, *today), *expected, "day {today}: {keys:?}");
        }
    }

    #[test]
    fn a_command_promotes_the_next_key_or_makes_one() {
        use SigningKeyState::{Active, Next};
        let keys = [key("a", Active, 0), key("b", Next, 1)];
        assert_eq!(words(plan_rotate_now(&keys, ES)), "activate b, retire a");
        assert_eq!(words(plan_rotate_now(&keys[..1], ES)), "create ES256 active, retire a");
        assert_eq!(words(plan_rotate_now(&[], ES)), "create ES256 active");
    }

    #[test]
    fn algorithms_rotate_apart_and_only_wanted_ones_are_made() {
        let keys = [key("a", SigningKeyState::Active, 0)];
        let policy = RotationPolicy::default();
        let changes = plan(&keys, &[SigningAlgorithm::Rs256], day(89), &policy);
        assert_eq!(words(changes), "create ES256 next, create RS256 active");
    }
}
