//! Okta (OI-2) and Google Workspace (OI-3).

use super::{ProductGuide, enter, say, step};
use crate::admin::SamlSetup;

pub(super) fn okta(ours: &SamlSetup) -> ProductGuide {
    let format = ours.name_id_format.as_deref().unwrap_or("Persistent");
    let steps = vec![
        step("Applications > Create App Integration", vec![enter("Sign-in method", "SAML 2.0")]),
        step(
            "Configure SAML > General",
            vec![
                enter("Single sign-on URL", &ours.acs_url),
                say("Use this for Recipient URL and Destination URL: on."),
                enter("Audience URI (SP Entity ID)", &ours.entity_id),
                enter("Name ID format", format),
                say("Leave Default RelayState empty."),
            ],
        ),
        step(
            "Configure SAML > Show Advanced Settings",
            vec![
                say(
                    "Response and Assertion Signature: Signed; Signature Algorithm RSA-SHA256, Digest Algorithm SHA256.",
                ),
                say(
                    "Assertion Encryption may stay off. Otherwise upload the encryption certificate.",
                ),
                say(
                    "Signature Certificate: upload the signing certificate. It is needed for single logout.",
                ),
                enter("Single Logout URL", &ours.logout_url),
                enter("SP Issuer", &ours.entity_id),
            ],
        ),
        step(
            "Attribute Statements and Group Attribute Statements",
            vec![
                enter("email", "user.email"),
                enter("displayName", "user.displayName"),
                enter("login", "user.login"),
                enter("groups", "a filter that fits the groups which roles hang on"),
            ],
        ),
        step(
            "Sign On and Assignments",
            vec![
                say("Give us the Metadata URL of the tab Sign On."),
                say("Assign those who shall sign in."),
            ],
        ),
    ];
    ProductGuide { product: "okta", name: "Okta", steps }
}

pub(super) fn google(ours: &SamlSetup) -> ProductGuide {
    let steps = vec![
        step(
            "Apps > Web and mobile apps > Add app > Add custom SAML app",
            vec![say(
                "Download metadata and give us the file: Google publishes no address for it, so certificates are \
                 exchanged by hand.",
            )],
        ),
        step(
            "Service provider details",
            vec![
                enter("ACS URL", &ours.acs_url),
                enter("Entity ID", &ours.entity_id),
                say("Leave Start URL empty."),
                say("Signed response: on."),
                enter("Name ID", "Basic Information > Primary email"),
            ],
        ),
        step(
            "Attribute mapping",
            vec![
                enter("Primary email", "email"),
                enter("Group membership (choose the groups)", "groups"),
            ],
        ),
        step(
            "User access",
            vec![
                say("Switch it on for those who shall sign in."),
                say("Google neither encrypts assertions nor signs people out of other services."),
            ],
        ),
    ];
    ProductGuide { product: "google", name: "Google Workspace", steps }
}
