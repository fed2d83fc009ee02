//! The side that applications see.
//!
//! Owns: what an application is, the OpenID Provider of each tenant. Does not own: how people come in
//! (`login`) or keys (`keys`). The SAML identity provider gets its folder here.

pub mod application;
mod landing;
pub mod oidc;

pub use application::{
    AccessTokenFormat, Application, ApplicationAuthentication, ApplicationKind,
    ApplicationSecretHash, ClaimPlace, GrantType, OpenidSettings, RedirectUri, ReleasedClaim,
    ResourceServer, SecurityProfile, SubjectType,
};
pub use landing::may_land;

/// What the application is told, by way of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownstreamResponse {
    /// A redirect (303).
    Redirect {
        /// The full URL.
        url: String,
    },
    /// A form that the browser posts.
    FormPost {
        /// The registered redirect URI.
        action: String,
        /// Hidden fields in order.
        fields: Vec<(String, String)>,
    },
}
