//! Endpoints of plugins, mappings and recorded sign-ins.

use symbolon_identity::admin::ApiScope::{PluginManage, SignInsRead, SsoManage, SsoRead};

use super::super::endpoint::{Endpoint, Group, Parameter};
use super::super::{cases, mapping, mapping_versions, plugins, recorded};
use super::{VERSIONS, delete, get, group, one, optional, post, put};

const RECORDED: &[Parameter] = &[
    optional("before", "Only those before this time (RFC 3339)."),
    optional("after", "Only those after this time (RFC 3339)."),
    optional("user", "Only those of this user."),
    optional("outcome", "`signed_in` or `refused`."),
    optional("limit", "At most so many: 1 to 1000; 100 when not given."),
];

/// All of them.
pub(super) fn groups() -> Vec<Group> {
    let mut groups = of_plugins();
    for (base, suffix) in
        [("/connectors/{connector}", ""), ("/applications/{application}", "OfApplication")]
    {
        let ours = of_mapping(base).into_iter().chain(of_versions(base)).chain(of_cases(base));
        groups.extend(ours.map(|group| Group {
            endpoints: group.endpoints.into_iter().map(|one| one.named(suffix)).collect(),
            ..group
        }));
    }
    groups.extend(of_recorded());
    groups
}

fn of_plugins() -> Vec<Group> {
    let list = get("listPlugins", "The plugins that the tenant may use.");
    let upload = post("uploadPlugin", "Check, compile, try and store a mapping plugin.");
    let show = get("showPlugin", "One plugin: what it says of itself, its configuration's schema.");
    let forget = delete("deletePlugin", "Forget a plugin that no kept version names.");
    let offered = get("listPluginLibrary", "What the operator's library offers.");
    let enable = put("enablePlugin", "Let versions name a plugin of the library.");
    let disable = delete("disablePlugin", "End that.");
    vec![
        group(
            "/plugins",
            vec![
                Endpoint::new(list, SsoRead, &[], plugins::list),
                Endpoint::new(upload, PluginManage, &[], plugins::upload),
            ],
        ),
        group(
            "/plugins/{digest}",
            vec![
                Endpoint::new(show, SsoRead, &[], plugins::show),
                Endpoint::new(forget, PluginManage, &[], plugins::delete),
            ],
        ),
        one("/plugin-library", Endpoint::new(offered, SsoRead, &[], plugins::offered)),
        group(
            "/plugin-library/{digest}",
            vec![
                Endpoint::new(enable, PluginManage, &[], plugins::enable),
                Endpoint::new(disable, PluginManage, &[], plugins::disable),
            ],
        ),
    ]
}

fn of_mapping(base: &str) -> Vec<Group> {
    let show = get("showMapping", "The mapping that decides now.");
    let replace = put("replaceMapping", "New rules for the active plugin, active at once.");
    let status =
        get("showMappingStatus", "How the mapping is: versions, failures, policy, limits.");
    let back = post("rollBackMapping", "Let the version before decide again, without a trial.");
    let retry = post("retryMapping", "Call a plugin again that was stopped after many failures.");
    let shadow = put("startShadow", "Let a version run beside the active one.");
    let no_shadow = delete("endShadow", "End that.");
    let policy = put("setMappingPolicy", "Say what happens when the plugin fails.");
    let path = |end: &str| format!("{base}/mapping{end}");
    vec![
        group(
            path(""),
            vec![
                Endpoint::new(show, SsoRead, &[], mapping::show),
                Endpoint::new(replace, PluginManage, &[], mapping::replace),
            ],
        ),
        one(path("/status"), Endpoint::new(status, SsoRead, &[], mapping::status)),
        one(path("/rollback"), Endpoint::new(back, PluginManage, &[], mapping_versions::roll_back)),
        one(path("/retry"), Endpoint::new(retry, PluginManage, &[], mapping_versions::retry)),
        group(
            path("/shadow"),
            vec![
                Endpoint::new(shadow, PluginManage, &[], mapping_versions::start_shadow),
                Endpoint::new(no_shadow, PluginManage, &[], mapping_versions::end_shadow),
            ],
        ),
        one(path("/policy"), Endpoint::new(policy, PluginManage, &[], mapping::set_policy)),
    ]
}

fn of_versions(base: &str) -> Vec<Group> {
    let list = get("listMappingVersions", "The kept versions of the mapping, the newest first.");
    let save = post("saveMappingVersion", "Save a version. It decides nothing yet.");
    let show = get("showMappingVersion", "One version with its configuration.");
    let diff = get("diffMappingVersions", "What differs between two versions of the mapping.");
    let attempt = post("tryMappingVersion", "Try a version on samples and saved cases.");
    let activate = post("activateMappingVersion", "Try a version, then let it decide.");
    let path = |end: &str| format!("{base}/mapping{end}");
    vec![
        group(
            path("/versions"),
            vec![
                Endpoint::new(list, SsoRead, &[], mapping_versions::list),
                Endpoint::new(save, PluginManage, &[], mapping_versions::save),
            ],
        ),
        one(path("/versions/{version}"), Endpoint::new(show, SsoRead, &[], mapping_versions::show)),
        one(path("/diff"), Endpoint::new(diff, SsoRead, VERSIONS, mapping_versions::diff)),
        one(
            path("/versions/{version}/try"),
            Endpoint::new(attempt, PluginManage, &[], mapping_versions::try_one),
        ),
        one(
            path("/versions/{version}/activate"),
            Endpoint::new(activate, PluginManage, &[], mapping_versions::activate),
        ),
    ]
}

fn of_cases(base: &str) -> Vec<Group> {
    let list = get("listCases", "The saved cases of the mapping.");
    let show = get("showCase", "One saved case. It may have been made of a real sign-in.");
    let save = put("putCase", "Save a case that every version must pass before it is activated.");
    let forget = delete("deleteCase", "Forget a case.");
    vec![
        one(format!("{base}/mapping/cases"), Endpoint::new(list, SsoRead, &[], cases::list)),
        group(
            format!("{base}/mapping/cases/{{case}}"),
            vec![
                Endpoint::new(show, PluginManage, &[], cases::show),
                Endpoint::new(save, PluginManage, &[], cases::put),
                Endpoint::new(forget, PluginManage, &[], cases::delete),
            ],
        ),
    ]
}

fn of_recorded() -> Vec<Group> {
    let replay = post(
        "replayMapping",
        "Compare two versions on recorded sign-ins: who gains or loses which role or field.",
    );
    let list = get("listRecordedSignIns", "Recorded sign-ins of a connector, the newest first.");
    let show = get("showRecordedSignIn", "One recorded sign-in, stop by stop.");
    let case = get("recordedSignInCase", "What the mapping was asked, to be saved as a case.");
    let settings = get("showRecording", "What is kept of sign-ins.");
    let change =
        put("replaceRecording", "Say what is kept of sign-ins. Less deletes what is there.");
    vec![
        one(
            "/connectors/{connector}/mapping/replay",
            Endpoint::new(replay, SignInsRead, &[], recorded::replay),
        ),
        one(
            "/connectors/{connector}/recorded-sign-ins",
            Endpoint::new(list, SignInsRead, RECORDED, recorded::list),
        ),
        one("/recorded-sign-ins/{record}", Endpoint::new(show, SignInsRead, &[], recorded::show)),
        one(
            "/recorded-sign-ins/{record}/case",
            Endpoint::new(case, SignInsRead, &[], recorded::case),
        ),
        group(
            "/recording",
            vec![
                Endpoint::new(settings, SsoRead, &[], recorded::settings),
                Endpoint::new(change, SsoManage, &[], recorded::change_settings),
            ],
        ),
    ]
}
