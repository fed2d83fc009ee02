//! Every endpoint of the API: routes, scopes and the OpenAPI document are made from here.
//! Those of plugins, mappings and recorded sign-ins are in `plugins`, those of SAML connectors in `saml`, those of
//! applications in `applications`, those of the operator's own in `platform`.

mod applications;
mod platform;
mod plugins;
mod saml;

use std::borrow::Cow;

use actix_web::http::Method;
use symbolon_identity::admin::ApiScope::{AuditRead, SsoManage, SsoRead};

use super::endpoint::{Endpoint, Group, Parameter};
use super::{connectors, credentials, directory, keys, tenant, testing, versions};

const fn optional(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, required: false }
}

const fn required(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, required: true }
}

const MODE: &[Parameter] = &[required("mode", "`off`, `test`, `pilot`, `on` or `enforced`.")];
const VERSIONS: &[Parameter] =
    &[required("from", "The first version."), required("to", "The second version.")];
const GROUPS: &[Parameter] = &[
    optional("name", "The beginning of the display name."),
    optional("ids", "Object ids whose names are wanted, separated by commas."),
];
const AUDIT: &[Parameter] = &[
    optional("after", "Only events with a greater `seq`."),
    optional("type", "Only events of this type."),
    optional("limit", "At most so many: 1 to 1000; 100 when not given."),
];

const fn get(id: &'static str, about: &'static str) -> (Method, &'static str, &'static str) {
    (Method::GET, id, about)
}

const fn post(id: &'static str, about: &'static str) -> (Method, &'static str, &'static str) {
    (Method::POST, id, about)
}

const fn put(id: &'static str, about: &'static str) -> (Method, &'static str, &'static str) {
    (Method::PUT, id, about)
}

const fn delete(id: &'static str, about: &'static str) -> (Method, &'static str, &'static str) {
    (Method::DELETE, id, about)
}

fn group(path: impl Into<Cow<'static, str>>, endpoints: Vec<Endpoint>) -> Group {
    Group { path: path.into(), endpoints }
}

fn one(path: impl Into<Cow<'static, str>>, endpoint: Endpoint) -> Group {
    group(path, vec![endpoint])
}

/// All of them, by the path below which they lie.
pub(super) fn areas() -> [(&'static str, Vec<Group>); 2] {
    [("/platform", platform::groups().into()), ("/tenants/{tenant}", of_tenants())]
}

fn of_tenants() -> Vec<Group> {
    let mut groups = vec![
        group(
            "/status",
            vec![Endpoint::new(
                get("listStatus", "How every connector is."),
                SsoRead,
                &[],
                tenant::status,
            )],
        ),
        group(
            "/calendar",
            vec![Endpoint::new(
                get(
                    "calendar",
                    "The ends of all credentials as an iCalendar file, with reminders.",
                ),
                SsoRead,
                &[],
                tenant::calendar,
            )],
        ),
        group(
            "/audit",
            vec![Endpoint::new(
                get("listAuditEvents", "The audit trail, oldest first, a page at a time."),
                AuditRead,
                AUDIT,
                tenant::audit,
            )],
        ),
    ];
    groups.extend(of_keys());
    groups.extend(of_connectors());
    groups.extend(of_upkeep());
    groups.extend(of_credentials());
    groups.extend(saml::groups());
    groups.extend(plugins::groups());
    groups.extend(applications::groups());
    groups
}

fn of_keys() -> [Group; 3] {
    let list = get("listKeys", "The keys that sign for the tenant: next, active and retired.");
    let forget =
        delete("forgetRetiredKeys", "Forget retired keys now, because one of them leaked.");
    let rotate = post("rotateKeys", "Let a new key sign from now on; the old one stays published.");
    [
        one("/keys", Endpoint::new(list, SsoRead, &[], keys::list)),
        one("/keys/rotate", Endpoint::new(rotate, SsoManage, &[], keys::rotate)),
        one("/keys/retired", Endpoint::new(forget, SsoManage, &[], keys::forget_retired)),
    ]
}

fn of_connectors() -> [Group; 5] {
    let list = get("listConnectors", "The connectors of the tenant.");
    let create = post("createConnector", "Make a connector.");
    let show = get("showConnector", "One connector: settings, hints of its secrets.");
    let settings = put("replaceSettings", "Replace the settings: a new version, to be tested.");
    let switch = post("switchMode", "Switch a connector.");
    let preview = get("previewMode", "Who could sign in how if it were switched. Changes nothing.");
    let status = get("showStatus", "How a connector is.");
    [
        group(
            "/connectors",
            vec![
                Endpoint::new(list, SsoRead, &[], connectors::list),
                Endpoint::new(create, SsoManage, &[], connectors::create),
            ],
        ),
        group("/connectors/{connector}", vec![Endpoint::new(show, SsoRead, &[], connectors::show)]),
        group(
            "/connectors/{connector}/settings",
            vec![Endpoint::new(settings, SsoManage, &[], connectors::replace_settings)],
        ),
        group(
            "/connectors/{connector}/mode",
            vec![
                Endpoint::new(switch, SsoManage, &[], connectors::switch),
                Endpoint::new(preview, SsoRead, MODE, connectors::preview),
            ],
        ),
        group(
            "/connectors/{connector}/status",
            vec![Endpoint::new(status, SsoRead, &[], testing::status)],
        ),
    ]
}

fn of_upkeep() -> Vec<Group> {
    let test = post("testConnection", "Prove what can be proved without a person.");
    let begin = post("beginTestSignIn", "A link: whoever opens it sees what would happen.");
    let report = get("showTestSignIn", "What came of a test sign-in.");
    let list = get("listVersions", "The versions of the settings, the newest first.");
    let diff = get("diffVersions", "What differs between two versions of the settings.");
    let restore = post("restoreVersion", "Bring the settings of a version back, as a new one.");
    let groups = get("findGroups", "Groups of the directory: rules hold their ids.");
    let consent = post("consentLink", "The link with which the directory's admin consents.");
    let calendar = get("connectorCalendar", "The ends of its credentials as an iCalendar file.");
    vec![
        one("/connectors/{connector}/test", Endpoint::new(test, SsoManage, &[], testing::test)),
        one(
            "/connectors/{connector}/test-sign-in",
            Endpoint::new(begin, SsoManage, &[], testing::begin_sign_in),
        ),
        one(
            "/connectors/{connector}/test-sign-in/{test}",
            Endpoint::new(report, SsoRead, &[], testing::sign_in_report),
        ),
        one("/connectors/{connector}/versions", Endpoint::new(list, SsoRead, &[], versions::list)),
        one(
            "/connectors/{connector}/versions/diff",
            Endpoint::new(diff, SsoRead, VERSIONS, versions::diff),
        ),
        one(
            "/connectors/{connector}/versions/{version}/restore",
            Endpoint::new(restore, SsoManage, &[], versions::restore),
        ),
        one(
            "/connectors/{connector}/groups",
            Endpoint::new(groups, SsoRead, GROUPS, directory::groups),
        ),
        one(
            "/connectors/{connector}/consent-link",
            Endpoint::new(consent, SsoManage, &[], directory::consent_link),
        ),
        one(
            "/connectors/{connector}/calendar",
            Endpoint::new(calendar, SsoRead, &[], tenant::connector_calendar),
        ),
    ]
}

fn of_credentials() -> [Group; 6] {
    let replace =
        put("replaceSecret", "Store a new client secret, once a token request proves it.");
    let revoke = delete("revokeSecrets", "Forget every credential now and switch it off.");
    let end = put("setSecretEnd", "Say when the present secret ends.");
    let previous = delete("dropPreviousSecret", "Forget the secret before the present one.");
    let make = post("createCertificate", "Make a certificate to upload at Microsoft.");
    let activate = post("activateCertificate", "Use the new certificate, once it is proved.");
    let federated = get("showFederatedTrust", "What to enter at Microsoft so that nothing ends.");
    [
        group(
            "/connectors/{connector}/secret",
            vec![
                Endpoint::new(replace, SsoManage, &[], credentials::replace),
                Endpoint::new(revoke, SsoManage, &[], credentials::revoke),
            ],
        ),
        one(
            "/connectors/{connector}/secret/end",
            Endpoint::new(end, SsoManage, &[], credentials::set_end),
        ),
        one(
            "/connectors/{connector}/secret/previous",
            Endpoint::new(previous, SsoManage, &[], credentials::drop_previous),
        ),
        one(
            "/connectors/{connector}/certificate",
            Endpoint::new(make, SsoManage, &[], credentials::create_certificate),
        ),
        one(
            "/connectors/{connector}/certificate/activate",
            Endpoint::new(activate, SsoManage, &[], credentials::activate_certificate),
        ),
        one(
            "/connectors/{connector}/federated",
            Endpoint::new(federated, SsoRead, &[], credentials::federated),
        ),
    ]
}
