//! Microsoft Entra ID as an upstream (entra.md, features.md N and B): the mock answers as Microsoft does, and
//! is told what to do wrong. `sign_in` and `hostile` are about tokens, `groups` and `profile` about Graph,
//! `aadsts` about Microsoft's errors, `assurance` about second factors, `connection` about the test.

mod aadsts;
mod assurance;
mod connection;
mod credentials;
mod documents;
mod groups;
mod hostile;
mod profile;
mod sign_in;
