//! What a sealed secret may be used for. A secret of one purpose never opens as another.

/// The purpose of a sealed secret; part of what the seal vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The secret that a connector shows at its upstream's token endpoint.
    ConnectorClientSecret,
    /// The private key with which a connector proves itself, when it has one of its own.
    ConnectorSigningKey,
    /// The keys of a SAML connector: one to sign, one to decrypt.
    ConnectorSamlKeys,
    /// The private half of a key that signs our tokens.
    SigningKey,
    /// What the browser carries from a cross-site callback to the same-site one.
    CallbackBounce,
    /// A sign-in that an identity provider began, while it waits for the application.
    IdpInitiated,
    /// A secret of an application that we must be able to show the other side.
    ApplicationSecret,
    /// The key of the tenant's form tokens.
    CsrfKey,
    /// The key that makes the subjects of people differ from sector to sector.
    PairwiseKey,
    /// The code of a device, while its person signs in.
    DeviceUserCode,
    /// The key with which the codes that people type for a device are hashed.
    DeviceCodeKey,
    /// The key that proves that a nonce for proofs of possession is ours.
    DpopNonceKey,
    /// What a test sign-in found: it holds claims of a person.
    TestSignInReport,
    /// What was recorded of a sign-in: it holds claims of a person.
    RecordedSignIn,
    /// A saved case of a mapping: it holds claims of a person.
    MappingCase,
}

impl Purpose {
    /// The text in the database and in the seal. Never changes once released.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectorClientSecret => "connector_client_secret",
            Self::ConnectorSigningKey => "connector_signing_key",
            Self::ConnectorSamlKeys => "connector_saml_keys",
            Self::SigningKey => "signing_key",
            Self::CallbackBounce => "callback_bounce",
            Self::IdpInitiated => "idp_initiated",
            Self::ApplicationSecret => "application_secret",
            Self::CsrfKey => "csrf_key",
            Self::PairwiseKey => "pairwise_key",
            Self::DeviceUserCode => "device_user_code",
            Self::DeviceCodeKey => "device_code_key",
            Self::DpopNonceKey => "dpop_nonce_key",
            Self::TestSignInReport => "test_sign_in_report",
            Self::RecordedSignIn => "recorded_sign_in",
            Self::MappingCase => "mapping_case",
        }
    }
}
