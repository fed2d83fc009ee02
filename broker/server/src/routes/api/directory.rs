//! What is asked of, and at, the directory behind a connector.

use symbolon_identity::admin::{self, AdminError, GroupQuery};
use symbolon_identity::connectors::entra::FoundGroup;

use super::answer::{Found, List, Made};
use super::body::NoBody;
use super::call::Call;
use super::views::Consent;

pub(super) async fn groups(call: Call, _: NoBody) -> Result<Found<List<FoundGroup>>, AdminError> {
    let query = match (call.query("name"), call.query("ids")) {
        (Some(name), None) => GroupQuery::Named(name.to_owned()),
        (None, Some(ids)) => GroupQuery::Ids(ids.split(',').map(str::to_owned).collect()),
        _ => return Err(AdminError::Invalid(vec!["query: either name or ids".to_owned()])),
    };
    let id = call.connector()?;
    let found = admin::find_groups(call.broker(), &call.tenant, (&id, &query)).await?;
    Ok(Found(found.into_iter().collect()))
}

pub(super) async fn consent_link(call: Call, _: NoBody) -> Result<Made<Consent>, AdminError> {
    let id = call.connector()?;
    let link = admin::consent_link(call.broker(), &call.tenant, &id).await?;
    Ok(Made(Consent {
        url: link.url.into(),
        redirect_uri: link.redirect_uri,
        expires_at: link.expires_at,
    }))
}
