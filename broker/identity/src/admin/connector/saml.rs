//! What a SAML connector needs of its identity provider, and what that one's admin needs of us: read from metadata,
//! and published as metadata.

use schemars::JsonSchema;
use serde::Serialize;
use symbolon_contract::ConnectorId;

use crate::admin::{AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::saml::{
    self, EntityChoice, IdentityProvider, MetadataInput, ReadMetadata, SamlAddresses,
    SamlConnector, Vendor,
};
use crate::connectors::{ConnectorConfiguration, ConnectorError, ConnectorSettings};
use crate::tenants::TenantRecord;

/// Everything that the identity provider's admin enters, each value to be copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SamlSetup {
    /// The connector.
    pub connector: ConnectorId,
    /// Its name.
    pub display_name: String,
    /// Whose product the identity provider is, as far as is known.
    pub vendor: Vendor,
    /// Our entity id: Identifier, Audience URI, SP Entity ID.
    pub entity_id: String,
    /// Where responses are posted: Reply URL, ACS URL, Single sign-on URL.
    pub acs_url: String,
    /// Where logout messages go.
    pub logout_url: String,
    /// Our metadata, which holds all of this.
    pub metadata_url: String,
    /// This page.
    pub page_url: String,
    /// The certificate that verifies our requests, as PEM.
    pub signing_certificate: String,
    /// The certificate to encrypt assertions for us with, as PEM.
    pub encryption_certificate: String,
    /// Whether our requests are signed.
    pub requests_signed: bool,
    /// The format of NameID that is asked for, if any.
    pub name_id_format: Option<String>,
    /// The identity provider's entity id, as we know it.
    pub identity_provider: String,
}

/// What the identity provider's admin needs.
///
/// # Errors
/// [`AdminError::NotFound`] also for connectors of another kind; those of the database and the secrets.
pub async fn saml_setup(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<SamlSetup, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let ConnectorSettings::Saml(settings) = &record.configuration.upstream else {
        return Err(AdminError::NotFound { kind: "SAML connector", id: id.to_string() });
    };
    let opened = SamlConnector::open(broker, tenant, &record, settings).await?;
    let SamlAddresses { entity_id, metadata_url, acs_url, logout_url, page_url } =
        opened.addresses.clone();
    let present = &opened.keys.present;
    Ok(SamlSetup {
        connector: record.id.clone(),
        display_name: record.display_name.clone(),
        vendor: settings.vendor(),
        entity_id,
        acs_url,
        logout_url,
        metadata_url,
        page_url,
        signing_certificate: present.signing.certificate.to_pem(),
        encryption_certificate: present.encryption.certificate.to_pem(),
        requests_signed: opened.signs_requests(),
        name_id_format: settings.request.name_id_format.clone(),
        identity_provider: opened.identity_provider.entity_id.clone(),
    })
}

/// Our metadata for this connector, signed with its present key (SP14, SW-10).
///
/// # Errors
/// As [`saml_setup`].
pub async fn saml_metadata(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<String, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let ConnectorSettings::Saml(settings) = &record.configuration.upstream else {
        return Err(AdminError::NotFound { kind: "SAML connector", id: id.to_string() });
    };
    let opened = SamlConnector::open(broker, tenant, &record, settings).await?;
    Ok(opened.own_metadata(&tenant.display_name).await?)
}

/// Reads metadata for the settings of a connector that is to be made or changed.
///
/// # Errors
/// [`AdminError::Connector`] when it cannot be fetched or is of no use.
pub async fn read_saml_metadata(
    broker: &Broker,
    input: &MetadataInput,
    entity_id: Option<&str>,
) -> Result<IdentityProvider, AdminError> {
    Ok(saml::read_metadata(broker, input, entity_id).await?)
}

/// As [`read_saml_metadata`], or whom to pick from when the metadata holds several identity providers (ME-3).
///
/// # Errors
/// [`AdminError::Connector`] when it cannot be fetched or is of no use.
pub async fn read_or_choose_saml_metadata(
    broker: &Broker,
    input: MetadataInput,
    entity_id: Option<&str>,
) -> Result<ReadMetadata, AdminError> {
    Ok(saml::read_or_choose(broker, input, entity_id).await?)
}

/// The identity providers that a document holds, to pick one (ME-3).
///
/// # Errors
/// [`AdminError::Connector`] when it is of no use.
pub async fn saml_entities(broker: &Broker, xml: Vec<u8>) -> Result<Vec<EntityChoice>, AdminError> {
    Ok(saml::entities(broker, xml).await?)
}

/// Settings that name an address of metadata and nothing else are completed from it, before anything is checked.
pub(super) async fn complete(
    broker: &Broker,
    mut configuration: ConnectorConfiguration,
) -> Result<ConnectorConfiguration, ConnectorError> {
    if let ConnectorSettings::Saml(settings) = &mut configuration.upstream
        && settings.identity_provider == IdentityProvider::default()
        && let Some(source) = settings.metadata.clone()
    {
        let entity_id = source.entity_id.clone();
        let input = MetadataInput::Source(source);
        settings.identity_provider =
            saml::read_metadata(broker, &input, entity_id.as_deref()).await?;
    }
    Ok(configuration)
}

/// The application that sign-ins from the identity provider go to must be able to start one.
pub(super) async fn check_target(
    broker: &Broker,
    tenant: &TenantRecord,
    configuration: &ConnectorConfiguration,
) -> Result<(), AdminError> {
    let ConnectorSettings::Saml(settings) = &configuration.upstream else {
        return Ok(());
    };
    let Some(id) = settings.idp_initiated.as_ref().and_then(|one| one.application.as_ref()) else {
        return Ok(());
    };
    let found = crate::downstream::Application::find(&broker.database, &tenant.id, id).await?;
    let problem = match found {
        None => "there is no such application",
        Some(found) if found.settings.initiate_login_uri.is_none() => {
            "the application has no initiate_login_uri"
        }
        Some(_) => return Ok(()),
    };
    Err(AdminError::Invalid(vec![format!("upstream.idp_initiated.application: {id}: {problem}")]))
}
