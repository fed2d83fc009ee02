// Generated from schemas/reason-codes.toml by `make schemas`; do not edit.

//! Every way in which Symbolon says no: one variant, one catalogue entry each.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A stable code for one way in which something is refused; written as `<area>.<snake>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReasonCode {
    /// An unexpected failure inside Symbolon.
    ServerInternal,
    /// No place was free within the waiting time: database connections or workers were all in use.
    ServerBusy,
    /// The database did not answer, or refused the connection.
    ServerStorageUnavailable,
    /// The path, a query parameter, a header or the body does not have the form that this endpoint reads.
    RequestMalformed,
    /// The body or the query is longer than this endpoint reads.
    RequestTooLarge,
    /// The form's token is missing or does not belong to this browser.
    RequestCsrf,
    /// Nothing answers at this path.
    RequestNotFound,
    /// The path exists, but not with this HTTP method.
    RequestMethodNotAllowed,
    /// The tenant named in the path does not exist.
    TenantUnknown,
    /// The tenant is suspended; nobody signs in and no tokens are issued.
    TenantSuspended,
    /// The request names a `client_id` that this tenant does not have.
    ApplicationUnknown,
    /// The application exists but is disabled.
    ApplicationDisabled,
    /// The authorization request carries no `redirect_uri`.
    AuthorizeRedirectUriMissing,
    /// The `redirect_uri` is not equal, character by character, to a registered one.
    AuthorizeRedirectUriMismatch,
    /// A parameter occurs more than once (RFC 6749 section 3.1).
    AuthorizeDuplicateParameter,
    /// A parameter is longer than Symbolon reads.
    AuthorizeParameterTooLong,
    /// The authorization request carries no `response_type`.
    AuthorizeResponseTypeMissing,
    /// The `response_type` is not `code`; implicit and hybrid flows are not offered.
    AuthorizeResponseTypeUnsupported,
    /// The `response_mode` is not one of those that discovery lists.
    AuthorizeResponseModeUnsupported,
    /// The `scope` has a wrong form, lacks `openid`, or names a scope that this application may not use.
    AuthorizeScopeInvalid,
    /// The request carries no `code_challenge`, or one of the wrong form (RFC 7636).
    AuthorizePkceMissing,
    /// The `code_challenge_method` is missing or not `S256`.
    AuthorizePkceMethodRefused,
    /// The `prompt` has an unknown value, or `none` together with another value.
    AuthorizePromptInvalid,
    /// The `max_age` is not a whole number of seconds of zero or more.
    AuthorizeMaxAgeInvalid,
    /// The `nonce` is empty, too long, or holds characters that are not printable ASCII.
    AuthorizeNonceInvalid,
    /// The `state` is too long or holds characters that RFC 6749 does not allow.
    AuthorizeStateInvalid,
    /// The request carries a `request` object, which this version does not read.
    AuthorizeRequestObjectUnsupported,
    /// The request carries a `request_uri`, which this version does not fetch.
    AuthorizeRequestUriUnsupported,
    /// The application sent `prompt=none`, but there is no session that satisfies the request.
    AuthorizeLoginRequired,
    /// The `id_token_hint` is not an ID token that this issuer signed for this application.
    AuthorizeIdTokenHintInvalid,
    /// The callback or page names a login attempt that does not exist.
    AttemptUnknown,
    /// The login attempt is older than its lifetime.
    AttemptExpired,
    /// The login attempt is bound to another browser: the login cookie is missing or does not match.
    AttemptOtherBrowser,
    /// The callback was replayed: the login attempt was already consumed.
    AttemptAlreadyUsed,
    /// The path names a connector that this tenant does not have.
    ConnectorUnknown,
    /// The connector's mode is `off`.
    ConnectorOff,
    /// The connector's mode is `test`: only test sign-ins started by an admin pass.
    ConnectorTestOnly,
    /// The connector's mode is `pilot`, and the person is not among the named users, groups or domains.
    ConnectorNotPilot,
    /// The tenant has no connector that this person may use for this application.
    ConnectorNoneAvailable,
    /// The connector's settings cannot be used: a value is missing, contradictory, or a secret is absent.
    ConnectorMisconfigured,
    /// No connector is set up for the domain of this e-mail address.
    ConnectorNoMatch,
    /// The `state` of the callback is missing or is not the one of this login attempt.
    OidcStateMismatch,
    /// The `iss` of the callback is not the issuer that this attempt was sent to (RFC 9207).
    OidcMixup,
    /// The upstream answered the authorization request with an error.
    OidcUpstreamError,
    /// The upstream answered with `access_denied` (or a cancelled or declined consent).
    OidcAccessDenied,
    /// The callback holds neither a `code` nor an `error`.
    OidcCodeMissing,
    /// The upstream's discovery document could not be fetched.
    OidcDiscoveryFailed,
    /// The discovery document is not valid: not JSON, another issuer than configured, or an endpoint missing or not HTTPS.
    OidcDiscoveryInvalid,
    /// The upstream's signing keys (JWKS) could not be fetched or read.
    OidcJwksUnavailable,
    /// The upstream's token endpoint answered with an error or with something that is not a token answer.
    OidcTokenEndpointError,
    /// The upstream's token endpoint refused our secret or key (`invalid_client`).
    OidcClientAuthenticationFailed,
    /// The token answer holds no ID token.
    OidcIdTokenMissing,
    /// The ID token is not a well-formed JWT with the required claims.
    OidcTokenMalformed,
    /// The ID token's algorithm is not allowed for this connector (`none` and HMAC never are).
    OidcAlgorithmRefused,
    /// The ID token names a key that is not in the upstream's JWKS, also after a fresh fetch.
    OidcUnknownKey,
    /// The ID token's signature does not fit the upstream's key.
    OidcBadSignature,
    /// The ID token's `iss` is not the issuer of this connector.
    OidcIssuerMismatch,
    /// The ID token's `aud` does not name this connector's `client_id`, or names others that are not trusted.
    OidcAudienceMismatch,
    /// The ID token's `azp` is present and not this connector's `client_id`, or is missing beside several audiences.
    OidcAzpMismatch,
    /// The ID token's `nonce` is missing or not the one of this login attempt.
    OidcNonceMismatch,
    /// The ID token's `exp` is in the past, or its `iat` is too old.
    OidcTokenExpired,
    /// The ID token's `iat` or `nbf` lies in the future.
    OidcTokenNotYetValid,
    /// The ID token's subject is missing, empty, too long or, for Entra, lacks `tid` or `oid`.
    OidcSubjectInvalid,
    /// The ID token's `at_hash` does not fit the access token.
    OidcAtHashMismatch,
    /// The upstream's userinfo endpoint failed or answered with something unreadable.
    OidcUserinfoError,
    /// The userinfo answer is about another subject than the ID token (OpenID Connect Core section 5.3.2).
    OidcUserinfoSubjectMismatch,
    /// The application asked for a fresh sign-in, but the upstream's `auth_time` is missing or too old.
    OidcAuthTimeStale,
    /// The `acr` or `amr` of the ID token does not satisfy what the connector requires.
    OidcAcrNotMet,
    /// A claim that the connector requires is missing or has another value.
    OidcRequiredClaimMismatch,
    /// The verified claims are larger than Symbolon keeps.
    OidcClaimsTooLarge,
    /// An outgoing request would have gone to a private, loopback or link-local address.
    NetBlockedAddress,
    /// An outgoing request would have used another scheme than HTTPS.
    NetSchemeRefused,
    /// The name did not resolve, the connection was refused, or TLS failed.
    NetUnreachable,
    /// The outgoing request did not finish within its time.
    NetTimedOut,
    /// The answer to an outgoing request is larger than the cap.
    NetResponseTooLarge,
    /// The upstream answered an outgoing request with a redirect; Symbolon follows none.
    NetRedirectRefused,
    /// A sealed secret was moved: its tenant or purpose is not the one it was sealed for, or its bytes were changed.
    CryptoAadMismatch,
    /// A sealed secret names a master key that is not configured.
    CryptoKeyUnknown,
    /// The mapping plugin trapped: it crashed inside its sandbox.
    PluginTrap,
    /// The mapping plugin used more instructions than allowed; usually an endless loop.
    PluginFuelExhausted,
    /// The mapping plugin ran longer than its time limit.
    PluginTimedOut,
    /// The mapping plugin asked for more memory than allowed.
    PluginMemoryLimit,
    /// The mapping plugin's decision is not valid: too large, wrong form, or a field it may not set.
    PluginOutputRefused,
    /// The claims and the configuration are larger than a plugin may receive.
    PluginInputTooLarge,
    /// The mapping plugin granted a role that is not in the tenant's catalogue.
    PluginUnknownRole,
    /// The mapping plugin reported a failure of its own.
    PluginFailed,
    /// The mapping plugin decided to refuse this person.
    PluginDenied,
    /// The plugin's file is missing, is not a component of `symbolon:mapping`, or imports something.
    PluginNotLoadable,
    /// The tenant or connector has no active mapping plugin or no configuration for it.
    PluginNotConfigured,
    /// All places for this tenant's plugin calls are taken.
    PluginBusy,
    /// The person is not known here, and auto-provisioning is off. An access request was recorded.
    PolicyNotProvisioned,
    /// The user is inactive.
    PolicyUserInactive,
    /// The user was deactivated, by an admin or because the directory no longer has the person.
    PolicyUserDeactivated,
    /// No e-mail address came out of the mapping, and the tenant requires one.
    PolicyEmailMissing,
    /// A user with this e-mail address exists, and the linking rules do not allow to join the two.
    PolicyEmailTaken,
    /// The e-mail address's domain is not among those allowed for the connector.
    PolicyEmailDomain,
    /// The policy requires multi-factor authentication, and the verified sign-in does not prove it.
    PolicyMfaRequired,
    /// The application is tied to other connectors than the one of this session.
    PolicyConnectorForApplication,
    /// The token request lacks a parameter or has one of the wrong form.
    TokenInvalidRequest,
    /// A parameter of the token request occurs more than once (RFC 6749 section 3.2).
    TokenDuplicateParameter,
    /// The `grant_type` is not one that discovery lists.
    TokenUnsupportedGrantType,
    /// The token request names a `client_id` that this tenant does not have.
    TokenClientUnknown,
    /// The application's secret or key was not accepted.
    TokenClientAuthenticationFailed,
    /// A confidential application sent no credentials.
    TokenClientAuthenticationMissing,
    /// The token request uses more than one authentication method (RFC 6749 section 2.3).
    TokenTwoAuthentications,
    /// The authorization code was never issued by this tenant.
    TokenCodeUnknown,
    /// The authorization code is older than its lifetime of one minute.
    TokenCodeExpired,
    /// The authorization code was redeemed before; tokens issued from it are revoked.
    TokenCodeReused,
    /// The authorization code was issued to another application.
    TokenCodeOtherApplication,
    /// The `redirect_uri` of the token request is not the one of the authorization request (redirect_uri differs).
    TokenRedirectUriMismatch,
    /// The `code_verifier` is missing, has a wrong form or does not fit the challenge (RFC 7636 section 4.6).
    TokenPkceMismatch,
    /// The session, the user or the application that the code was issued for is no longer admitted.
    TokenGrantNoLongerValid,
    /// The request carries no access token.
    UserinfoTokenMissing,
    /// The access token is malformed, expired, revoked or from another issuer.
    UserinfoTokenInvalid,
    /// The access token was issued without the scope `openid`.
    UserinfoScopeMissing,
    /// A setting has the wrong form, or an unknown name.
    SettingInvalid,
    /// Another row holds the same name, or the change contradicts what exists.
    SettingConflict,
    /// The tenant, connector, application or user that should be shown or changed does not exist.
    SettingNotFound,
    /// The change is based on an older version than the stored one.
    SettingStale,
    /// The SAML document is larger than 512 KiB.
    SamlDocumentTooLarge,
    /// The SAML document is not UTF-8, or declares another encoding.
    SamlNotUtf8,
    /// The SAML document holds a document type, an entity, a comment or a processing instruction.
    SamlMarkupRefused,
}

/// What the catalogue says about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonEntry {
    /// The code as it is written: `<area>.<snake>`.
    pub code: &'static str,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The OAuth 2.0 or OpenID Connect error name, where the refusal goes out to an application.
    pub oauth_error: Option<&'static str>,
    /// The audit event that records it.
    pub event: &'static str,
    /// The sentence for the person.
    pub person: &'static str,
    /// What happened, for the admin.
    pub cause: &'static str,
    /// What to do about it, for the admin.
    pub fix: &'static str,
}

impl ReasonCode {
    /// All codes, in the order of the catalogue.
    pub const ALL: &[Self] = &[
        Self::ServerInternal,
        Self::ServerBusy,
        Self::ServerStorageUnavailable,
        Self::RequestMalformed,
        Self::RequestTooLarge,
        Self::RequestCsrf,
        Self::RequestNotFound,
        Self::RequestMethodNotAllowed,
        Self::TenantUnknown,
        Self::TenantSuspended,
        Self::ApplicationUnknown,
        Self::ApplicationDisabled,
        Self::AuthorizeRedirectUriMissing,
        Self::AuthorizeRedirectUriMismatch,
        Self::AuthorizeDuplicateParameter,
        Self::AuthorizeParameterTooLong,
        Self::AuthorizeResponseTypeMissing,
        Self::AuthorizeResponseTypeUnsupported,
        Self::AuthorizeResponseModeUnsupported,
        Self::AuthorizeScopeInvalid,
        Self::AuthorizePkceMissing,
        Self::AuthorizePkceMethodRefused,
        Self::AuthorizePromptInvalid,
        Self::AuthorizeMaxAgeInvalid,
        Self::AuthorizeNonceInvalid,
        Self::AuthorizeStateInvalid,
        Self::AuthorizeRequestObjectUnsupported,
        Self::AuthorizeRequestUriUnsupported,
        Self::AuthorizeLoginRequired,
        Self::AuthorizeIdTokenHintInvalid,
        Self::AttemptUnknown,
        Self::AttemptExpired,
        Self::AttemptOtherBrowser,
        Self::AttemptAlreadyUsed,
        Self::ConnectorUnknown,
        Self::ConnectorOff,
        Self::ConnectorTestOnly,
        Self::ConnectorNotPilot,
        Self::ConnectorNoneAvailable,
        Self::ConnectorMisconfigured,
        Self::ConnectorNoMatch,
        Self::OidcStateMismatch,
        Self::OidcMixup,
        Self::OidcUpstreamError,
        Self::OidcAccessDenied,
        Self::OidcCodeMissing,
        Self::OidcDiscoveryFailed,
        Self::OidcDiscoveryInvalid,
        Self::OidcJwksUnavailable,
        Self::OidcTokenEndpointError,
        Self::OidcClientAuthenticationFailed,
        Self::OidcIdTokenMissing,
        Self::OidcTokenMalformed,
        Self::OidcAlgorithmRefused,
        Self::OidcUnknownKey,
        Self::OidcBadSignature,
        Self::OidcIssuerMismatch,
        Self::OidcAudienceMismatch,
        Self::OidcAzpMismatch,
        Self::OidcNonceMismatch,
        Self::OidcTokenExpired,
        Self::OidcTokenNotYetValid,
        Self::OidcSubjectInvalid,
        Self::OidcAtHashMismatch,
        Self::OidcUserinfoError,
        Self::OidcUserinfoSubjectMismatch,
        Self::OidcAuthTimeStale,
        Self::OidcAcrNotMet,
        Self::OidcRequiredClaimMismatch,
        Self::OidcClaimsTooLarge,
        Self::NetBlockedAddress,
        Self::NetSchemeRefused,
        Self::NetUnreachable,
        Self::NetTimedOut,
        Self::NetResponseTooLarge,
        Self::NetRedirectRefused,
        Self::CryptoAadMismatch,
        Self::CryptoKeyUnknown,
        Self::PluginTrap,
        Self::PluginFuelExhausted,
        Self::PluginTimedOut,
        Self::PluginMemoryLimit,
        Self::PluginOutputRefused,
        Self::PluginInputTooLarge,
        Self::PluginUnknownRole,
        Self::PluginFailed,
        Self::PluginDenied,
        Self::PluginNotLoadable,
        Self::PluginNotConfigured,
        Self::PluginBusy,
        Self::PolicyNotProvisioned,
        Self::PolicyUserInactive,
        Self::PolicyUserDeactivated,
        Self::PolicyEmailMissing,
        Self::PolicyEmailTaken,
        Self::PolicyEmailDomain,
        Self::PolicyMfaRequired,
        Self::PolicyConnectorForApplication,
        Self::TokenInvalidRequest,
        Self::TokenDuplicateParameter,
        Self::TokenUnsupportedGrantType,
        Self::TokenClientUnknown,
        Self::TokenClientAuthenticationFailed,
        Self::TokenClientAuthenticationMissing,
        Self::TokenTwoAuthentications,
        Self::TokenCodeUnknown,
        Self::TokenCodeExpired,
        Self::TokenCodeReused,
        Self::TokenCodeOtherApplication,
        Self::TokenRedirectUriMismatch,
        Self::TokenPkceMismatch,
        Self::TokenGrantNoLongerValid,
        Self::UserinfoTokenMissing,
        Self::UserinfoTokenInvalid,
        Self::UserinfoScopeMissing,
        Self::SettingInvalid,
        Self::SettingConflict,
        Self::SettingNotFound,
        Self::SettingStale,
        Self::SamlDocumentTooLarge,
        Self::SamlNotUtf8,
        Self::SamlMarkupRefused,
    ];

    /// What the catalogue says about this code.
    #[must_use]
    pub fn entry(self) -> &'static ReasonEntry {
        ENTRIES.get(self as usize).unwrap_or(&ENTRIES[0])
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().code
    }

    /// Reads a code; `None` when the catalogue has no such code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("no reason code {text:?}")))
    }
}

impl JsonSchema for ReasonCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ReasonCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<&str> = Self::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({ "type": "string", "enum": codes })
    }
}

static ENTRIES: [ReasonEntry; 122] = [
    ReasonEntry {
        code: "server.internal",
        status: 500,
        oauth_error: Some("server_error"),
        event: "request.refused",
        person: "Something went wrong on our side. Please try again; if it happens again, give the trace id to your administrator.",
        cause: "An unexpected failure inside Symbolon.",
        fix: "Look for the trace id in the log: the line holds the cause. If it looks like a bug, report it with the trace id and the version.",
    },
    ReasonEntry {
        code: "server.busy",
        status: 503,
        oauth_error: Some("temporarily_unavailable"),
        event: "request.refused",
        person: "The sign-in service is busy. Please try again in a moment.",
        cause: "No place was free within the waiting time: database connections or workers were all in use.",
        fix: "Look at the load. Raise the pool size or add a node; a burst passes by itself.",
    },
    ReasonEntry {
        code: "server.storage_unavailable",
        status: 503,
        oauth_error: Some("temporarily_unavailable"),
        event: "request.refused",
        person: "The sign-in service cannot reach its database. Please try again in a few minutes.",
        cause: "The database did not answer, or refused the connection.",
        fix: "Run `symbolon doctor`. Check that PostgreSQL runs and accepts the user, or that the SQLite file is writable and its disk not full.",
    },
    ReasonEntry {
        code: "request.malformed",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "request.refused",
        person: "The request could not be read. Please go back and try again.",
        cause: "The path, a query parameter, a header or the body does not have the form that this endpoint reads.",
        fix: "Compare the request with the endpoint reference. The log names the part that could not be read.",
    },
    ReasonEntry {
        code: "request.too_large",
        status: 413,
        oauth_error: Some("invalid_request"),
        event: "request.refused",
        person: "The request is too large.",
        cause: "The body or the query is longer than this endpoint reads.",
        fix: "Send less. The limits are listed in the endpoint reference.",
    },
    ReasonEntry {
        code: "request.csrf",
        status: 403,
        oauth_error: None,
        event: "request.refused",
        person: "This form is too old or did not come from this site. Please load the page again.",
        cause: "The form's token is missing or does not belong to this browser.",
        fix: "Load the page again and send the form from there. If it keeps happening, check that the browser accepts cookies and that a proxy does not change `Origin` or the host name.",
    },
    ReasonEntry {
        code: "request.not_found",
        status: 404,
        oauth_error: None,
        event: "request.refused",
        person: "There is no such page.",
        cause: "Nothing answers at this path.",
        fix: "Check the address. Pages of a tenant begin with `/t/<tenant>/`.",
    },
    ReasonEntry {
        code: "request.method_not_allowed",
        status: 405,
        oauth_error: None,
        event: "request.refused",
        person: "This address does not accept that kind of request.",
        cause: "The path exists, but not with this HTTP method.",
        fix: "Use the method that the endpoint reference names; the answer's `Allow` header lists them.",
    },
    ReasonEntry {
        code: "tenant.unknown",
        status: 404,
        oauth_error: None,
        event: "request.refused",
        person: "There is no such organisation here. Please check the address.",
        cause: "The tenant named in the path does not exist.",
        fix: "Compare the path with `symbolon tenant list`. Issuers have the form `{public_url}/t/{slug}`.",
    },
    ReasonEntry {
        code: "tenant.suspended",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Sign-in for your organisation is paused. Please ask your administrator.",
        cause: "The tenant is suspended; nobody signs in and no tokens are issued.",
        fix: "An operator resumes the tenant when the reason for the pause is gone.",
    },
    ReasonEntry {
        code: "application.unknown",
        status: 400,
        oauth_error: None,
        event: "app.authorization_refused",
        person: "The application that sent you here is not known. Please tell the people who run it.",
        cause: "The request names a `client_id` that this tenant does not have.",
        fix: "Compare the `client_id` in the application with `symbolon application list`, and check that the application uses this tenant's issuer.",
    },
    ReasonEntry {
        code: "application.disabled",
        status: 403,
        oauth_error: Some("unauthorized_client"),
        event: "app.authorization_refused",
        person: "The application that sent you here is switched off. Please ask your administrator.",
        cause: "The application exists but is disabled.",
        fix: "Enable the application, or remove the link to it.",
    },
    ReasonEntry {
        code: "authorize.redirect_uri_missing",
        status: 400,
        oauth_error: None,
        event: "app.authorization_refused",
        person: "The application did not say where to send you back (redirect_uri is missing). Please tell the people who run it.",
        cause: "The authorization request carries no `redirect_uri`.",
        fix: "Let the application send `redirect_uri`; Symbolon never guesses it, also when only one is registered.",
    },
    ReasonEntry {
        code: "authorize.redirect_uri_mismatch",
        status: 400,
        oauth_error: None,
        event: "app.authorization_refused",
        person: "The application asked to send you to an address that is not registered for it (redirect_uri). Please tell the people who run it.",
        cause: "The `redirect_uri` is not equal, character by character, to a registered one.",
        fix: "Register exactly the address that was seen. Scheme, host, port, path and a trailing slash all count.",
    },
    ReasonEntry {
        code: "authorize.duplicate_parameter",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request that is not clear. Please tell the people who run it.",
        cause: "A parameter occurs more than once (RFC 6749 section 3.1).",
        fix: "Let the application send each parameter once.",
    },
    ReasonEntry {
        code: "authorize.parameter_too_long",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request that is too long. Please tell the people who run it.",
        cause: "A parameter is longer than Symbolon reads.",
        fix: "Shorten the parameter that the log names; keep data in the application and send a short `state`.",
    },
    ReasonEntry {
        code: "authorize.response_type_missing",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent an incomplete request. Please tell the people who run it.",
        cause: "The authorization request carries no `response_type`.",
        fix: "Let the application send `response_type=code`.",
    },
    ReasonEntry {
        code: "authorize.response_type_unsupported",
        status: 400,
        oauth_error: Some("unsupported_response_type"),
        event: "app.authorization_refused",
        person: "The application asked for a kind of sign-in that is not offered. Please tell the people who run it.",
        cause: "The `response_type` is not `code`; implicit and hybrid flows are not offered.",
        fix: "Set the application to the authorization code flow with PKCE.",
    },
    ReasonEntry {
        code: "authorize.response_mode_unsupported",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application asked for an answer in a form that is not offered. Please tell the people who run it.",
        cause: "The `response_mode` is not one of those that discovery lists.",
        fix: "Use one of `response_modes_supported`, or leave the parameter away.",
    },
    ReasonEntry {
        code: "authorize.scope_invalid",
        status: 400,
        oauth_error: Some("invalid_scope"),
        event: "app.authorization_refused",
        person: "The application asked for something that it may not have. Please tell the people who run it.",
        cause: "The `scope` has a wrong form, lacks `openid`, or names a scope that this application may not use.",
        fix: "Let the application ask for `openid` and for scopes that are allowed for it.",
    },
    ReasonEntry {
        code: "authorize.pkce_missing",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request without the required protection (PKCE). Please tell the people who run it.",
        cause: "The request carries no `code_challenge`, or one of the wrong form (RFC 7636).",
        fix: "Switch PKCE with method S256 on in the application.",
    },
    ReasonEntry {
        code: "authorize.pkce_method_refused",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application used a protection that is too weak (PKCE plain). Please tell the people who run it.",
        cause: "The `code_challenge_method` is missing or not `S256`.",
        fix: "Set the application to `code_challenge_method=S256`.",
    },
    ReasonEntry {
        code: "authorize.prompt_invalid",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request that contradicts itself. Please tell the people who run it.",
        cause: "The `prompt` has an unknown value, or `none` together with another value.",
        fix: "Use `none`, `login`, `consent` or `select_account`; `none` only alone.",
    },
    ReasonEntry {
        code: "authorize.max_age_invalid",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request with an invalid time limit. Please tell the people who run it.",
        cause: "The `max_age` is not a whole number of seconds of zero or more.",
        fix: "Let the application send `max_age` as plain seconds.",
    },
    ReasonEntry {
        code: "authorize.nonce_invalid",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request that cannot be read. Please tell the people who run it.",
        cause: "The `nonce` is empty, too long, or holds characters that are not printable ASCII.",
        fix: "Let the application send a random text of 16 to 255 printable characters.",
    },
    ReasonEntry {
        code: "authorize.state_invalid",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a request that cannot be read. Please tell the people who run it.",
        cause: "The `state` is too long or holds characters that RFC 6749 does not allow.",
        fix: "Let the application send a short random text of printable ASCII as `state`.",
    },
    ReasonEntry {
        code: "authorize.request_object_unsupported",
        status: 400,
        oauth_error: Some("request_not_supported"),
        event: "app.authorization_refused",
        person: "The application asked in a way that is not offered. Please tell the people who run it.",
        cause: "The request carries a `request` object, which this version does not read.",
        fix: "Send the parameters in the query instead.",
    },
    ReasonEntry {
        code: "authorize.request_uri_unsupported",
        status: 400,
        oauth_error: Some("request_uri_not_supported"),
        event: "app.authorization_refused",
        person: "The application asked in a way that is not offered. Please tell the people who run it.",
        cause: "The request carries a `request_uri`, which this version does not fetch.",
        fix: "Send the parameters in the query instead.",
    },
    ReasonEntry {
        code: "authorize.login_required",
        status: 400,
        oauth_error: Some("login_required"),
        event: "app.authorization_refused",
        person: "You need to sign in first.",
        cause: "The application sent `prompt=none`, but there is no session that satisfies the request.",
        fix: "Nothing to mend: the application starts a sign-in without `prompt=none`.",
    },
    ReasonEntry {
        code: "authorize.id_token_hint_invalid",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.authorization_refused",
        person: "The application sent a hint that cannot be trusted. Please tell the people who run it.",
        cause: "The `id_token_hint` is not an ID token that this issuer signed for this application.",
        fix: "Let the application send the ID token it got from this tenant, or leave the hint away.",
    },
    ReasonEntry {
        code: "attempt.unknown",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This sign-in is not known or was already finished. Please start again from the application.",
        cause: "The callback or page names a login attempt that does not exist.",
        fix: "Usually an old bookmark or the back button. If many people see it, check that all nodes share one database.",
    },
    ReasonEntry {
        code: "attempt.expired",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This sign-in took too long. Please start again from the application.",
        cause: "The login attempt is older than its lifetime.",
        fix: "Start again. Raise the attempt lifetime only if the upstream regularly needs longer.",
    },
    ReasonEntry {
        code: "attempt.other_browser",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This sign-in was started in another browser. Please start again in this one.",
        cause: "The login attempt is bound to another browser: the login cookie is missing or does not match.",
        fix: "Start and finish in the same browser. If all people see it, check that cookies reach Symbolon: HTTPS, host name, proxy.",
    },
    ReasonEntry {
        code: "attempt.already_used",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This sign-in was already finished. Please start again from the application.",
        cause: "The callback was replayed: the login attempt was already consumed.",
        fix: "Usually a reload of the callback page. Many of them from one address are worth a look in the audit log.",
    },
    ReasonEntry {
        code: "connector.unknown",
        status: 404,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in does not exist. Please go back and choose another.",
        cause: "The path names a connector that this tenant does not have.",
        fix: "Compare the address with `symbolon connector list`. The redirect URI registered upstream must name the connector as it is called now.",
    },
    ReasonEntry {
        code: "connector.off",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is switched off. Please choose another or ask your administrator.",
        cause: "The connector's mode is `off`.",
        fix: "Test the connector and switch it on.",
    },
    ReasonEntry {
        code: "connector.test_only",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is still being tested. Please choose another or ask your administrator.",
        cause: "The connector's mode is `test`: only test sign-ins started by an admin pass.",
        fix: "Switch the connector to `pilot` or `on` when the test sign-in is green.",
    },
    ReasonEntry {
        code: "connector.not_pilot",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is not open to you yet. Please choose another or ask your administrator.",
        cause: "The connector's mode is `pilot`, and the person is not among the named users, groups or domains.",
        fix: "Add the person, a group or the domain to the pilot, or switch the connector to `on`.",
    },
    ReasonEntry {
        code: "connector.none_available",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "There is no way to sign in here at the moment. Please ask your administrator.",
        cause: "The tenant has no connector that this person may use for this application.",
        fix: "Create a connector, or switch one to `on`.",
    },
    ReasonEntry {
        code: "connector.misconfigured",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is not set up correctly. Please ask your administrator.",
        cause: "The connector's settings cannot be used: a value is missing, contradictory, or a secret is absent.",
        fix: "Run the connection test; it names the setting.",
    },
    ReasonEntry {
        code: "connector.no_match",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "We do not know how to sign you in with this e-mail address. Please check it or ask your administrator.",
        cause: "No connector is set up for the domain of this e-mail address.",
        fix: "Add the domain to the connector that serves it.",
    },
    ReasonEntry {
        code: "oidc.state_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service does not belong to this sign-in. Please start again.",
        cause: "The `state` of the callback is missing or is not the one of this login attempt.",
        fix: "Start again. If it persists, look for a proxy that changes or caches the callback.",
    },
    ReasonEntry {
        code: "oidc.mixup",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer came from another sign-in service than the one you chose. Please start again.",
        cause: "The `iss` of the callback is not the issuer that this attempt was sent to (RFC 9207).",
        fix: "Check that each connector's redirect URI is registered only with its own upstream. Repeated cases can be an attack.",
    },
    ReasonEntry {
        code: "oidc.upstream_error",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service reported an error. Please try again or ask your administrator.",
        cause: "The upstream answered the authorization request with an error.",
        fix: "The log and the trace hold the upstream's error and description. For Entra, look the AADSTS number up.",
    },
    ReasonEntry {
        code: "oidc.access_denied",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service did not let you in, or you cancelled. Please try again or ask your administrator.",
        cause: "The upstream answered with `access_denied` (or a cancelled or declined consent).",
        fix: "Check upstream whether the person is assigned to the application and whether an admin must consent.",
    },
    ReasonEntry {
        code: "oidc.code_missing",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service is incomplete. Please start again.",
        cause: "The callback holds neither a `code` nor an `error`.",
        fix: "Check that the upstream application is set to the authorization code flow and that no proxy drops the query.",
    },
    ReasonEntry {
        code: "oidc.discovery_failed",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service cannot be reached at the moment. Please try again in a few minutes.",
        cause: "The upstream's discovery document could not be fetched.",
        fix: "Open `{issuer}/.well-known/openid-configuration` from the machine that runs Symbolon; check DNS, firewall, proxy and certificate authority.",
    },
    ReasonEntry {
        code: "oidc.discovery_invalid",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service is not set up correctly. Please ask your administrator.",
        cause: "The discovery document is not valid: not JSON, another issuer than configured, or an endpoint missing or not HTTPS.",
        fix: "Set the connector's issuer exactly as the document says it, also the trailing slash.",
    },
    ReasonEntry {
        code: "oidc.jwks_unavailable",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service cannot be reached at the moment. Please try again in a few minutes.",
        cause: "The upstream's signing keys (JWKS) could not be fetched or read.",
        fix: "Fetch the `jwks_uri` of the discovery document from the machine that runs Symbolon.",
    },
    ReasonEntry {
        code: "oidc.token_endpoint_error",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service did not complete the sign-in. Please start again.",
        cause: "The upstream's token endpoint answered with an error or with something that is not a token answer.",
        fix: "The log holds the error name. `invalid_grant` often means that the redirect URI differs or the code was used twice.",
    },
    ReasonEntry {
        code: "oidc.client_authentication_failed",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service does not accept our credentials. Please ask your administrator.",
        cause: "The upstream's token endpoint refused our secret or key (`invalid_client`).",
        fix: "The secret is wrong or has expired: create a new one upstream and store it in the connector. Also check the authentication method.",
    },
    ReasonEntry {
        code: "oidc.id_token_missing",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service is incomplete. Please ask your administrator.",
        cause: "The token answer holds no ID token.",
        fix: "Check that the connector asks for the scope `openid` and that the upstream application is an OpenID one.",
    },
    ReasonEntry {
        code: "oidc.token_malformed",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service cannot be read. Please start again or ask your administrator.",
        cause: "The ID token is not a well-formed JWT with the required claims.",
        fix: "Look at the trace. An upstream that sends such tokens does not follow OpenID Connect Core section 2.",
    },
    ReasonEntry {
        code: "oidc.algorithm_refused",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service is signed in a way we do not accept. Please ask your administrator.",
        cause: "The ID token's algorithm is not allowed for this connector (`none` and HMAC never are).",
        fix: "Set the upstream to RS256, PS256 or ES256, or allow the algorithm in the connector if it is one of the asymmetric ones.",
    },
    ReasonEntry {
        code: "oidc.unknown_key",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service is signed with a key we do not know. Please try again in a few minutes.",
        cause: "The ID token names a key that is not in the upstream's JWKS, also after a fresh fetch.",
        fix: "Check that the connector's issuer is the one that issued the token; some upstreams publish new keys late.",
    },
    ReasonEntry {
        code: "oidc.bad_signature",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service could not be verified. Please start again or ask your administrator.",
        cause: "The ID token's signature does not fit the upstream's key.",
        fix: "Someone changed the token, or the issuer belongs to another environment. Repeated cases deserve a look.",
    },
    ReasonEntry {
        code: "oidc.issuer_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer came from another sign-in service than expected. Please ask your administrator.",
        cause: "The ID token's `iss` is not the issuer of this connector.",
        fix: "Set the issuer to the value seen if that is really your upstream. For Entra, check that the tenant id is yours.",
    },
    ReasonEntry {
        code: "oidc.audience_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service was meant for another application. Please ask your administrator.",
        cause: "The ID token's `aud` does not name this connector's `client_id`, or names others that are not trusted.",
        fix: "Compare the connector's client id with the application registered upstream.",
    },
    ReasonEntry {
        code: "oidc.azp_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service was meant for another application. Please ask your administrator.",
        cause: "The ID token's `azp` is present and not this connector's `client_id`, or is missing beside several audiences.",
        fix: "Compare the connector's client id with the application registered upstream.",
    },
    ReasonEntry {
        code: "oidc.nonce_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service does not belong to this sign-in. Please start again.",
        cause: "The ID token's `nonce` is missing or not the one of this login attempt.",
        fix: "Start again. If it persists, the upstream does not return the nonce, which it must.",
    },
    ReasonEntry {
        code: "oidc.token_expired",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service came too late. Please start again.",
        cause: "The ID token's `exp` is in the past, or its `iat` is too old.",
        fix: "Check the clocks of both machines; the allowed difference is a connector setting.",
    },
    ReasonEntry {
        code: "oidc.token_not_yet_valid",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The clocks of the two services differ too much. Please ask your administrator.",
        cause: "The ID token's `iat` or `nbf` lies in the future.",
        fix: "Check the clocks of both machines; the allowed difference is a connector setting.",
    },
    ReasonEntry {
        code: "oidc.subject_invalid",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service did not say who you are. Please ask your administrator.",
        cause: "The ID token's subject is missing, empty, too long or, for Entra, lacks `tid` or `oid`.",
        fix: "Check the upstream's token settings. For Entra use the v2 endpoint of a work or school tenant.",
    },
    ReasonEntry {
        code: "oidc.at_hash_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service does not fit together. Please start again.",
        cause: "The ID token's `at_hash` does not fit the access token.",
        fix: "Start again. If it persists, report it to the upstream: its tokens are mixed.",
    },
    ReasonEntry {
        code: "oidc.userinfo_error",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service did not tell us enough about you. Please try again.",
        cause: "The upstream's userinfo endpoint failed or answered with something unreadable.",
        fix: "Call the userinfo endpoint by hand, or switch userinfo off in the connector if the ID token has all claims.",
    },
    ReasonEntry {
        code: "oidc.userinfo_subject_mismatch",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service does not fit together. Please start again.",
        cause: "The userinfo answer is about another subject than the ID token (OpenID Connect Core section 5.3.2).",
        fix: "Report it to the upstream; never work round it.",
    },
    ReasonEntry {
        code: "oidc.auth_time_stale",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "You need to sign in again at your sign-in service.",
        cause: "The application asked for a fresh sign-in, but the upstream's `auth_time` is missing or too old.",
        fix: "Check that the upstream honours `max_age` and `prompt=login` and sends `auth_time`.",
    },
    ReasonEntry {
        code: "oidc.acr_not_met",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in was not strong enough for this application. Please ask your administrator.",
        cause: "The `acr` or `amr` of the ID token does not satisfy what the connector requires.",
        fix: "Require the stronger method upstream (for Entra: Conditional Access), or change the connector's requirement.",
    },
    ReasonEntry {
        code: "oidc.required_claim_mismatch",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "You may not sign in with this identity. Please ask your administrator.",
        cause: "A claim that the connector requires is missing or has another value.",
        fix: "The trace shows the claim with the value seen and the value expected.",
    },
    ReasonEntry {
        code: "oidc.claims_too_large",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service sent too much about you. Please ask your administrator.",
        cause: "The verified claims are larger than Symbolon keeps.",
        fix: "Send fewer claims. For Entra limit the groups to those assigned to the application.",
    },
    ReasonEntry {
        code: "net.blocked_address",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is not set up correctly. Please ask your administrator.",
        cause: "An outgoing request would have gone to a private, loopback or link-local address.",
        fix: "If the upstream really lives there, add its network to `outgoing.allow_private`; otherwise find out who entered that address.",
    },
    ReasonEntry {
        code: "net.scheme_refused",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is not set up correctly. Please ask your administrator.",
        cause: "An outgoing request would have used another scheme than HTTPS.",
        fix: "Use an `https://` address. Plain HTTP is only for allow-listed networks of tests and demos.",
    },
    ReasonEntry {
        code: "net.unreachable",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service cannot be reached at the moment. Please try again in a few minutes.",
        cause: "The name did not resolve, the connection was refused, or TLS failed.",
        fix: "Check DNS, firewall and certificate. A private authority's file goes into `outgoing.extra_ca_file`.",
    },
    ReasonEntry {
        code: "net.timed_out",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service does not answer. Please try again in a few minutes.",
        cause: "The outgoing request did not finish within its time.",
        fix: "Check the upstream's health and the network between.",
    },
    ReasonEntry {
        code: "net.response_too_large",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service sent an answer that is too large. Please ask your administrator.",
        cause: "The answer to an outgoing request is larger than the cap.",
        fix: "Check that the address is the right endpoint; a real document is far smaller.",
    },
    ReasonEntry {
        code: "net.redirect_refused",
        status: 424,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This way to sign in is not set up correctly. Please ask your administrator.",
        cause: "The upstream answered an outgoing request with a redirect; Symbolon follows none.",
        fix: "Enter the address that the redirect points to, if it is the right one.",
    },
    ReasonEntry {
        code: "crypto.aad_mismatch",
        status: 424,
        oauth_error: None,
        event: "request.refused",
        person: "A stored secret cannot be opened. Please ask your administrator.",
        cause: "A sealed secret was moved: its tenant or purpose is not the one it was sealed for, or its bytes were changed.",
        fix: "Store the secret again. If nobody copied rows by hand, find out who changed the database.",
    },
    ReasonEntry {
        code: "crypto.key_unknown",
        status: 424,
        oauth_error: None,
        event: "request.refused",
        person: "A stored secret cannot be opened. Please ask your administrator.",
        cause: "A sealed secret names a master key that is not configured.",
        fix: "Put the old master key back beside the new one, then run the key rotation command.",
    },
    ReasonEntry {
        code: "plugin.trap",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation failed. Please ask your administrator.",
        cause: "The mapping plugin trapped: it crashed inside its sandbox.",
        fix: "Replay the sign-in with the plugin's test command; the log names the trap. Go back to the last version meanwhile.",
    },
    ReasonEntry {
        code: "plugin.fuel_exhausted",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation took too long. Please ask your administrator.",
        cause: "The mapping plugin used more instructions than allowed; usually an endless loop.",
        fix: "Correct the plugin, or make the rules simpler.",
    },
    ReasonEntry {
        code: "plugin.timed_out",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation took too long. Please ask your administrator.",
        cause: "The mapping plugin ran longer than its time limit.",
        fix: "Correct the plugin, or make the rules simpler. Under heavy load look at the machine first.",
    },
    ReasonEntry {
        code: "plugin.memory_limit",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation needed too much memory. Please ask your administrator.",
        cause: "The mapping plugin asked for more memory than allowed.",
        fix: "Correct the plugin. Very long group lists can be filtered upstream.",
    },
    ReasonEntry {
        code: "plugin.output_refused",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation gave an answer that cannot be used. Please ask your administrator.",
        cause: "The mapping plugin's decision is not valid: too large, wrong form, or a field it may not set.",
        fix: "The log names the field. Correct the plugin.",
    },
    ReasonEntry {
        code: "plugin.input_too_large",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service sent too much about you. Please ask your administrator.",
        cause: "The claims and the configuration are larger than a plugin may receive.",
        fix: "Send fewer claims upstream, for example only assigned groups, or shorten the configuration.",
    },
    ReasonEntry {
        code: "plugin.unknown_role",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation name a role that does not exist. Please ask your administrator.",
        cause: "The mapping plugin granted a role that is not in the tenant's catalogue.",
        fix: "Add the role to the tenant's catalogue, or correct the rule.",
    },
    ReasonEntry {
        code: "plugin.failed",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation could not decide. Please ask your administrator.",
        cause: "The mapping plugin reported a failure of its own.",
        fix: "The log holds its message.",
    },
    ReasonEntry {
        code: "plugin.denied",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation do not let you in. Please ask your administrator.",
        cause: "The mapping plugin decided to refuse this person.",
        fix: "The decision's text names the rule. Change the rule if the person should get in.",
    },
    ReasonEntry {
        code: "plugin.not_loadable",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation could not be loaded. Please ask your administrator.",
        cause: "The plugin's file is missing, is not a component of `symbolon:mapping`, or imports something.",
        fix: "Build the plugin with the SDK and upload it again.",
    },
    ReasonEntry {
        code: "plugin.not_configured",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The rules of your organisation are not set up yet. Please ask your administrator.",
        cause: "The tenant or connector has no active mapping plugin or no configuration for it.",
        fix: "Set the mapping configuration of the connector.",
    },
    ReasonEntry {
        code: "plugin.busy",
        status: 429,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Too many people of your organisation are signing in at once. Please try again in a moment.",
        cause: "All places for this tenant's plugin calls are taken.",
        fix: "A burst passes by itself. If it does not, make the rules cheaper or raise the tenant's limit.",
    },
    ReasonEntry {
        code: "policy.not_provisioned",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "You signed in correctly, but you have no access here yet. A request was noted; please ask the administrator of your organisation to grant it.",
        cause: "The person is not known here, and auto-provisioning is off. An access request was recorded.",
        fix: "Decide the access request, invite the person, or switch auto-provisioning on for the connector.",
    },
    ReasonEntry {
        code: "policy.user_inactive",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your access is switched off. Please ask the administrator of your organisation.",
        cause: "The user is inactive.",
        fix: "Activate the user if the access should come back.",
    },
    ReasonEntry {
        code: "policy.user_deactivated",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your access was ended. Please ask the administrator of your organisation.",
        cause: "The user was deactivated, by an admin or because the directory no longer has the person.",
        fix: "Reactivate the user, or restore the person in the directory.",
    },
    ReasonEntry {
        code: "policy.email_missing",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Your sign-in service did not send an e-mail address for you. Please ask your administrator.",
        cause: "No e-mail address came out of the mapping, and the tenant requires one.",
        fix: "Let the upstream send `email`, or map another claim to it.",
    },
    ReasonEntry {
        code: "policy.email_taken",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "Another person here already has your e-mail address. Please ask your administrator.",
        cause: "A user with this e-mail address exists, and the linking rules do not allow to join the two.",
        fix: "Link the identity to the user by invitation, or change the older user's address.",
    },
    ReasonEntry {
        code: "policy.email_domain",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "You cannot sign in here with an e-mail address of this domain. Please ask your administrator.",
        cause: "The e-mail address's domain is not among those allowed for the connector.",
        fix: "Add the domain to the connector if it is yours.",
    },
    ReasonEntry {
        code: "policy.mfa_required",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This application needs a second factor, and your sign-in had none. Please ask your administrator.",
        cause: "The policy requires multi-factor authentication, and the verified sign-in does not prove it.",
        fix: "Require it upstream (for Entra: Conditional Access), and check that `amr` or `acr` arrives.",
    },
    ReasonEntry {
        code: "policy.connector_for_application",
        status: 403,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "This application cannot be used with this way to sign in. Please choose another.",
        cause: "The application is tied to other connectors than the one of this session.",
        fix: "Sign in with a connector that the application accepts, or add this one to it.",
    },
    ReasonEntry {
        code: "token.invalid_request",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.token_refused",
        person: "The application sent a request that cannot be read. Please tell the people who run it.",
        cause: "The token request lacks a parameter or has one of the wrong form.",
        fix: "Compare the request with the endpoint reference; the error description names the parameter.",
    },
    ReasonEntry {
        code: "token.duplicate_parameter",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.token_refused",
        person: "The application sent a request that is not clear. Please tell the people who run it.",
        cause: "A parameter of the token request occurs more than once (RFC 6749 section 3.2).",
        fix: "Let the application send each parameter once.",
    },
    ReasonEntry {
        code: "token.unsupported_grant_type",
        status: 400,
        oauth_error: Some("unsupported_grant_type"),
        event: "app.token_refused",
        person: "The application asked for a grant that is not offered. Please tell the people who run it.",
        cause: "The `grant_type` is not one that discovery lists.",
        fix: "Use one of `grant_types_supported`.",
    },
    ReasonEntry {
        code: "token.client_unknown",
        status: 401,
        oauth_error: Some("invalid_client"),
        event: "app.token_refused",
        person: "The application is not known. Please tell the people who run it.",
        cause: "The token request names a `client_id` that this tenant does not have.",
        fix: "Compare the `client_id` with `symbolon application list`, and check that the application uses this tenant's issuer.",
    },
    ReasonEntry {
        code: "token.client_authentication_failed",
        status: 401,
        oauth_error: Some("invalid_client"),
        event: "app.token_refused",
        person: "The application's credentials are wrong. Please tell the people who run it.",
        cause: "The application's secret or key was not accepted.",
        fix: "Create a new secret and store it in the application; check the authentication method and the encoding of special characters.",
    },
    ReasonEntry {
        code: "token.client_authentication_missing",
        status: 401,
        oauth_error: Some("invalid_client"),
        event: "app.token_refused",
        person: "The application did not identify itself. Please tell the people who run it.",
        cause: "A confidential application sent no credentials.",
        fix: "Configure the application's secret, or register it as a public one.",
    },
    ReasonEntry {
        code: "token.two_authentications",
        status: 400,
        oauth_error: Some("invalid_request"),
        event: "app.token_refused",
        person: "The application identified itself in two ways at once. Please tell the people who run it.",
        cause: "The token request uses more than one authentication method (RFC 6749 section 2.3).",
        fix: "Send the secret either in the header or in the body.",
    },
    ReasonEntry {
        code: "token.code_unknown",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "This sign-in is not known. Please start again from the application.",
        cause: "The authorization code was never issued by this tenant.",
        fix: "Check that the application redeems the code at the issuer that gave it.",
    },
    ReasonEntry {
        code: "token.code_expired",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "This sign-in took too long. Please start again from the application.",
        cause: "The authorization code is older than its lifetime of one minute.",
        fix: "Let the application redeem the code at once.",
    },
    ReasonEntry {
        code: "token.code_reused",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "This sign-in was already finished. Please start again from the application.",
        cause: "The authorization code was redeemed before; tokens issued from it are revoked.",
        fix: "Let the application redeem each code once. If it does, someone else saw the code: look at the audit log.",
    },
    ReasonEntry {
        code: "token.code_other_application",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "This sign-in belongs to another application. Please start again.",
        cause: "The authorization code was issued to another application.",
        fix: "Check the `client_id` of the token request.",
    },
    ReasonEntry {
        code: "token.redirect_uri_mismatch",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "The application sent a request that does not fit. Please tell the people who run it.",
        cause: "The `redirect_uri` of the token request is not the one of the authorization request (redirect_uri differs).",
        fix: "Send the same `redirect_uri` in both requests.",
    },
    ReasonEntry {
        code: "token.pkce_mismatch",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "The application could not prove that it started this sign-in. Please start again.",
        cause: "The `code_verifier` is missing, has a wrong form or does not fit the challenge (RFC 7636 section 4.6).",
        fix: "Check that the application keeps the verifier with the attempt, also when two tabs are open.",
    },
    ReasonEntry {
        code: "token.grant_no_longer_valid",
        status: 400,
        oauth_error: Some("invalid_grant"),
        event: "app.token_refused",
        person: "Your access has changed. Please sign in again.",
        cause: "The session, the user or the application that the code was issued for is no longer admitted.",
        fix: "Sign in again; if that is refused, its reason code says why.",
    },
    ReasonEntry {
        code: "userinfo.token_missing",
        status: 401,
        oauth_error: None,
        event: "app.token_refused",
        person: "The application did not identify itself. Please tell the people who run it.",
        cause: "The request carries no access token.",
        fix: "Send `Authorization: Bearer <access token>` (RFC 6750).",
    },
    ReasonEntry {
        code: "userinfo.token_invalid",
        status: 401,
        oauth_error: Some("invalid_token"),
        event: "app.token_refused",
        person: "Your access has ended. Please sign in again.",
        cause: "The access token is malformed, expired, revoked or from another issuer.",
        fix: "Get a new access token. Check that the application uses the token of this tenant.",
    },
    ReasonEntry {
        code: "userinfo.scope_missing",
        status: 403,
        oauth_error: Some("insufficient_scope"),
        event: "app.token_refused",
        person: "The application may not read this. Please tell the people who run it.",
        cause: "The access token was issued without the scope `openid`.",
        fix: "Let the application ask for `openid`.",
    },
    ReasonEntry {
        code: "setting.invalid",
        status: 400,
        oauth_error: None,
        event: "admin.change_refused",
        person: "A value is not valid. Please correct it.",
        cause: "A setting has the wrong form, or an unknown name.",
        fix: "The message names the field and what is expected.",
    },
    ReasonEntry {
        code: "setting.conflict",
        status: 409,
        oauth_error: None,
        event: "admin.change_refused",
        person: "There is already one of that name.",
        cause: "Another row holds the same name, or the change contradicts what exists.",
        fix: "Choose another name, or change the existing one.",
    },
    ReasonEntry {
        code: "setting.not_found",
        status: 404,
        oauth_error: None,
        event: "admin.change_refused",
        person: "There is no such thing here.",
        cause: "The tenant, connector, application or user that should be shown or changed does not exist.",
        fix: "List what exists and check the name.",
    },
    ReasonEntry {
        code: "setting.stale",
        status: 412,
        oauth_error: None,
        event: "admin.change_refused",
        person: "Someone else changed this in the meantime. Please load it again.",
        cause: "The change is based on an older version than the stored one.",
        fix: "Load the current version, apply the change again, and save.",
    },
    ReasonEntry {
        code: "saml.document_too_large",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service is too large. Please ask your administrator.",
        cause: "The SAML document is larger than 512 KiB.",
        fix: "Send fewer attributes, for example only assigned groups.",
    },
    ReasonEntry {
        code: "saml.not_utf8",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service cannot be read. Please ask your administrator.",
        cause: "The SAML document is not UTF-8, or declares another encoding.",
        fix: "Set the upstream to send UTF-8.",
    },
    ReasonEntry {
        code: "saml.markup_refused",
        status: 400,
        oauth_error: None,
        event: "user.sso_login_failed",
        person: "The answer of your sign-in service contains something we refuse. Please ask your administrator.",
        cause: "The SAML document holds a document type, an entity, a comment or a processing instruction.",
        fix: "No honest upstream sends these in a signed message. Find out what stands between the upstream and Symbolon.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_own_entry_and_reads_back() {
        assert_eq!(ReasonCode::ALL.len(), ENTRIES.len());
        for (code, entry) in ReasonCode::ALL.iter().zip(&ENTRIES) {
            assert_eq!(code.entry(), entry);
            assert_eq!(ReasonCode::parse(entry.code), Some(*code));
            let written = serde_json::to_value(code).unwrap();
            assert_eq!(written, entry.code);
            let read: ReasonCode = serde_json::from_value(written).unwrap();
            assert_eq!(read, *code);
        }
        assert!(serde_json::from_str::<ReasonCode>("\"oidc.no_such_code\"").is_err());
    }
}
