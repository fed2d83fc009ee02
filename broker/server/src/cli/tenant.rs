//! `symbolon tenant` and `symbolon role`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, NewTenant};
use symbolon_identity::downstream::oidc::issuer;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{RoleCommand, TenantCommand};
use super::print;

pub(super) async fn run(broker: &Broker, command: TenantCommand, json: bool) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        TenantCommand::Create { slug, display_name, contact } => {
            let display_name = display_name.unwrap_or_else(|| slug.to_string());
            let new = NewTenant { slug, display_name, contact };
            let tenant = admin::create_tenant(broker, &caller, new).await?;
            print::object(&describe(broker, &tenant), json);
        }
        TenantCommand::List => {
            let tenants = admin::list_tenants(broker, None, 1000).await?;
            let rows: Vec<Value> = tenants.iter().map(|one| describe(broker, one)).collect();
            print::table(&rows, &["slug", "display_name", "active", "issuer"], json);
        }
        TenantCommand::Show { slug } => {
            let tenant = admin::read_tenant(broker, &slug).await?;
            let mut shown = describe(broker, &tenant);
            let connectors = admin::list_connectors(broker, &tenant).await?;
            let applications = admin::list_applications(broker, &tenant).await?;
            let connectors = connectors.iter().map(|one| json!(one.id)).collect();
            let applications = applications.iter().map(|one| json!(one.id)).collect();
            let large_plugins = tenant.settings.large_plugins.into();
            let registration = tenant.settings.dynamic_registration.into();
            print::add(&mut shown, "dynamic_registration", registration);
            print::add(&mut shown, "large_plugins", large_plugins);
            print::add(&mut shown, "connectors", connectors);
            print::add(&mut shown, "applications", applications);
            print::object(&shown, json);
        }
        TenantCommand::Contact { slug, contact } => {
            let tenant = admin::read_tenant(broker, &slug).await?;
            admin::set_tenant_contact(broker, &caller, &tenant, contact).await?;
        }
        TenantCommand::LargePlugins { slug, count } => {
            let tenant = admin::read_tenant(broker, &slug).await?;
            admin::set_large_plugins(broker, &caller, &tenant, count).await?;
        }
        TenantCommand::DynamicRegistration { slug, open } => {
            let tenant = admin::read_tenant(broker, &slug).await?;
            admin::set_dynamic_registration(broker, &caller, &tenant, open == "on").await?;
        }
        TenantCommand::Domain { slug, domain, connector } => {
            let tenant = admin::read_tenant(broker, &slug).await?;
            admin::put_domain(broker, &caller, &tenant, (domain, connector)).await?;
        }
    }
    Ok(())
}

fn describe(broker: &Broker, tenant: &TenantRecord) -> Value {
    let issuer = issuer(&broker.settings.public_url, &tenant.slug);
    json!({
        "slug": tenant.slug,
        "id": tenant.id,
        "display_name": tenant.display_name,
        "active": tenant.active,
        "contact": tenant.settings.contact,
        "login_url": format!("{issuer}/login"),
        "issuer": issuer,
    })
}

pub(super) async fn roles(broker: &Broker, command: RoleCommand, json: bool) -> anyhow::Result<()> {
    match command {
        RoleCommand::Create { tenant, role, description, not_by_mapping } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let caller = AdminCaller::command_line();
            let role = (role, description, !not_by_mapping);
            admin::put_role(broker, &caller, &tenant, role).await?;
        }
        RoleCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let roles = admin::list_roles(broker, &tenant).await?;
            let rows: Vec<Value> = roles
                .iter()
                .map(|role| {
                    json!({
                        "role": role.name,
                        "grantable_by_mapping": role.grantable_by_mapping,
                        "description": role.description,
                    })
                })
                .collect();
            print::table(&rows, &["role", "grantable_by_mapping", "description"], json);
        }
    }
    Ok(())
}
