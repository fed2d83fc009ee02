//! The help of the status (N76). What the last look found decides which lines are shown, and in which order.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use symbolon_contract::ReasonCode;
use symbolon_storage::ConnectorHealth;

use super::status::LastError;
use super::watch::ABOUT_CREDENTIALS;
use crate::tenants::TenantRecord;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HelpLine {
    /// `credential`, `network`, `settings`, `error_log` or `support`.
    pub about: &'static str,
    /// What to do.
    pub text: String,
}

/// What stands between us and the upstream.
const ABOUT_NETWORK: [ReasonCode; 10] = [
    ReasonCode::NetUnreachable,
    ReasonCode::NetTimedOut,
    ReasonCode::NetBlockedAddress,
    ReasonCode::NetSchemeRefused,
    ReasonCode::NetRedirectRefused,
    ReasonCode::NetResponseTooLarge,
    ReasonCode::OidcDiscoveryFailed,
    ReasonCode::OidcJwksUnavailable,
    ReasonCode::OidcTokenEndpointError,
    ReasonCode::EntraTemporarilyUnavailable,
];

pub(super) fn lines(
    tenant: &TenantRecord,
    health: &ConnectorHealth,
    last: Option<&LastError>,
) -> Vec<HelpLine> {
    let mut lines = Vec::new();
    let mut add = |about, text: String| lines.push(HelpLine { about, text });
    for reason in failed(health) {
        let fix = reason.entry().fix;
        if ABOUT_CREDENTIALS.contains(&reason) {
            add("credential", format!("Check that the client secret has not ended. {fix}"));
        } else if ABOUT_NETWORK.contains(&reason) {
            let text = "Check the network between this server and the upstream: name resolution, \
                        firewall, proxy, certificates.";
            add("network", format!("{text} {fix}"));
        } else {
            add("settings", fix.to_owned());
        }
    }
    let slug = &tenant.slug;
    let search = match last.and_then(|error| error.trace_id.as_deref()) {
        Some(trace) => format!("search for the trace id {trace}"),
        None => "the trace id is the one that the person saw".to_owned(),
    };
    add(
        "error_log",
        format!(
            "Look at the errors: symbolon audit export {slug} --event user.sso_login_failed; {search}."
        ),
    );
    if let Some(contact) = &tenant.settings.contact {
        add("support", format!("Ask {contact}."));
    }
    lines
}

/// The reasons of the checks that failed.
fn failed(health: &ConnectorHealth) -> Vec<ReasonCode> {
    let checks = health.report.as_ref().and_then(|report| report.get("checks"));
    let checks = checks.and_then(Value::as_array).into_iter().flatten();
    let failed = checks.filter(|check| check.get("outcome").is_some_and(|one| one == "failed"));
    failed.filter_map(|check| ReasonCode::parse(check.get("reason")?.as_str()?)).collect()
}
