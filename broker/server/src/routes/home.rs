//! The root of the public URL.

use actix_web::{HttpRequest, HttpResponse};

use super::respond;
use crate::app::state;
use crate::errors::PageError;
use crate::pages::HomePage;

pub(super) async fn home(request: HttpRequest) -> Result<HttpResponse, PageError> {
    respond::page(&state(&request), &HomePage {}, &[])
}
