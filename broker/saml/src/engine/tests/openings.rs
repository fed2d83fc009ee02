//! The native libraries without the gate before them: no file, no network, no foreign transform, no noise.

use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::process::Command;

use super::*;

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

fn native_verdict(xml: &str) -> bool {
    let der = CertificateDer::from(RSA.certificate.der().to_vec());
    native::call(|| Crypto::verify_signed_xml(xml, &der, Some("ID"))).is_ok()
}

fn with_reference(reference: &str) -> String {
    let signature = by_hand::signature(&RSA, RSA_SHA256, reference);
    format!("<a ID=\"_a\">{signature}</a>")
}

#[test]
fn a_signature_made_by_hand_verifies() {
    // Otherwise the refusals below would prove nothing.
    assert!(native_verdict(&by_hand::assertion(&RSA, RSA_SHA256, SHA256, EXCLUSIVE)));
}

#[test]
fn saml_at50_a_local_file_is_not_opened_even_behind_the_gate() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"content").unwrap();
    let path = file.path().display().to_string();
    for uri in [format!("file://{path}"), path.clone(), format!("file://localhost{path}")] {
        // The digest is that of the file, so that this would verify if xmlsec could read it.
        let xml = with_reference(&by_hand::reference(&uri, "", SHA256, b"content"));
        assert!(!native_verdict(&xml), "{uri}");
    }
}

#[test]
fn saml_at50_nothing_is_fetched_even_behind_the_gate() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    for scheme in ["http", "ftp"] {
        let uri = format!("{scheme}://{address}/x");
        assert!(!native_verdict(&with_reference(&by_hand::reference(&uri, "", SHA256, b""))));
        let typed = format!("<!DOCTYPE a SYSTEM \"{uri}\"><a ID=\"_a\"/>");
        assert!(!native_verdict(&typed));
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn saml_at52_transforms_beyond_canonicalisation_do_not_exist_even_behind_the_gate() {
    let whole = "<a ID=\"_a\"></a>";
    let with = |transform: &str| {
        let transforms = format!(
            "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">\
             </ds:Transform>{transform}<ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>"
        );
        with_reference(&by_hand::reference("#_a", &transforms, SHA256, whole.as_bytes()))
    };
    assert!(native_verdict(&with("")));
    // Selects everything, so that the digest would agree if XPath were there.
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">\
                 <ds:XPath>true()</ds:XPath></ds:Transform>";
    assert!(!native_verdict(&with(xpath)));
}

/// Runs in a child process; see the test behind it.
#[test]
fn noisy_child() {
    if std::env::var_os("SYMBOLON_NOISY_CHILD").is_none() {
        return;
    }
    let work = || {
        let good = response(None, Some(&RSA));
        assert!(check(&good, "_a", &[&EC, &OTHER_RSA, &RSA]).is_ok());
        for at in 0..100 {
            let cut = &good[..good.len() - at * 7];
            // libxml2 closes what is open, so that some of these verify (SM-11); the gate refuses them.
            let _ = native_verdict(cut);
            assert!(check(&good.replace("idp.", &format!("{at}.")), "_a", &[&RSA, &EC]).is_err());
            let foreign = by_hand::reference("http://127.0.0.1:1/", "", SHA256, b"");
            assert!(!native_verdict(&with_reference(&foreign)));
            assert!(!native_verdict(&format!("<a>&x{at};<b:c d='<'/></a>")));
            let nothing = CertificateDer::from(vec![at as u8; at]);
            assert!(native::call(|| Crypto::verify_signed_xml(&good, &nothing, None)).is_err());
            assert!(native::call(|| Crypto::sign_xml(cut, b"no key")).is_err());
        }
    };
    // The handlers of libxml2 belong to a thread.
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(work)).collect();
    work();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn saml_api06_hostile_documents_write_nothing_to_stderr() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "engine::tests::openings::noisy_child", "--nocapture"])
        .env("SYMBOLON_NOISY_CHILD", "1")
        .output()
        .unwrap();
    let (told, noise) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("1 passed"), "{told}{noise}");
    assert_eq!(noise, "");
}

#[test]
fn saml_at50_the_whole_way_refuses_and_connects_nowhere() {
    use base64::Engine as _;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let certificates = [RSA.certificate.clone()];
    let keys = crate::response::Keys {
        certificates: &certificates,
        decryption: &[],
        algorithms: AlgorithmPolicy::default(),
        signed: crate::policy::SignedParts::Either,
    };
    let expected = crate::response::Expected {
        identity_provider: "https://idp.example",
        service_provider: "https://sp.example",
        acs_url: "https://sp.example/acs",
        request: None,
        skew: TimeDelta::seconds(180),
        now: now(),
    };
    let good = response(None, Some(&RSA)).replace(
        "<saml:Assertion",
        "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>\
         </samlp:Status><saml:Assertion",
    );
    let read = |xml: &str| {
        let field = base64::engine::general_purpose::STANDARD.encode(xml);
        crate::response::read(&field, &keys, &expected)
    };
    // The signature is fine, so that the reference alone decides below.
    let checks = read(&good).checks;
    assert!(checks.iter().any(|check| check.name == "signature" && check.fault.is_none()));
    for uri in [format!("http://{address}/x"), "file:///dev/zero".to_owned(), String::new()] {
        let xml = good.replace("URI=\"#_a\"", &format!("URI=\"{uri}\""));
        let fault = read(&xml).outcome.unwrap_err().refusal.fault;
        assert_eq!(fault, Fault::SignatureShape, "{uri}");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
