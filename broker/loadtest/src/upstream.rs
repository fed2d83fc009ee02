//! The demo provider as upstream, in automatic mode: it signs in whom `login_hint` names, or the
//! next person.

use std::io::Read as _;

use anyhow::Context as _;
use symbolon_testkit::provider::{AutomaticSignIn, KeyKind};
use symbolon_testkit::{FakeProvider, ProviderUser, RegisteredClient};

use crate::arguments::{Arguments, person};

/// Starts the provider if the command line asks for it. With `--only-provider` it serves until
/// standard input ends, and the process ends with it.
///
/// # Errors
/// When the port is taken or the secret cannot be read.
pub fn start(arguments: &Arguments) -> anyhow::Result<Option<FakeProvider>> {
    let (Some(port), Some(redirect_uri), Some(secret_file)) = (
        arguments.with_provider,
        &arguments.provider_redirect_uri,
        &arguments.provider_secret_file,
    ) else {
        return Ok(None);
    };
    let secret =
        std::fs::read_to_string(secret_file).with_context(|| secret_file.display().to_string())?;
    let client = RegisteredClient::new(&arguments.provider_client_id, secret.trim());
    let mut builder = FakeProvider::builder()
        .port(port)
        .name("Load provider")
        .key_kind(if arguments.provider_rs256 { KeyKind::Rs256 } else { KeyKind::Es256 })
        .automatic(AutomaticSignIn::InTurn)
        .client(client.redirect_uri(redirect_uri));
    for number in 0..arguments.users {
        builder = builder.user(
            ProviderUser::new(&subject(arguments, number))
                .email(&person(number))
                .name(&format!("User {number}"))
                .department("Load")
                .groups(["Wiki Admins", "Everybody"]),
        );
    }
    let provider = builder.start()?;
    if arguments.only_provider {
        let mut rest = Vec::new();
        std::io::stdin().read_to_end(&mut rest)?;
        drop(provider);
        std::process::exit(0);
    }
    Ok(Some(provider))
}

/// The subject of the nth person.
fn subject(arguments: &Arguments, number: usize) -> String {
    let turn = number.checked_rem(arguments.subjects.len());
    let given = turn.and_then(|turn| arguments.subjects.get(turn));
    given.cloned().unwrap_or_else(|| format!("user-{number}"))
}
