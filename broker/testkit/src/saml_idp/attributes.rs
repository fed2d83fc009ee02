//! What each vendor says about a person: NameID and attributes, derived from the claims of the OpenID fake's
//! people (`email`, `name`, `groups` and whatever else).

use serde_json::Value;

use super::names::{EMAIL_ADDRESS, PERSISTENT, TRANSIENT, UNSPECIFIED, fresh_id, guid};
use super::service_provider::pairwise;
use super::settings::{Attribute, NameId, Settings, Vendor};
use crate::provider::ProviderUser;

const SOAP: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
const ENTRA: &str = "http://schemas.microsoft.com/identity/claims/";
const MICROSOFT: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/";
const NAME_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:";

/// The person's NameID for a service provider that asks for this format, if for any.
pub(super) fn name_id(
    settings: &Settings,
    user: &ProviderUser,
    service_provider: &str,
    asked: Option<&str>,
) -> NameId {
    if let Some(own) = settings.name_ids.get(user.subject()) {
        return own.clone();
    }
    let asked = asked.filter(|format| *format != UNSPECIFIED);
    let usual = match settings.vendor {
        Vendor::Generic => PERSISTENT,
        Vendor::Entra { .. } | Vendor::Google => EMAIL_ADDRESS,
        Vendor::Adfs | Vendor::Okta => UNSPECIFIED,
    };
    let format = asked.or(settings.name_id_format.as_deref()).unwrap_or(usual);
    let login = login(user);
    let value = match format {
        PERSISTENT => pairwise(user.subject(), service_provider),
        TRANSIENT => fresh_id(),
        UNSPECIFIED if settings.vendor == Vendor::Adfs => {
            format!("CONTOSO\\{}", login.split('@').next().unwrap_or_default())
        }
        _ => login.to_owned(),
    };
    NameId::new(format, &value)
}

/// The name a person signs in with: UPN at Microsoft.
fn login(user: &ProviderUser) -> &str {
    user.text("preferred_username").or(user.text("email")).unwrap_or(user.subject())
}

/// All attributes, the person's own ones last.
pub(super) fn attributes(settings: &Settings, user: &ProviderUser) -> Vec<Attribute> {
    let mut all = match &settings.vendor {
        Vendor::Generic => generic(user),
        Vendor::Entra { tid } => entra(user, tid, settings.most_groups),
        Vendor::Adfs => adfs(user),
        Vendor::Okta => short(user, "unspecified"),
        Vendor::Google => short(user, "basic"),
    };
    all.retain(|attribute| !attribute.values.is_empty());
    all.extend(settings.attributes.get(user.subject()).into_iter().flatten().cloned());
    all
}

/// A claim's values as texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

fn claim(user: &ProviderUser, name: &str) -> Vec<String> {
    user.claims.get(name).map(texts).unwrap_or_default()
}

/// First and last name, as far as `name` has two parts.
fn names(user: &ProviderUser) -> (Vec<String>, Vec<String>) {
    let halves = user.text("name").and_then(|name| name.split_once(' '));
    match halves {
        Some((first, last)) => (vec![first.to_owned()], vec![last.to_owned()]),
        None => (Vec::new(), Vec::new()),
    }
}

/// Every claim under its own name.
fn generic(user: &ProviderUser) -> Vec<Attribute> {
    let mut all: Vec<Attribute> = user
        .claims
        .iter()
        .map(|(name, value)| Attribute {
            name_format: Some(format!("{NAME_FORMAT}basic")),
            ..Attribute::new(name, texts(value))
        })
        .collect();
    let uid = Attribute {
        name_format: Some(format!("{NAME_FORMAT}uri")),
        friendly_name: Some("uid".to_owned()),
        ..Attribute::new("urn:oid:0.9.2342.19200300.100.1.1", [user.subject()])
    };
    all.push(uid);
    all
}

/// Microsoft Entra ID: the token that an enterprise application gets without any customisation, with groups.
fn entra(user: &ProviderUser, tid: &str, most_groups: usize) -> Vec<Attribute> {
    let (given, surname) = names(user);
    let object = user.text("oid").unwrap_or(user.subject());
    let object = guid(object);
    let groups: Vec<String> = claim(user, "groups").iter().map(|group| guid(group)).collect();
    let groups = if groups.len() > most_groups {
        let link = format!("https://graph.windows.net/{tid}/users/{object}/getMemberObjects");
        Attribute::new("http://schemas.microsoft.com/claims/groups.link", [link])
    } else {
        Attribute::new(&format!("{MICROSOFT}groups"), groups)
    };
    vec![
        Attribute::new(&format!("{ENTRA}tenantid"), [tid]),
        Attribute::new(&format!("{ENTRA}objectidentifier"), [object]),
        Attribute::new(&format!("{ENTRA}displayname"), claim(user, "name")),
        groups,
        Attribute::new(
            &format!("{ENTRA}identityprovider"),
            [format!("https://sts.windows.net/{tid}/")],
        ),
        Attribute::new(
            "http://schemas.microsoft.com/claims/authnmethodsreferences",
            ["http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"],
        ),
        Attribute::new(&format!("{MICROSOFT}role"), claim(user, "roles")),
        Attribute::new(&format!("{SOAP}givenname"), given),
        Attribute::new(&format!("{SOAP}surname"), surname),
        Attribute::new(&format!("{SOAP}emailaddress"), claim(user, "email")),
        Attribute::new(&format!("{SOAP}name"), [login(user)]),
    ]
}

fn adfs(user: &ProviderUser) -> Vec<Attribute> {
    let (given, surname) = names(user);
    vec![
        Attribute::new(&format!("{SOAP}upn"), [login(user)]),
        Attribute::new(&format!("{SOAP}emailaddress"), claim(user, "email")),
        Attribute::new(&format!("{SOAP}name"), claim(user, "name")),
        Attribute::new(&format!("{SOAP}givenname"), given),
        Attribute::new(&format!("{SOAP}surname"), surname),
        Attribute::new(&format!("{MICROSOFT}role"), claim(user, "roles")),
        Attribute::new("http://schemas.xmlsoap.org/claims/Group", claim(user, "groups")),
    ]
}

/// Okta and Google: what the admin maps, under the names that both suggest.
fn short(user: &ProviderUser, format: &str) -> Vec<Attribute> {
    let (first, last) = names(user);
    [
        ("email", claim(user, "email")),
        ("firstName", first),
        ("lastName", last),
        ("displayName", claim(user, "name")),
        ("department", claim(user, "department")),
        ("groups", claim(user, "groups")),
    ]
    .into_iter()
    .map(|(name, values)| Attribute {
        name_format: Some(format!("{NAME_FORMAT}{format}")),
        ..Attribute::new(name, values)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_ei10_more_than_150_groups_become_a_link() {
        let many: Vec<String> = (0..151).map(|number| format!("group {number}")).collect();
        let user = ProviderUser::new("alice").groups(many.iter().map(String::as_str));
        let vendor = Vendor::Entra { tid: guid("contoso") };
        let mut settings = Settings::of(vendor);
        let named = |settings: &Settings, end: &str| {
            attributes(settings, &user).into_iter().find(|one| one.name.ends_with(end))
        };
        assert!(named(&settings, "/groups").is_none());
        assert_eq!(named(&settings, "/groups.link").unwrap().values.len(), 1);
        settings.most_groups = 151;
        assert_eq!(named(&settings, "/groups").unwrap().values.len(), 151);
    }
}
