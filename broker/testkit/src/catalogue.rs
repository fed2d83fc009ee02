//! The generator behind `make schemas`: reads `schemas/reason-codes.toml` and says what every
//! generated file must contain. The binary `schemas` writes them, the drift test compares them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use symbolon_contract::SeenAt;

/// The hand-written source of all reason codes, from the root of the repository.
pub const SOURCE: &str = "schemas/reason-codes.toml";

const AREAS: &[(&str, &str)] = &[
    ("server", "Symbolon itself"),
    ("request", "Requests in general"),
    ("tenant", "Tenants"),
    ("application", "Applications"),
    ("authorize", "The application's authorization request"),
    ("attempt", "Login attempts"),
    ("connector", "Connectors"),
    ("oidc", "Upstream OpenID providers"),
    ("entra", "Microsoft Entra ID"),
    ("net", "Outgoing requests"),
    ("crypto", "Secrets and keys"),
    ("plugin", "Mapping plugins"),
    ("policy", "The policy gate and provisioning"),
    ("session", "Sessions"),
    ("token", "The token endpoint"),
    ("userinfo", "The userinfo endpoint"),
    ("device", "Letting devices in"),
    ("registration", "Applications that register themselves"),
    ("logout", "Signing out"),
    ("setting", "Administration"),
    ("api", "The admin API"),
    ("saml", "SAML documents"),
];

const EVENTS: &[&str] = &[
    "user.sso_login_failed",
    "app.authorization_refused",
    "app.token_refused",
    "admin.change_refused",
    "request.refused",
];

const AADSTS_HEAD: &str = "<!-- Generated from schemas/reason-codes.toml by `make schemas`; do not edit. -->\n\n\
# Microsoft's error numbers (AADSTS)\n\n\
An error of Microsoft Entra ID carries a number, as in `AADSTS50011`. Some stay on Microsoft's own page: nothing \
comes back to Symbolon, so no log line and no trace of ours shows them. `symbolon explain AADSTS50011` says the \
same on the command line; it also takes the whole text of an error.\n\n\
Microsoft may change its numbers. An unknown one is shown as [entra.upstream_error]\
(reason-codes.md#entraupstream_error).\n\n\
| Number | Reason | Where it shows up | Cause | Fix |\n| --- | --- | --- | --- | --- |\n";

/// The catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be read.
    #[error("{SOURCE}: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is not the TOML that is expected.
    #[error("{SOURCE}: {0}")]
    Malformed(#[from] toml::de::Error),
    /// One entry breaks a rule of the catalogue.
    #[error("{SOURCE}: `{code}`: {rule}")]
    Rule {
        /// The entry's code as written.
        code: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
}

/// One entry of the catalogue, as written in the TOML file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// `<area>.<snake>`.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The OAuth 2.0 or OpenID Connect error name, where one goes out.
    pub oauth_error: Option<String>,
    /// The audit event that records it.
    pub event: String,
    /// The sentence for the person.
    pub person: String,
    /// What happened, for the admin.
    pub cause: String,
    /// What to do about it, for the admin.
    pub fix: String,
    /// Microsoft's error numbers (AADSTS) that mean this.
    #[serde(default)]
    pub aadsts: Vec<u32>,
    /// Where such a number shows up.
    #[serde(default, rename = "where")]
    pub seen_at: Vec<SeenAt>,
}

impl Reason {
    fn places(&self, write: impl Fn(&SeenAt) -> String) -> String {
        self.seen_at.iter().map(write).collect::<Vec<_>>().join(", ")
    }

    fn microsoft(&self) -> String {
        if self.aadsts.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> =
            self.aadsts.iter().map(|number| format!("AADSTS{number}")).collect();
        format!(
            "\n\nMicrosoft: {} ({})",
            numbers.join(", "),
            self.places(|place| place.describe().to_owned())
        )
    }
}

/// All reason codes, in the order of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    reason: Vec<Reason>,
}

impl Catalogue {
    /// Reads and checks the catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`] names the first entry that breaks a rule.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        let mut seen = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        for (place, reason) in catalogue.reason.iter().enumerate() {
            let broken = broken_rule(reason)
                .or_else(|| (!seen.insert(&reason.code)).then_some("is there twice"))
                .or_else(|| {
                    let again = reason.aadsts.iter().any(|number| !numbers.insert(*number));
                    again.then_some("one of its `aadsts` numbers is there twice")
                })
                .or_else(|| {
                    (place == 0 && reason.code != "server.internal")
                        .then_some("`server.internal` comes first: it is what all else falls to")
                });
            if let Some(rule) = broken {
                return Err(CatalogueError::Rule { code: reason.code.clone(), rule });
            }
        }
        Ok(catalogue)
    }

    /// The entries, in the order of the file.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reason
    }

    /// `broker/contract/src/reason_code.rs`.
    #[must_use]
    pub fn rust(&self) -> String {
        let (mut variants, mut all, mut entries) = (String::new(), String::new(), String::new());
        for reason in &self.reason {
            let variant = variant(&reason.code);
            let _ = writeln!(variants, "    /// {}\n    {variant},", reason.cause);
            let _ = writeln!(all, "        Self::{variant},");
            let oauth_error = reason
                .oauth_error
                .as_ref()
                .map_or_else(|| "None".to_owned(), |name| format!("Some({name:?})"));
            let _ = writeln!(
                entries,
                "    ReasonEntry {{\n        code: {:?},\n        status: {},\n        \
                 oauth_error: {oauth_error},\n        event: {:?},\n        person: {:?},\n        \
                 cause: {:?},\n        fix: {:?},\n        aadsts: &{:?},\n        \
                 seen_at: &[{}],\n    }},",
                reason.code,
                reason.status,
                reason.event,
                reason.person,
                reason.cause,
                reason.fix,
                reason.aadsts,
                reason.places(|place| format!("SeenAt::{place:?}")),
            );
        }
        include_str!("catalogue_template.rs.txt")
            .replace("@VARIANTS@\n", &variants)
            .replace("@ALL@\n", &all)
            .replace("@COUNT@", &self.reason.len().to_string())
            .replace("@ENTRIES@\n", &entries)
    }

    /// `docs/src/troubleshooting/reason-codes.md`: a heading per code, grouped by area.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::from(
            "<!-- Generated from schemas/reason-codes.toml by `make schemas`; do not edit. -->\n\n\
             # Reason codes\n\n\
             Every refusal has a code, and every error page shows it beside a trace id. The trace \
             id leads to the log line and the audit row, which hold the values seen and expected.\n",
        );
        for (area, title) in AREAS {
            let _ = write!(page, "\n## {title} (`{area}`)\n");
            for reason in self.reason.iter().filter(|reason| area_of(&reason.code) == *area) {
                let error = reason
                    .oauth_error
                    .as_ref()
                    .map_or_else(String::new, |name| format!(" · the application gets `{name}`"));
                let _ = write!(
                    page,
                    "\n### {}\n\nStatus {}{error} · audit event `{}`{}\n\n> {}\n\n\
                     **Cause.** {}\n\n**Fix.** {}\n",
                    reason.code,
                    reason.status,
                    reason.event,
                    reason.microsoft(),
                    reason.person,
                    reason.cause,
                    reason.fix,
                );
            }
        }
        page
    }

    /// `docs/src/troubleshooting/aadsts.md`: every error number of Microsoft, in order.
    #[must_use]
    pub fn aadsts_page(&self) -> String {
        let mut page = String::from(AADSTS_HEAD);
        let mut rows: Vec<(u32, &Reason)> = Vec::new();
        for reason in &self.reason {
            rows.extend(reason.aadsts.iter().map(|number| (*number, reason)));
        }
        rows.sort_by_key(|(number, _)| *number);
        for (number, reason) in rows {
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| AADSTS{number} | [{code}](reason-codes.md#{anchor}) | {places} | {cause} | {fix} |",
                code = reason.code,
                anchor = reason.code.replace('.', ""),
                places = reason.places(|place| place.describe().to_owned()),
                cause = cell(&reason.cause),
                fix = cell(&reason.fix),
            );
        }
        page
    }
}

/// Every generated file with the text that it must have, from the root of the repository.
///
/// # Errors
/// [`CatalogueError`] when the source cannot be read or breaks a rule.
pub fn generated_files(root: &Path) -> Result<Vec<(&'static str, String)>, CatalogueError> {
    let catalogue = Catalogue::parse(&std::fs::read_to_string(root.join(SOURCE))?)?;
    Ok(vec![
        ("broker/contract/src/reason_code.rs", catalogue.rust()),
        ("docs/src/troubleshooting/reason-codes.md", catalogue.page()),
        ("docs/src/troubleshooting/aadsts.md", catalogue.aadsts_page()),
    ])
}

fn area_of(code: &str) -> &str {
    code.split_once('.').map_or("", |(area, _)| area)
}

fn broken_rule(reason: &Reason) -> Option<&'static str> {
    let area = area_of(&reason.code);
    let name = reason.code.split_once('.').map_or("", |(_, name)| name);
    let snake = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let statuses = if area == "server" { 500..=503 } else { 400..=499 };
    let sentence = |text: &str| text.ends_with('.') && !text.contains('\n') && text.len() <= 300;
    if !snake(area) || !snake(name) {
        Some("a code is `<area>.<snake>`")
    } else if !AREAS.iter().any(|(known, _)| *known == area) {
        Some("the area has no title in broker/testkit/src/catalogue.rs")
    } else if !statuses.contains(&reason.status) {
        Some("the status is 4xx, and 500 or 503 only for `server`")
    } else if !EVENTS.contains(&reason.event.as_str()) {
        Some("no such audit event for refusals")
    } else if ![&reason.person, &reason.cause, &reason.fix].into_iter().all(|text| sentence(text)) {
        Some("person, cause and fix are sentences of at most 300 characters on one line")
    } else if reason.aadsts.is_empty() != reason.seen_at.is_empty() {
        Some("`aadsts` and `where` come together")
    } else {
        None
    }
}

/// `oidc.state_mismatch` is `OidcStateMismatch` in Rust.
fn variant(code: &str) -> String {
    code.split(['.', '_'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, status: u16) -> String {
        format!(
            "[[reason]]\ncode = {code:?}\nstatus = {status}\nevent = \"request.refused\"\n\
             person = \"A.\"\ncause = \"B.\"\nfix = \"C.\"\n"
        )
    }

    fn numbered(code: &str, numbers: &str, places: &str) -> String {
        format!("{}aadsts = {numbers}\nwhere = {places}\n", entry(code, 400))
    }

    #[test]
    fn entra_3_the_page_lists_every_number_in_order_with_its_way_out() {
        let first = entry("server.internal", 500);
        let text = first + &numbered("request.gone", "[9, 7]", "[\"token\", \"browser\"]");
        let catalogue = Catalogue::parse(&text).unwrap();
        let page = catalogue.aadsts_page();
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| AADSTS")).collect();
        let rest = "| [request.gone](reason-codes.md#requestgone) \
                    | at the token endpoint, Microsoft's own page | B. | C. |";
        assert_eq!(rows, [format!("| AADSTS7 {rest}"), format!("| AADSTS9 {rest}")]);
        assert!(catalogue.page().contains("\nMicrosoft: AADSTS9, AADSTS7 ("));
        assert!(catalogue.rust().contains("aadsts: &[9, 7],"));
    }

    #[test]
    fn an_entry_that_breaks_a_rule_is_refused_by_name() {
        let first = entry("server.internal", 500);
        for bad in [
            entry("Request.Gone", 400),
            entry("nowhere.gone", 400),
            entry("request.gone", 500),
            entry("server.internal", 500),
            entry("request.gone", 400).replace("request.refused", "no.such_event"),
            entry("request.gone", 400).replace("A.", "no full stop"),
            numbered("request.gone", "[7]", "[]"),
            numbered("request.gone", "[]", "[\"token\"]"),
            numbered("request.gone", "[7, 7]", "[\"token\"]"),
            numbered("request.gone", "[7]", "[\"token\"]")
                + &numbered("request.lost", "[7]", "[\"token\"]"),
        ] {
            let refused = Catalogue::parse(&format!("{first}{bad}"));
            assert!(matches!(refused, Err(CatalogueError::Rule { .. })), "{bad}");
        }
        assert!(Catalogue::parse(&format!("{first}{}", entry("request.gone", 404))).is_ok());
    }

    #[test]
    fn a_field_that_nobody_knows_is_refused() {
        let text = format!("{}colour = \"red\"\n", entry("server.internal", 500));
        assert!(matches!(Catalogue::parse(&text), Err(CatalogueError::Malformed(_))));
    }

    #[test]
    fn a_variant_is_area_and_name_in_camel_case() {
        assert_eq!(variant("oidc.at_hash_mismatch"), "OidcAtHashMismatch");
    }
}
