//! Claims that Entra sends only when the app registration asks for them (E-32, W-5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Name, and what is lost without it.
const OPTIONAL: [(&str, &str); 8] = [
    ("auth_time", "applications that ask for a recent sign-in (max_age) can be told when it was"),
    ("sid", "signing out at Microsoft ends the session here too (front-channel logout)"),
    ("login_hint", "signing out at Microsoft does not ask which account is meant"),
    ("acct", "guests can be told from members"),
    ("xms_edov", "an e-mail address can count as proved"),
    ("upn", "rules can use the user principal name"),
    ("email", "users get an e-mail address"),
    ("groups", "rules can give roles by group"),
];

/// A claim that must be switched on at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionalClaim {
    /// Its name under Token configuration, Add optional claim, ID.
    pub name: String,
    /// Whether this token had it.
    pub arrived: bool,
    /// What it is for.
    pub purpose: String,
}

/// All of them, with whether they came. `groups` came also when there were too many to fit.
pub(super) fn of(claims: &Map<String, Value>, groups_came: bool) -> Vec<OptionalClaim> {
    let came = |name: &str| claims.contains_key(name) || (name == "groups" && groups_came);
    let claim = |(name, purpose): (&str, &str)| OptionalClaim {
        name: name.to_owned(),
        arrived: came(name),
        purpose: purpose.to_owned(),
    };
    OPTIONAL.into_iter().map(claim).collect()
}
