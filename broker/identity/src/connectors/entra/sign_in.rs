//! Back from Microsoft: the code is redeemed where it was issued, and proved by the keys of the directory
//! that the token names, once that directory is an accepted one (K-2, E-10).

use symbolon_contract::ReasonCode;

use super::EntraConnector;
use super::admit::{self, Examined};
use super::problem::{EntraProblem, explained};
use super::{enrich, identity, machinery};
use crate::connectors::oidc::{
    OidcSettings, ProviderDocument, Tokens, code_of, unverified_payload,
};
use crate::connectors::{Assertion, ConnectorError, UpstreamCallback, UpstreamLeg};

pub(super) async fn complete(
    connector: &EntraConnector<'_>,
    leg: &UpstreamLeg,
    callback: &UpstreamCallback,
) -> Result<Assertion, ConnectorError> {
    let outcome = redeem_and_verify(connector, leg, callback).await;
    outcome.map_err(|error| once_more(error, leg))
}

async fn redeem_and_verify(
    connector: &EntraConnector<'_>,
    leg: &UpstreamLeg,
    callback: &UpstreamCallback,
) -> Result<Assertion, ConnectorError> {
    let home = machinery::home(connector.settings, connector.cloud)?;
    let document = connector.document(&home).await?;
    if let Some(problem) = EntraProblem::of_callback(callback) {
        return Err(ConnectorError::Entra(Box::new(problem)));
    }
    let code = code_of(callback, &document)?;
    let tokens = redeem(connector, (&home, &document), (code, leg)).await?;
    let unverified = unverified_payload(&tokens)?;
    let directory = admit::directory_to_ask(connector.settings, &unverified)?;
    let issuing = machinery::of_directory(connector.settings, connector.cloud, directory.as_str())?;
    let document = connector.document(&issuing).await?;
    let token = connector.provider(&issuing).verify(&document, &tokens, leg).await?;
    let (settings, cloud) = (connector.settings, connector.cloud);
    admit::check(&Examined { settings, cloud, directory: &directory, token: &token })?;
    let about = enrich::About { directory: &directory, tokens: &tokens };
    let enriched = enrich::enrich(connector, &about, token.payload).await?;
    let mut assertion = identity::assertion(settings, cloud, &directory, enriched.claims);
    assertion.warnings = enriched.warnings;
    assertion.groups_to_remember = enriched.groups_to_remember;
    assertion.groups_are_old = enriched.groups_are_old;
    Ok(assertion)
}

/// While a secret is replaced both are there: the second is tried when Microsoft does not take the first.
async fn redeem(
    connector: &EntraConnector<'_>,
    (home, document): (&OidcSettings, &ProviderDocument),
    (code, leg): (&str, &UpstreamLeg),
) -> Result<Tokens, ConnectorError> {
    let provider = connector.provider(home);
    let mut refused = ConnectorError::Misconfigured("no credential is stored".into());
    for (place, credential) in connector.credentials.iter().enumerate() {
        match provider.redeem(document, credential, (code, leg)).await {
            Err(error) if error.is_about_our_credential() => {
                tracing::warn!(connector = %connector.id, place, %error, "Microsoft refused a credential");
                // What the present credential met is what the admin must hear.
                if place == 0 {
                    refused = error;
                }
            }
            outcome => return outcome.map_err(explained),
        }
    }
    Err(explained(refused))
}

/// Some answers mean "ask again, and ask for more": Microsoft's claims challenge, and a sign-in that is
/// older than the application allows (E-43). Each is followed once.
fn once_more(error: ConnectorError, leg: &UpstreamLeg) -> ConnectorError {
    let mut wishes = leg.wishes.clone();
    match &error {
        ConnectorError::Entra(problem) if wishes.claims_challenge.is_none() => {
            let Some(challenge) = &problem.challenge else {
                return error;
            };
            wishes.claims_challenge = Some(challenge.clone());
        }
        ConnectorError::Token { reason: ReasonCode::OidcAuthTimeStale, seen, .. }
            if seen != "none" && !wishes.fresh_sign_in =>
        {
            wishes.fresh_sign_in = true;
        }
        _ => return error,
    }
    ConnectorError::OnceMore { wishes: Box::new(wishes), because: Box::new(error) }
}
