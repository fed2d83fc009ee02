//! Connectors: listed, made, shown, changed, switched.

use serde_json::{Value, json};
use symbolon_identity::admin::{
    self, AdminError, ConnectorChange, ModeChange, ModePreview, NewConnector,
};
use symbolon_identity::connectors::entra::{DirectoryId, ProfileField};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::mapping::default_rules;
use symbolon_identity::policy::ConnectorMode;

use super::answer::{Done, Found, List, Made};
use super::body::{Json, NoBody, in_words};
use super::call::Call;
use super::credentials::end_of;
use super::views::{
    ConnectorDetails, ConnectorSummary, CreateConnector, ReplaceSettings, SettingsSaved, SwitchMode,
};

pub(super) async fn list(
    call: Call,
    _: NoBody,
) -> Result<Found<List<ConnectorSummary>>, AdminError> {
    let connectors = admin::list_connectors(call.broker(), &call.tenant).await?;
    let summary = |one| ConnectorSummary::of(call.broker(), &call.tenant, one);
    Ok(Found(connectors.iter().map(summary).collect()))
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<ConnectorDetails>, AdminError> {
    let id = call.connector()?;
    let connector = admin::read_connector(call.broker(), &call.tenant.id, &id).await?;
    let status = admin::connector_status(call.broker(), &call.tenant, &id).await?;
    Ok(Found(ConnectorDetails {
        summary: ConnectorSummary::of(call.broker(), &call.tenant, &connector),
        settings: connector.configuration,
        credentials: status.credentials,
    }))
}

pub(super) async fn create(
    call: Call,
    Json(body): Json<CreateConnector>,
) -> Result<Made<ConnectorSummary>, AdminError> {
    let configuration = configuration(&call, body.settings, &body.sync_fields).await?;
    let mut problems = Vec::new();
    if configuration.callback_path.is_some() {
        problems.push("settings.callback_path: only the operator sets it".to_owned());
    }
    if body.default_role.as_deref() == Some("admin") && !body.confirm_admin_default {
        problems.push(
            "default_role: everybody without a fitting rule would be admin; confirm it by \
             confirm_admin_default, or choose viewer"
                .to_owned(),
        );
    }
    if !problems.is_empty() {
        return Err(AdminError::Invalid(problems));
    }
    let upstream = &configuration.upstream;
    let name = match upstream {
        ConnectorSettings::Entra(_) => "Microsoft".to_owned(),
        ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_) => body.id.to_string(),
    };
    let rules = default_rules(upstream, &body.sync_fields, body.default_role.as_deref());
    let new = NewConnector {
        id: body.id,
        display_name: body.display_name.unwrap_or(name),
        mode: body.mode.into(),
        untested: body.untested,
        configuration,
        client_secret: body.client_secret.map(|secret| secret.0),
        secret_ends_at: body.secret_ends_on.map(end_of),
        rules: rules.to_string(),
    };
    let made = admin::create_connector(call.broker(), &call.caller, &call.tenant, new).await?;
    Ok(Made(ConnectorSummary::of(call.broker(), &call.tenant, &made)))
}

pub(super) async fn replace_settings(
    call: Call,
    Json(body): Json<ReplaceSettings>,
) -> Result<Found<SettingsSaved>, AdminError> {
    let id = call.connector()?;
    let configuration = configuration(&call, body.settings, &[]).await?;
    let change = (&id, ConnectorChange { configuration, note: body.note });
    let saved = admin::update_connector(call.broker(), &call.caller, &call.tenant, change).await?;
    Ok(Found(SettingsSaved { settings_version: saved }))
}

pub(super) async fn switch(call: Call, Json(body): Json<SwitchMode>) -> Result<Done, AdminError> {
    let change = ModeChange { mode: body.mode.into(), untested: body.untested };
    let id = call.connector()?;
    admin::set_connector_mode(call.broker(), &call.caller, &call.tenant, (&id, change)).await?;
    Ok(Done)
}

pub(super) async fn preview(call: Call, _: NoBody) -> Result<Found<ModePreview>, AdminError> {
    let mode = call.query("mode").and_then(ConnectorMode::parse).ok_or_else(|| {
        AdminError::Invalid(vec!["mode: off, test, pilot, on or enforced".to_owned()])
    })?;
    let id = call.connector()?;
    Ok(Found(admin::preview_mode(call.broker(), &call.tenant, (&id, mode)).await?))
}

/// Settings as they were sent become a configuration. What an admin typed as Tenant ID is looked up at
/// Microsoft (E-09), and profile fields that only Graph has are asked for when they are wanted.
async fn configuration(
    call: &Call,
    mut sent: Value,
    sync_fields: &[String],
) -> Result<ConnectorConfiguration, AdminError> {
    if let Some(upstream) = sent.get_mut("upstream").and_then(Value::as_object_mut)
        && upstream.get("kind") == Some(&json!("entra"))
    {
        let typed = upstream.get("tenant_id").and_then(Value::as_str).unwrap_or_default();
        if DirectoryId::parse(typed).is_none() && !typed.is_empty() {
            let cloud = upstream.get("cloud").and_then(Value::as_str).unwrap_or("global");
            let found = admin::resolve_entra_directory(call.broker(), typed, cloud).await?;
            upstream.insert("tenant_id".into(), json!(found.id));
            upstream.insert("tenant_domain".into(), json!(found.domain));
            upstream.insert("cloud".into(), json!(found.cloud));
        }
        if !upstream.contains_key("graph_profile") {
            let all = ["department", "job_title", "office"].map(str::to_owned);
            let fields =
                if sync_fields.iter().any(|field| field == "*") { &all } else { sync_fields };
            let wanted: Vec<_> =
                fields.iter().filter_map(|field| ProfileField::of_sync_field(field)).collect();
            upstream.insert("graph_profile".into(), json!(wanted));
        }
    }
    serde_json::from_value(sent)
        .map_err(|error| AdminError::Invalid(vec![format!("settings: {}", in_words(&error))]))
}
