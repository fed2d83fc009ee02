//! The binary `symbolon`: HTTP, pages, configuration, command line.
//!
//! Owns: routes ([`routes`], the URL map), the request as the domain sees it ([`extract`]), how a refusal
//! becomes an answer ([`errors`]), pages, settings, telemetry, the command line. Does not own: any rule of
//! a protocol, of provisioning or of the database. A handler is three sentences: extract, call, render.

pub mod app;
pub mod assets;
pub mod background;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod errors;
pub mod extract;
pub mod http;
pub mod pages;
pub mod routes;
#[cfg(test)]
mod schemas;
pub mod startup;
pub mod telemetry;
pub mod tls;
