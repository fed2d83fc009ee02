//! The three backends of python-social-auth for Entra, as a table.

/// What a backend is called, and what it does that matters to whoever leaves it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Backend {
    /// Its class, as `REMOTE_AUTH_BACKEND` names it.
    pub(super) class: &'static str,
    /// Its place in the callback path.
    pub(super) name: &'static str,
    /// What its settings begin with.
    pub(super) prefix: &'static str,
    /// The claim by which it knows people again (E-22).
    pub(super) user_key: &'static str,
    /// Whether it reads its `TENANT_ID` at all (DEC-1).
    pub(super) reads_tenant_id: bool,
}

pub(super) const BACKENDS: [Backend; 3] = [
    Backend {
        class: "social_core.backends.azuread.AzureADOAuth2",
        name: "azuread-oauth2",
        prefix: "SOCIAL_AUTH_AZUREAD_OAUTH2_",
        user_key: "upn",
        reads_tenant_id: false,
    },
    Backend {
        class: "social_core.backends.azuread_tenant.AzureADTenantOAuth2",
        name: "azuread-tenant-oauth2",
        prefix: "SOCIAL_AUTH_AZUREAD_TENANT_OAUTH2_",
        user_key: "sub",
        reads_tenant_id: true,
    },
    Backend {
        class: "social_core.backends.azuread_tenant.AzureADV2TenantOAuth2",
        name: "azuread-v2-tenant-oauth2",
        prefix: "SOCIAL_AUTH_AZUREAD_V2_TENANT_OAUTH2_",
        user_key: "preferred_username",
        reads_tenant_id: true,
    },
];

impl Backend {
    /// The backend of a class or of a name.
    pub(super) fn find(text: &str) -> Option<&'static Self> {
        BACKENDS.iter().find(|backend| backend.class == text || backend.name == text)
    }

    /// The class without its module.
    pub(super) fn short(&self) -> &'static str {
        self.class.rsplit('.').next().unwrap_or(self.class)
    }

    /// The full name of one of its settings.
    pub(super) fn setting(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
