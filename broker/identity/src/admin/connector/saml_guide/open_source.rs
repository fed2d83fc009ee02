//! Keycloak (OI-7), Shibboleth and SimpleSAMLphp (OI-6), and whatever else reads metadata.

use super::{ProductGuide, enter, say, step};
use crate::admin::SamlSetup;

pub(super) fn keycloak(ours: &SamlSetup) -> ProductGuide {
    let steps = vec![
        step(
            "Clients > Import client",
            vec![
                enter("Resource file: our metadata, saved as a file", &ours.metadata_url),
                enter("Client ID, if it is made by hand", &ours.entity_id),
                enter("Valid redirect URIs", &ours.acs_url),
                enter("Assertion Consumer Service POST Binding URL", &ours.acs_url),
                enter("Logout Service Redirect Binding URL", &ours.logout_url),
            ],
        ),
        step(
            "Settings",
            vec![
                enter("Name ID format", "persistent"),
                say("Force name ID format: on. Sign documents: on. Sign assertions: on."),
            ],
        ),
        step(
            "Keys",
            vec![
                say("Client signature required: on, with the signing certificate."),
                say("Encrypt assertions: as you like, with the encryption certificate."),
            ],
        ),
        step(
            "Client scopes > the client's own > Add mapper > By configuration",
            vec![
                enter("User Property: email", "email"),
                enter("User Property: username", "username"),
                enter("Group list, Full group path off", "groups"),
            ],
        ),
        step(
            "What we need",
            vec![enter(
                "The address of its metadata",
                "https://HOST/realms/REALM/protocol/saml/descriptor",
            )],
        ),
    ];
    ProductGuide { product: "keycloak", name: "Keycloak", steps }
}

pub(super) fn shibboleth(ours: &SamlSetup) -> ProductGuide {
    let steps = vec![
        step(
            "Make us known",
            vec![
                enter("Our metadata: everything is in it", &ours.metadata_url),
                enter("Our entity id", &ours.entity_id),
                say("Shibboleth: a MetadataProvider with this address, or with the saved file."),
                say(
                    "SimpleSAMLphp: convert it under Federation > Tools > XML to SimpleSAMLphp metadata converter, \
                     and put the result into saml20-sp-remote.php.",
                ),
            ],
        ),
        step(
            "Say who the person is",
            vec![
                say(
                    "Send a persistent NameID. A transient one is refused, because nobody is the same person twice.",
                ),
                say(
                    "Or release an identifier as an attribute and name it in the connector's setting `subject`:",
                ),
                enter("for example subject-id", "urn:oasis:names:tc:SAML:attribute:subject-id"),
            ],
        ),
        step(
            "Release attributes to us",
            vec![
                enter("mail", "urn:oid:0.9.2342.19200300.100.1.3"),
                enter("displayName", "urn:oid:2.16.840.1.113730.3.1.241"),
                enter("eduPersonPrincipalName", "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"),
                enter("isMemberOf", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"),
            ],
        ),
        step(
            "Sign",
            vec![say("The response or the assertion, or both; with SHA-256 or stronger.")],
        ),
    ];
    ProductGuide { product: "other", name: "Shibboleth, SimpleSAMLphp and others", steps }
}
