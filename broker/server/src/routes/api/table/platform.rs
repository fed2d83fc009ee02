//! Endpoints of the operator's applications: for the operator's keys alone.

use symbolon_identity::admin::ApiScope::{AppsManage, AppsRead};

use super::super::endpoint::{Endpoint, Group};
use super::super::platform;
use super::{delete, get, group, one, post, put};

/// All of them.
pub(super) fn groups() -> [Group; 6] {
    let list = get("listPlatformApplications", "The operator's applications.");
    let create =
        post("createPlatformApplication", "Register one for all tenants; tells its secret once.");
    let show = get("showPlatformApplication", "One of them, and to whom it is offered.");
    let replace = put("replacePlatformApplication", "Replace what it registered, at all tenants.");
    let forget = delete("deletePlatformApplication", "Delete it, at all tenants.");
    let secret = post("rotatePlatformApplicationSecret", "Give it a new secret; tells it once.");
    let switch = post("switchPlatformApplication", "Switch it on or off, at all tenants.");
    let offer = post("offerPlatformApplication", "Offer it to a tenant.");
    let withdraw =
        delete("withdrawPlatformApplication", "Take an offer back, and all that it holds there.");
    let of = |end: &str| format!("/applications/{{application}}{end}");
    [
        group(
            "/applications",
            vec![
                Endpoint::new(list, AppsRead, &[], platform::list),
                Endpoint::new(create, AppsManage, &[], platform::create),
            ],
        ),
        group(
            of(""),
            vec![
                Endpoint::new(show, AppsRead, &[], platform::show),
                Endpoint::new(replace, AppsManage, &[], platform::replace),
                Endpoint::new(forget, AppsManage, &[], platform::forget),
            ],
        ),
        one(of("/secret"), Endpoint::new(secret, AppsManage, &[], platform::rotate_secret)),
        one(of("/status"), Endpoint::new(switch, AppsManage, &[], platform::switch)),
        one(of("/offers"), Endpoint::new(offer, AppsManage, &[], platform::offer)),
        one(of("/offers/{tenant}"), Endpoint::new(withdraw, AppsManage, &[], platform::withdraw)),
    ]
}
