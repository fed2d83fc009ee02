//! AADSTS errors: number, OAuth code and Microsoft's words (short), as JSON, page or redirect.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::clock::{error_time, new_guid};
use super::pages;
use super::world::World;

/// Number, OAuth `error`, text. `{}` stands for nothing here: callers set their own text where
/// Microsoft names values.
const KNOWN: &[(u32, &str, &str)] = &[
    (
        16000,
        "interaction_required",
        "User account does not exist in tenant and cannot access the application.",
    ),
    (
        50011,
        "invalid_request",
        "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    ),
    (50014, "invalid_grant", "The user's redemption is in a pending state."),
    (
        50020,
        "invalid_grant",
        "User account from identity provider does not exist in tenant and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.",
    ),
    (
        50034,
        "invalid_grant",
        "The user account does not exist in the directory. To sign into this application, the account must be added to the directory.",
    ),
    (
        50053,
        "invalid_grant",
        "You've tried to sign in too many times with an incorrect user ID or password. The account is locked.",
    ),
    (50055, "invalid_grant", "The password is expired."),
    (50057, "invalid_grant", "The user account is disabled."),
    (50058, "login_required", "A silent sign-in request was sent but no user is signed in."),
    (
        50059,
        "invalid_request",
        "No tenant-identifying information found in either the request or implied by any provided credentials.",
    ),
    (
        50072,
        "interaction_required",
        "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.",
    ),
    (50074, "interaction_required", "Strong Authentication is required."),
    (
        50076,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    ),
    (
        50078,
        "interaction_required",
        "Presented multi-factor authentication has expired due to policies configured by your administrator.",
    ),
    (
        50079,
        "interaction_required",
        "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication to access the resource.",
    ),
    (50089, "invalid_grant", "Authentication failed due to flow token expired."),
    (
        50105,
        "access_denied",
        "Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.",
    ),
    (50126, "invalid_grant", "Error validating credentials due to invalid username or password."),
    (50144, "invalid_grant", "The user's Active Directory password has expired."),
    (
        50146,
        "invalid_request",
        "This application is required to be configured with an application-specific signing key.",
    ),
    (50147, "invalid_grant", "Missing code challenge parameter."),
    (
        50173,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    ),
    (
        50194,
        "invalid_request",
        "Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after 10/15/2018. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
    ),
    (
        50196,
        "invalid_grant",
        "The server terminated an operation because it encountered a client request loop.",
    ),
    (
        53000,
        "interaction_required",
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device.",
    ),
    (
        53003,
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    (
        54005,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    ),
    (
        65001,
        "consent_required",
        "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    ),
    (65004, "access_denied", "User declined to consent to access the app."),
    (
        65005,
        "invalid_resource",
        "Misconfigured application: the required resource access list does not contain applications discoverable by the resource.",
    ),
    (70000, "invalid_grant", "Provided grant is invalid or malformed."),
    (70003, "unsupported_grant_type", "The app requested an unsupported grant type."),
    (
        70008,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    ),
    (70011, "invalid_scope", "The provided value for the input parameter 'scope' isn't valid."),
    (
        70021,
        "invalid_request",
        "No matching federated identity record found for presented assertion.",
    ),
    (
        90002,
        "invalid_request",
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    ),
    (90008, "invalid_grant", "The user or administrator hasn't consented to use the application."),
    (
        90014,
        "invalid_request",
        "The required field is missing from the credential. Ensure that you have all the necessary parameters for the login request.",
    ),
    (90023, "invalid_request", "The authentication service request isn't valid."),
    (
        90024,
        "temporarily_unavailable",
        "RequestBudgetExceededError: a transient error has occurred. Try again.",
    ),
    (90033, "temporarily_unavailable", "A transient error has occurred. Please try again."),
    (
        90055,
        "temporarily_unavailable",
        "TenantThrottlingError: there are too many incoming requests.",
    ),
    (
        90094,
        "access_denied",
        "Admin consent is required for the permissions requested by this application.",
    ),
    (
        90095,
        "access_denied",
        "Admin consent is required for the permissions requested by this application. A consent request may be sent to the admin.",
    ),
    (
        500011,
        "invalid_resource",
        "The resource principal was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
    ),
    (
        500112,
        "invalid_client",
        "The reply address does not match the reply address provided when requesting Authorization code.",
    ),
    (
        500133,
        "invalid_client",
        "Assertion is not within its valid time range. Please check the current time.",
    ),
    (500208, "access_denied", "The domain isn't a valid login domain for the account type."),
    (
        501481,
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ),
    (501491, "invalid_request", "Invalid size of Code_Challenge parameter."),
    (
        700005,
        "invalid_grant",
        "Provided Authorization Code is intended to use against other tenant, thus rejected.",
    ),
    (
        700016,
        "unauthorized_client",
        "Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
    ),
    (700023, "invalid_client", "Client assertion audience claim does not match Realm issuer."),
    (
        700025,
        "invalid_client",
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    ),
    (
        700027,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on application.",
    ),
    (
        700054,
        "unsupported_response_type",
        "response_type 'id_token' is not enabled for the application.",
    ),
    (700082, "invalid_grant", "The refresh token has expired due to inactivity."),
    (900144, "invalid_request", "The request body must contain a parameter that is missing."),
    (900971, "invalid_request", "No reply address provided."),
    (
        1002012,
        "invalid_scope",
        "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
    ),
    (7000112, "unauthorized_client", "Application is disabled."),
    (
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app.",
    ),
    (
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    (
        7000222,
        "invalid_client",
        "The provided client secret keys for app are expired. Visit the Azure portal to create new keys for your app.",
    ),
    (
        9001023,
        "invalid_request",
        "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
    ),
    (9002313, "invalid_grant", "Invalid request. Request is malformed or invalid."),
];

/// Something that Microsoft refuses.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: u32,
    pub(super) error: &'static str,
    text: String,
    pub(super) suberror: Option<&'static str>,
    pub(super) claims: Option<String>,
}

/// The values that support asks for.
pub(super) struct Spoken {
    pub(super) description: String,
    pub(super) trace_id: String,
    pub(super) correlation_id: String,
    pub(super) timestamp: String,
}

impl Refusal {
    /// With Microsoft's text; a number that is not in the table is an `invalid_request`.
    pub(super) fn new(code: u32) -> Self {
        let known = KNOWN.iter().find(|(number, ..)| *number == code);
        let (error, text) =
            known.map_or(("invalid_request", "As told."), |(_, error, text)| (*error, *text));
        Self { code, error, text: text.to_owned(), suberror: None, claims: None }
    }

    /// With a text that names values.
    pub(super) fn saying(code: u32, text: String) -> Self {
        Self { text, ..Self::new(code) }
    }

    pub(super) fn with_error(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    pub(super) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    pub(super) fn with_claims(mut self, claims: &str) -> Self {
        self.claims = Some(claims.to_owned());
        self
    }

    pub(super) fn spoken(&self, world: &World) -> Spoken {
        let (trace_id, correlation_id) = (new_guid(), new_guid());
        let timestamp = error_time(world.now());
        let description = format!(
            "AADSTS{}: {} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
            self.code, self.text,
        );
        Spoken { description, trace_id, correlation_id, timestamp }
    }

    /// The sentence without the ids.
    pub(super) fn sentence(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    fn status(&self) -> StatusCode {
        match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" if self.code == 90055 => StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// As the token and metadata endpoints say it.
    pub(super) fn json(&self, world: &World) -> HttpResponse {
        let spoken = self.spoken(world);
        let mut body = json!({
            "error": self.error,
            "error_description": spoken.description,
            "error_codes": [self.code],
            "timestamp": spoken.timestamp,
            "trace_id": spoken.trace_id,
            "correlation_id": spoken.correlation_id,
            "error_uri": format!("{}/error?code={}", world.base, self.code),
        });
        if let Some(fields) = body.as_object_mut() {
            if let Some(suberror) = self.suberror {
                fields.insert("suberror".to_owned(), json!(suberror));
            }
            if let Some(claims) = &self.claims {
                fields.insert("claims".to_owned(), Value::from(claims.as_str()));
            }
        }
        HttpResponse::build(self.status()).insert_header(("Cache-Control", "no-store")).json(body)
    }

    /// As Microsoft's own page says it: nothing goes back to the application.
    pub(super) fn page(&self, world: &World) -> HttpResponse {
        pages::refused(self, &self.spoken(world))
    }
}
