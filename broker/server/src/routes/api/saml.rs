//! What a SAML connector needs of its identity provider, what that one's admin needs of us, and our keys.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_identity::admin::{self, AdminError, SamlKeyFacts, SamlSetup};
use symbolon_identity::connectors::saml::{
    EntityChoice, IdentityProvider, MetadataChanges, MetadataInput, MetadataSource, ReadMetadata,
};
use url::Url;

use super::answer::{Found, List, Made};
use super::body::{Json, NoBody};
use super::call::Call;

/// Metadata to read: an address or the document itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadSamlMetadata {
    /// Where it is.
    #[serde(default)]
    url: Option<Url>,
    /// The document.
    #[serde(default)]
    xml: Option<String>,
    /// The entity to pick from a document that holds several.
    #[serde(default)]
    entity_id: Option<String>,
    /// Certificates that must have signed it, as PEM or base64; only with `url`. With none, TLS is what is trusted.
    #[serde(default)]
    signed_by: Vec<String>,
}

/// What the metadata holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SamlMetadataRead {
    /// The identity provider, as `settings.upstream.identity_provider` takes it; `null` when one must be picked first.
    identity_provider: Option<IdentityProvider>,
    /// Its certificates in words.
    certificates: Vec<SamlCertificate>,
    /// The identity providers to pick from by `entity_id`; empty when there was nothing to pick.
    entities: Vec<EntityChoice>,
}

/// A certificate in words.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SamlCertificate {
    /// SHA-256.
    fingerprint: String,
    /// Whom it names.
    subject: String,
    /// When it ends. Only its key counts, so it still verifies then.
    ends_at: DateTime<Utc>,
}

pub(super) async fn setup(call: Call, _: NoBody) -> Result<Found<SamlSetup>, AdminError> {
    let id = call.connector()?;
    Ok(Found(admin::saml_setup(call.broker(), &call.tenant, &id).await?))
}

pub(super) async fn keys(call: Call, _: NoBody) -> Result<Found<List<SamlKeyFacts>>, AdminError> {
    let id = call.connector()?;
    let keys = admin::list_saml_keys(call.broker(), &call.tenant, &id).await?;
    Ok(Found(keys.into_iter().collect()))
}

pub(super) async fn new_keys(
    call: Call,
    _: NoBody,
) -> Result<Made<List<SamlKeyFacts>>, AdminError> {
    let id = call.connector()?;
    let keys = admin::create_saml_keys(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Made(keys.into_iter().collect()))
}

pub(super) async fn activate(
    call: Call,
    _: NoBody,
) -> Result<Found<List<SamlKeyFacts>>, AdminError> {
    let id = call.connector()?;
    let keys = admin::activate_saml_keys(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Found(keys.into_iter().collect()))
}

pub(super) async fn drop_previous(
    call: Call,
    _: NoBody,
) -> Result<Found<List<SamlKeyFacts>>, AdminError> {
    let id = call.connector()?;
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let keys = admin::drop_previous_saml_keys(broker, caller, tenant, &id).await?;
    Ok(Found(keys.into_iter().collect()))
}

pub(super) async fn read_metadata(
    call: Call,
    Json(body): Json<ReadSamlMetadata>,
) -> Result<Found<SamlMetadataRead>, AdminError> {
    let input = match (body.url, body.xml) {
        (Some(url), None) => MetadataInput::Source(MetadataSource {
            url,
            entity_id: None,
            signed_by: body.signed_by,
            changes: MetadataChanges::default(),
        }),
        (None, Some(_)) if !body.signed_by.is_empty() => {
            return Err(AdminError::Invalid(vec!["signed_by: only with url".to_owned()]));
        }
        (None, Some(xml)) => MetadataInput::Document(xml.into_bytes()),
        _ => return Err(AdminError::Invalid(vec!["url or xml: one of them".to_owned()])),
    };
    let wanted = body.entity_id.as_deref();
    let read = admin::read_or_choose_saml_metadata(call.broker(), input, wanted).await?;
    Ok(Found(SamlMetadataRead::from(read)))
}

impl From<ReadMetadata> for SamlMetadataRead {
    fn from(read: ReadMetadata) -> Self {
        match read {
            ReadMetadata::Several(entities) => {
                Self { identity_provider: None, certificates: Vec::new(), entities }
            }
            ReadMetadata::One(provider) => {
                let read = provider.read_certificates();
                let certificates = read.iter().map(|one| SamlCertificate {
                    fingerprint: one.facts().fingerprint.clone(),
                    subject: one.facts().subject.clone(),
                    ends_at: one.facts().not_after,
                });
                Self {
                    certificates: certificates.collect(),
                    identity_provider: Some(provider),
                    entities: Vec::new(),
                }
            }
        }
    }
}
