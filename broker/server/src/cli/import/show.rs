//! The plan as a person and as a program read it. It says that there is a secret, never which.

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, TenantSlug};

use super::plan::{Draft, Plan};
use crate::cli::print;

/// What the connector would be called, and where.
pub(super) struct Target {
    pub(super) public_url: String,
    pub(super) tenant: TenantSlug,
    pub(super) connector: ConnectorId,
    pub(super) display_name: String,
}

/// How far it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Something stands in the way.
    Refused,
    /// It could be applied.
    Planned,
    /// The connector is there.
    Applied {
        /// Whether its old callback path leads to it.
        old_path: bool,
    },
}

/// Everything that a person or a program wants to know.
pub(super) fn report(plan: &Plan, target: &Target, outcome: Outcome) -> Value {
    let not_taken = plan.not_taken.iter().map(|(name, line)| json!({ "name": name, "line": line }));
    json!({
        "applicable": outcome != Outcome::Refused,
        "applied": matches!(outcome, Outcome::Applied { .. }),
        "backend": plan.backend.map(|backend| backend.class),
        "connector": plan.draft.as_ref().map(|draft| connector(draft, target)),
        "problems": plan.problems,
        "warnings": plan.warnings,
        "not_taken": not_taken.collect::<Vec<Value>>(),
        "next": next(plan, target, outcome),
    })
}

fn connector(draft: &Draft, target: &Target) -> Value {
    let Target { tenant, connector, display_name, .. } = target;
    json!({
        "tenant": tenant,
        "id": connector,
        "kind": "entra",
        "mode": "test",
        "display_name": display_name,
        "tenant_id": draft.settings.tenant_id,
        "client_id": draft.settings.client_id,
        "client_secret": "sealed, never shown",
        "cloud": draft.settings.cloud,
        "accepted_directories": draft.settings.accepted_in_words(),
        "auto_provision": draft.auto_provision,
        "default_role": "none",
        "callback_url": callback_url(target),
        "old_path": draft.old_path,
    })
}

/// What the operator does next.
fn next(plan: &Plan, target: &Target, outcome: Outcome) -> Vec<String> {
    let Target { public_url, tenant, connector, .. } = target;
    let (Some(draft), true) = (&plan.draft, outcome != Outcome::Refused) else {
        return Vec::new();
    };
    let Outcome::Applied { old_path } = outcome else {
        return vec!["nothing was changed; run it again with --apply".to_owned()];
    };
    let redirect_uri =
        if old_path { format!("{public_url}{}", draft.old_path) } else { callback_url(target) };
    vec![
        format!("at Microsoft, register this redirect URI, byte for byte: {redirect_uri}"),
        format!("symbolon connector test {tenant} {connector}"),
        format!("symbolon connector mode {tenant} {connector} on"),
    ]
}

fn callback_url(target: &Target) -> String {
    let Target { public_url, tenant, connector, .. } = target;
    format!("{public_url}/t/{tenant}/callback/{connector}")
}

/// Prints a report.
pub(super) fn print(report: &Value, json: bool) {
    if json {
        print::object(report, true);
        return;
    }
    let done = report.get("applied") == Some(&Value::Bool(true));
    if let Some(connector) = report.get("connector").filter(|one| one.is_object()) {
        println!("{}", if done { "made:" } else { "would make:" });
        print::object(connector, false);
    }
    let lines = |name: &str| report.get(name).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    for problem in lines("problems").filter_map(Value::as_str) {
        println!("PROBLEM  {problem}");
    }
    for warning in lines("warnings") {
        println!("warning  {}: {}", text(warning, "about"), text(warning, "text"));
    }
    for name in lines("not_taken") {
        println!("ignored  {} (line {})", text(name, "name"), text(name, "line"));
    }
    for step in lines("next").filter_map(Value::as_str) {
        println!("next     {step}");
    }
}
