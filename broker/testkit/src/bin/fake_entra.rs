//! The mock of Microsoft Entra ID and Graph as a process, for counterparties in other languages (interop).
//!
//! `fake_entra WORLD.json` prints one line of JSON with its address, then does what each line of its input
//! says and answers with one line; it ends with its input.

use std::error::Error;
use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::{Value, json};
use symbolon_testkit::FakeEntra;
use symbolon_testkit::entra::{AppRegistration, Certificate, Directory, Group, Person};
use symbolon_testkit::provider::AutomaticSignIn;

/// What the file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    /// 0 takes any free port.
    #[serde(default)]
    port: u16,
    /// The origin that others see, when something stands in front.
    public_url: Option<String>,
    directories: Vec<DirectoryWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryWords {
    id: String,
    domain: String,
    name: String,
    #[serde(default)]
    groups: Vec<GroupWords>,
    #[serde(default)]
    people: Vec<PersonWords>,
    #[serde(default)]
    applications: Vec<ApplicationWords>,
    /// Client ids of other directories' applications.
    #[serde(default)]
    consents_to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupWords {
    id: String,
    name: String,
    /// Groups that it is in.
    #[serde(default)]
    inside: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonWords {
    key: String,
    id: String,
    /// Properties by their names in Graph.
    #[serde(default)]
    properties: serde_json::Map<String, Value>,
    #[serde(default)]
    groups: Vec<String>,
    guest_of: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationWords {
    client_id: String,
    #[serde(default)]
    secrets: Vec<SecretWords>,
    /// PEM texts.
    #[serde(default)]
    certificates: Vec<String>,
    #[serde(default)]
    federated: Vec<FederatedWords>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    optional_claims: Vec<String>,
    #[serde(default)]
    application_permissions: Vec<String>,
    #[serde(default)]
    multi_tenant: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretWords {
    value: String,
    /// Seconds since 1970; never when left out.
    ends_at: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FederatedWords {
    issuer: String,
    subject: String,
    /// Keys given by hand; the issuer is asked when left out.
    jwks: Option<Value>,
}

/// A line of the input.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    /// Registers an application, or replaces the one with the same client id.
    Register { directory: String, application: ApplicationWords },
    /// Signs this person in without asking; nobody when `null`.
    SignIn(Option<String>),
    /// The last token request: its form, and how it proved itself.
    LastToken,
    /// How often an endpoint was asked.
    Hits(String),
}

impl ApplicationWords {
    fn registration(self) -> Result<AppRegistration, String> {
        let mut application = AppRegistration::new(&self.client_id);
        for secret in self.secrets {
            application = match secret.ends_at {
                Some(end) => application.secret_until(&secret.value, end),
                None => application.secret(&secret.value),
            };
        }
        for pem in self.certificates {
            let certificate =
                Certificate::from_pem(&pem).ok_or("no certificate with an RSA key")?;
            application = application.certificate(certificate);
        }
        for trust in self.federated {
            application = match trust.jwks {
                Some(jwks) => application.federated_with_keys(&trust.issuer, &trust.subject, jwks),
                None => application.federated(&trust.issuer, &trust.subject),
            };
        }
        for uri in self.redirect_uris {
            application = application.redirect_uri(&uri);
        }
        for permission in self.application_permissions {
            application = application.application_permission(&permission);
        }
        if self.multi_tenant {
            application = application.multi_tenant();
        }
        Ok(application.optional_claims(self.optional_claims.iter().map(String::as_str)))
    }
}

impl DirectoryWords {
    fn directory(self) -> Result<Directory, String> {
        let mut directory = Directory::new(&self.id, &self.domain, &self.name);
        for words in self.groups {
            let group = Group::new(&words.id, &words.name);
            directory = directory.group(words.inside.iter().fold(group, |one, id| one.inside(id)));
        }
        for words in self.people {
            let mut person = Person::new(&words.key, &words.id);
            for (name, value) in words.properties {
                person = person.property(&name, value);
            }
            person = words.groups.iter().fold(person, |one, id| one.group(id));
            if let Some(home) = words.guest_of {
                person = person.guest_of(&home);
            }
            directory = directory.person(person);
        }
        for application in self.applications {
            directory = directory.application(application.registration()?);
        }
        Ok(self.consents_to.iter().fold(directory, |one, id| one.consents_to(id)))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: fake_entra WORLD.json")?;
    let world: World = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let mut builder = FakeEntra::builder().port(world.port);
    if let Some(url) = world.public_url {
        builder = builder.public_url(&url);
    }
    for words in world.directories {
        builder = builder.directory(words.directory()?);
    }
    let entra = builder.start()?;
    say(&json!({ "url": entra.local_url(), "public_url": entra.authority_url() }))?;
    for line in std::io::stdin().lock().lines() {
        let answer = follow(&entra, &line?).unwrap_or_else(|error| json!({ "error": error }));
        say(&answer)?;
    }
    Ok(())
}

fn follow(entra: &FakeEntra, line: &str) -> Result<Value, String> {
    match serde_json::from_str(line).map_err(|error| error.to_string())? {
        Order::Register { directory, application } => {
            entra.register(&directory, application.registration()?);
            Ok(json!({}))
        }
        Order::SignIn(None) => {
            entra.sign_in_automatically(AutomaticSignIn::Off);
            Ok(json!({}))
        }
        Order::SignIn(Some(person)) => {
            entra.sign_in_automatically(AutomaticSignIn::As(person));
            Ok(json!({}))
        }
        Order::LastToken => {
            let method = entra.last_client_authentication();
            Ok(json!({ "method": method, "form": entra.last_token_request() }))
        }
        Order::Hits(endpoint) => Ok(json!({ "hits": entra.hits(&endpoint) })),
    }
}

fn say(words: &Value) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}")?;
    out.flush()
}
