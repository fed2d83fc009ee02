//! A record told stop by stop: what was there before, what after, and where it ended (MP13).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use symbolon_contract::ReasonCode;

use super::content::{MappingAnswer, RecordedSignIn, Stop};

/// One stop of a recorded sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TraceStep {
    /// Which.
    pub stop: Stop,
    /// What the stop was given.
    pub before: Value,
    /// What it made of it; nothing where the sign-in ended.
    pub after: Value,
    /// Why it ended here.
    pub reason: Option<ReasonCode>,
    /// Seen and expected.
    pub detail: Option<String>,
}

/// Every stop that was reached, in order.
#[must_use]
pub fn steps(recorded: &RecordedSignIn) -> Vec<TraceStep> {
    let told = [
        told_upstream(recorded),
        told_normalised(recorded),
        told_mapping(recorded),
        told_provisioning(recorded),
        (Stop::Gate, json!({ "user": recorded.user }), json!({ "admitted": true })),
        (Stop::Session, Value::Null, json!({ "opened": true })),
    ];
    let refused = recorded.refusal.as_ref();
    let ended_at = refused.map_or(Stop::Session, |refusal| refusal.stop);
    let reached = told.into_iter().filter(|(stop, ..)| *stop <= ended_at);
    reached
        .map(|(stop, before, after)| match refused.filter(|refusal| refusal.stop == stop) {
            None => TraceStep { stop, before, after, reason: None, detail: None },
            Some(refusal) => TraceStep {
                stop,
                before,
                after: Value::Null,
                reason: Some(refusal.reason),
                detail: Some(refusal.detail.clone()),
            },
        })
        .collect()
}

type Told = (Stop, Value, Value);

fn told_upstream(recorded: &RecordedSignIn) -> Told {
    let (input, statement) = (&recorded.input, &recorded.statement);
    let said = json!({
        "issuer": input.issuer,
        "subject": input.subject,
        "auth_time": statement.auth_time,
        "acr": statement.acr,
        "amr": statement.amr,
        "warnings": statement.warnings,
        "claims": input.claims.raw,
    });
    (Stop::Upstream, Value::Null, said)
}

fn told_normalised(recorded: &RecordedSignIn) -> Told {
    let claims = &recorded.input.claims;
    let names = json!({
        "email": claims.email,
        "email_verified": claims.email_verified,
        "name": claims.name,
        "preferred_username": claims.preferred_username,
        "groups": claims.groups,
        "groups_complete": claims.groups_complete,
    });
    (Stop::Normalised, json!({ "claims": claims.raw }), names)
}

fn told_mapping(recorded: &RecordedSignIn) -> Told {
    let (input, mapping) = (&recorded.input, &recorded.mapping);
    let asked = json!({
        "connector": input.connector,
        "kind": input.kind,
        "issuer": input.issuer,
        "subject": input.subject,
        "groups": input.claims.groups,
        "groups_complete": input.claims.groups_complete,
        "guest": input.guest,
        "extra": input.extra,
        "now": input.now.timestamp(),
        "plugin": mapping.plugin,
        "version": mapping.version,
    });
    let said = match &mapping.answer {
        MappingAnswer::Refused(_) => Value::Null,
        MappingAnswer::Mapped(mapped) => json!({
            "fields": mapped.fields,
            "grants": mapped.grants,
            "notes": mapped.notes,
            "remarks": mapping.remarks,
            "fuel": mapping.fuel,
            "last_known_because": mapping.last_known_because,
        }),
    };
    (Stop::Mapping, asked, said)
}

fn told_provisioning(recorded: &RecordedSignIn) -> Told {
    let mapped = match &recorded.mapping.answer {
        MappingAnswer::Refused(_) => Value::Null,
        MappingAnswer::Mapped(mapped) => {
            let roles: Vec<&str> = mapped.grants.iter().map(|one| one.role.as_str()).collect();
            json!({ "fields": mapped.fields, "roles": roles })
        }
    };
    (Stop::Provisioning, mapped, json!({ "user": recorded.user }))
}

#[cfg(test)]
mod tests {
    use serde_json::from_value;
    use symbolon_contract::{ConnectorId, Mapping, UserId};

    use super::super::content::{
        FORMAT, Happened, RecordedMapping, RecordedRefusal, RecordedStatement, RecordedUser,
    };
    use super::*;
    use crate::tenants::RecordingKeep;

    fn recorded(refused_at: Option<Stop>) -> RecordedSignIn {
        let input = json!({
            "connector": ConnectorId::parse("work").unwrap(), "kind": "oidc", "issuer": "i", "subject": "s",
            "claims": {
                "email": null, "email_verified": false, "name": null, "preferred_username": null,
                "groups": ["g"], "groups_complete": true, "raw": { "sub": "s" },
            },
            "now": "2026-01-01T00:00:00Z",
        });
        let refusal = refused_at.map(|stop| RecordedRefusal {
            stop,
            reason: ReasonCode::PluginDenied,
            detail: "said no".into(),
        });
        let answer = match &refusal {
            Some(refusal) if refusal.stop == Stop::Mapping => {
                MappingAnswer::Refused(refusal.clone())
            }
            _ => MappingAnswer::Mapped(Mapping::default()),
        };
        RecordedSignIn {
            format: FORMAT,
            keep: RecordingKeep::Redacted,
            statement: RecordedStatement::default(),
            input: from_value(input).unwrap(),
            mapping: RecordedMapping {
                plugin: None,
                version: Some(3),
                fuel: None,
                remarks: Vec::new(),
                last_known_because: None,
                answer,
            },
            user: refused_at.is_none().then(|| RecordedUser {
                id: UserId::parse("u").unwrap(),
                happened: Happened::Created,
                gained: vec!["viewer".into()],
                lost: Vec::new(),
            }),
            refusal,
        }
    }

    #[test]
    fn mp13_a_sign_in_is_told_up_to_the_stop_where_it_ended() {
        let stops = |refused_at| {
            let steps = steps(&recorded(refused_at));
            let last = steps.last().map(|step| (step.stop, step.reason, step.after.clone()));
            (steps.len(), last.unwrap())
        };
        assert_eq!(stops(None), (6, (Stop::Session, None, json!({ "opened": true }))));
        for (stop, count) in [(Stop::Mapping, 3), (Stop::Provisioning, 4), (Stop::Gate, 5)] {
            let ended = (stop, Some(ReasonCode::PluginDenied), Value::Null);
            assert_eq!(stops(Some(stop)), (count, ended));
        }
    }

    #[test]
    fn mp13_a_record_is_read_back_as_it_was_written() {
        for stop in [None, Some(Stop::Mapping), Some(Stop::Gate)] {
            let written = recorded(stop);
            let read: RecordedSignIn = from_value(json!(written)).unwrap();
            assert_eq!(read, written);
        }
    }
}
