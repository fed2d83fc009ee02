//! What can be proved of a SAML upstream without a person, and what is looked at every few minutes.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::Value;
use symbolon_contract::ReasonCode;
use symbolon_saml::certificate::Certificate;

use super::machinery::SamlConnector;
use super::refresh;
use super::settings::MetadataChanges;
use crate::connectors::{ConnectionCheck, ConnectionReport};
use crate::outgoing::OutgoingRequest;

/// The end of a certificate is told this long ahead (ME-9).
const WARN_BEFORE: TimeDelta = TimeDelta::days(60);

impl SamlConnector<'_> {
    pub(super) async fn test(&self) -> ConnectionReport {
        let mut checks = self.looks(true).await;
        checks.push(self.sign_on_answers().await);
        let green = checks.iter().all(|one| one.outcome != crate::connectors::CheckOutcome::Failed);
        ConnectionReport {
            summary: green
                .then(|| "✓ Successfully connected to the SAML identity provider".to_owned()),
            checks,
            unproved: vec![
                "that our entity id, our address for responses and our certificates are registered there: only a \
                 test sign-in can prove it",
                "the attributes that come: only a test sign-in shows them",
            ],
        }
    }

    /// What is looked at again and again.
    pub(crate) async fn probe(&self) -> Vec<ConnectionCheck> {
        self.looks(false).await
    }

    async fn looks(&self, at_once: bool) -> Vec<ConnectionCheck> {
        let now = self.broker.clock.now();
        let mut checks = Vec::new();
        checks.extend(self.metadata_check(at_once).await);
        checks.push(self.certificate_check(now));
        checks.extend(self.own_key_check(now));
        checks.extend(self.sha1_check(now));
        checks
    }

    /// The published metadata, read now or as it was read last.
    async fn metadata_check(&self, at_once: bool) -> Option<ConnectionCheck> {
        let name = "metadata";
        let source = self.settings.metadata.as_ref()?;
        let known = refresh(self.broker, self.tenant, (self.record, self.settings), at_once).await;
        let known = match known {
            Ok(known) => known?,
            Err(error) => return Some(ConnectionCheck::failed(name, error.reason(), &error)),
        };
        let age = known.fetched_at.map_or_else(
            || "never read".to_owned(),
            |at| format!("read {}", at.format("%Y-%m-%d %H:%M UTC")),
        );
        if let Some(failure) = &known.failure {
            let text =
                |member: &str| failure.get(member).and_then(Value::as_str).unwrap_or_default();
            let reason =
                ReasonCode::parse(text("reason")).unwrap_or(ReasonCode::SamlMetadataInvalid);
            let detail = format!("{}; last good copy: {age}", text("detail"));
            // Sign-ins go on with what is known.
            return Some(ConnectionCheck::warning(name, reason, &detail));
        }
        if source.changes == MetadataChanges::Pinned && self.differs(known.content.as_ref()) {
            let detail = format!("{age}; it differs from the settings, which are pinned");
            return Some(ConnectionCheck::warning(name, ReasonCode::SamlMetadataChanged, &detail));
        }
        Some(ConnectionCheck::passed(
            name,
            &format!("{age}, entity {}", self.identity_provider.entity_id),
        ))
    }

    fn differs(&self, published: Option<&Value>) -> bool {
        let read = published.and_then(super::published::kept_provider);
        read.is_some_and(|read| read != self.settings.identity_provider)
    }

    /// Only the keys count; an end that comes near is told, because identity providers change keys then.
    fn certificate_check(&self, now: DateTime<Utc>) -> ConnectionCheck {
        let name = "certificates";
        let mut seen: Vec<String> = Vec::new();
        let mut latest: Option<DateTime<Utc>> = None;
        for certificate in self.certificates.iter() {
            let facts = certificate.facts();
            let print: String = facts.fingerprint.chars().take(16).collect();
            seen.push(format!("{} {print}… until {}", facts.key, facts.not_after.date_naive()));
            latest = latest.max(Some(facts.not_after));
        }
        let detail = seen.join("; ");
        match latest {
            None => ConnectionCheck::failed(
                name,
                ReasonCode::SamlCertificateMissing,
                &"no certificate can be read",
            ),
            Some(end) if end - now < WARN_BEFORE => {
                ConnectionCheck::warning(name, ReasonCode::SamlCertificateEnding, &detail)
            }
            Some(_) => ConnectionCheck::passed(name, &detail),
        }
    }

    fn own_key_check(&self, now: DateTime<Utc>) -> Option<ConnectionCheck> {
        let own: &Certificate = &self.keys.present.signing.certificate;
        let end = own.facts().not_after;
        let detail = format!("our own certificates end on {}", end.date_naive());
        (end - now < WARN_BEFORE)
            .then(|| ConnectionCheck::warning("own_keys", ReasonCode::SamlOwnKeysEnding, &detail))
    }

    fn sha1_check(&self, now: DateTime<Utc>) -> Option<ConnectionCheck> {
        let until = self.settings.sha1_until?;
        let detail = match now < until {
            true => format!(
                "signatures with SHA-1, which can be forged, are taken until {}",
                until.date_naive()
            ),
            false => {
                format!("the time for SHA-1 was over on {}; remove the setting", until.date_naive())
            }
        };
        Some(ConnectionCheck::warning("sha1", ReasonCode::SamlWeakAlgorithm, &detail))
    }

    /// People's browsers go there, we do not: an address that we cannot reach is a warning only.
    async fn sign_on_answers(&self) -> ConnectionCheck {
        let name = "sign_on";
        let endpoint = match self.sign_on() {
            Ok(endpoint) => endpoint,
            Err(error) => return ConnectionCheck::failed(name, error.reason(), &error),
        };
        let Some(url) = endpoint.url() else {
            let reason = ReasonCode::SamlMetadataInvalid;
            return ConnectionCheck::failed(name, reason, &endpoint.location);
        };
        let request = OutgoingRequest {
            method: Method::GET,
            accept: "text/html, */*",
            ..OutgoingRequest::get_json(url)
        };
        match self.broker.upstreams.http.send(request).await {
            Ok(answer) => {
                let detail = format!("{} answers ({})", endpoint.location, answer.status.as_u16());
                ConnectionCheck::passed(name, &detail)
            }
            Err(crate::outgoing::OutgoingError::RedirectRefused { .. }) => {
                ConnectionCheck::passed(name, &format!("{} answers", endpoint.location))
            }
            Err(error) => {
                let detail =
                    format!("{}: {error}; browsers may reach it all the same", endpoint.location);
                ConnectionCheck::warning(name, error.reason(), &detail)
            }
        }
    }
}
