//! The Entra way of the demo: a mock of Microsoft's directory, and the connector that goes there.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::NewConnector;
use symbolon_identity::connectors::entra::{DirectoryId, EntraSettings, ProfileField};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::mapping::default_rules;
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_testkit::FakeEntra;
use symbolon_testkit::entra::{AppRegistration, Directory, Group, Person};

/// The connector.
pub(super) const ENTRA: &str = "entra";
/// Contoso's directory.
const DIRECTORY: &str = "c0470500-1111-4222-8333-444444444444";
/// Where the guest comes from.
const PARTNER: &str = "fab41ca0-1111-4222-8333-444444444444";
/// The app registration.
const APPLICATION: &str = "5e1b0100-aaaa-4bbb-8ccc-dddddddddddd";
/// "Noxys Admins" and "Noxys Viewers", the groups of the documents.
const ADMINS: &str = "9a0c5000-0001-4000-8000-00000000ad00";
const VIEWERS: &str = "9a0c5000-0002-4000-8000-00000000e900";
/// Carol's teams: with the group around one of them, one more than a token holds.
const TEAMS: u32 = 200;
const SYNC_FIELDS: [&str; 5] = ["email", "name", "department", "job_title", "office"];

/// A client secret as its maker shows it.
pub(super) struct Secret {
    pub(super) value: SecretString,
    pub(super) ends_at: DateTime<Utc>,
}

impl Secret {
    /// A secret of the demo: each start sets a new end, which the daily look at Graph reads.
    pub(super) fn new(value: SecretString, now: DateTime<Utc>) -> Self {
        Self { value, ends_at: now + TimeDelta::days(180) }
    }
}

/// Starts the mock, whose app registration knows the connector's callback.
pub(super) fn start_mock(port: u16, secret: &Secret, callback: &str) -> anyhow::Result<FakeEntra> {
    let application = AppRegistration::new(APPLICATION)
        .name("Symbolon")
        .secret_until(secret.value.expose_secret(), secret.ends_at.timestamp())
        .redirect_uri(callback)
        .optional_claims(["email", "groups", "acct", "sid", "login_hint", "auth_time"])
        .delegated_permission("User.Read")
        .application_permission("User.Read.All")
        .application_permission("GroupMember.Read.All")
        .application_permission("Application.Read.All");
    let mut directory = Directory::new(DIRECTORY, "contoso.onmicrosoft.com", "Contoso")
        .group(Group::new(ADMINS, "Noxys Admins"))
        .group(Group::new(VIEWERS, "Noxys Viewers"))
        .application(application);
    for number in 1..=TEAMS {
        let team = Group::new(&team(number), &format!("Team {number:03}"));
        directory = directory.group(if number == 1 { team.inside(VIEWERS) } else { team });
    }
    for person in people() {
        directory = directory.person(person);
    }
    Ok(FakeEntra::builder().port(port).directory(directory).start()?)
}

fn team(number: u32) -> String {
    format!("9a0c5000-0003-4000-8000-{number:012}")
}

/// Their addresses differ from those at the demo provider: an address belongs to one user.
fn people() -> [Person; 5] {
    let person = |(key, number): (&str, u8), email: &str, name: &str| {
        let id = format!("9a0c5000-0004-4000-8000-{number:012}");
        Person::new(key, &id).email(email).display_name(name)
    };
    let carol = person(("carol", 3), "carol.chen@contoso.com", "Carol Chen");
    let carol = carol.department("Engineering").job_title("Team Coach");
    [
        person(("alice", 1), "alice.martin@contoso.com", "Alice Martin")
            .department("Engineering")
            .job_title("Security Engineer")
            .office("Paris")
            .group(ADMINS),
        person(("bob", 2), "bob.dupont@contoso.com", "Bob Dupont")
            .department("Sales")
            .group(VIEWERS),
        (1..=TEAMS).fold(carol, |carol, number| carol.group(&team(number))),
        person(("dave", 4), "dave.diaz@contoso.com", "Dave Diaz (blocked)").enabled(false),
        person(("gina", 5), "gina@fabrikam.example", "Gina Galli (guest)").guest_of(PARTNER),
    ]
}

/// The rules of the document: two groups, two roles; whoever is in none of them has no role.
pub(super) fn rules(role_of_admins: &str) -> anyhow::Result<Value> {
    let fields = SYNC_FIELDS.map(str::to_owned);
    let mut rules = default_rules(&ConnectorSettings::Entra(settings()?), &fields, None);
    let by_group = json!({
        "assign_role_by_group": true,
        "group_roles": [
            { "group": ADMINS, "label": "Noxys Admins", "role": role_of_admins },
            { "group": VIEWERS, "label": "Noxys Viewers", "role": "viewer" },
        ],
    });
    if let (Some(rules), Value::Object(by_group)) = (rules.as_object_mut(), by_group) {
        rules.extend(by_group);
    }
    Ok(rules)
}

/// The connector in mode test: it is opened once its connection is proved.
pub(super) fn connector(secret: &Secret) -> anyhow::Result<NewConnector> {
    Ok(NewConnector {
        id: ConnectorId::parse(ENTRA)?,
        display_name: "Microsoft".into(),
        mode: ConnectorMode::Test,
        untested: false,
        configuration: ConnectorConfiguration {
            provisioning: ProvisioningPolicy {
                auto_provision: true,
                ..ProvisioningPolicy::default()
            },
            ..ConnectorConfiguration::new(ConnectorSettings::Entra(settings()?))
        },
        client_secret: Some(secret.value.clone()),
        secret_ends_at: Some(secret.ends_at),
        rules: rules("admin")?.to_string(),
    })
}

fn settings() -> anyhow::Result<EntraSettings> {
    let directory = DirectoryId::parse(DIRECTORY).context("the demo's directory is no GUID")?;
    let mut settings = EntraSettings::new(directory, APPLICATION);
    settings.cloud = "mock".into();
    settings.graph_profile =
        SYNC_FIELDS.iter().filter_map(|field| ProfileField::of_sync_field(field)).collect();
    Ok(settings)
}
