//! Addresses of an application: https, or the machine itself, and nothing that a browser could be tricked with.

use url::{Host, Url};

use super::super::OpenidSettings;

/// Addresses of one kind.
const MOST_ADDRESSES: usize = 100;
const LONGEST_ADDRESS: usize = 2000;

pub(super) fn problems(settings: &OpenidSettings) -> Vec<String> {
    let mut found: Vec<String> = single(settings)
        .into_iter()
        .filter_map(|(name, uri)| problem(uri?).map(|why| format!("{name}: {why}")))
        .collect();
    let lists = [
        ("redirect_uris", &settings.redirect_uris),
        ("post_logout_redirect_uris", &settings.post_logout_redirect_uris),
    ];
    for (name, list) in lists {
        if list.len() > MOST_ADDRESSES {
            found.push(format!("{name}: at most {MOST_ADDRESSES}"));
        }
        if list.iter().any(|uri| uri.as_str().len() > LONGEST_ADDRESS) {
            found.push(format!("{name}: at most {LONGEST_ADDRESS} characters each"));
        }
    }
    found.extend(own_origin(settings));
    found.extend(origins(&settings.allowed_origins));
    found
}

fn single(settings: &OpenidSettings) -> [(&'static str, Option<&Url>); 9] {
    [
        ("initiate_login_uri", settings.initiate_login_uri.as_ref()),
        ("jwks_uri", settings.jwks_uri.as_ref()),
        ("sector_identifier_uri", settings.sector_identifier_uri.as_ref()),
        ("backchannel_logout_uri", settings.backchannel_logout_uri.as_ref()),
        ("frontchannel_logout_uri", settings.frontchannel_logout_uri.as_ref()),
        ("client_uri", settings.client_uri.as_ref()),
        ("logo_uri", settings.logo_uri.as_ref()),
        ("policy_uri", settings.policy_uri.as_ref()),
        ("tos_uri", settings.tos_uri.as_ref()),
    ]
}

fn problem(uri: &Url) -> Option<String> {
    let secure = uri.scheme() == "https" || uri.scheme() == "http" && is_loopback(uri);
    if !secure {
        return Some(format!("{uri}: https is required, http only for this machine"));
    }
    if uri.fragment().is_some() {
        return Some(format!("{uri}: no fragment"));
    }
    if !uri.username().is_empty() || uri.password().is_some() {
        return Some("no user name or password in an address".to_owned());
    }
    (uri.as_str().len() > LONGEST_ADDRESS).then(|| format!("at most {LONGEST_ADDRESS} characters"))
}

fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Where people or their frames are sent belongs to whoever gets the answers (OpenID Front-Channel Logout 2).
fn own_origin(settings: &OpenidSettings) -> Vec<String> {
    let sent = [
        ("initiate_login_uri", &settings.initiate_login_uri),
        ("frontchannel_logout_uri", &settings.frontchannel_logout_uri),
    ];
    let foreign = sent.into_iter().filter_map(|(name, uri)| {
        let uri = uri.as_ref().filter(|uri| !settings.starts_on_own_origin(uri))?;
        Some(format!("{name}: {uri} is on no origin of its redirect_uris"))
    });
    foreign.collect()
}

/// An origin as browsers send it: scheme, host and port, nothing else.
fn origins(list: &[String]) -> Vec<String> {
    let is_origin = |text: &str| {
        Url::parse(text)
            .is_ok_and(|url| problem(&url).is_none() && url.origin().ascii_serialization() == text)
    };
    let wrong = list.iter().filter(|text| !is_origin(text));
    let mut found: Vec<String> = wrong
        .map(|text| {
            let shown: String = text.chars().take(100).collect();
            format!("allowed_origins: {shown:?} is not an origin such as https://app.example")
        })
        .collect();
    found.truncate(5);
    found
}
