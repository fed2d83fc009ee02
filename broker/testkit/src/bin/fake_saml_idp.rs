//! The SAML identity provider of the testkit as a process: for measurements, and for counterparties in other
//! languages (interop).
//!
//! `fake_saml_idp [--port N] [--vendor generic|entra|adfs|okta|google] [--sp ENTITY_ID ACS_URL]..
//! [--sp-metadata FILE].. [--people N] [--automatic] [--metadata FILE]` writes its metadata to FILE, prints one
//! line of JSON with its addresses, then does what each line of its input says and answers with one line; it
//! ends with its input. `--people N` are `user0@load.example` and so on, instead of Alice and Bob;
//! `--automatic` signs them in, in turn, without asking.

use std::error::Error;
use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::{Value, json};
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::saml_idp::{Encryption, Hash, KeyKind, Sign, Vendor, guid};
use symbolon_testkit::{FakeSamlIdp, ProviderUser, ServiceProviderEntry};

/// A line of the input.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    /// Registers the service provider with this metadata.
    RegisterMetadata(String),
    /// Signs this person in without asking; nobody when `null`.
    SignIn(Option<String>),
    /// What is signed: `response`, `assertion`, `both` or `nothing`.
    Sign(String),
    /// Whether signatures use SHA-1.
    Sha1(bool),
    /// Whether assertions are encrypted.
    Encrypt(bool),
    /// A new key signs from now on; the old ones stay in the metadata.
    RotateKeys,
    /// The metadata as it is now.
    Metadata,
    /// The last response as XML.
    LastResponse,
    /// What is known of the last AuthnRequest.
    LastRequest,
    /// How often an endpoint was asked.
    Hits(String),
}

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let idp = started(std::env::args().skip(1))?;
    say(&json!({
        "url": idp.url(),
        "entity_id": idp.entity_id(),
        "sso_url": idp.sso_url(),
        "slo_url": idp.slo_url(),
        "metadata_url": idp.metadata_url(),
        "certificate": idp.certificate_pem(),
    }))?;
    for line in std::io::stdin().lock().lines() {
        let answer = follow(&idp, &line?).unwrap_or_else(|error| json!({ "error": error }));
        say(&answer)?;
    }
    Ok(())
}

fn started(mut arguments: impl Iterator<Item = String>) -> Result<FakeSamlIdp, Failure> {
    let mut builder = FakeSamlIdp::builder();
    let (mut people, mut metadata_file) = (None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} lacks a value"));
        builder = match argument.as_str() {
            "--port" => builder.port(value()?.parse()?),
            "--vendor" => builder.vendor(vendor(&value()?)?),
            "--sp" => {
                let entity_id = value()?;
                builder.service_provider(ServiceProviderEntry::new(&entity_id, &value()?))
            }
            "--sp-metadata" => {
                let xml = std::fs::read_to_string(value()?)?;
                let entry = ServiceProviderEntry::from_metadata(&xml);
                builder.service_provider(entry.ok_or("no metadata of a service provider")?)
            }
            "--people" => {
                people = Some(value()?.parse::<usize>()?);
                builder
            }
            "--automatic" => builder.automatic(AutomaticSignIn::InTurn),
            "--metadata" => {
                metadata_file = Some(value()?);
                builder
            }
            other => return Err(format!("unknown argument {other}").into()),
        };
    }
    for user in users(people) {
        builder = builder.user(user);
    }
    let idp = builder.start()?;
    if let Some(file) = metadata_file {
        std::fs::write(file, idp.metadata_xml()?)?;
    }
    Ok(idp)
}

fn vendor(name: &str) -> Result<Vendor, String> {
    match name {
        "generic" => Ok(Vendor::Generic),
        "entra" => Ok(Vendor::Entra { tid: guid("contoso") }),
        "adfs" => Ok(Vendor::Adfs),
        "okta" => Ok(Vendor::Okta),
        "google" => Ok(Vendor::Google),
        other => Err(format!("no vendor {other}")),
    }
}

fn users(people: Option<usize>) -> Vec<ProviderUser> {
    let Some(count) = people else {
        return vec![
            ProviderUser::new("alice")
                .email("alice@contoso.example")
                .name("Alice Adams")
                .department("Engineering")
                .groups(["Wiki Admins", "Everybody"]),
            ProviderUser::new("bob").email("bob@contoso.example").name("Bob Brown"),
        ];
    };
    (0..count)
        .map(|number| {
            ProviderUser::new(&format!("user-{number}"))
                .email(&format!("user{number}@load.example"))
                .name(&format!("User {number}"))
                .department("Load")
                .groups(["Wiki Admins", "Everybody"])
        })
        .collect()
}

fn follow(idp: &FakeSamlIdp, line: &str) -> Result<Value, String> {
    let order: Order = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match order {
        Order::RegisterMetadata(xml) => {
            let entry = ServiceProviderEntry::from_metadata(&xml);
            idp.register(entry.ok_or("no metadata of a service provider")?);
        }
        Order::SignIn(person) => {
            idp.sign_in_automatically(person.map_or(AutomaticSignIn::Off, AutomaticSignIn::As));
        }
        Order::Sign(what) => {
            let sign = match what.as_str() {
                "response" => Sign::Response,
                "assertion" => Sign::Assertion,
                "both" => Sign::Both,
                "nothing" => Sign::Nothing,
                other => return Err(format!("cannot sign {other}")),
            };
            idp.world(|world| world.sign = sign);
        }
        Order::Sha1(on) => idp.world(|world| {
            world.hash = if on { Hash::Sha1 } else { Hash::Sha256 };
        }),
        Order::Encrypt(on) => idp.world(|world| world.encrypt = on.then(Encryption::default)),
        Order::RotateKeys => {
            idp.add_key(KeyKind::Rs256).map_err(|error| error.to_string())?;
            idp.switch_key();
        }
        Order::Metadata => {
            let xml = idp.metadata_xml().map_err(|error| error.to_string())?;
            return Ok(json!({ "xml": xml }));
        }
        Order::LastResponse => return Ok(json!({ "xml": idp.last_response() })),
        Order::LastRequest => {
            return Ok(match idp.requests().last() {
                Some(request) => json!({
                    "id": request.id,
                    "issuer": request.issuer,
                    "acs_url": request.acs_url,
                    "is_signed": request.is_signed,
                    "signature_verifies": request.signature_verifies,
                    "xml": request.xml,
                }),
                None => json!({}),
            });
        }
        Order::Hits(endpoint) => return Ok(json!({ "hits": idp.hits(&endpoint) })),
    }
    Ok(json!({}))
}

fn say(words: &Value) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}")?;
    out.flush()
}
