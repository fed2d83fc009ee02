//! What of a sign-in is masked. Pure.
//!
//! Two kinds of claims are hidden: those that the tenant named in `redact` (always), and in `redacted` mode all
//! that are not known to be harmless. Masking goes by claim first and by value second: a value of a hidden claim
//! is hidden wherever it turns up again, in another claim, a mapped field or a plugin's remark.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use symbolon_contract::{Claims, Field, Grant, Mapping};

use super::content::{RecordedMapping, RecordedStatement};
use crate::mapping::MappingInput;
use crate::secrets::sha256_hex;
use crate::tenants::{RecordingKeep, RecordingSettings};

#[cfg(test)]
mod tests;

/// Claims that say nothing of who somebody is, or that rules cannot do without (groups).
const HARMLESS: [&str; 29] = [
    "_claim_names",
    "acct",
    "acr",
    "acrs",
    "amr",
    "appid",
    "aud",
    "auth_time",
    "azp",
    "azpacr",
    "email_verified",
    "exp",
    "groups",
    "hasgroups",
    "iat",
    "idp",
    "iss",
    "nbf",
    "phone_number_verified",
    "realm_access",
    "resource_access",
    "roles",
    "tid",
    "token_use",
    "typ",
    "updated_at",
    "ver",
    "wids",
    "xms_edov",
];

/// Shorter values are hidden where they stand alone, but not inside a sentence: they would shred it.
const SHORTEST_IN_TEXT: usize = 3;

/// Hides what may not be kept of one sign-in. The salt is the record's own and thrown away afterwards: equal
/// values stay equal within a record and tell nothing across records.
pub(super) struct Masker {
    rules: RecordingSettings,
    groups_claim: String,
    salt: [u8; 16],
    /// Values that may appear nowhere, in lower case, and what stands for them.
    never: HashMap<String, String>,
    /// The same, longest first, for sentences.
    never_in_text: Vec<(String, String)>,
    /// Values that are hidden in sentences unless they are part of what is shown.
    hidden_in_text: Vec<(String, String)>,
    /// Values of claims that are shown.
    shown: HashSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Shown,
    Hidden,
    Never,
}

impl Masker {
    /// For one sign-in: reads its claims to know what must not be seen.
    pub(super) fn new(
        rules: RecordingSettings,
        groups_claim: &str,
        salt: [u8; 16],
        input: &MappingInput,
    ) -> Self {
        let mut masker = Self {
            rules,
            groups_claim: groups_claim.to_owned(),
            salt,
            never: HashMap::new(),
            never_in_text: Vec::new(),
            hidden_in_text: Vec::new(),
            shown: HashSet::new(),
        };
        let mut hidden = HashSet::new();
        for (path, value) in leaves(input) {
            let fate = if is_token(&value) { Fate::Never } else { masker.fate(&path) };
            match fate {
                _ if is_flag(&value) || value.is_empty() => {}
                Fate::Never => {
                    masker.never.insert(value.to_ascii_lowercase(), masker.pseudonym(&value));
                }
                Fate::Hidden => {
                    hidden.insert(value);
                }
                Fate::Shown => {
                    masker.shown.insert(value);
                }
            }
        }
        masker.prepare_texts(hidden);
        masker
    }

    fn prepare_texts(&mut self, hidden: HashSet<String>) {
        let long = |value: &str| value.chars().count() >= SHORTEST_IN_TEXT;
        let never = self.never.clone().into_iter().filter(|(value, _)| long(value));
        self.never_in_text = longest_first(never);
        let known = self
            .shown
            .iter()
            .map(|value| value.to_ascii_lowercase())
            .collect::<Vec<_>>()
            .join("\n");
        let rest = hidden
            .into_iter()
            .filter(|value| long(value) && !known.contains(&value.to_ascii_lowercase()))
            .map(|value| (value.to_ascii_lowercase(), self.masked(&value)));
        self.hidden_in_text = longest_first(rest);
    }

    /// The input as it may be kept.
    pub(super) fn input(&self, input: MappingInput) -> MappingInput {
        let leaf = |path: &str, value: Option<String>| value.map(|value| self.leaf(path, &value));
        let claims = input.claims;
        MappingInput {
            issuer: self.leaf("iss", &input.issuer),
            subject: self.leaf("sub", &input.subject),
            claims: Claims {
                email: leaf("email", claims.email),
                email_verified: claims.email_verified,
                name: leaf("name", claims.name),
                preferred_username: leaf("preferred_username", claims.preferred_username),
                groups: claims.groups.iter().map(|group| self.leaf("groups", group)).collect(),
                groups_complete: claims.groups_complete,
                raw: self.object("", claims.raw),
            },
            extra: input
                .extra
                .into_iter()
                .map(|(name, value)| {
                    let value = self.leaf(&name, &value);
                    (name, value)
                })
                .collect(),
            ..input
        }
    }

    /// What the upstream said besides claims.
    pub(super) fn statement(&self, statement: RecordedStatement) -> RecordedStatement {
        let auth_time = statement.auth_time.filter(|_| self.fate("auth_time") != Fate::Never);
        RecordedStatement {
            auth_time,
            acr: statement.acr.map(|acr| self.leaf("acr", &acr)),
            amr: statement.amr.iter().map(|method| self.leaf("amr", method)).collect(),
            warnings: statement.warnings.iter().map(|warning| self.text(warning)).collect(),
        }
    }

    /// What the mapping answered. Roles and the names of fields are the tenant's own words and stay.
    pub(super) fn mapping(&self, mapping: Mapping) -> Mapping {
        let field = |field: Field| Field {
            values: field.values.iter().map(|value| self.field_value(value)).collect(),
            ..field
        };
        let grant = |grant: Grant| Grant {
            because: grant.because.map(|because| self.text(&because)),
            ..grant
        };
        Mapping {
            fields: mapping.fields.into_iter().map(field).collect(),
            grants: mapping.grants.into_iter().map(grant).collect(),
            notes: mapping.notes.iter().map(|note| self.text(note)).collect(),
        }
    }

    /// What is told of a mapping beside its answer.
    pub(super) fn beside(&self, mapping: RecordedMapping) -> RecordedMapping {
        RecordedMapping {
            remarks: mapping.remarks.iter().map(|remark| self.text(remark)).collect(),
            ..mapping
        }
    }

    /// A sentence without values of hidden claims.
    pub(super) fn text(&self, text: &str) -> String {
        let mut clean = self.without_never(text);
        for (value, mask) in &self.hidden_in_text {
            clean = replace(&clean, value, mask);
        }
        clean
    }

    /// A field is as personal as the claim that it comes from.
    fn field_value(&self, value: &str) -> String {
        let stays = self.rules.keep == RecordingKeep::Full
            || value.is_empty()
            || is_flag(value)
            || self.shown.contains(value);
        let never = self.never.get(&value.to_ascii_lowercase());
        match never {
            Some(mask) => mask.clone(),
            None if stays => self.without_never(value),
            None => self.without_never(&self.masked(value)),
        }
    }

    /// What becomes of a claim. The tenant's words count before ours.
    fn fate(&self, path: &str) -> Fate {
        let is_groups = path == "groups" || covers(&self.groups_claim, path);
        if named(&self.rules.redact, path) || (is_groups && self.groups_are_redacted()) {
            Fate::Never
        } else if self.rules.keep == RecordingKeep::Full
            || is_groups
            || named(&self.rules.reveal, path)
            || HARMLESS.iter().any(|name| covers(name, path))
        {
            Fate::Shown
        } else {
            Fate::Hidden
        }
    }

    fn groups_are_redacted(&self) -> bool {
        named(&self.rules.redact, "groups") || named(&self.rules.redact, &self.groups_claim)
    }

    fn leaf(&self, path: &str, value: &str) -> String {
        if let Some(mask) = self.never.get(&value.to_ascii_lowercase()) {
            return mask.clone();
        }
        match self.fate(path) {
            _ if value.is_empty() => String::new(),
            Fate::Never => self.pseudonym(value),
            Fate::Hidden if !is_flag(value) => self.without_never(&self.masked(value)),
            Fate::Hidden | Fate::Shown => self.without_never(value),
        }
    }

    fn value(&self, path: &str, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.leaf(path, &text)),
            Value::Array(values) => {
                values.into_iter().map(|value| self.value(path, value)).collect()
            }
            Value::Object(members) => Value::Object(self.object(path, members)),
            Value::Number(number) => match self.fate(path) {
                Fate::Shown if !self.never.contains_key(&number.to_string()) => number.into(),
                _ => 0.into(),
            },
            Value::Bool(_) if self.fate(path) == Fate::Never => Value::Null,
            Value::Bool(_) | Value::Null => value,
        }
    }

    fn object(&self, path: &str, members: Map<String, Value>) -> Map<String, Value> {
        let inside = |name: &str| below(path, name);
        let mask = |(name, value): (String, Value)| {
            let value = self.value(&inside(&name), value);
            (self.key(path, &name), value)
        };
        members.into_iter().map(mask).collect()
    }

    /// The names of claims stay. Deeper names are data where they are values of hidden claims or addresses.
    fn key(&self, path: &str, name: &str) -> String {
        let is_data = self.rules.keep == RecordingKeep::Redacted
            && !path.is_empty()
            && (name.contains('@')
                || self.hidden_in_text.iter().any(|(v, _)| *v == name.to_ascii_lowercase()));
        if is_data { self.pseudonym(name) } else { self.without_never(name) }
    }

    fn without_never(&self, text: &str) -> String {
        if let Some(mask) = self.never.get(&text.to_ascii_lowercase()) {
            return mask.clone();
        }
        let mut clean = text.to_owned();
        for (value, mask) in &self.never_in_text {
            clean = replace(&clean, value, mask);
        }
        clean
    }

    /// A pseudonym; an e-mail address keeps its domain, because rules ask for it.
    fn masked(&self, value: &str) -> String {
        match domain(value) {
            Some(domain) => format!("{}@{domain}", self.pseudonym(value)),
            None => self.pseudonym(value),
        }
    }

    fn pseudonym(&self, value: &str) -> String {
        let hash = sha256_hex(&[self.salt.as_slice(), value.as_bytes()].concat());
        format!("~{}", hash.get(..12).unwrap_or_default())
    }
}

/// So that a whole name goes before a part of it.
fn longest_first(values: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then(one.cmp(other)));
    values
}

/// Every text and number of an input with the path of its claim.
fn leaves(input: &MappingInput) -> Vec<(String, String)> {
    let claims = &input.claims;
    let mut found =
        vec![("iss".to_owned(), input.issuer.clone()), ("sub".to_owned(), input.subject.clone())];
    let names = [
        ("email", &claims.email),
        ("name", &claims.name),
        ("preferred_username", &claims.preferred_username),
    ];
    for (name, value) in names {
        found.extend(value.clone().map(|value| (name.to_owned(), value)));
    }
    found.extend(claims.groups.iter().map(|group| ("groups".to_owned(), group.clone())));
    found.extend(input.extra.iter().cloned());
    for (name, value) in &claims.raw {
        collect(name, value, &mut found);
    }
    found
}

fn collect(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((path.to_owned(), text.clone())),
        // Small numbers are everywhere and nobody's.
        Value::Number(number) if number.to_string().len() > SHORTEST_IN_TEXT => {
            found.push((path.to_owned(), number.to_string()));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(path, value, found)),
        Value::Object(members) => {
            for (name, value) in members {
                collect(&below(path, name), value, found);
            }
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Whether `path` is that claim or a part of it.
fn covers(claim: &str, path: &str) -> bool {
    path.strip_prefix(claim).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn named(names: &[String], path: &str) -> bool {
    names.iter().any(|name| covers(name, path))
}

/// Some upstreams write booleans as texts.
fn is_flag(text: &str) -> bool {
    ["true", "false", "0", "1"].iter().any(|flag| text.eq_ignore_ascii_case(flag))
}

/// A JWT is a credential: it is kept in no mode.
fn is_token(text: &str) -> bool {
    text.contains("eyJ") && text.matches('.').count() >= 2
}

fn domain(value: &str) -> Option<&str> {
    let (local, domain) = value.rsplit_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let is_address = !local.is_empty() && domain.contains('.') && domain.chars().all(plain);
    is_address.then_some(domain)
}

/// Replaces every occurrence, whatever the case of ASCII letters. `value` is in lower case.
fn replace(text: &str, value: &str, mask: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut clean, mut from) = (String::with_capacity(text.len()), 0);
    for (at, found) in lower.match_indices(value) {
        // Changing the case of ASCII letters moves no byte, so the places fit.
        clean.push_str(text.get(from..at).unwrap_or_default());
        clean.push_str(mask);
        from = at + found.len();
    }
    clean + text.get(from..).unwrap_or_default()
}
