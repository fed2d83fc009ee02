//! Entra ID (EI-01 to EI-15) and AD FS (OI-1).

use super::{ProductGuide, enter, say, step};
use crate::admin::SamlSetup;

pub(super) fn entra(ours: &SamlSetup) -> ProductGuide {
    let steps = vec![
        step(
            "Enterprise applications > New application > Create your own application",
            vec![say("Choose the kind that is not in the gallery.")],
        ),
        step(
            "Single sign-on > SAML > Basic SAML Configuration",
            vec![
                enter("Upload metadata file, or enter what follows:", &ours.metadata_url),
                enter("Identifier (Entity ID)", &ours.entity_id),
                enter("Reply URL (Assertion Consumer Service URL)", &ours.acs_url),
                enter("Logout URL", &ours.logout_url),
                say("Leave Sign on URL and Relay State empty."),
            ],
        ),
        step(
            "Attributes & Claims",
            vec![
                say("Keep what is there: people are known by their tenant ID and object ID."),
                say(
                    "For roles by group: Add a group claim, Groups assigned to the application, source attribute \
                     Group ID. Beyond 150 groups Entra sends none of them.",
                ),
            ],
        ),
        step(
            "SAML Certificates",
            vec![
                enter("Signing Option", "Sign SAML response and assertion"),
                enter("Signing Algorithm", "SHA-256"),
                say(
                    "Give us the App Federation Metadata Url: it is what this connector is made with.",
                ),
                say(
                    "Verification certificates may be left alone. To demand signed requests, upload the signing \
                     certificate; sign-ins from My Apps and the Test button of the portal then stop working.",
                ),
            ],
        ),
        step(
            "Token encryption (needs P1 or P2)",
            vec![say(
                "May be left alone. Otherwise import the encryption certificate and activate it.",
            )],
        ),
        step("Users and groups", vec![say("Assign those who shall sign in.")]),
    ];
    ProductGuide { product: "entra", name: "Microsoft Entra ID", steps }
}

pub(super) fn adfs(ours: &SamlSetup) -> ProductGuide {
    let steps = vec![
        step(
            "Relying Party Trusts > Add Relying Party Trust > Claims aware",
            vec![
                enter(
                    "Import data about the relying party published online: Federation metadata address",
                    &ours.metadata_url,
                ),
                say("Or save the metadata and import it from the file. It holds everything else."),
            ],
        ),
        step(
            "Edit Claim Issuance Policy > Send LDAP Attributes as Claims",
            vec![
                enter("E-Mail-Addresses", "E-Mail Address"),
                enter("Display-Name", "Name"),
                enter("User-Principal-Name", "UPN"),
                enter("Token-Groups - Unqualified Names", "Group"),
            ],
        ),
        step(
            "Edit Claim Issuance Policy > Transform an Incoming Claim",
            vec![
                enter("Incoming claim type", "Primary SID"),
                enter("Outgoing claim type", "Name ID"),
                enter("Outgoing name ID format", "Persistent Identifier"),
                say("The name ID is what a person is known by here: it must never change hands."),
            ],
        ),
        step("Properties > Advanced", vec![enter("Secure hash algorithm", "SHA-256")]),
        step(
            "What we need",
            vec![enter(
                "The address of its metadata",
                "https://HOST/FederationMetadata/2007-06/FederationMetadata.xml",
            )],
        ),
    ];
    ProductGuide { product: "adfs", name: "AD FS", steps }
}
