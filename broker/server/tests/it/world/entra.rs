//! A broker whose tenants bring Microsoft Entra ID: the mock, with one directory of people and groups.

use std::sync::Arc;

use secrecy::SecretString;
use symbolon_contract::{ConnectorId, TenantSlug};
use symbolon_identity::BrokerSettings;
use symbolon_identity::admin::{self, NewConnector, NewTenant};
use symbolon_identity::clock::Clock as _;
use symbolon_identity::connectors::entra::{Cloud, Clouds, DirectoryId, EntraSettings};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::mapping::default_rules;
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::FakeEntra;
use symbolon_testkit::entra::{AppRegistration, Directory, Group, Person};
use symbolon_testkit::provider::AutomaticSignIn;

use super::{Login, TestApplication, TestBroker, TestTenant, caller};

/// Contoso's directory.
pub(crate) const CONTOSO: &str = "11111111-2222-4333-8444-555555555555";
/// A partner's directory, whose people must not come in unasked.
pub(crate) const FABRIKAM: &str = "22222222-2222-4333-8444-555555555555";
/// The app registration, multi-tenant at Microsoft.
pub(crate) const APP: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
/// Its secret.
pub(crate) const SECRET: &str = "Abc8Q~dEf.ghi-jkl_mno-0123456789";
/// The group "Noxys Admins".
pub(crate) const ADMINS: &str = "5b6c9e3a-0001-4000-8000-00000000ad00";
/// The group "Noxys Viewers".
pub(crate) const VIEWERS: &str = "5b6c9e3a-0002-4000-8000-00000000e900";
/// Alice's object id.
pub(crate) const ALICE: &str = "00000000-0000-4000-8000-00000000a11c";
/// The connector of every tenant here.
pub(crate) const ENTRA: &str = "entra";

/// A broker and the mock of Entra.
pub(crate) struct EntraWorld {
    pub(crate) entra: FakeEntra,
    pub(crate) world: TestBroker,
}

impl EntraWorld {
    /// Both, with the broker's clock.
    pub(crate) async fn start() -> Self {
        Self::start_on(TestDatabase::chosen().await).await
    }

    pub(crate) async fn start_on(database: TestDatabase) -> Self {
        let clock = symbolon_identity::clock::ManualClock::default();
        let entra = mock(&clock);
        let clouds = Clouds::default().with([mock_cloud(&entra)]);
        let set = move |settings: BrokerSettings| BrokerSettings { clouds, ..settings };
        let world = TestBroker::start_as(database, &[], (clock, set)).await;
        Self { entra, world }
    }

    /// A tenant with an Entra connector that creates users.
    pub(crate) async fn tenant(&self, slug: &str) -> TestTenant<'_> {
        self.tenant_with(slug, |_, _| ()).await
    }

    /// The same, with changes to the connector and its settings.
    pub(crate) async fn tenant_with(
        &self,
        slug: &str,
        change: impl FnOnce(&mut NewConnector, &mut EntraSettings),
    ) -> TestTenant<'_> {
        let tenant = self.empty_tenant(slug).await;
        self.connector(&tenant, change).await.unwrap();
        tenant
    }

    /// A tenant without any connector.
    pub(crate) async fn empty_tenant(&self, slug: &str) -> TestTenant<'_> {
        let new = NewTenant {
            slug: TenantSlug::parse(slug).unwrap(),
            display_name: slug.to_uppercase(),
            contact: Some(format!("help@{slug}.example")),
        };
        let record = admin::create_tenant(&self.world.broker, &caller(), new).await.unwrap();
        TestTenant { world: &self.world, record }
    }

    /// An Entra connector, whose callback the registration knows.
    pub(crate) async fn connector(
        &self,
        tenant: &TestTenant<'_>,
        change: impl FnOnce(&mut NewConnector, &mut EntraSettings),
    ) -> Result<(), admin::AdminError> {
        let callback = tenant.callback(ENTRA);
        self.entra.change_application(APP, |app| app.redirect_uri(&callback));
        let mut settings = EntraSettings::new(DirectoryId::parse(CONTOSO).unwrap(), APP);
        settings.cloud = "mock".into();
        let mut new = NewConnector {
            id: ConnectorId::parse(ENTRA).unwrap(),
            display_name: "Microsoft".into(),
            mode: ConnectorMode::On,
            untested: true,
            configuration: ConnectorConfiguration {
                provisioning: ProvisioningPolicy {
                    auto_provision: true,
                    ..ProvisioningPolicy::default()
                },
                ..ConnectorConfiguration::new(ConnectorSettings::Entra(settings.clone()))
            },
            client_secret: Some(SecretString::from(SECRET)),
            secret_ends_at: None,
            rules: String::new(),
        };
        change(&mut new, &mut settings);
        new.configuration.upstream = ConnectorSettings::Entra(settings);
        if new.rules.is_empty() {
            let fields = ["email", "name"].map(str::to_owned);
            new.rules = rules(&new, &fields).to_string();
        }
        let broker = &self.world.broker;
        admin::create_connector(broker, &caller(), &tenant.record, new).await.map(|_| ())
    }

    /// A person of the mock signs in at an application.
    pub(crate) async fn log_in(&self, application: &TestApplication<'_>, person: &str) -> Login {
        self.log_in_with(application, person, "").await
    }

    /// The same, with further parameters of the application's request.
    pub(crate) async fn log_in_with(
        &self,
        application: &TestApplication<'_>,
        person: &str,
        extra: &str,
    ) -> Login {
        self.entra.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let browser = symbolon_testkit::Browser::new().unwrap();
        application.log_in_with(browser, person, extra).await
    }
}

/// The first rules of a connector, with these fields.
pub(crate) fn rules(new: &NewConnector, fields: &[String]) -> serde_json::Value {
    default_rules(&new.configuration.upstream, fields, Some("viewer"))
}

/// The rules of the document: two groups, two roles.
pub(crate) fn group_rules() -> serde_json::Value {
    serde_json::json!({
        "assign_role_by_group": true,
        "group_roles": [
            { "group": ADMINS, "label": "Noxys Admins", "role": "admin" },
            { "group": VIEWERS, "label": "Noxys Viewers", "role": "viewer" },
        ],
        "default_role": null,
    })
}

/// The mock as one of the clouds that the operator names.
fn mock_cloud(entra: &FakeEntra) -> Cloud {
    Cloud {
        name: "mock".into(),
        authority: entra.authority_url().parse().unwrap(),
        aliases: Vec::new(),
        graph: Some(entra.graph_url().parse().unwrap()),
        graph_aliases: Vec::new(),
        token_exchange_audience: "api://AzureADTokenExchange".into(),
    }
}

fn mock(clock: &symbolon_identity::clock::ManualClock) -> FakeEntra {
    let clock = clock.clone();
    let app = AppRegistration::new(APP)
        .name("Symbolon")
        .secret(SECRET)
        .multi_tenant()
        .optional_claims(["email", "groups", "acct", "sid", "login_hint", "auth_time"])
        .delegated_permission("User.Read")
        .application_permission("User.Read.All")
        .application_permission("Group.Read.All");
    let alice = Person::new("alice", ALICE)
        .email("alice@contoso.com")
        .display_name("Alice Martin")
        .department("Engineering")
        .job_title("Security Engineer")
        .office("Paris")
        .group(ADMINS);
    let bob = Person::new("bob", "00000000-0000-4000-8000-000000000b0b")
        .email("bob@contoso.com")
        .display_name("Bob Dupont")
        .group(VIEWERS);
    let contoso = Directory::new(CONTOSO, "contoso.onmicrosoft.com", "Contoso")
        .group(Group::new(ADMINS, "Noxys Admins"))
        .group(Group::new(VIEWERS, "Noxys Viewers"))
        .person(alice)
        .person(bob)
        .application(app);
    let eve = Person::new("eve", "00000000-0000-4000-8000-000000000e0e")
        .email("alice@contoso.com")
        .display_name("Eve");
    let fabrikam = Directory::new(FABRIKAM, "fabrikam.onmicrosoft.com", "Fabrikam")
        .person(eve)
        .consents_to(APP);
    FakeEntra::builder()
        .clock(Arc::new(move || clock.now().timestamp()))
        .directory(contoso)
        .directory(fabrikam)
        .start()
        .unwrap()
}
