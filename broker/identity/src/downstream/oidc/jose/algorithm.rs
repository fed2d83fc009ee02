//! The signature algorithms that applications may use (RFC 7518 3.1, RFC 8037, RFC 9864).

use jsonwebtoken::Algorithm;

use crate::downstream::application::SecurityProfile;

/// How an application signs. Never `none`, never HMAC: there is no value for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofAlgorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519, by its old name `EdDSA` or its new one.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256; not in FAPI 2.0 (FA-01).
    Rs256,
}

impl ProofAlgorithm {
    /// What FAPI 2.0 allows for everything that an application signs, and we for DPoP in any profile
    /// (FAPI 2.0 Security Profile 5.4.1, FA-01).
    pub(crate) const FAPI: [Self; 3] = [Self::Ps256, Self::Es256, Self::EdDsa];

    /// What the profile `oauth` allows for client assertions and request objects.
    pub(crate) const OAUTH: [Self; 4] = [Self::Ps256, Self::Es256, Self::EdDsa, Self::Rs256];

    /// What an application that is held to these rules may sign with.
    pub(crate) fn of_profile(profile: SecurityProfile) -> &'static [Self] {
        match profile {
            SecurityProfile::Oauth => &Self::OAUTH,
            SecurityProfile::Fapi2 => &Self::FAPI,
        }
    }

    /// Reads the `alg` of a header or of a key.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    /// The names that a discovery document lists for these algorithms.
    pub(crate) fn names(allowed: &[Self]) -> Vec<&'static str> {
        let names = allowed.iter().map(|algorithm| -> &'static [&'static str] {
            match algorithm {
                Self::Ps256 => &["PS256"],
                Self::Es256 => &["ES256"],
                Self::EdDsa => &["EdDSA", "Ed25519"],
                Self::Rs256 => &["RS256"],
            }
        });
        names.flatten().copied().collect()
    }

    pub(super) fn as_jsonwebtoken(self) -> Algorithm {
        match self {
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fa01_every_listed_name_is_read_and_nothing_else() {
        for name in ProofAlgorithm::names(&ProofAlgorithm::OAUTH) {
            assert!(ProofAlgorithm::parse(name).is_some(), "{name}");
        }
        assert!(!ProofAlgorithm::names(&ProofAlgorithm::FAPI).contains(&"RS256"));
        for name in ["none", "None", "HS256", "HS512", "RS512", "ES384", "es256", "", "PS256 "] {
            assert_eq!(ProofAlgorithm::parse(name), None, "{name}");
        }
    }
}
