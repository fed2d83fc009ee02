//! What every statement says that an application signs about itself, whatever it is for: which kind it is, who made
//! it, for whom, and for how long (RFC 7519 4.1, RFC 7523 3, RFC 9101 5.2).
//!
//! Owns: the problems that such statements share, and those of their checks that are the same. Does not own: what
//! one of them says beyond that ([`super::assertion`], [`super::request_object`]).

use serde_json::{Map, Value};
use symbolon_contract::{ApplicationId, ReasonCode};
use thiserror::Error;

use super::claims_set::{MemberProblem, is_type, text};
use super::excerpt;
use super::jws::JwsProblem;
use super::keys::{KeysProblem, SignedByApplication};

/// Why a statement does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum StatementProblem {
    /// The application's keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysProblem),
    /// It is not signed by the application, or not in an allowed way.
    #[error(transparent)]
    Jws(#[from] JwsProblem),
    /// It was made to be something else.
    #[error("it is another kind of token: {0}")]
    OtherKind(String),
    /// A claim is missing, of the wrong form, or its time is over or not come.
    #[error(transparent)]
    Claim(#[from] MemberProblem),
    /// Somebody else made it, or it speaks of somebody else.
    #[error("{claim} is {seen}, expected the client_id")]
    Application {
        /// `iss`, `sub` or `client_id`.
        claim: &'static str,
        /// What it says.
        seen: String,
    },
    /// It was made for somebody else.
    #[error("aud is not {0}")]
    Audience(String),
    /// It is good for too long.
    #[error("it is good for more than an hour")]
    TooLong,
    /// It refers to another one (RFC 9101 4).
    #[error("it holds {0}")]
    Nested(&'static str),
}

impl StatementProblem {
    /// The catalogue's code; `otherwise` where the fault is not with the application's keys.
    pub(crate) fn reason(&self, otherwise: ReasonCode) -> ReasonCode {
        match self {
            Self::Keys(problem) => problem.reason(),
            _ => otherwise,
        }
    }

    /// In words, with what the statement is.
    pub(crate) fn in_words(&self, what: &str) -> String {
        match self {
            Self::Keys(problem) => problem.to_string(),
            other => format!("the {what}: {other}"),
        }
    }
}

impl SignedByApplication for StatementProblem {
    fn may_be_a_new_key(&self) -> bool {
        matches!(self, Self::Jws(problem) if problem.may_be_a_new_key())
    }
}

/// `typ`, where it stands, is that of any JWT or this one (RFC 8725 3.11).
pub(super) fn typed(header: &Map<String, Value>, own: &str) -> Result<(), StatementProblem> {
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if is_type(typ, "jwt") || is_type(typ, own) => Ok(()),
        Some(Value::String(typ)) => Err(StatementProblem::OtherKind(excerpt(typ))),
        Some(_) => Err(MemberProblem::Form("typ").into()),
    }
}

/// These claims name the application.
pub(super) fn names(
    claims: &Map<String, Value>,
    application: &ApplicationId,
    which: &[&'static str],
) -> Result<(), StatementProblem> {
    for claim in which {
        let seen = text(claims, claim)?;
        if seen != application.as_str() {
            return Err(StatementProblem::Application { claim, seen: excerpt(seen) });
        }
    }
    Ok(())
}
