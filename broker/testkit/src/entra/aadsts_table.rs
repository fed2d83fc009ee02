//! What Microsoft says to each number: the number, the OAuth `error`, the sentence. Texts are
//! shortened; where Microsoft names values, the caller brings its own sentence.

/// The `error` and the sentence of a number.
pub(super) fn find(code: u32) -> Option<(&'static str, &'static str)> {
    TABLE.lines().find_map(|line| {
        let (number, rest) = line.split_once(' ')?;
        if number.parse() == Ok(code) { rest.split_once(' ') } else { None }
    })
}

const TABLE: &str = r"16000 interaction_required User account does not exist in tenant and cannot access the application.
50005 access_denied User tried to log in to a device from a platform that is currently not supported through Conditional Access policy.
50010 invalid_request Audience URI validation for the app failed since no token audiences were configured.
50011 invalid_request The redirect URI specified in the request does not match the redirect URIs configured for the application.
50012 invalid_client Authentication failed: the client assertion failed signature validation.
50014 invalid_grant The user's redemption is in a pending state.
50020 invalid_grant User account from identity provider does not exist in tenant and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.
50034 invalid_grant The user account does not exist in the directory. To sign into this application, the account must be added to the directory.
50053 invalid_grant You've tried to sign in too many times with an incorrect user ID or password. The account is locked.
50055 invalid_grant The password is expired.
50057 invalid_grant The user account is disabled.
50058 login_required A silent sign-in request was sent but no user is signed in.
50059 invalid_request No tenant-identifying information found in either the request or implied by any provided credentials.
50072 interaction_required Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.
50074 interaction_required Strong Authentication is required.
50076 interaction_required Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.
50078 interaction_required Presented multi-factor authentication has expired due to policies configured by your administrator.
50079 interaction_required Due to a configuration change made by your administrator, you must enroll in multi-factor authentication to access the resource.
50087 temporarily_unavailable A transient error has occurred during strong authentication. Please try again.
50089 invalid_grant Authentication failed due to flow token expired.
50105 access_denied Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.
50126 invalid_grant Error validating credentials due to invalid username or password.
50131 interaction_required Due to a suspicious location or device state, the request was blocked by Conditional Access policies.
50144 invalid_grant The user's Active Directory password has expired.
50146 invalid_request This application is required to be configured with an application-specific signing key.
50147 invalid_grant Missing code challenge parameter.
50166 invalid_client Request to External OIDC endpoint failed.
50173 invalid_grant The provided grant has expired due to it being revoked, a fresh auth token is needed.
50194 invalid_request Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after 10/15/2018. Use a tenant-specific endpoint or configure the application to be multi-tenant.
50196 invalid_grant The server terminated an operation because it encountered a client request loop.
51004 invalid_grant The user account does not exist in the directory.
53000 interaction_required Device is not in required device state: compliant. Conditional Access policy requires a compliant device.
53001 interaction_required Device is not in required device state: domain_joined. Conditional Access policy requires a domain joined device.
53003 interaction_required Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.
53011 access_denied User blocked due to risk on home tenant.
54005 invalid_grant OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.
65001 consent_required The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.
65004 access_denied User declined to consent to access the app.
65005 invalid_resource Misconfigured application: the required resource access list does not contain applications discoverable by the resource.
70000 invalid_grant Provided grant is invalid or malformed.
70001 unauthorized_client The application is disabled.
70003 unsupported_grant_type The app requested an unsupported grant type.
70008 invalid_grant The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.
70011 invalid_scope The provided value for the input parameter 'scope' isn't valid.
70021 invalid_request No matching federated identity record found for presented assertion.
75005 invalid_request The request is not a valid Saml2 protocol message.
75011 invalid_request Authentication method by which the user authenticated with the service doesn't match requested authentication method.
75016 invalid_request SAML2 authentication request has an invalid NameIdPolicy.
76021 invalid_request The request sent by client is not signed while the application requires signed requests.
76026 invalid_request The request issue time is outside of its allowed lifetime.
90002 invalid_request Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.
90006 temporarily_unavailable External server had a retryable error.
90008 invalid_grant The user or administrator hasn't consented to use the application.
90012 temporarily_unavailable The request has timed out.
90014 invalid_request The required field is missing from the credential. Ensure that you have all the necessary parameters for the login request.
90023 invalid_request The authentication service request isn't valid.
90024 temporarily_unavailable RequestBudgetExceededError: a transient error has occurred. Try again.
90033 temporarily_unavailable A transient error has occurred. Please try again.
90038 invalid_request Tenant request is being redirected to the National Cloud.
90055 temporarily_unavailable TenantThrottlingError: there are too many incoming requests.
90072 invalid_grant User account from identity provider does not exist in tenant and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.
90090 temporarily_unavailable Application processing error: a transient error has occurred.
90094 access_denied Admin consent is required for the permissions requested by this application.
90095 access_denied Admin consent is required for the permissions requested by this application. A consent request may be sent to the admin.
90124 invalid_request The resource is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.
90130 invalid_request The application is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.
500011 invalid_resource The resource principal was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.
500021 access_denied Access to the tenant is denied (tenant restrictions).
500022 access_denied Access to the tenant is denied (tenant restrictions, header of the proxy).
500112 invalid_client The reply address does not match the reply address provided when requesting Authorization code.
500133 invalid_client Assertion is not within its valid time range. Please check the current time.
500208 access_denied The domain isn't a valid login domain for the account type.
500212 access_denied The user's administrator has set an outbound access policy that does not allow access to the resource tenant.
500213 access_denied The resource tenant's cross-tenant access policy does not allow this user to access this tenant.
501241 invalid_request Mandatory input missing from the transformation of the name identifier.
501481 invalid_grant The Code_Verifier does not match the code_challenge supplied in the authorization request.
501491 invalid_request Invalid size of Code_Challenge parameter.
530032 access_denied The request was blocked by Conditional Access policies.
530034 access_denied A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant.
530035 access_denied Access has been blocked by security defaults.
650052 invalid_resource The app is trying to access a service that your organization lacks a service principal for.
650056 invalid_resource Misconfigured application. The client has not listed any permissions for the resource in the requested permissions in the client's application registration.
650057 invalid_resource Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.
700005 invalid_grant Provided Authorization Code is intended to use against other tenant, thus rejected.
700016 unauthorized_client Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.
700023 invalid_client Client assertion audience claim does not match Realm issuer.
700025 invalid_client Client is public so neither 'client_assertion' nor 'client_secret' should be presented.
700027 invalid_client The certificate with identifier used to sign the client assertion is not registered on application.
700030 invalid_client Invalid certificate: subject name in certificate is not authorized.
700054 unsupported_response_type response_type 'id_token' is not enabled for the application.
700082 invalid_grant The refresh token has expired due to inactivity.
750054 invalid_request SAMLRequest or SAMLResponse must be present as query string parameters in the HTTP request for SAML Redirect binding.
900144 invalid_request The request body must contain a parameter that is missing.
900382 invalid_client Confidential Client is not supported in Cross Cloud request.
900432 invalid_client Confidential Client is not supported in Cross Cloud request.
900971 invalid_request No reply address provided.
1002012 invalid_scope The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).
7000112 unauthorized_client Application is disabled.
7000215 invalid_client Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app.
7000218 invalid_client The request body must contain the following parameter: 'client_assertion' or 'client_secret'.
7000222 invalid_client The provided client secret keys for app are expired. Visit the Azure portal to create new keys for your app.
9001023 invalid_request The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.
9002313 invalid_grant Invalid request. Request is malformed or invalid.
";
