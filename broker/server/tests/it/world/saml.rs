//! A broker whose tenants bring a SAML identity provider: the fake one, with the broker's clock.

use std::sync::Arc;

use symbolon_contract::{ConnectorId, TenantSlug, UserId};
use symbolon_identity::admin::{self, NewConnector, NewTenant};
use symbolon_identity::clock::{Clock as _, ManualClock};
use symbolon_identity::connectors::saml::{IdentityProvider, MetadataInput, SamlSettings};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::browser::Page;
use symbolon_testkit::saml_idp::{
    AutomaticSignIn, FakeSamlIdp, Misbehaviour, ServiceProviderEntry, Vendor,
};
use symbolon_testkit::{Browser, ProviderUser};

use super::{Login, TestApplication, TestBroker, TestTenant, caller, rules};

/// The connector of every tenant here.
pub(crate) const SAML: &str = "saml";

/// A broker and the fake identity provider.
pub(crate) struct SamlWorld {
    pub(crate) idp: FakeSamlIdp,
    pub(crate) world: TestBroker,
}

impl SamlWorld {
    /// Both, with the broker's clock.
    pub(crate) async fn start() -> Self {
        Self::start_as(Vendor::Generic).await
    }

    /// With an identity provider that speaks like this vendor's.
    pub(crate) async fn start_as(vendor: Vendor) -> Self {
        Self::start_on(TestDatabase::chosen().await, vendor).await
    }

    pub(crate) async fn start_on(database: TestDatabase, vendor: Vendor) -> Self {
        let clock = ManualClock::default();
        let idp = idp(&clock, vendor);
        let world = TestBroker::start_as(database, &[], (clock, |settings| settings)).await;
        Self { idp, world }
    }

    /// An identity provider beside a broker that is there already.
    pub(crate) fn beside(world: TestBroker, vendor: Vendor) -> Self {
        Self { idp: idp(&world.clock, vendor), world }
    }

    /// A tenant with a SAML connector that creates users, registered at the identity provider.
    pub(crate) async fn tenant(&self, slug: &str) -> TestTenant<'_> {
        self.tenant_with(slug, |_, _| ()).await
    }

    /// The same, with changes to the connector and its settings.
    pub(crate) async fn tenant_with(
        &self,
        slug: &str,
        change: impl FnOnce(&mut NewConnector, &mut SamlSettings),
    ) -> TestTenant<'_> {
        let tenant = self.empty_tenant(slug).await;
        self.connector(&tenant, SAML, change).await.unwrap();
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

    /// What an admin gets by uploading the identity provider's metadata.
    pub(crate) async fn read_metadata(&self) -> IdentityProvider {
        let input = MetadataInput::Document(self.idp.metadata_xml().unwrap().into_bytes());
        let entity_id = self.idp.entity_id();
        let read = admin::read_saml_metadata(&self.world.broker, &input, Some(&entity_id));
        read.await.unwrap()
    }

    /// A SAML connector, made from the identity provider's metadata and registered there by ours.
    pub(crate) async fn connector(
        &self,
        tenant: &TestTenant<'_>,
        id: &str,
        change: impl FnOnce(&mut NewConnector, &mut SamlSettings),
    ) -> Result<(), admin::AdminError> {
        let mut settings = SamlSettings::new(self.read_metadata().await);
        let mut new = NewConnector {
            id: ConnectorId::parse(id).unwrap(),
            display_name: format!("Directory {id}"),
            mode: ConnectorMode::On,
            untested: true,
            configuration: ConnectorConfiguration {
                provisioning: ProvisioningPolicy {
                    auto_provision: true,
                    ..ProvisioningPolicy::default()
                },
                ..ConnectorConfiguration::new(ConnectorSettings::Saml(Box::new(settings.clone())))
            },
            client_secret: None,
            secret_ends_at: None,
            rules: String::new(),
        };
        change(&mut new, &mut settings);
        new.configuration.upstream = ConnectorSettings::Saml(Box::new(settings));
        if new.rules.is_empty() {
            let fields = ["email", "name"].map(str::to_owned);
            new.rules = rules(&new, &fields).to_string();
        }
        admin::create_connector(&self.world.broker, &caller(), &tenant.record, new).await?;
        self.register(tenant, id).await;
        Ok(())
    }

    /// Our metadata as it is now, handed to the identity provider.
    pub(crate) async fn register(&self, tenant: &TestTenant<'_>, id: &str) {
        let xml = self.own_metadata(tenant, id).await;
        self.idp.register(ServiceProviderEntry::from_metadata(&xml).unwrap());
    }

    /// Our metadata for a connector.
    pub(crate) async fn own_metadata(&self, tenant: &TestTenant<'_>, id: &str) -> String {
        let (id, broker) = (ConnectorId::parse(id).unwrap(), &self.world.broker);
        admin::saml_metadata(broker, &tenant.record, &id).await.unwrap()
    }

    /// Changes the settings of [`SAML`], as an admin does.
    pub(crate) async fn change(
        &self,
        tenant: &TestTenant<'_>,
        change: impl FnOnce(&mut SamlSettings),
    ) -> Result<(), admin::AdminError> {
        let (id, broker) = (ConnectorId::parse(SAML).unwrap(), &self.world.broker);
        let record = admin::read_connector(broker, &tenant.record.id, &id).await?;
        let mut configuration = record.configuration;
        if let ConnectorSettings::Saml(settings) = &mut configuration.upstream {
            change(settings);
        }
        let changed = admin::ConnectorChange { configuration, note: None };
        let place = (&id, changed);
        admin::update_connector(broker, &caller(), &tenant.record, place).await.map(|_| ())
    }

    /// A person signs in at an application with a fresh browser.
    pub(crate) async fn log_in(&self, application: &TestApplication<'_>, person: &str) -> Login {
        self.log_in_with(application, (Browser::new().unwrap(), person), "").await
    }

    /// The same with a browser that may have been around, and further parameters of the request.
    pub(crate) async fn log_in_with(
        &self,
        application: &TestApplication<'_>,
        (mut browser, person): (Browser, &str),
        extra: &str,
    ) -> Login {
        self.idp.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let address = format!("{}/sign-in?{extra}", application.running.url());
        let page = browser.get(&address).await.unwrap();
        let page = self.follow(&mut browser, page).await;
        let roles = match page.has("signed-in-email") {
            true => application.running.last_sign_in().map(|person| person.roles().join(", ")),
            false => None,
        };
        Login { browser, page, roles }
    }

    /// Sends on the forms that a browser with JavaScript sends on by itself.
    pub(crate) async fn follow(&self, browser: &mut Browser, mut page: Page) -> Page {
        for _ in 0..6 {
            if let Some(posted) = Posted::on(&page) {
                page = posted.send(browser).await;
            } else if page.attribute_of("form input[name=SAMLRequest]", "value").is_some() {
                page = browser.submit_form(None).await.unwrap();
            } else {
                break;
            }
        }
        page
    }

    /// The form that the identity provider answers with when a person signs in by this browser.
    pub(crate) async fn answer_for(
        &self,
        application: &TestApplication<'_>,
        (browser, person): (&mut Browser, &str),
    ) -> Posted {
        self.idp.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let address = format!("{}/sign-in", application.running.url());
        let page = browser.get(&address).await.unwrap();
        Posted::on(&page).unwrap()
    }

    /// What sign-ins write, in one text: users, links, grants, sessions.
    pub(crate) async fn tables(&self, tenant: &TestTenant<'_>) -> String {
        let id = tenant.record.id.clone();
        let read = move |conn: &mut symbolon_storage::Connection| {
            let mut rows = conn.tenant(&id);
            let mut told = Vec::new();
            for user in rows.users().list(None, 1000)? {
                let sessions = rows.sessions().of_user(&user.id)?.len();
                let links = rows.identity_links().of_user(&user.id)?;
                let grants = rows.grants().of_user(&user.id)?;
                told.push(format!("{user:?} {links:?} {grants:?} {sessions}"));
            }
            Ok(told.join("\n"))
        };
        self.world.broker.database.read(read).await.unwrap()
    }

    /// The users of a tenant.
    pub(crate) async fn users(&self, tenant: &TestTenant<'_>) -> Vec<UserId> {
        let users = admin::list_users(&self.world.broker, &tenant.record, (None, 100)).await;
        users.unwrap().into_iter().map(|user| user.id).collect()
    }

    /// A sign-in that was refused left nothing behind but one audit row; the next good one is as before.
    pub(crate) async fn refused_then_fine(
        &self,
        application: &TestApplication<'_>,
        fault: Misbehaviour,
        expected: &str,
    ) {
        let tenant = application.tenant;
        let before = self.tables(tenant).await;
        self.idp.misbehave(fault.clone());
        let refused = self.log_in(application, "alice").await;
        let outcome = refused.outcome();
        let (status, code) = outcome.split_once(' ').unwrap_or_default();
        assert_eq!(code, expected, "{fault:?}: {outcome}");
        assert!(["400", "403", "413"].contains(&status), "{fault:?}: {outcome}");
        let slug = tenant.record.slug.as_str();
        assert!(refused.session(slug).is_none(), "{fault:?}: a session cookie");
        tenant.assert_told_and_kept(&refused.page, Some(SAML)).await;
        assert!(!refused.page.body().contains("<saml"), "{fault:?}: the page shows the document");
        self.idp.behave();
        assert_eq!(self.tables(tenant).await, before, "{fault:?}: something was written");
        let fine = self.log_in(application, "alice").await;
        assert!(fine.outcome().starts_with("signed in as alice@"), "{fault:?}: {}", fine.outcome());
    }
}

/// A form with a response, as the identity provider's page hands it to a browser.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Posted {
    /// The one on this page.
    pub(crate) fn on(page: &Page) -> Option<Self> {
        let value = |name: &str| page.attribute_of(&format!("form input[name={name}]"), "value");
        let mut fields = vec![("SAMLResponse".to_owned(), value("SAMLResponse")?)];
        fields.extend(value("RelayState").map(|state| ("RelayState".to_owned(), state)));
        Some(Self { action: page.attribute_of("form", "action")?, fields })
    }

    /// With another value of a field, or without it.
    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    /// To another address.
    pub(crate) fn to(mut self, action: &str) -> Self {
        action.clone_into(&mut self.action);
        self
    }

    /// Posted as from another site: `SameSite=Lax` keeps the cookies at home, only the GET after it has them.
    pub(crate) async fn send(&self, browser: &mut Browser) -> Page {
        let bare = self.send_without_cookies().await;
        match bare.location() {
            Some(next) => browser.get(next.as_str()).await.unwrap(),
            None => bare,
        }
    }

    /// The answer to the bare post.
    pub(crate) async fn send_without_cookies(&self) -> Page {
        let mut bare = Browser::new().unwrap();
        bare.stop_before("http");
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        bare.post(&self.action, &fields.collect::<Vec<_>>()).await.unwrap()
    }
}

fn idp(clock: &ManualClock, vendor: Vendor) -> FakeSamlIdp {
    let clock = clock.clone();
    FakeSamlIdp::builder()
        .clock(Arc::new(move || clock.now().timestamp()))
        .vendor(vendor)
        .user(
            ProviderUser::new("alice")
                .email("alice@contoso.com")
                .name("Alice Martin")
                .department("Engineering")
                .groups(["wiki-admins", "staff"]),
        )
        .user(ProviderUser::new("bob").email("bob@contoso.com").name("Bob Dupont").groups([]))
        .start()
        .unwrap()
}
