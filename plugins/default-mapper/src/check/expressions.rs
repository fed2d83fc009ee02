//! What is wrong with the CEL in the rules, as far as it can be seen without a type checker (WP-112).

use std::collections::BTreeSet;

use serde_json::json;
use symbolon_plugin_sdk::{Attribute, MappingRequest};

use super::Findings;
use crate::cel::{Evaluator, Expression, Login, Names, Trouble};
use crate::claims::Claims;
use crate::groups::Groups;

/// What an expression is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    Values,
    Truth,
}

/// What the expressions of the whole configuration speak of.
#[derive(Default)]
pub(super) struct Expressions {
    claims: BTreeSet<String>,
    /// The first row that reads the e-mail address: its pointer and name.
    reads_email: Option<(String, String)>,
}

impl Expressions {
    pub(super) fn check(
        &mut self,
        (at, name): (&str, &str),
        (source, wanted): (&str, Wanted),
        found: &mut Findings,
    ) {
        let (expression, names) = match Expression::with_names(source) {
            Ok(parsed) => parsed,
            Err(problems) => {
                for problem in problems {
                    found.error(at, format!("{name}: {problem}"));
                }
                return;
            }
        };
        if names.claims.contains("email") && self.reads_email.is_none() {
            self.reads_email = Some((at.to_owned(), name.to_owned()));
        }
        try_it((at, name), (&expression, &names, wanted), found);
        self.claims.extend(names.claims);
    }

    /// WP-104: Kubernetes makes this an error. Entra sends no `email_verified`, so here it is a warning.
    pub(super) fn email_needs_proof(&self, found: &mut Findings) {
        let proofs = ["email_verified", "xms_edov"];
        let Some((at, name)) = &self.reads_email else {
            return;
        };
        if !proofs.iter().any(|proof| self.claims.contains(*proof)) {
            found.warning(
                at,
                format!(
                    "{name}: reads claims.email, but no expression reads claims.email_verified, and an unproved \
                     address is anybody's. Entra sends no email_verified: add the optional claim xms_edov there \
                     and test has(claims.xms_edov) && claims.xms_edov in [true, 1, '1', 'true']"
                ),
            );
        }
    }
}

/// Evaluates on a made-up sign-in: types that cannot fit show here. Missing claims say nothing.
fn try_it(
    (at, name): (&str, &str),
    (expression, names, wanted): (&Expression, &Names, Wanted),
    found: &mut Findings,
) {
    let request = sample();
    let Ok(claims) = Claims::parse(&request.claims_json) else {
        return;
    };
    let groups = Groups::of(&request.groups);
    let login = Login::of(&request, &claims, &groups);
    let Ok(evaluator) = Evaluator::new(&login, expression.libraries()) else {
        return;
    };
    let constant = names.variables.is_empty();
    let trouble = match wanted {
        Wanted::Values => evaluator.values(expression).err(),
        Wanted::Truth => match evaluator.truth(expression) {
            Ok(answer) if constant => {
                let what = if answer { "true" } else { "false" };
                found.warning(
                    at,
                    format!("{name}: is always {what}, it looks at nothing of the sign-in"),
                );
                None
            }
            answer => answer.err(),
        },
    };
    match trouble {
        Some(Trouble::Other(text)) if constant => found.error(at, format!("{name}: {text}")),
        Some(Trouble::Other(text)) => {
            found.warning(
                at,
                format!("{name}: has no answer for a sample sign-in: {text}"),
            );
        }
        Some(Trouble::Missing(_)) | None => {}
    }
}

/// An Entra sign-in.
fn sample() -> MappingRequest {
    let claims = json!({
        "aud": "6731de76-14a6-49ae-97bc-6eba6914391e", "ver": "2.0", "acct": 0, "xms_edov": true,
        "iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "tid": "9122040d-6c67-4c5b-b112-36a304b66dad", "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "exp": 1_750_003_600, "iat": 1_750_000_000,
        "email": "adele.vance@contoso.example", "name": "Adele Vance", "given_name": "Adele",
        "family_name": "Vance", "preferred_username": "adele.vance@contoso.example",
        "department": "Retail", "jobTitle": "Retail Manager", "officeLocation": "18/2111",
        "roles": ["Survey.Read"], "wids": [], "groups": ["8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0001"],
    });
    MappingRequest {
        purpose: "preview".to_owned(),
        connector: "entra".to_owned(),
        kind: "entra".to_owned(),
        issuer: "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0"
            .to_owned(),
        subject: "sample".to_owned(),
        now: 1_750_000_000,
        attributes: vec![Attribute {
            name: "department".to_owned(),
            values: vec!["Retail".to_owned()],
        }],
        claims_json: claims.to_string(),
        groups: vec!["8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0001".to_owned()],
        groups_complete: true,
        extra: Vec::new(),
    }
}
