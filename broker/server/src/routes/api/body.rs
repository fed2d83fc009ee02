//! What a call brings: nothing, JSON of one type, or a component.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use symbolon_contract::ReasonCode;
use symbolon_identity::admin::NewPlugin;

use super::call::{Call, Place};
use super::endpoint::Parameter;

/// Why a body was not read.
#[derive(Debug)]
pub(super) struct BodyProblem {
    pub(super) reason: ReasonCode,
    pub(super) detail: String,
}

impl BodyProblem {
    fn malformed(detail: impl Into<String>) -> Self {
        Self { reason: ReasonCode::RequestMalformed, detail: detail.into() }
    }
}

/// What a handler takes as its second argument.
pub(super) trait RequestBody: Sized + 'static {
    /// The media type.
    const MEDIA_TYPE: &'static str = "application/json";
    /// Headers that belong to it.
    const HEADERS: &'static [Parameter] = &[];

    /// How many bytes it may have where `limits.request_bytes` says `configured`.
    fn limit<P: Place>(_: &Call<P>, configured: usize) -> usize {
        configured
    }

    /// Its JSON Schema; none when there is no body.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;

    /// Reads it, at most `limit` bytes.
    async fn read(
        request: &HttpRequest,
        payload: web::Payload,
        limit: usize,
    ) -> Result<Self, BodyProblem>;
}

/// No body. One that is sent all the same is not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoBody;

impl RequestBody for NoBody {
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    async fn read(_: &HttpRequest, _: web::Payload, _: usize) -> Result<Self, BodyProblem> {
        Ok(Self)
    }
}

/// A JSON body; an empty one counts as `{}`.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned + JsonSchema + 'static> RequestBody for Json<T> {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }

    async fn read(
        request: &HttpRequest,
        payload: web::Payload,
        limit: usize,
    ) -> Result<Self, BodyProblem> {
        let named = format!("limits.request_bytes: {limit}");
        let bytes = counted(payload, (limit, &named)).await?;
        if bytes.is_empty() {
            return parse(b"{}");
        }
        check_type(request, Self::MEDIA_TYPE)?;
        parse(&bytes)
    }
}

/// A component to upload. Its size is limited by its class, not by `limits.request_bytes`.
#[derive(Debug)]
pub(super) struct Component(pub(super) NewPlugin);

impl RequestBody for Component {
    const MEDIA_TYPE: &'static str = "application/wasm";
    const HEADERS: &'static [Parameter] = &[Parameter {
        name: SIGNATURE,
        about: "The text of the detached minisign signature (`.minisig`), in base64.",
        required: false,
    }];

    fn limit<P: Place>(call: &Call<P>, _: usize) -> usize {
        let standard = call.broker().plugins.limits();
        match call.tenant.tenant().map_or(0, |tenant| tenant.settings.large_plugins) {
            0 => standard.max_component_bytes,
            _ => standard.large().max_component_bytes,
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemars::json_schema!({ "type": "string", "format": "binary" }))
    }

    async fn read(
        request: &HttpRequest,
        payload: web::Payload,
        limit: usize,
    ) -> Result<Self, BodyProblem> {
        check_type(request, Self::MEDIA_TYPE)?;
        let signature = signature(request)?;
        let named = format!("a plugin of this tenant may be: {limit} bytes");
        let component = counted(payload, (limit, &named)).await?.to_vec();
        Ok(Self(NewPlugin { component, signature }))
    }
}

const SIGNATURE: &str = "Plugin-Signature";

fn signature(request: &HttpRequest) -> Result<Option<String>, BodyProblem> {
    let Some(header) = request.headers().get(SIGNATURE) else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(header.as_bytes()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let wrong = || BodyProblem::malformed(format!("{SIGNATURE} is not the base64 of a text"));
    text.map(Some).ok_or_else(wrong)
}

/// The bytes of a body; what is larger is given up as soon as that is known.
async fn counted(
    payload: web::Payload,
    (limit, named): (usize, &str),
) -> Result<web::Bytes, BodyProblem> {
    let too_large = |_| BodyProblem {
        reason: ReasonCode::RequestTooLarge,
        detail: format!("the body is larger than {named}"),
    };
    let bytes = payload.to_bytes_limited(limit).await.map_err(too_large)?;
    bytes.map_err(|_| BodyProblem::malformed("the body cannot be read"))
}

fn check_type(request: &HttpRequest, wanted: &str) -> Result<(), BodyProblem> {
    let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = header.and_then(|value| value.split(';').next()).unwrap_or_default();
    if kind.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(BodyProblem::malformed(format!("the Content-Type is not {wanted}")))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Json<T>, BodyProblem> {
    // Serde would read `[]` as a type whose fields all have defaults.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(BodyProblem::malformed("the body is not a JSON object"));
    }
    serde_json::from_slice(bytes)
        .map(Json)
        .map_err(|error| BodyProblem::malformed(in_words(&error)))
}

/// What is wrong with JSON, without the value that is: it may be a secret in the wrong place.
pub(super) fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if error.classify() != Category::Data {
        return format!("the body is not JSON: {text}");
    }
    let echoes = ["invalid type", "invalid value", "invalid length"];
    match text.rsplit_once(", expected ") {
        Some((_, expected)) if echoes.iter().any(|echo| text.starts_with(echo)) => {
            format!("expected {expected}")
        }
        _ => text,
    }
}

/// A secret that a caller sends. Read here, shown nowhere.
#[derive(Debug)]
pub(super) struct SecretText(pub(super) SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(text.into()))
    }
}

impl JsonSchema for SecretText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "format": "password", "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type counts")]
        secret: SecretText,
        #[expect(dead_code, reason = "only its type counts")]
        number: u8,
    }

    #[test]
    fn feat_ad9_a_value_of_a_wrong_type_is_never_repeated() {
        let said = |body: &str| parse::<Sample>(body.as_bytes()).unwrap_err().detail;
        let cases = [
            (r#"{"secret":"s","number":"hush"}"#, "expected u8 at line 1"),
            (r#"{"secret":["hush"],"number":1}"#, "expected a string at line 1"),
            (r#"{"secret":"hush","number":4711}"#, "expected u8 at line 1"),
            (r#"{"secret":"hush"}"#, "missing field `number`"),
            (r#"{"secret":"hush","number":1,"x":1}"#, "unknown field `x`"),
            (r#"{"secret":"hush""#, "the body is not JSON: EOF"),
            (r#"["hush",1]"#, "the body is not a JSON object"),
        ];
        for (body, expected) in cases {
            let text = said(body);
            assert!(text.starts_with(expected), "{body}: {text}");
            assert!(!text.contains("hush") && !text.contains("4711"), "{body}: {text}");
        }
    }
}
