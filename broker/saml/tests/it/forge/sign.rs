//! XML signatures by text: templates are in canonical form, so the canonical bytes of an element are its text without
//! its signature and comments. Options of `{{signature ID ..}}`:
//! `key=` a pair, `certificate=` the pair whose certificate is enclosed, `method=`, `digest=`, `c14n=` a name below or a
//! URI, `prefixes=` of InclusiveNamespaces, `uri=` of the Reference, `nouri`, `hmac` (keyed with the certificate),
//! `value=` instead of the true one, `open` (no end tag: more follows inside).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{Id, PKey};
use openssl::sign::Signer;

use super::{Pair, named};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

struct Options<'a> {
    id: &'a str,
    words: Vec<&'a str>,
}

impl<'a> Options<'a> {
    fn of(word: &'a str) -> Option<Self> {
        let mut words = word.strip_prefix("signature ")?.split(' ');
        Some(Self { id: words.next()?, words: words.collect() })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }
}

/// Whether the element to be signed has no other word inside.
pub(super) fn is_ready(word: &str, text: &str) -> bool {
    Options::of(word).is_some_and(|options| {
        let element = element(text, options.id);
        !element.replacen(&format!("{{{{{word}}}}}"), "", 1).contains("{{")
    })
}

/// The signature that replaces a word.
pub(super) fn signature(word: &str, text: &str) -> String {
    let options = Options::of(word).unwrap();
    let signed = element(text, options.id).replacen(&format!("{{{{{word}}}}}"), "", 1);
    let c14n = options.get("c14n").map_or(EXCLUSIVE, canonicalization);
    let signed = canonical(&signed, c14n.ends_with("WithComments"));
    let digest = options.get("digest").unwrap_or("sha256");
    let value = STANDARD.encode(hash(message_digest(digest), signed.as_bytes()).unwrap());
    let info = signed_info(&options, c14n, &digest_uri(digest), &value);
    let key = named(options.get("key").unwrap_or("idp"));
    let method = options.get("method").unwrap_or("rsa-sha256");
    let value = match options.get("value") {
        Some(value) => value.to_owned(),
        None if options.has("hmac") => hmac(key, &info),
        None => sign(key, method, &info),
    };
    // Namespaces are declared on the signature, not again on its first child.
    let start = info.find("<ds:SignedInfo").unwrap();
    let tag_end = info.find('>').unwrap();
    let info = format!("{}<ds:SignedInfo{}", &info[..start], &info[tag_end..]);
    let enclosed = named(options.get("certificate").unwrap_or(options.get("key").unwrap_or("idp")));
    let enclosed = STANDARD.encode(enclosed.x509.to_der().unwrap());
    let end = if options.has("open") { "" } else { "</ds:Signature>" };
    format!(
        r#"<ds:Signature xmlns:ds="{DSIG}">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{enclosed}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{end}"#
    )
}

/// The text of the first element with this ID.
pub(super) fn element<'a>(text: &'a str, id: &str) -> &'a str {
    let at = text.find(&format!(" ID=\"{id}\"")).unwrap_or_else(|| panic!("no element {id}"));
    let start = text[..at].rfind('<').unwrap();
    let name = text[start + 1..].split([' ', '>']).next().unwrap();
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut depth = 0;
    let mut at = start;
    loop {
        let next_open = text[at..].find(&open).map_or(usize::MAX, |found| at + found);
        let next_close = at + text[at..].find(&close).expect("an end tag");
        if next_open < next_close {
            let behind = text[next_open + open.len()..].chars().next();
            depth += i32::from(matches!(behind, Some(' ' | '>')));
            at = next_open + open.len();
        } else {
            depth -= 1;
            at = next_close + close.len();
            if depth == 0 {
                return &text[start..at];
            }
        }
    }
}

/// Comments away, CDATA as text (Canonical XML 1.0 section 1.1).
fn canonical(text: &str, comments: bool) -> String {
    let mut text = text.to_owned();
    while let Some(start) = text.find("<!--").filter(|_| !comments) {
        let end = start + text[start..].find("-->").unwrap() + 3;
        text.replace_range(start..end, "");
    }
    while let Some(start) = text.find("<![CDATA[") {
        let end = start + text[start..].find("]]>").unwrap();
        let data = text[start + 9..end].replace('&', "&amp;").replace('<', "&lt;");
        text.replace_range(start..end + 3, &data);
    }
    text
}

fn signed_info(options: &Options<'_>, c14n: &str, digest: &str, value: &str) -> String {
    let method = method_uri(options.get("method").unwrap_or("rsa-sha256"));
    let uri = match options.get("uri") {
        Some(uri) => format!(r#" URI="{uri}""#),
        None if options.has("nouri") => String::new(),
        None => format!(r##" URI="#{}""##, options.id),
    };
    let prefixes = options.get("prefixes").map_or(String::new(), |prefixes| {
        format!(
            r#"<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{prefixes}"></ec:InclusiveNamespaces>"#
        )
    });
    // What is not exclusive takes every namespace in scope along.
    let scope = if c14n.starts_with(EXCLUSIVE) {
        ""
    } else {
        r#" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol""#
    };
    format!(
        r#"<ds:SignedInfo xmlns:ds="{DSIG}"{scope}><ds:CanonicalizationMethod Algorithm="{c14n}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference{uri}><ds:Transforms><ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform><ds:Transform Algorithm="{c14n}">{prefixes}</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{digest}"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#
    )
}

fn sign(pair: &Pair, method: &str, info: &str) -> String {
    let digest = message_digest(method.rsplit('-').next().unwrap());
    let mut signer = Signer::new(digest, &pair.key).unwrap();
    let value = signer.sign_oneshot_to_vec(info.as_bytes()).unwrap();
    if pair.key.id() != Id::EC {
        return STANDARD.encode(value);
    }
    // XML Signature wants both numbers side by side (RFC 4050), not DER.
    let value = EcdsaSig::from_der(&value).unwrap();
    let mut both = value.r().to_vec_padded(32).unwrap();
    both.extend(value.s().to_vec_padded(32).unwrap());
    STANDARD.encode(both)
}

/// Keyed with the public certificate: the confusion of AT-06.
fn hmac(pair: &Pair, info: &str) -> String {
    let key = PKey::hmac(&pair.x509.to_pem().unwrap()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    STANDARD.encode(signer.sign_oneshot_to_vec(info.as_bytes()).unwrap())
}

fn message_digest(name: &str) -> MessageDigest {
    match name {
        "sha1" => MessageDigest::sha1(),
        "sha384" => MessageDigest::sha384(),
        "sha512" => MessageDigest::sha512(),
        "md5" => MessageDigest::md5(),
        _ => MessageDigest::sha256(),
    }
}

fn digest_uri(name: &str) -> String {
    match name {
        "sha1" => format!("{DSIG}sha1"),
        "md5" => "http://www.w3.org/2001/04/xmldsig-more#md5".to_owned(),
        "sha384" => "http://www.w3.org/2001/04/xmldsig-more#sha384".to_owned(),
        other => format!("http://www.w3.org/2001/04/xmlenc#{other}"),
    }
}

fn method_uri(name: &str) -> String {
    match name {
        "rsa-sha1" | "dsa-sha1" | "hmac-sha1" => format!("{DSIG}{name}"),
        other => format!("http://www.w3.org/2001/04/xmldsig-more#{other}"),
    }
}

fn canonicalization(name: &str) -> &str {
    match name {
        "exclusive-comments" => "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "1.0" => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "1.1" => "http://www.w3.org/2006/12/xml-c14n11",
        uri => uri,
    }
}
