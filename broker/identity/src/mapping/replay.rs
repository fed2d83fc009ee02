//! Two versions are asked about the same recorded sign-ins: who gains or loses what (ADV-2, WP-80).

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{TenantId, UserId};
use symbolon_storage::MappingVersion;

use super::ask::{Answer, Purpose, ask_many};
use super::{Difference, MappingError, MappingInput, Rulebook, Verdict, difference};
use crate::broker::Broker;

/// People that a report names; the counts are of all.
const MOST_NAMED: usize = 500;

/// One recorded sign-in.
#[derive(Debug, Clone)]
pub(crate) struct ReplayedSignIn {
    /// Its id among the recorded ones.
    pub(crate) id: String,
    /// Who it was, where it came that far.
    pub(crate) user: Option<UserId>,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// What the mapping was asked.
    pub(crate) input: MappingInput,
}

/// What changes when `to` takes the place of `from`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayReport {
    /// The earlier version.
    pub from: i32,
    /// The later version.
    pub to: i32,
    /// Recorded sign-ins that both were asked about.
    pub sign_ins: usize,
    /// Different people among them. Each counts by the newest sign-in.
    pub people: usize,
    /// People for whom something changes.
    pub changed: usize,
    /// How many people gain a role.
    pub gained: BTreeMap<String, usize>,
    /// How many people lose a role.
    pub lost: BTreeMap<String, usize>,
    /// For how many people a field changes.
    pub fields: BTreeMap<String, usize>,
    /// People who got in by the earlier version and would not by the later one.
    pub refused: usize,
    /// People who did not get in by the earlier version and would by the later one.
    pub admitted: usize,
    /// The people for whom something changes, the newest sign-in first.
    pub differences: Vec<PersonDifference>,
    /// Whether there are more of them.
    pub truncated: bool,
    /// The greatest fuel of a call of the later version.
    pub worst_fuel: u64,
    /// The limit of a call.
    pub fuel_limit: u64,
    /// Wall-clock time of the replay in milliseconds.
    pub took_ms: u64,
}

/// What changes for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonDifference {
    /// The recorded sign-in that shows it.
    pub recorded: String,
    /// The user, where the sign-in came that far.
    pub user: Option<UserId>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What changes.
    #[serde(flatten)]
    pub difference: Difference,
}

/// A replay under way: fed page by page, so that ten thousand sign-ins are never in memory together.
pub(crate) struct Replay {
    from: (MappingVersion, Rulebook),
    to: (MappingVersion, Rulebook),
    /// Each identity with its place among the differences, if it has one there.
    seen: HashMap<(String, String), Option<usize>>,
    report: ReplayReport,
}

impl Replay {
    pub(crate) fn between(
        from: (MappingVersion, Rulebook),
        to: (MappingVersion, Rulebook),
        fuel_limit: u64,
    ) -> Self {
        let report = ReplayReport {
            from: from.0.version,
            to: to.0.version,
            fuel_limit,
            ..ReplayReport::default()
        };
        Self { from, to, seen: HashMap::new(), report }
    }

    /// Asks both versions about the next sign-ins, which are older than those before.
    pub(crate) async fn feed(
        &mut self,
        broker: &Broker,
        tenant: &TenantId,
        page: Vec<ReplayedSignIn>,
    ) -> Result<(), MappingError> {
        let inputs: Vec<MappingInput> = page.iter().map(|one| one.input.clone()).collect();
        let asked = (Purpose::Replay, inputs.as_slice());
        let before = ask_many(broker, tenant, (&self.from.0, &self.from.1), asked).await?;
        let after = ask_many(broker, tenant, (&self.to.0, &self.to.1), asked).await?;
        for ((sign_in, before), after) in page.into_iter().zip(before).zip(after) {
            if let Ok(answer) = &after {
                self.report.worst_fuel = self.report.worst_fuel.max(answer.fuel);
            }
            self.note(sign_in, (&verdict(&before), &verdict(&after)));
        }
        Ok(())
    }

    fn note(&mut self, sign_in: ReplayedSignIn, (before, after): (&Verdict, &Verdict)) {
        self.report.sign_ins += 1;
        let identity = (sign_in.input.issuer.clone(), sign_in.input.subject.clone());
        let report = &mut self.report;
        if let Some(place) = self.seen.get(&identity) {
            // The newest sign-in may have been refused before it came to a user; an older one tells who it was.
            let named = place.and_then(|place| report.differences.get_mut(place));
            if let Some(named) = named.filter(|named| named.user.is_none()) {
                named.user = sign_in.user;
            }
            return;
        }
        report.people += 1;
        let Some(difference) = difference(before, after) else {
            self.seen.insert(identity, None);
            return;
        };
        report.changed += 1;
        let let_in = |verdict: &Verdict| matches!(verdict, Verdict::Allowed { .. });
        report.refused += usize::from(let_in(before) && !let_in(after));
        report.admitted += usize::from(!let_in(before) && let_in(after));
        let count = |counts: &mut BTreeMap<String, usize>, name: &String| {
            *counts.entry(name.clone()).or_default() += 1;
        };
        difference.gained.iter().for_each(|role| count(&mut report.gained, role));
        difference.lost.iter().for_each(|role| count(&mut report.lost, role));
        difference.fields.iter().for_each(|field| count(&mut report.fields, &field.field));
        if report.differences.len() == MOST_NAMED {
            report.truncated = true;
            self.seen.insert(identity, None);
            return;
        }
        self.seen.insert(identity, Some(report.differences.len()));
        let ReplayedSignIn { id: recorded, user, at, .. } = sign_in;
        report.differences.push(PersonDifference { recorded, user, at, difference });
    }

    pub(crate) fn finish(mut self, took_ms: u64) -> ReplayReport {
        self.report.took_ms = took_ms;
        self.report
    }
}

fn verdict(answer: &Result<Answer, MappingError>) -> Verdict {
    Verdict::of(answer.as_ref().map(|answer| &answer.mapping))
}

#[cfg(test)]
mod tests {
    use symbolon_contract::{Grant, Mapping};

    use super::super::rulebook::Level;
    use super::super::tests::{input, version};
    use super::super::{Rulebook, UnknownRole};
    use super::*;

    fn says(roles: &[&str]) -> Verdict {
        let grant = |role: &&str| Grant { role: (*role).to_owned(), because: None };
        let grants = roles.iter().map(grant).collect();
        Verdict::of(Ok(&Mapping { grants, ..Mapping::default() }))
    }

    fn replay() -> Replay {
        let rules = Rulebook {
            level: Level::Connector,
            grantable: std::collections::BTreeSet::new(),
            unknown_role: UnknownRole::Refuse,
        };
        Replay::between((version(1), rules.clone()), (version(2), rules), 50)
    }

    fn sign_in(subject: &str, at: i64) -> ReplayedSignIn {
        let input = MappingInput { subject: subject.into(), ..input() };
        let at = DateTime::from_timestamp(at, 0).unwrap();
        ReplayedSignIn { id: format!("{subject}-{at}"), user: None, at, input }
    }

    #[test]
    fn wp80_a_person_counts_by_the_newest_sign_in() {
        let mut replay = replay();
        replay.note(sign_in("ada", 3), (&says(&["viewer"]), &says(&["viewer", "admin"])));
        replay.note(sign_in("ada", 2), (&says(&["viewer"]), &says(&[])));
        replay.note(sign_in("bob", 1), (&says(&["viewer"]), &says(&["viewer"])));
        let denied = Verdict::Denied { code: "x".into() };
        replay.note(sign_in("eve", 1), (&says(&["viewer"]), &denied));
        let report = replay.finish(7);
        assert_eq!((report.sign_ins, report.people, report.changed), (4, 3, 2));
        assert_eq!(report.gained, BTreeMap::from([("admin".to_owned(), 1)]));
        assert_eq!(report.lost, BTreeMap::from([("viewer".to_owned(), 1)]));
        assert_eq!((report.refused, report.admitted, report.took_ms), (1, 0, 7));
        let shown: Vec<_> = report.differences.iter().map(|one| one.recorded.as_str()).collect();
        assert_eq!(shown, ["ada-1970-01-01 00:00:03 UTC", "eve-1970-01-01 00:00:01 UTC"]);
    }

    #[test]
    fn wp80_whom_the_newest_sign_in_refused_is_named_by_an_older_one() {
        let mut replay = replay();
        let (denied, user) =
            (Verdict::Denied { code: "x".into() }, UserId::parse("u-ada").unwrap());
        replay.note(sign_in("ada", 2), (&denied, &says(&["viewer"])));
        let older = ReplayedSignIn { user: Some(user.clone()), ..sign_in("ada", 1) };
        replay.note(older, (&denied, &says(&["viewer"])));
        let report = replay.finish(0);
        assert_eq!((report.people, report.admitted), (1, 1));
        assert_eq!(report.differences[0].user, Some(user));
    }

    #[test]
    fn wp80_a_report_names_a_bounded_number_of_people_and_counts_all() {
        let mut replay = replay();
        for n in 0..MOST_NAMED + 10 {
            let seen = (says(&[]), says(&["viewer"]));
            replay.note(sign_in(&format!("person-{n}"), 1), (&seen.0, &seen.1));
        }
        let report = replay.finish(0);
        assert_eq!((report.changed, report.differences.len()), (MOST_NAMED + 10, MOST_NAMED));
        assert!(report.truncated);
    }
}
