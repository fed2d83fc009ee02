//! Which connector? A hint, the e-mail's domain, the only one, or the person's choice.

use symbolon_contract::ConnectorId;
use symbolon_storage::TenantDomain;

use crate::connectors::ConnectorRecord;
use crate::downstream::Application;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::provisioning::facts::email_domain;

/// A connector as the login page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorChoice {
    /// Its id.
    pub id: ConnectorId,
    /// The text of its button.
    pub display_name: String,
}

/// What can be known before anybody is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Nothing to choose from.
    None,
    /// This one, without asking.
    Only(ConnectorId),
    /// Ask.
    Ask(Vec<ConnectorChoice>),
}

/// The connectors that people of this application may use, by name.
pub(super) fn offered<'a>(
    connectors: &'a [ConnectorRecord],
    application: Option<&Application>,
) -> Vec<&'a ConnectorRecord> {
    let accepts = |id: &ConnectorId| application.is_none_or(|app| app.settings.accepts(id));
    let mut offered: Vec<_> =
        connectors.iter().filter(|one| one.is_offered() && accepts(&one.id)).collect();
    offered.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    offered
}

/// Decides for an application's request. A hint helps only towards what is offered anyway (D22).
pub(super) fn choose(
    offered: &[&ConnectorRecord],
    domains: &[TenantDomain],
    request: Option<&AuthorizationRequest>,
) -> Choice {
    if let [only] = offered {
        return Choice::Only(only.id.clone());
    }
    let asks_to_choose = request.is_some_and(|request| request.prompt.select_account);
    if let (Some(request), false) = (request, asks_to_choose) {
        let hint = request.connector_hint.as_deref();
        if let Some(hinted) = offered.iter().find(|one| Some(one.id.as_str()) == hint) {
            return Choice::Only(hinted.id.clone());
        }
        let hint = request.login_hint.as_deref().unwrap_or_default();
        if let Some(id) = for_email(offered, domains, hint) {
            return Choice::Only(id);
        }
    }
    match offered {
        [] => Choice::None,
        several => Choice::Ask(several.iter().map(|one| as_choice(one)).collect()),
    }
}

/// The connector to which the tenant assigned the e-mail's domain.
pub(super) fn for_email(
    offered: &[&ConnectorRecord],
    domains: &[TenantDomain],
    email: &str,
) -> Option<ConnectorId> {
    let domain = email_domain(email)?;
    let assigned = domains.iter().find(|one| one.domain == domain && one.verified_at.is_some())?;
    let id = assigned.connector_id.as_ref()?;
    offered.iter().any(|one| one.id == *id).then(|| id.clone())
}

pub(super) fn as_choice(connector: &ConnectorRecord) -> ConnectorChoice {
    ConnectorChoice { id: connector.id.clone(), display_name: connector.display_name.clone() }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use symbolon_contract::ApplicationId;

    use super::*;
    use crate::connectors::oidc::OidcSettings;
    use crate::connectors::{ConnectorConfiguration, ConnectorSettings};
    use crate::downstream::{OpenidSettings, RedirectUri};
    use crate::policy::ConnectorMode;

    fn connector(id: &str, mode: ConnectorMode) -> ConnectorRecord {
        ConnectorRecord {
            id: ConnectorId::parse(id).unwrap(),
            display_name: id.to_uppercase(),
            mode,
            configuration: ConnectorConfiguration::new(ConnectorSettings::Oidc(OidcSettings::new(
                "https://idp.example",
                "x",
            ))),
            version: 1,
            settings_version: 1,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn application(accepts: &[&str]) -> Application {
        let mut settings = OpenidSettings::new(Vec::new());
        settings.connectors = accepts.iter().map(|id| ConnectorId::parse(*id).unwrap()).collect();
        Application::new(ApplicationId::parse("wiki").unwrap(), settings)
    }

    fn request(change: fn(&mut AuthorizationRequest)) -> AuthorizationRequest {
        let mut request: AuthorizationRequest = serde_json::from_value(serde_json::json!({
            "application": "wiki",
            "redirect_uri": RedirectUri::parse("https://wiki.example/cb").unwrap(),
            "redirect_uri_was_sent": true, "response_mode": "query", "scopes": ["openid"],
            "prompt": {"none": false, "login": false, "consent": false, "select_account": false},
            "acr_values": [],
        }))
        .unwrap();
        change(&mut request);
        request
    }

    #[test]
    fn n57_hidden_connectors_are_those_off_in_test_or_not_for_the_application() {
        let all = [
            connector("off", ConnectorMode::Off),
            connector("test", ConnectorMode::Test),
            connector("pilot", ConnectorMode::Pilot),
            connector("on", ConnectorMode::On),
        ];
        let ids = |app: Option<&Application>| -> Vec<String> {
            offered(&all, app).iter().map(|one| one.id.to_string()).collect()
        };
        assert_eq!(ids(None), ["on", "pilot"]);
        assert_eq!(ids(Some(&application(&["on", "off"]))), ["on"]);
    }

    #[test]
    fn u6_one_is_taken_several_are_asked_hints_and_domains_help() {
        let all = [connector("a", ConnectorMode::On), connector("b", ConnectorMode::On)];
        let both: Vec<_> = all.iter().collect();
        let domains = [TenantDomain {
            domain: "contoso.com".into(),
            verified_at: Some(DateTime::UNIX_EPOCH),
            connector_id: Some(all[1].id.clone()),
        }];
        let chosen = |request: &AuthorizationRequest| match choose(&both, &domains, Some(request)) {
            Choice::Only(id) => id.to_string(),
            Choice::Ask(list) => format!("ask {}", list.len()),
            Choice::None => "none".to_owned(),
        };
        assert_eq!(choose(&both[..1], &[], None), Choice::Only(all[0].id.clone()));
        assert_eq!(choose(&[], &[], None), Choice::None);
        assert_eq!(chosen(&request(|_| ())), "ask 2");
        assert_eq!(chosen(&request(|r| r.connector_hint = Some("a".into()))), "a");
        assert_eq!(chosen(&request(|r| r.connector_hint = Some("evil".into()))), "ask 2");
        assert_eq!(chosen(&request(|r| r.login_hint = Some("x@Contoso.com".into()))), "b");
        assert_eq!(chosen(&request(|r| r.login_hint = Some("x@evil@contoso.com".into()))), "ask 2");
        let choosing = request(|r| {
            r.connector_hint = Some("a".into());
            r.prompt.select_account = true;
        });
        assert_eq!(chosen(&choosing), "ask 2");
    }
}
