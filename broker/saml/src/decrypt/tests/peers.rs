//! Against the `xmlsec1` command line, where it is installed.

use std::io::Write as _;
use std::process::Command;

use super::*;

fn xmlsec1(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("xmlsec1").args(arguments).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

#[test]
fn saml_sw12_xmlsec1_decrypts_what_we_encrypt() {
    let key = file(&RSA.key.pkey().private_key_to_pem_pkcs8().unwrap());
    for cipher in ContentCipher::ALL {
        let xml = file(encrypted(cipher).as_bytes());
        let (key, xml) = (key.path().to_str().unwrap(), xml.path().to_str().unwrap());
        let Some(plain) = xmlsec1(&["--decrypt", "--privkey-pem", key, xml]) else { return };
        let plain = String::from_utf8(plain).unwrap();
        assert!(plain.contains("<saml:Issuer>zo"), "{cipher:?} {plain}");
    }
}

#[test]
fn saml_dc02_we_decrypt_what_xmlsec1_encrypts() {
    let public = file(&RSA.certificate.public_key().public_key_to_pem().unwrap());
    let plain = file(PLAIN.as_bytes());
    for cipher in ContentCipher::ALL {
        // Its own skeleton, with the values empty.
        let template =
            with_value(&with_value(&encrypted(cipher), 0, |_| Vec::new()), 1, |_| Vec::new());
        let start = template.find("<xenc:EncryptedData").unwrap();
        let end = template.find("</saml:EncryptedAssertion>").unwrap();
        let template = file(&template.as_bytes()[start..end]);
        let bits = cipher.cipher().key_len() * 8;
        let Some(done) = xmlsec1(&[
            "--encrypt",
            "--pubkey-pem",
            public.path().to_str().unwrap(),
            "--session-key",
            &format!("aes-{bits}"),
            "--xml-data",
            plain.path().to_str().unwrap(),
            template.path().to_str().unwrap(),
        ]) else {
            return;
        };
        let done = String::from_utf8(done).unwrap();
        let data = &done[done.find("<xenc:EncryptedData").unwrap()..];
        let xml =
            format!("<s:EncryptedAssertion xmlns:s=\"{ASSERTION}\">{data}</s:EncryptedAssertion>");
        let read = read(&xml).unwrap();
        assert!(read.contains("ID=\"_a\""), "{cipher:?} {read}");
    }
}
