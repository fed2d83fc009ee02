//! Endpoints of applications.

use symbolon_identity::admin::ApiScope::{AppsManage, AppsRead};

use super::super::applications;
use super::super::endpoint::{Endpoint, Group};
use super::{delete, get, group, one, post, put};

/// All of them.
pub(super) fn groups() -> [Group; 4] {
    let list = get("listApplications", "The applications of the tenant.");
    let create = post("createApplication", "Register an application; tells its secret once.");
    let show = get("showApplication", "One application with all that it registered.");
    let replace = put("replaceApplication", "Replace what an application registered.");
    let forget = delete("deleteApplication", "Delete it, and take back all that it holds.");
    let secret = post("rotateApplicationSecret", "Give it a new secret; tells it once.");
    let switch = post("switchApplication", "Switch it on or off; off refuses what it holds.");
    [
        group(
            "/applications",
            vec![
                Endpoint::new(list, AppsRead, &[], applications::list),
                Endpoint::new(create, AppsManage, &[], applications::create),
            ],
        ),
        group(
            "/applications/{application}",
            vec![
                Endpoint::new(show, AppsRead, &[], applications::show),
                Endpoint::new(replace, AppsManage, &[], applications::replace),
                Endpoint::new(forget, AppsManage, &[], applications::forget),
            ],
        ),
        one(
            "/applications/{application}/secret",
            Endpoint::new(secret, AppsManage, &[], applications::rotate_secret),
        ),
        one(
            "/applications/{application}/status",
            Endpoint::new(switch, AppsManage, &[], applications::switch),
        ),
    ]
}
