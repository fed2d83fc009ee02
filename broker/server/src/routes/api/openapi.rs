//! The OpenAPI 3.1 document (AD2), made from the table and the types that handlers take and answer.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::BASE;
use super::endpoint::{Endpoint, Parameter};
use super::table::areas;
use crate::errors::{PROBLEM_JSON, ProblemJson};

const ABOUT: &str = "Connectors and applications of a tenant, and applications of \
    the operator's, as the command line has them. Every refusal is a problem \
    document (RFC 9457) whose `reason` has a heading in the troubleshooting pages.";

/// The document.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<ProblemJson>();
    let mut paths = Map::new();
    let groups = areas().into_iter().flat_map(|(below, groups)| {
        groups.into_iter().map(move |group| (format!("{BASE}{below}{}", group.path), group))
    });
    for (path, group) in groups {
        let mut item = Map::new();
        item.insert("parameters".into(), parameters_of_path(&path));
        for endpoint in &group.endpoints {
            let method = endpoint.method.as_str().to_ascii_lowercase();
            item.insert(method, operation(&mut generator, endpoint, &json!(problem)));
        }
        paths.insert(path, Value::Object(item));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Symbolon admin API",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "apiKey": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key made by `symbolon api-key create`.",
                },
            },
            "schemas": generator.take_definitions(true),
        },
    })
}

fn operation(generator: &mut SchemaGenerator, endpoint: &Endpoint, problem: &Value) -> Value {
    let mut good = json!({ "description": "Done." });
    if let (Some(media_type), Some(schema)) = (endpoint.media_type, (endpoint.answer)(generator))
        && let Some(good) = good.as_object_mut()
    {
        good.insert("content".into(), json!({ media_type: { "schema": schema } }));
    }
    let refused = json!({
        "description": "Refused.",
        "content": { PROBLEM_JSON: { "schema": problem } },
    });
    let query = endpoint.query.iter().map(|parameter| described("query", parameter));
    let headers = endpoint.headers.iter().map(|parameter| described("header", parameter));
    let mut operation = json!({
        "operationId": endpoint.id,
        "summary": endpoint.about,
        "description": format!("Needs the scope `{}`.", endpoint.scope.as_str()),
        "parameters": query.chain(headers).collect::<Vec<_>>(),
        "responses": { endpoint.status.to_string(): good, "default": refused },
    });
    if let (Some(schema), Some(fields)) = ((endpoint.body)(generator), operation.as_object_mut()) {
        let content = json!({ endpoint.body_type: { "schema": schema } });
        fields.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    operation
}

fn described(place: &str, parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": parameter.about,
        "schema": { "type": "string" },
    })
}

/// What stands in braces.
fn parameters_of_path(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let described = names.map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    described.collect()
}

/// The document, for anybody: it tells nothing of this installation.
pub(super) async fn answer() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string());
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(text.as_str())
}
