//! Endpoints of SAML connectors.

use symbolon_identity::admin::ApiScope::{SsoManage, SsoRead};

use super::super::endpoint::{Endpoint, Group};
use super::super::saml;
use super::{delete, get, group, one, post};

/// All of them.
pub(super) fn groups() -> [Group; 5] {
    let setup = get("showSamlSetup", "What the admin of the identity provider enters there.");
    let keys = get("listSamlKeys", "Our keys: the present, the next and the previous ones.");
    let new = post("createSamlKeys", "Make the next keys and publish them; they do not sign yet.");
    let activate = post("activateSamlKeys", "Use the next keys; the present ones still decrypt.");
    let forget = delete("dropPreviousSamlKeys", "Forget the keys before the present ones.");
    let read = post("readSamlMetadata", "Read an identity provider's metadata. Changes nothing.");
    [
        one("/connectors/{connector}/saml", Endpoint::new(setup, SsoRead, &[], saml::setup)),
        group(
            "/connectors/{connector}/saml/keys",
            vec![
                Endpoint::new(keys, SsoRead, &[], saml::keys),
                Endpoint::new(new, SsoManage, &[], saml::new_keys),
            ],
        ),
        one(
            "/connectors/{connector}/saml/keys/activate",
            Endpoint::new(activate, SsoManage, &[], saml::activate),
        ),
        one(
            "/connectors/{connector}/saml/keys/previous",
            Endpoint::new(forget, SsoManage, &[], saml::drop_previous),
        ),
        one("/saml/read-metadata", Endpoint::new(read, SsoManage, &[], saml::read_metadata)),
    ]
}
