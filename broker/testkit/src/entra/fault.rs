//! Everything the mock can be told to do wrong or to do otherwise.

use std::time::Duration;

use serde_json::Value;

/// A fault of sign-in, tokens, keys or discovery; see [`super::FakeEntra::misbehave`]. They add up.
#[derive(Clone, Debug, PartialEq)]
pub enum EntraFault {
    /// ID token: `tid` of another directory, the rest stays.
    TokenTid(String),
    /// ID token: `iss` of another directory, the rest stays.
    TokenIssuerOf(String),
    /// ID token: the literal `{tenantid}` in `iss`.
    TokenIssuerTemplate,
    /// ID token: the form and issuer of version 1.
    TokenVersion1,
    /// ID token: no `oid`.
    TokenWithoutOid,
    /// ID token: of a personal account (`tid` 9188040d-...), honest in all else.
    TokenPersonalAccount,
    /// ID token: another `sub` for the same `oid`.
    TokenSubjectChanged,
    /// ID token: one letter of the signature turned.
    TokenBadSignature,
    /// ID token: ended an hour ago.
    TokenExpired,
    /// ID token: issued in an hour.
    TokenFromTheFuture,
    /// ID token: a `nonce` that nobody sent.
    TokenWrongNonce,
    /// ID token: another `aud`.
    TokenWrongAudience,
    /// ID token: a `kid` that no key has.
    TokenUnknownKey,
    /// ID token: signed by the key that the key set labels with the issuer of personal accounts.
    TokenSignedByPersonalKey,
    /// ID token: this claim with this value.
    TokenClaim(String, Value),
    /// ID token: without this claim.
    TokenWithoutClaim(String),
    /// ID token: groups overage, however few groups there are.
    GroupsOverage,
    /// ID token: overage shown by `hasgroups` in place of `_claim_names`.
    OverageAsHasGroups,
    /// ID token: `_claim_sources` points to this address, which nobody may follow.
    OverageEndpoint(String),
    /// Keys: the signing key is labelled with this issuer.
    KeyIssuer(String),
    /// Keys: the signing key is labelled with the issuer of personal accounts.
    KeyIssuerPersonal,
    /// Keys: 503.
    KeysDown,
    /// Discovery: this `msgraph_host`.
    DiscoveryGraphHost(String),
    /// Discovery: this `issuer`.
    DiscoveryIssuer(String),
    /// Discovery: this `token_endpoint`.
    DiscoveryTokenEndpoint(String),
    /// Discovery: 503.
    DiscoveryDown,
    /// Token endpoint: a bare 500.
    TokenEndpointDown,
    /// Token endpoint: takes the request and never answers.
    TokenEndpointHangs,
    /// Token endpoint: an HTML page with status 200.
    TokenEndpointHtml,
    /// Admin consent: the admin says no (`permission_denied`).
    AdminConsentDenied,
}

/// Where an AADSTS error of the authorization endpoint is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// On Microsoft's own page: the application never hears of it.
    OnPage,
    /// At the application's redirect URI.
    AtCallback,
}

/// How often an injected fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Until it is taken back.
    Always,
    /// The next so many times.
    Next(u32),
}

impl Times {
    /// Uses it up once; false when it was used up before.
    pub(super) fn take(&mut self) -> bool {
        match self {
            Self::Always => true,
            Self::Next(0) => false,
            Self::Next(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// A fault of Graph; see [`super::FakeEntra::graph_fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphFault {
    /// 429 with `Retry-After` of so many seconds.
    TooManyRequests(u32),
    /// 503 with `Retry-After` of so many seconds.
    Unavailable(u32),
    /// 500
    Broken,
    /// 401 `InvalidAuthenticationToken`
    Unauthorized,
    /// 403 `Authorization_RequestDenied`
    Forbidden,
    /// 400 `Directory_ResultSizeLimitExceeded`: more than one answer holds.
    ResultTooLarge,
    /// 404 `Request_ResourceNotFound`
    NotFound,
    /// 410 with `Location`, as expired delta links get.
    Gone,
    /// 400 `syncStateNotFound`
    SyncStateNotFound,
    /// Answers well, after this time.
    Slow(Duration),
    /// Never answers.
    Hangs,
    /// 200 with an HTML page.
    Html,
}

/// Switches of paging and delta; the default is how Microsoft behaves on a good day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphSwitches {
    /// Items on a page; 100 without a number here or in `$top`.
    pub page_size: Option<usize>,
    /// Each page of a delta query comes twice.
    pub replay_pages: bool,
    /// A group's `members@delta` comes in slices of so many.
    pub split_members: Option<usize>,
    /// `@odata.nextLink` points to this origin, for example `http://127.0.0.1:9`.
    pub next_link_origin: Option<String>,
    /// `@odata.deltaLink` points to this origin.
    pub delta_link_origin: Option<String>,
    /// The first delta cycle names what is in the recycle bin as `@removed`.
    pub removed_in_first_cycle: bool,
    /// The last page with the delta link is empty.
    pub empty_last_page: bool,
}
