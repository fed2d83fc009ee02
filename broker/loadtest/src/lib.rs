//! A closed-loop load driver: N workers sign people in, one after the other, through any OpenID
//! broker that needs no person on the way (plain HTTP on loopback).
//!
//! | module | does |
//! |---|---|
//! | `arguments` | the command line |
//! | `http` | HTTP/1.1 with kept connections and cookies, cheap enough not to be the bottleneck |
//! | `form` | pages with a form that a browser posts on by itself: SAML |
//! | `grants` | refresh and client credentials |
//! | `signature` | what one signature costs on this machine |
//! | `sign_in` | one whole sign-in: authorize, upstream, callback, code, token |
//! | `drive` | warm-up, workers, the measured time |
//! | `report` | percentiles and what is printed |
//! | `process` | processor time and memory from /proc |
//! | `upstream` | the demo provider in the same process |

pub mod arguments;
pub mod drive;
pub mod form;
pub mod grants;
pub mod http;
pub mod process;
pub mod report;
pub mod sign_in;
pub mod signature;
#[cfg(feature = "provider")]
pub mod upstream;
