//! A directory of Entra ("tenant" in Microsoft's words, which here means something else): its id.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The directory of all personal accounts (E-12).
pub const PERSONAL_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The id of a directory: a GUID in lower case (E-09).
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct DirectoryId(String);

impl DirectoryId {
    /// Reads a GUID in any letter case, blanks around it allowed; nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        is_guid(text).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The GUID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the directory of personal accounts.
    #[must_use]
    pub fn is_of_personal_accounts(&self) -> bool {
        self.0 == PERSONAL_ACCOUNTS
    }
}

impl TryFrom<String> for DirectoryId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "a directory (tenant) id is a GUID".to_owned())
    }
}

impl From<DirectoryId> for String {
    fn from(id: DirectoryId) -> Self {
        id.0
    }
}

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is a GUID in its usual form of 8-4-4-4-12.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_e09_a_guid_is_kept_in_lower_case_whatever_was_pasted() {
        let id = DirectoryId::parse(" 9188040D-6C67-4C5B-B112-36A304B66DAD\n").unwrap();
        assert_eq!(id.as_str(), PERSONAL_ACCOUNTS);
        assert!(id.is_of_personal_accounts());
        for wrong in ["", "contoso.com", "common", "9188040d6c674c5bb11236a304b66dad", "{tenantid}"]
        {
            assert_eq!(DirectoryId::parse(wrong), None, "{wrong}");
        }
        assert!(serde_json::from_str::<DirectoryId>("\"organizations\"").is_err());
    }
}
