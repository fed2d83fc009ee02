//! `symbolon connector create --kind saml`: metadata and options become settings.

use anyhow::{Context, bail};
use symbolon_identity::Broker;
use symbolon_identity::admin;
use symbolon_identity::connectors::saml::{
    AttributeNames, Binding, EmailTrust, Endpoint, GraphAccess, IdentityProvider, IdpInitiated,
    MetadataChanges, MetadataInput, MetadataSource, RequestSettings, SamlSettings, SignedDemand,
    SubjectSource, Vendor,
};

use url::Url;

use super::create::end_of;
use crate::cli::arguments::{
    BindingName, NewConnectorArguments, SamlArguments, SignedParts, VendorName,
};
use crate::cli::files;

/// Reads the metadata and fills in the options.
pub(super) async fn saml(
    broker: &Broker,
    arguments: &NewConnectorArguments,
) -> anyhow::Result<SamlSettings> {
    let given = &arguments.saml;
    let source = source(given)?;
    let identity_provider = match (by_hand(given)?, &source, &given.metadata_file) {
        (Some(by_hand), ..) => by_hand,
        (None, Some(source), _) => {
            read(broker, given, MetadataInput::Source(source.clone())).await?
        }
        (None, None, Some(file)) => {
            let document = files::read_text(file)?.into_bytes();
            read(broker, given, MetadataInput::Document(document)).await?
        }
        (None, None, None) => {
            bail!(
                "--kind saml needs --metadata-url, --metadata-file, or --sign-on-url with --certificate"
            )
        }
    };
    let target = given.target().map_err(anyhow::Error::msg).context("--idp-initiated")?;
    Ok(SamlSettings {
        metadata: source,
        vendor: given.vendor.map(vendor),
        request: request(given),
        signed: signed(given.signed),
        sha1_until: given.sha1_until.map(end_of),
        idp_initiated: target.map(|application| IdpInitiated { application }),
        subject: match &given.subject_attribute {
            Some(name) => SubjectSource::Attribute { name: name.clone() },
            None => SubjectSource::Vendor,
        },
        attributes: AttributeNames {
            groups: given.groups_attribute.clone(),
            ..AttributeNames::default()
        },
        trust_email: match arguments.trust_email {
            true => EmailTrust::Asserted,
            false => EmailTrust::Never,
        },
        graph: given.graph_client_id.as_ref().map(|client_id| GraphAccess {
            client_id: client_id.clone(),
            cloud: arguments.cloud.clone(),
        }),
        single_logout: given.single_logout,
        ..SamlSettings::new(identity_provider)
    })
}

async fn read(
    broker: &Broker,
    given: &SamlArguments,
    input: MetadataInput,
) -> anyhow::Result<IdentityProvider> {
    let wanted = given.identity_provider.as_deref();
    Ok(admin::read_saml_metadata(broker, &input, wanted).await?)
}

/// What is known without any metadata.
fn by_hand(given: &SamlArguments) -> anyhow::Result<Option<IdentityProvider>> {
    let (Some(sign_on), Some(entity_id)) = (&given.sign_on_url, &given.identity_provider) else {
        return Ok(None);
    };
    let endpoint = |url: &Url| Endpoint {
        binding: given.binding.map(binding).unwrap_or_default(),
        location: url.to_string(),
        response_location: None,
    };
    let certificates = given.certificate.iter().map(|file| files::read_text(file));
    Ok(Some(IdentityProvider {
        entity_id: entity_id.clone(),
        sign_on: vec![endpoint(sign_on)],
        logout: given.logout_url.iter().map(endpoint).collect(),
        certificates: certificates.collect::<anyhow::Result<_>>()?,
        wants_signed_requests: false,
    }))
}

fn source(given: &SamlArguments) -> anyhow::Result<Option<MetadataSource>> {
    let Some(url) = given.metadata_url.clone() else {
        return Ok(None);
    };
    let signers = given.metadata_signed_by.iter().map(|file| files::read_text(file));
    Ok(Some(MetadataSource {
        url,
        entity_id: given.identity_provider.clone(),
        signed_by: signers.collect::<anyhow::Result<_>>()?,
        changes: if given.pinned { MetadataChanges::Pinned } else { MetadataChanges::Follow },
    }))
}

fn request(given: &SamlArguments) -> RequestSettings {
    RequestSettings {
        binding: given.binding.map(binding),
        sign: !given.unsigned_requests,
        force_authn: given.force_authn,
        contexts: given.context.clone(),
        name_id_format: given.name_id_format.clone(),
        ..RequestSettings::default()
    }
}

fn binding(name: BindingName) -> Binding {
    match name {
        BindingName::Redirect => Binding::Redirect,
        BindingName::Post => Binding::Post,
    }
}

fn signed(parts: SignedParts) -> SignedDemand {
    match parts {
        SignedParts::Either => SignedDemand::Either,
        SignedParts::Assertion => SignedDemand::Assertion,
        SignedParts::Response => SignedDemand::Response,
        SignedParts::Both => SignedDemand::Both,
    }
}

fn vendor(name: VendorName) -> Vendor {
    match name {
        VendorName::Generic => Vendor::Generic,
        VendorName::Entra => Vendor::Entra,
        VendorName::Adfs => Vendor::Adfs,
        VendorName::Okta => Vendor::Okta,
        VendorName::Google => Vendor::Google,
    }
}
