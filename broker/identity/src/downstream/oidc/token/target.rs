//! Where an access token is good, and in which form (RFC 8707, RFC 9068).
//!
//! Owns: the choice among what was granted and registered. Does not own: what the authorization request may
//! name (`authorize`) or the token itself (`access_token`).

use symbolon_contract::ReasonCode;

use super::OauthError;
use crate::downstream::{AccessTokenFormat, Application};
use crate::keys::SigningAlgorithm;

/// Where one access token is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Resource servers; none means our own endpoints.
    pub(crate) resources: Vec<String>,
    /// What it is good for there.
    pub(crate) scopes: Vec<String>,
    /// Its form.
    pub(crate) format: AccessTokenFormat,
    /// How it is signed, if it is.
    pub(crate) algorithm: SigningAlgorithm,
}

/// Among what the choice is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    /// Our issuer: as a resource it means our own endpoints.
    pub(super) issuer: &'a str,
    /// The resources of the authorization; none leaves the choice to the token request.
    pub(super) granted: &'a [String],
    /// The granted scopes.
    pub(super) scopes: &'a [String],
    /// What the token request names.
    pub(super) asked: &'a [String],
}

impl Target {
    /// Chooses where the token is good: what the token request names within what was granted, or all of it.
    pub(super) fn choose(
        application: &Application,
        choice: &Choice<'_>,
    ) -> Result<Self, OauthError> {
        let refuse = |detail: String| OauthError::new(ReasonCode::TokenTargetInvalid, detail);
        let Choice { issuer, granted, scopes, asked } = *choice;
        let wanted = if asked.is_empty() { granted } else { asked };
        let settings = &application.settings;
        if wanted.iter().all(|one| one == issuer) {
            return Ok(Self {
                resources: Vec::new(),
                scopes: scopes.to_vec(),
                format: settings.access_token_format,
                algorithm: settings.id_token_algorithm,
            });
        }
        let mut servers = Vec::with_capacity(wanted.len());
        for one in wanted {
            let server = settings.resources.iter().find(|server| server.identifier == *one);
            match server.filter(|_| granted.is_empty() || granted.contains(one)) {
                Some(server) => servers.push(server),
                None => return Err(refuse(format!("resource {} was not granted", shown(one)))),
            }
        }
        let signed = servers.iter().find(|server| server.format == AccessTokenFormat::Jwt);
        // RFC 9068 5: who is meant must be clear from the token; a second reader could use it at the first.
        if signed.is_some() && servers.len() > 1 {
            return Err(refuse("a signed access token is for one resource: name it".to_owned()));
        }
        let fits = |scope: &&String| {
            servers.iter().any(|server| server.scopes.is_empty() || server.scopes.contains(scope))
        };
        Ok(Self {
            resources: wanted.to_vec(),
            scopes: scopes.iter().filter(fits).cloned().collect(),
            format: signed.map_or(AccessTokenFormat::Opaque, |server| server.format),
            algorithm: signed
                .and_then(|server| server.algorithm)
                .unwrap_or(settings.id_token_algorithm),
        })
    }
}

/// Untrusted text for a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')).take(100).collect()
}

#[cfg(test)]
mod tests {
    use symbolon_contract::ApplicationId;

    use super::*;
    use crate::downstream::{OpenidSettings, ResourceServer};

    const ISSUER: &str = "https://id.example/t/contoso";
    const API: &str = "https://api.example";
    const FILES: &str = "https://files.example";
    const MAIL: &str = "https://mail.example";

    fn application() -> Application {
        let server = |identifier: &str, scopes: &[&str], format| ResourceServer {
            identifier: identifier.to_owned(),
            scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
            format,
            algorithm: Some(SigningAlgorithm::EdDsa),
        };
        let mut settings = OpenidSettings::new(Vec::new());
        settings.resources = vec![
            server(API, &["read", "write"], AccessTokenFormat::Jwt),
            server(FILES, &[], AccessTokenFormat::Opaque),
            server(MAIL, &["send"], AccessTokenFormat::Opaque),
        ];
        Application::new(ApplicationId::parse("wiki").unwrap(), settings)
    }

    fn chosen(granted: &[&str], asked: &[&str]) -> Result<(Vec<String>, String), ReasonCode> {
        let owned = |texts: &[&str]| texts.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let choice = Choice {
            issuer: ISSUER,
            granted: &owned(granted),
            scopes: &owned(&["openid", "read", "send"]),
            asked: &owned(asked),
        };
        let target = Target::choose(&application(), &choice).map_err(|error| error.reason)?;
        Ok((target.resources, format!("{:?} {}", target.format, target.scopes.join(" "))))
    }

    #[test]
    fn rfc8707_a_token_is_good_where_it_was_asked_for_within_what_was_granted() {
        let fine = |resources: &[&str], rest: &str| {
            Ok((resources.iter().map(|one| (*one).to_owned()).collect(), rest.to_owned()))
        };
        let refused = Err(ReasonCode::TokenTargetInvalid);
        type Outcome = Result<(Vec<String>, String), ReasonCode>;
        let cases: [(&[&str], &[&str], Outcome); 12] = [
            (&[], &[], fine(&[], "Opaque openid read send")),
            (&[API], &[ISSUER], fine(&[], "Opaque openid read send")),
            (&[API], &[], fine(&[API], "Jwt read")),
            (&[API, FILES], &[API], fine(&[API], "Jwt read")),
            (&[], &[API], fine(&[API], "Jwt read")),
            (&[FILES, MAIL], &[], fine(&[FILES, MAIL], "Opaque openid read send")),
            (&[], &[MAIL], fine(&[MAIL], "Opaque send")),
            (&[API, FILES], &[], refused.clone()),
            (&[API], &[FILES], refused.clone()),
            (&[], &["https://evil.example"], refused.clone()),
            (&[], &[API, ISSUER], refused.clone()),
            (&["https://gone.example"], &[], refused),
        ];
        for (granted, asked, expected) in cases {
            assert_eq!(chosen(granted, asked), expected, "{granted:?} {asked:?}");
        }
    }
}
