//! The names under which products put what (EI-09, section 14 of the SAML facts): one table a vendor, first hit wins.

use serde_json::{Map, Value};
use symbolon_contract::Claims;

use crate::connectors::oidc::ClaimNames;
use crate::connectors::saml::{SamlSettings, Vendor};

/// The directory of an Entra person.
pub(crate) const ENTRA_TENANT_ID: &str = "http://schemas.microsoft.com/identity/claims/tenantid";
/// The object id of an Entra person.
pub(crate) const ENTRA_OBJECT_ID: &str =
    "http://schemas.microsoft.com/identity/claims/objectidentifier";
/// Methods, as Entra and AD FS state them.
pub(crate) const ENTRA_METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";
/// Stands in the place of more than 150 groups.
pub(crate) const ENTRA_GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";
/// Groups, as Entra states them.
pub(crate) const ENTRA_GROUPS: &str =
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

const WS_EMAIL: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
const WS_UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
const WS_NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
const MS_DISPLAY_NAME: &str = "http://schemas.microsoft.com/identity/claims/displayname";
const MS_ROLE: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
const ADFS_GROUP: &str = "http://schemas.xmlsoap.org/claims/Group";
const ADFS_COMMON_NAME: &str = "http://schemas.xmlsoap.org/claims/CommonName";
const OID_MAIL: &str = "urn:oid:0.9.2342.19200300.100.1.3";
const OID_DISPLAY_NAME: &str = "urn:oid:2.16.840.1.113730.3.1.241";
const OID_EPPN: &str = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6";
const OID_IS_MEMBER_OF: &str = "urn:oid:1.3.6.1.4.1.5923.1.5.1.1";

/// Names of one vendor, in the order in which they are looked for.
struct Aliases {
    email: &'static [&'static str],
    name: &'static [&'static str],
    username: &'static [&'static str],
    groups: &'static [&'static str],
}

const ENTRA: Aliases = Aliases {
    email: &[WS_EMAIL, "emailaddress", "email"],
    name: &[MS_DISPLAY_NAME, "displayname", "name"],
    username: &[WS_NAME, WS_UPN],
    groups: &[ENTRA_GROUPS, "groups", MS_ROLE],
};
const ADFS: Aliases = Aliases {
    email: &[WS_EMAIL, "email"],
    name: &[WS_NAME, ADFS_COMMON_NAME, "displayName"],
    username: &[
        WS_UPN,
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname",
    ],
    groups: &[ADFS_GROUP, MS_ROLE, ENTRA_GROUPS, "groups"],
};
const OKTA: Aliases = Aliases {
    email: &["email", "mail", WS_EMAIL],
    name: &["displayName", "name", "cn"],
    username: &["login", "username"],
    groups: &["groups", "group", "memberOf"],
};
const GOOGLE: Aliases = Aliases {
    email: &["email", "Email", "mail", WS_EMAIL],
    name: &["name", "Name", "displayName"],
    username: &["username"],
    groups: &["groups", "Groups"],
};
const GENERIC: Aliases = Aliases {
    email: &["email", "mail", OID_MAIL, WS_EMAIL, "emailAddress", "Email"],
    name: &["displayName", "name", OID_DISPLAY_NAME, MS_DISPLAY_NAME, WS_NAME, "cn"],
    username: &["username", "uid", "eduPersonPrincipalName", OID_EPPN, WS_UPN],
    groups: &[
        "groups",
        "memberOf",
        "isMemberOf",
        OID_IS_MEMBER_OF,
        ENTRA_GROUPS,
        ADFS_GROUP,
        MS_ROLE,
        "group",
        "Role",
        "roles",
    ],
};

fn of(vendor: Vendor) -> &'static Aliases {
    match vendor {
        Vendor::Generic => &GENERIC,
        Vendor::Entra => &ENTRA,
        Vendor::Adfs => &ADFS,
        Vendor::Okta => &OKTA,
        Vendor::Google => &GOOGLE,
    }
}

/// Where these attributes put what: the settings' word, else the first of the vendor's names that came.
pub(super) fn names(settings: &SamlSettings, claims: &Map<String, Value>) -> ClaimNames {
    let (ours, known) = (&settings.attributes, of(settings.vendor()));
    let pick = |own: &Option<String>, aliases: &[&str]| {
        let found = || aliases.iter().find(|name| claims.contains_key(**name));
        own.clone().unwrap_or_else(|| {
            found().or(aliases.first()).map(|name| (*name).to_owned()).unwrap_or_default()
        })
    };
    ClaimNames {
        subject: "name_id".to_owned(),
        email: pick(&ours.email, known.email),
        name: pick(&ours.name, known.name),
        groups: pick(&ours.groups, known.groups),
    }
}

/// Rules that say `email` mean the e-mail, under whatever name it came: the common names stand beside the
/// attributes' own. An attribute that has such a name already keeps it, unless the settings name another one.
pub(super) fn add_common_names(settings: &SamlSettings, claims: &mut Claims) {
    let own = &settings.attributes;
    let common = [
        ("email", &own.email, &claims.email),
        ("name", &own.name, &claims.name),
        ("preferred_username", &own.username, &claims.preferred_username),
    ];
    for (name, chosen, value) in common {
        let Some(value) = value else { continue };
        if chosen.is_some() || !claims.raw.contains_key(name) {
            claims.raw.insert(name.to_owned(), value.clone().into());
        }
    }
}

/// Where these attributes put the sign-in name.
pub(super) fn username(settings: &SamlSettings, claims: &Map<String, Value>) -> Option<String> {
    let known = of(settings.vendor()).username.iter().map(|name| (*name).to_owned());
    let names = settings.attributes.username.iter().cloned().chain(known);
    names.into_iter().find_map(|name| super::text_at(claims, &name))
}

/// The attribute that holds the groups of these claims.
pub(crate) fn groups_name(settings: &SamlSettings, claims: &Map<String, Value>) -> String {
    names(settings, claims).groups
}

/// What SAML and Microsoft call a method, in OpenID's words (RFC 8176).
pub(crate) fn method(stated: &str) -> Option<&'static str> {
    match stated {
        "http://schemas.microsoft.com/claims/multipleauthn"
        | "https://refeds.org/profile/mfa"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered" => Some("mfa"),
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        | "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password" => {
            Some("pwd")
        }
        "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard" => Some("sc"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::saml::IdentityProvider;

    fn settings(entity_id: &str) -> SamlSettings {
        let identity_provider =
            IdentityProvider { entity_id: entity_id.to_owned(), ..IdentityProvider::default() };
        SamlSettings::new(identity_provider)
    }

    fn came(attributes: &Value) -> Map<String, Value> {
        attributes.as_object().unwrap().clone()
    }

    #[test]
    fn saml_ei09_oi1_to_oi6_each_vendors_names_are_found_in_their_order() {
        let entra = came(
            &json!({ WS_EMAIL: "a@b.example", MS_DISPLAY_NAME: "Alice", ENTRA_GROUPS: ["g"], "email": "no" }),
        );
        let found = names(&settings("https://sts.windows.net/1/"), &entra);
        assert_eq!(
            (&*found.email, &*found.name, &*found.groups),
            (WS_EMAIL, MS_DISPLAY_NAME, ENTRA_GROUPS)
        );
        let adfs = came(&json!({ WS_EMAIL: "a@b.example", ADFS_GROUP: "g", WS_UPN: "a@corp" }));
        let at_adfs = settings("http://fs.example/adfs/services/trust");
        assert_eq!(names(&at_adfs, &adfs).groups, ADFS_GROUP);
        assert_eq!(username(&at_adfs, &adfs).as_deref(), Some("a@corp"));
        let federation =
            came(&json!({ OID_MAIL: "a@b.example", OID_IS_MEMBER_OF: ["g"], OID_EPPN: "a@b" }));
        let anywhere = settings("https://idp.example");
        let found = names(&anywhere, &federation);
        assert_eq!((&*found.email, &*found.groups), (OID_MAIL, OID_IS_MEMBER_OF));
        assert_eq!(username(&anywhere, &federation).as_deref(), Some("a@b"));
    }

    #[test]
    fn the_settings_own_names_win_and_missing_attributes_have_the_first_name() {
        let mut settings = settings("http://www.okta.com/exk1");
        assert_eq!(names(&settings, &Map::new()).groups, "groups");
        settings.attributes.groups = Some("teams".to_owned());
        assert_eq!(names(&settings, &came(&json!({ "groups": "g" }))).groups, "teams");
        settings.vendor = Some(Vendor::Google);
        assert_eq!(names(&settings, &came(&json!({ "Email": "x" }))).email, "Email");
    }

    #[test]
    fn methods_are_told_in_openids_words_and_unknown_ones_not_at_all() {
        assert_eq!(method("http://schemas.microsoft.com/claims/multipleauthn"), Some("mfa"));
        assert_eq!(method("urn:oasis:names:tc:SAML:2.0:ac:classes:Password"), Some("pwd"));
        assert_eq!(method("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"), None);
    }
}
