//! The `claims` parameter (OpenID Core 5.5): single claims, asked for by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// More claims, or longer names, are refused.
const MOST: usize = 50;
const LONGEST_NAME: usize = 128;

/// What was asked for, for each place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// At UserInfo.
    #[serde(default)]
    pub userinfo: BTreeMap<String, ClaimWish>,
    /// In the ID token.
    #[serde(default)]
    pub id_token: BTreeMap<String, ClaimWish>,
}

/// How much a claim is wanted (OpenID Core 5.5.1). A claim that we do not have is left out, essential or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimWish {
    /// The application says that it needs it.
    #[serde(default)]
    pub essential: bool,
    /// The one value that it wants.
    #[serde(default)]
    pub value: Option<Value>,
    /// The values that it wants, in order of preference.
    #[serde(default)]
    pub values: Vec<Value>,
}

impl ClaimsRequest {
    /// Reads the parameter. Members that nobody knows are ignored (OpenID Core 5.5).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut members)) = serde_json::from_str(text) else {
            return Err("claims is no JSON object");
        };
        let mut place = |name: &str| match members.remove(name) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(claims)) => wishes(claims),
            Some(_) => Err("userinfo and id_token in claims are objects"),
        };
        let read = Self { userinfo: place("userinfo")?, id_token: place("id_token")? };
        if read.userinfo.len() + read.id_token.len() > MOST {
            return Err("claims asks for more than 50 claims");
        }
        Ok(read)
    }

    /// The contexts one of which must be proved, if any must (OpenID Core 5.5.1.1).
    #[must_use]
    pub fn essential_contexts(&self) -> Vec<&str> {
        let acr = self.id_token.get("acr").filter(|wish| wish.essential);
        acr.map(ClaimWish::texts).unwrap_or_default()
    }

    /// The one person of whom an answer may speak (OpenID Core 5.5.1).
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.id_token.get("sub")?.texts().first().copied()
    }

    /// The names of all claims, for either place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str)
    }
}

impl ClaimWish {
    /// The values that it names, in order of preference, as far as they are texts.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.value.iter().chain(&self.values).filter_map(Value::as_str).collect()
    }
}

fn wishes(claims: Map<String, Value>) -> Result<BTreeMap<String, ClaimWish>, &'static str> {
    let read = |(name, wish): (String, Value)| {
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err("a name in claims is empty or longer than 128 bytes");
        }
        Ok((name, one_wish(wish)?))
    };
    claims.into_iter().map(read).collect()
}

fn one_wish(wish: Value) -> Result<ClaimWish, &'static str> {
    let mut members = match wish {
        Value::Null => return Ok(ClaimWish::default()),
        Value::Object(members) => members,
        _ => return Err("a claim in claims is asked for by null or an object"),
    };
    let essential = match members.remove("essential") {
        None => false,
        Some(Value::Bool(essential)) => essential,
        Some(_) => return Err("essential in claims is true or false"),
    };
    let values = match members.remove("values") {
        None => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(_) => return Err("values in claims is an array"),
    };
    Ok(ClaimWish { essential, value: members.remove("value"), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_the_example_of_the_standard_is_read() {
        let text = r#"{
            "userinfo": {"given_name": {"essential": true}, "nickname": null, "http://x.example/y": null},
            "id_token": {"auth_time": {"essential": true},
                "acr": {"essential": true, "values": ["urn:gold", "urn:silver"]},
                "sub": {"value": "248289761001"}},
            "verified_claims": ["of another standard"]
        }"#;
        let read = ClaimsRequest::parse(text).unwrap();
        assert!(read.userinfo["given_name"].essential && !read.userinfo["nickname"].essential);
        assert_eq!(read.essential_contexts(), ["urn:gold", "urn:silver"]);
        assert_eq!(read.subject(), Some("248289761001"));
        assert_eq!(read.names().count(), 6);
    }

    #[test]
    fn r12_what_is_no_claims_request_is_refused() {
        let many: Vec<String> = (0..51).map(|n| format!("\"c{n}\":null")).collect();
        let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "n".repeat(129));
        let deep = format!("{{\"userinfo\":{}", "[".repeat(5000));
        for bad in [
            "",
            "name",
            "[]",
            "null",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":"name"}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"userinfo":{"name":{"values":"x"}}}"#,
            r#"{"userinfo":{"":null}}"#,
            &long,
            &deep,
            &format!("{{\"userinfo\":{{{}}}}}", many.join(",")),
        ] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad:.80}");
        }
        let none = ClaimsRequest::parse(r#"{"userinfo":null,"other":1}"#).unwrap();
        assert_eq!(none, ClaimsRequest::default());
        assert!(none.essential_contexts().is_empty() && none.subject().is_none());
    }
}
