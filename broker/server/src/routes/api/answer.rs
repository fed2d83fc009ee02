//! What a handler answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// What a handler answers when all is well.
pub(super) trait Answer {
    /// The HTTP status.
    const STATUS: StatusCode;
    /// The media type; none without content.
    const MEDIA_TYPE: Option<&'static str>;

    /// The JSON Schema of JSON.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;

    /// As a response. The whole application sends `Cache-Control: no-store`.
    fn into_response(self) -> HttpResponse;
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct Found<T>(pub(super) T);

impl<T: Serialize + JsonSchema> Answer for Found<T> {
    const STATUS: StatusCode = StatusCode::OK;
    const MEDIA_TYPE: Option<&'static str> = Some("application/json");

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }

    fn into_response(self) -> HttpResponse {
        HttpResponse::build(Self::STATUS).json(self.0)
    }
}

/// What was made.
#[derive(Debug)]
pub(super) struct Made<T>(pub(super) T);

impl<T: Serialize + JsonSchema> Answer for Made<T> {
    const STATUS: StatusCode = StatusCode::CREATED;
    const MEDIA_TYPE: Option<&'static str> = Some("application/json");

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }

    fn into_response(self) -> HttpResponse {
        HttpResponse::build(Self::STATUS).json(self.0)
    }
}

/// Done, with nothing to say.
#[derive(Debug)]
pub(super) struct Done;

impl Answer for Done {
    const STATUS: StatusCode = StatusCode::NO_CONTENT;
    const MEDIA_TYPE: Option<&'static str> = None;

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    fn into_response(self) -> HttpResponse {
        HttpResponse::build(Self::STATUS).finish()
    }
}

/// An iCalendar file (RFC 5545).
#[derive(Debug)]
pub(super) struct Calendar(pub(super) String);

impl Answer for Calendar {
    const STATUS: StatusCode = StatusCode::OK;
    const MEDIA_TYPE: Option<&'static str> = Some("text/calendar");

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }

    fn into_response(self) -> HttpResponse {
        HttpResponse::build(Self::STATUS).content_type("text/calendar; charset=utf-8").body(self.0)
    }
}

/// Several of one kind.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub(super) struct List<T> {
    /// They.
    pub(super) items: Vec<T>,
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}
