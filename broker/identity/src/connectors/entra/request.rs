//! What the authorization request says beyond OpenID: contexts, challenges, hints (E-40 to E-45).

use serde_json::{Map, Value, json};

use super::settings::EntraSettings;
use crate::connectors::UpstreamLeg;
use crate::connectors::assertion::UpstreamWishes;

/// The `claims` parameter (OpenID Core 5.5): the contexts to prove, and Microsoft's own challenge.
pub(super) fn claims_parameter(settings: &EntraSettings, leg: &UpstreamLeg) -> Option<String> {
    let mut request: Map<String, Value> = leg
        .wishes
        .claims_challenge
        .as_deref()
        .and_then(|challenge| serde_json::from_str(challenge).ok())
        .unwrap_or_default();
    if let Some(context) = wanted_context(settings, &leg.wishes) {
        let id_token = request.entry("id_token").or_insert_with(|| json!({}));
        if let Some(members) = id_token.as_object_mut() {
            members.insert("acrs".into(), json!({ "essential": true, "value": context }));
        }
    }
    (!request.is_empty()).then(|| Value::Object(request).to_string())
}

/// The context that the application's `acr_values` mean, else the one that every sign-in needs.
fn wanted_context<'a>(settings: &'a EntraSettings, wishes: &UpstreamWishes) -> Option<&'a str> {
    let assurance = &settings.assurance;
    let asked = wishes.acr_values.iter().find_map(|acr| assurance.contexts.get(acr));
    asked.or(assurance.required_context.as_ref()).map(String::as_str)
}

/// The wishes in Entra's terms: `acr_values` is no parameter of its, contexts take its place.
pub(super) fn translated(leg: &UpstreamLeg) -> UpstreamLeg {
    let mut leg = leg.clone();
    leg.wishes.acr_values.clear();
    leg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::entra::DirectoryId;

    fn leg(acr: &[&str], challenge: Option<&str>) -> UpstreamLeg {
        UpstreamLeg {
            state: "s".into(),
            nonce: "n".into(),
            code_verifier: "v".into(),
            redirect_uri: "https://broker.example/t/contoso/callback/entra".into(),
            started_at: chrono::DateTime::UNIX_EPOCH,
            wishes: UpstreamWishes {
                acr_values: acr.iter().map(|one| (*one).to_owned()).collect(),
                claims_challenge: challenge.map(str::to_owned),
                ..UpstreamWishes::default()
            },
        }
    }

    fn settings(required: Option<&str>) -> EntraSettings {
        let directory = DirectoryId::parse("11111111-2222-4333-8444-555555555555").unwrap();
        let mut settings = EntraSettings::new(directory, "x");
        settings.assurance.required_context = required.map(str::to_owned);
        settings.assurance.contexts.insert("urn:mfa".into(), "c1".into());
        settings
    }

    fn parameter(required: Option<&str>, leg: &UpstreamLeg) -> Option<Value> {
        claims_parameter(&settings(required), leg).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn entra_e45_a_context_is_asked_for_by_the_claims_parameter() {
        let acrs = |context: &str| json!({ "id_token": { "acrs": { "essential": true, "value": context } } });
        assert_eq!(parameter(None, &leg(&[], None)), None);
        assert_eq!(parameter(Some("c2"), &leg(&[], None)), Some(acrs("c2")));
        assert_eq!(parameter(Some("c2"), &leg(&["other", "urn:mfa"], None)), Some(acrs("c1")));
        assert!(translated(&leg(&["urn:mfa"], None)).wishes.acr_values.is_empty());
    }

    #[test]
    fn feat_n7_microsofts_challenge_is_passed_back_beside_our_own_demand() {
        let challenge = r#"{"access_token":{"acrs":{"essential":true,"value":"c9"}}}"#;
        let both = parameter(Some("c2"), &leg(&[], Some(challenge))).unwrap();
        assert_eq!(both["access_token"]["acrs"]["value"], "c9");
        assert_eq!(both["id_token"]["acrs"]["value"], "c2");
        assert_eq!(parameter(None, &leg(&[], Some("broken"))), None);
    }
}
