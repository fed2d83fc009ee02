//! `symbolon connector create`: what was typed becomes a connector.

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, NaiveTime, Utc};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, NewConnector};
use symbolon_identity::connectors::entra::{
    AcceptedDirectories, DirectoryId, EntraAuthentication, EntraSettings, EntraTrustEmail,
    ProfileField,
};
use symbolon_identity::connectors::oidc::{
    ClaimNames, ClientAuthentication, OidcSettings, ResponseMode, TrustEmail,
};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_identity::mapping::default_rules;
use symbolon_identity::provisioning::ProvisioningPolicy;

use super::create_saml::saml;
use crate::cli::arguments::{Authentication, Directories, Kind, NewConnectorArguments};
use crate::cli::files;

/// Reads files, resolves the directory, and fills in the defaults.
pub(super) async fn new_connector(
    broker: &Broker,
    arguments: NewConnectorArguments,
) -> anyhow::Result<NewConnector> {
    ensure!(
        arguments.default_role != "admin" || arguments.confirm_admin_default,
        "--default-role admin makes everybody an admin whom no rule gives a role; add \
         --confirm-admin-default if that is meant"
    );
    let client_secret =
        arguments.client_secret_file.as_deref().map(files::read_secret).transpose()?;
    let upstream = match arguments.kind {
        Kind::Oidc => ConnectorSettings::Oidc(oidc(&arguments)?),
        Kind::Entra => ConnectorSettings::Entra(entra(broker, &arguments).await?),
        Kind::Saml => ConnectorSettings::Saml(Box::new(saml(broker, &arguments).await?)),
    };
    let default_role = Some(arguments.default_role.as_str()).filter(|role| *role != "none");
    let rules = default_rules(&upstream, &arguments.sync_fields, default_role).to_string();
    let name = match arguments.kind {
        Kind::Oidc | Kind::Saml => arguments.id.to_string(),
        Kind::Entra => "Microsoft".to_owned(),
    };
    Ok(NewConnector {
        display_name: arguments.display_name.unwrap_or(name),
        id: arguments.id,
        mode: arguments.mode.into(),
        untested: arguments.untested,
        configuration: ConnectorConfiguration {
            provisioning: ProvisioningPolicy {
                auto_provision: arguments.auto_provision,
                ..ProvisioningPolicy::default()
            },
            ..ConnectorConfiguration::new(upstream)
        },
        client_secret,
        secret_ends_at: arguments.secret_ends_on.map(end_of),
        rules,
    })
}

/// The first moment of the day: warned of early rather than late.
pub(super) fn end_of(day: chrono::NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn response_mode(arguments: &NewConnectorArguments) -> ResponseMode {
    if arguments.form_post { ResponseMode::FormPost } else { ResponseMode::Query }
}

fn oidc(arguments: &NewConnectorArguments) -> anyhow::Result<OidcSettings> {
    let issuer = arguments.issuer.clone().context("--issuer is missing")?;
    let signed = |algorithm| ClientAuthentication::PrivateKeyJwt { algorithm };
    let client_authentication = match arguments.client_authentication {
        None | Some(Authentication::ClientSecretBasic) => ClientAuthentication::ClientSecretBasic,
        Some(Authentication::ClientSecretPost) => ClientAuthentication::ClientSecretPost,
        Some(Authentication::PrivateKeyJwtEs256) => signed(SigningAlgorithm::Es256),
        Some(Authentication::PrivateKeyJwtRs256) => signed(SigningAlgorithm::Rs256),
        Some(Authentication::Certificate | Authentication::Federated) => {
            bail!("--client-authentication certificate and federated are for --kind entra")
        }
    };
    let groups = arguments.groups_claim.clone();
    Ok(OidcSettings {
        claims: ClaimNames { groups, ..ClaimNames::default() },
        client_authentication,
        scopes: arguments.scopes.split_whitespace().map(str::to_owned).collect(),
        response_mode: response_mode(arguments),
        endpoint_hosts: arguments.endpoint_host.clone(),
        trust_email: if arguments.trust_email {
            TrustEmail::WhenVerified
        } else {
            TrustEmail::Never
        },
        ..OidcSettings::new(issuer, client_id(arguments)?)
    })
}

async fn entra(
    broker: &Broker,
    arguments: &NewConnectorArguments,
) -> anyhow::Result<EntraSettings> {
    let typed = arguments.tenant_id.as_deref().context("--tenant-id is missing")?;
    let directory = admin::resolve_entra_directory(broker, typed, &arguments.cloud).await?;
    let client_authentication = match arguments.client_authentication {
        None | Some(Authentication::ClientSecretPost) => EntraAuthentication::Secret,
        Some(Authentication::Certificate) => EntraAuthentication::Certificate,
        Some(Authentication::Federated) => EntraAuthentication::Federated,
        Some(_) => {
            bail!("--client-authentication: for entra client-secret-post, certificate or federated")
        }
    };
    let fields = arguments.sync_fields.iter();
    let graph_profile = match fields.clone().any(|field| field == "*") {
        true => {
            [ProfileField::Department, ProfileField::JobTitle, ProfileField::OfficeLocation].into()
        }
        false => fields.filter_map(|field| ProfileField::of_sync_field(field)).collect(),
    };
    Ok(EntraSettings {
        tenant_domain: directory.domain,
        cloud: directory.cloud,
        accepted_directories: accepted(arguments)?,
        client_authentication,
        graph_profile,
        allow_guests: arguments.allow_guests,
        trust_email: if arguments.trust_email {
            EntraTrustEmail::WhenDomainVerified
        } else {
            EntraTrustEmail::Never
        },
        response_mode: response_mode(arguments),
        ..EntraSettings::new(directory.id, client_id(arguments)?)
    })
}

fn client_id(arguments: &NewConnectorArguments) -> anyhow::Result<String> {
    arguments.client_id.clone().context("--client-id is missing")
}

fn accepted(arguments: &NewConnectorArguments) -> anyhow::Result<AcceptedDirectories> {
    Ok(match arguments.accept {
        Directories::One => AcceptedDirectories::One,
        Directories::Any => AcceptedDirectories::Any { confirmed: arguments.confirm_any_directory },
        Directories::List => {
            let ids = arguments.accept_directory.iter().map(|text| {
                DirectoryId::parse(text)
                    .with_context(|| format!("--accept-directory {text}: no GUID"))
            });
            AcceptedDirectories::List(ids.collect::<anyhow::Result<_>>()?)
        }
    })
}
