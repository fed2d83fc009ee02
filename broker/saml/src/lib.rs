//! SAML 2.0 for both roles; so far the first layer of the gate that every document passes.
//!
//! Owns: [`gate`], a scan over the raw bytes that refuses what no honest document holds, before any
//! XML parser sees it. Does not own: connectors, sessions, reason codes or HTTP; a refusal becomes a
//! reason code in `identity`.
//!
//! samael, libxml and xmlsec arrive behind this gate with the SAML connector, and this crate stays
//! their only owner. No signature is checked here yet, so nothing that passes is trusted.

pub mod gate;
