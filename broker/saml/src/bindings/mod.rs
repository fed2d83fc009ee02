//! How messages travel through a browser: by form ([`post`]) and by address ([`redirect`]).
//!
//! Owns: base64, DEFLATE, the query and its signature (RB-1 to RB-7, PC-01, PC-02). Does not own: what the message
//! says, nor whether it had to be signed.

pub mod post;
pub mod redirect;
