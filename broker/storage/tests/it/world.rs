//! A database with two tenants, and rows to put into it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, SessionId, TenantId, UserId};
use symbolon_storage::testing::TestDatabase;
use symbolon_storage::{
    Connection, Connector, ConnectorMode, Database, Role, Session, StorageResult, Tenant,
    TenantStatus, User, UserStatus,
};

/// Runs each test on both backends. A test that is not listed is dead code, and the build says so.
macro_rules! on_both {
    ($($name:ident,)*) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $name() {
                super::$name(crate::world::World::sqlite().await).await;
            }
        )*}
        mod postgres {$(
            #[tokio::test]
            async fn $name() {
                if let Some(world) = crate::world::World::postgres().await {
                    super::$name(world).await;
                }
            }
        )*}
    };
}
pub(crate) use on_both;

pub(crate) struct World {
    pub(crate) test: TestDatabase,
    pub(crate) contoso: TenantId,
    pub(crate) fabrikam: TenantId,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        Self::with(TestDatabase::sqlite().await).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::with(TestDatabase::postgres().await?).await)
    }

    async fn with(test: TestDatabase) -> Self {
        let world = Self { test, contoso: tenant_id("t1"), fabrikam: tenant_id("t2") };
        world
            .write(|c| {
                c.operator().insert_tenant(&tenant("t1", "contoso"))?;
                c.operator().insert_tenant(&tenant("t2", "fabrikam"))
            })
            .await;
        world
    }

    pub(crate) fn database(&self) -> &Database {
        self.test.database()
    }

    /// One transaction that must succeed.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Connection) -> StorageResult<T> + Send + 'static,
    ) -> T {
        self.database().write(change).await.unwrap()
    }

    /// Contoso with a connector, a role, and the users alice and bob.
    pub(crate) async fn populate(&self) {
        let contoso = self.contoso.clone();
        self.write(move |c| {
            let mut rows = c.tenant(&contoso);
            rows.connectors().insert(&connector("work"))?;
            rows.roles().put(&role("member"))?;
            rows.roles().put(&role("admin"))?;
            rows.users().insert(&user("alice"))?;
            rows.users().insert(&user("bob"))
        })
        .await;
    }
}

/// Seconds after a fixed moment, with a fraction that both backends must keep.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap() + TimeDelta::seconds(seconds)
}

pub(crate) fn tenant_id(id: &str) -> TenantId {
    TenantId::parse(id).unwrap()
}

pub(crate) fn connector_id(id: &str) -> ConnectorId {
    ConnectorId::parse(id).unwrap()
}

pub(crate) fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

pub(crate) fn session_id(id: &str) -> SessionId {
    SessionId::parse(id).unwrap()
}

pub(crate) fn application_id(id: &str) -> ApplicationId {
    ApplicationId::parse(id).unwrap()
}

pub(crate) fn role_name(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

pub(crate) fn tenant(id: &str, slug: &str) -> Tenant {
    Tenant {
        id: tenant_id(id),
        slug: symbolon_contract::TenantSlug::parse(slug).unwrap(),
        display_name: format!("The {slug} company"),
        status: TenantStatus::Active,
        settings: json!({"session": {"idle_minutes": 30}}),
        version: 1,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub(crate) fn connector(id: &str) -> Connector {
    Connector {
        id: connector_id(id),
        kind: "oidc".to_owned(),
        display_name: "Work".to_owned(),
        mode: ConnectorMode::Test,
        settings: json!({"issuer": "https://upstream.example", "text": "ü \" \\ \u{0}"}),
        settings_version: 1,
        version: 1,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub(crate) fn role(name: &str) -> Role {
    Role {
        name: role_name(name),
        description: format!("Those who are {name}"),
        grantable_by_mapping: name != "admin",
    }
}

pub(crate) fn user(id: &str) -> User {
    User {
        id: user_id(id),
        status: UserStatus::Active,
        email: Some(format!("{id}@Contoso.example")),
        email_normalised: Some(format!("{id}@contoso.example")),
        email_verified: true,
        display_name: Some(format!("{id} Ä")),
        username: None,
        metadata: json!({"department": "R&D"}),
        created_at: at(0),
        updated_at: at(1),
        last_sign_in_at: Some(at(2)),
        version: 1,
    }
}

pub(crate) fn session(id: &str, user: &str) -> Session {
    Session {
        id: session_id(id),
        secret_hash: format!("hash-of-{id}"),
        user_id: user_id(user),
        connector_id: connector_id("work"),
        application_id: Some(application_id("wiki")),
        upstream_sid: Some("up-1".to_owned()),
        upstream_logout_hint: Some("hint-1".to_owned()),
        upstream_subject: Some("subject-1".to_owned()),
        acr: Some("mfa".to_owned()),
        amr: json!(["pwd", "otp"]),
        authenticated_at: at(0),
        created_at: at(1),
        last_seen_at: at(2),
        idle_expires_at: at(1800),
        expires_at: at(36_000),
        ended_at: None,
        end_reason: None,
    }
}
