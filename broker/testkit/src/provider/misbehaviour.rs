//! Everything that the demo provider can do wrong, one variant a fault.

/// One fault; see [`super::FakeProvider::misbehave`]. Faults may be combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// ID token: another `iss`.
    WrongIssuer,
    /// ID token: another `aud`.
    WrongAudience,
    /// ID token: a second `aud` beside the right one, without `azp`.
    ExtraAudience,
    /// ID token: a `nonce` that nobody asked for.
    WrongNonce,
    /// ID token: no `nonce`.
    NoNonce,
    /// ID token: `alg` none, no signature.
    AlgNone,
    /// ID token: signed by HS256 with the client secret.
    Hs256WithClientSecret,
    /// ID token: a `kid` that the JWKS does not hold.
    UnknownKid,
    /// ID token: one byte of the signature turned.
    BadSignature,
    /// ID token: signed by a key of its own, which the header's `jku` offers at this URL.
    JkuHeader(String),
    /// ID token: `exp` one hour ago.
    Expired,
    /// ID token: `iat` in one hour.
    IssuedInFuture,
    /// ID token: `nbf` in one hour.
    NotYetValid,
    /// ID token: an empty `sub`.
    EmptySubject,
    /// ID token: a `sub` of 300 characters.
    LongSubject,
    /// ID token: a `sub` with a line feed.
    ControlCharacterInSubject,
    /// ID token: `azp` names another client.
    AzpOther,
    /// ID token: an `at_hash` of another access token.
    AtHashWrong,
    /// ID token: the person signed in a day ago, whatever `max_age` said.
    StaleAuthTime,
    /// ID token: more than 64 KiB of claims.
    HugeClaims,
    /// Userinfo: another `sub` than the ID token's.
    UserinfoOtherSubject,
    /// Userinfo: status 500.
    UserinfoDown,
    /// Token endpoint: 200 with an HTML page.
    TokenEndpointHtml,
    /// Token endpoint: status 500.
    TokenEndpoint500,
    /// Token endpoint: takes the request and never answers.
    TokenEndpointHangs,
    /// Token endpoint: 401 `invalid_client`.
    TokenEndpointInvalidClient,
    /// Token endpoint: a redirect to this URL.
    TokenEndpointRedirect(String),
    /// Token endpoint: an answer of 8 MiB.
    HugeTokenResponse,
    /// Token endpoint: a good answer without `id_token`.
    NoIdToken,
    /// JWKS: status 503.
    JwksDown,
    /// JWKS: a redirect to this URL.
    JwksRedirect(String),
    /// All keys are replaced, without overlap, when this fault is set.
    JwksRotatedNow,
    /// Discovery: another `issuer`.
    DiscoveryIssuerOther,
    /// Discovery: an HTML page.
    DiscoveryNotJson,
    /// Discovery: a document of 8 MiB.
    DiscoveryHuge,
    /// Discovery: status 503.
    DiscoveryDown,
    /// Discovery: a redirect to this URL.
    DiscoveryRedirect(String),
    /// Discovery: `jwks_uri` is this URL.
    DiscoveryJwksPrivate(String),
    /// Discovery: `token_endpoint` is this URL.
    DiscoveryTokenEndpoint(String),
    /// Authorization answer: another `iss` (RFC 9207).
    IssParameterWrong,
    /// Authorization answer: no `iss`, though discovery promises it.
    NoIssParameter,
    /// Authorization answer: this OAuth error instead of a code.
    AuthorizeError(String),
}
