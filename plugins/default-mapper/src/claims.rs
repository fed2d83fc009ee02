//! The claims of one sign-in, borrowed from the request: texts without escapes are not copied.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use symbolon_plugin_sdk::{Failure, failure};

use crate::text::one_line;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// The claims: what the JSON text holds.
#[derive(Debug)]
pub(crate) struct Claims<'a>(pub(crate) Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Claims<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Failure> {
        let no_object = |why: &dyn fmt::Display| {
            failure("claims", format!("the claims are no JSON object: {why}"))
        };
        match serde_json::from_str(text) {
            Ok(Json::Object(claims)) => Ok(Self(claims)),
            Ok(_) => Err(no_object(&"another type")),
            Err(error) => Err(no_object(&error)),
        }
    }

    /// The exact top-level claim, else the dotted path. Empty texts count as absent.
    pub(crate) fn values(&self, from: &str) -> Vec<String> {
        match self.find(from) {
            Some(Json::List(rows)) => rows.iter().filter_map(Json::scalar).collect(),
            Some(other) => other.scalar().into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn find(&self, from: &str) -> Option<&Json<'a>> {
        member(&self.0, from).or_else(|| {
            let mut steps = from.split('.');
            let first = member(&self.0, steps.next()?)?;
            steps.try_fold(first, |value, step| match value {
                Json::List(rows) => rows.get(step.parse::<usize>().ok()?),
                Json::Object(members) => member(members, step),
                _ => None,
            })
        })
    }
}

/// A key that stands twice has its last value, as in every JSON library.
pub(crate) fn member<'j, 'a>(
    members: &'j [(Cow<'a, str>, Json<'a>)],
    key: &str,
) -> Option<&'j Json<'a>> {
    let found = members.iter().rev().find(|(name, _)| name == key);
    found.map(|(_, value)| value)
}

impl Json<'_> {
    fn scalar(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(one_line(text)).filter(|text| !text.is_empty()),
            Self::Int(number) => Some(number.to_string()),
            Self::UInt(number) => Some(number.to_string()),
            Self::Float(number) => Some(decimal(*number)),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }
}

/// As JSON writes it.
pub(crate) fn decimal(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |n| n.to_string())
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Json::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Json::UInt(number), Json::Int))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(row) = rows.next_element()? {
            list.push(row);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Vec::with_capacity(16);
        while let Some(Key(key)) = members.next_key()? {
            object.push((key, members.next_value()?));
        }
        Ok(Json::Object(object))
    }
}

/// serde's own `Cow` always copies.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(JsonVisitor)? {
            Json::Text(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a key is a text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_found_by_name_and_by_path() {
        let text = r#"{"a.b": 1, "a": {"b": 2, "c": [{"d": "x\ny"}]}, "n": null, "e": "", "l": ["p", null, 1.5, true],
                       "t": "first", "t": "last", "big": 18446744073709551615}"#;
        let claims = Claims::parse(text).unwrap();
        for (from, values) in [
            ("a.b", vec!["1"]),
            ("a.c.0.d", vec!["x y"]),
            ("a.c", vec![]),
            ("a.x", vec![]),
            ("n", vec![]),
            ("e", vec![]),
            ("l", vec!["p", "1.5", "true"]),
            ("l.2", vec!["1.5"]),
            ("t", vec!["last"]),
            ("big", vec!["18446744073709551615"]),
        ] {
            assert_eq!(claims.values(from), values, "{from}");
        }
    }

    #[test]
    fn what_is_no_object_is_a_failure() {
        for text in ["", "[]", "1", "{", r#"{"a":1}x"#] {
            assert_eq!(Claims::parse(text).unwrap_err().code, "claims", "{text}");
        }
    }
}
