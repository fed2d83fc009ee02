//! Whose pages may call the endpoints of an issuer from a browser (H-01, Fetch "CORS protocol").

use std::collections::BTreeSet;

use symbolon_contract::TenantId;
use symbolon_storage::{Database, StorageResult};
use url::Url;

use crate::downstream::{Application, OpenidSettings, RedirectUri};

/// The origins of a tenant's active applications: where their answers go, and what they registered
/// besides. As browsers write them: scheme, host, and the port unless it is the scheme's own.
///
/// # Errors
/// Those of the database.
pub async fn browser_origins(
    database: &Database,
    tenant: &TenantId,
) -> StorageResult<BTreeSet<String>> {
    let tenant = tenant.clone();
    let rows = database.read(move |conn| conn.tenant(&tenant).applications().list()).await?;
    let mut origins = BTreeSet::new();
    for row in rows {
        let application = Application::try_from(row)?;
        if application.active {
            origins.extend(of_application(&application.settings));
        }
    }
    Ok(origins)
}

fn of_application(settings: &OpenidSettings) -> impl Iterator<Item = String> {
    let redirects = settings.redirect_uris.iter().map(RedirectUri::as_str);
    let others = settings.allowed_origins.iter().map(String::as_str);
    redirects.chain(others).filter_map(web_origin)
}

/// Private schemes of installed applications have no origin, and no browser shows their pages.
fn web_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let of_the_web = matches!(url.scheme(), "https" | "http");
    of_the_web.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h01_origins_are_written_as_browsers_write_them() {
        let uris =
            ["https://App.example:443/cb?x=1", "http://127.0.0.1:3000/cb", "com.example:/cb"];
        let uris = uris.map(|uri| RedirectUri::parse(uri).unwrap());
        let mut settings = OpenidSettings::new(uris.to_vec());
        settings.allowed_origins =
            vec!["https://spa.example:8443".into(), "*".into(), "null".into()];
        let origins: Vec<String> = of_application(&settings).collect();
        let expected = ["https://app.example", "http://127.0.0.1:3000", "https://spa.example:8443"];
        assert_eq!(origins, expected);
    }
}
