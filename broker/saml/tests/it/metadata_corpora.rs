//! Metadata that other projects collected (saml.md section 11): what of it is read, and why the rest is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use symbolon_saml::metadata::{entities, read_identity_provider};

const PYTHON: &str = "python3-saml/tests/data/metadata";
const RUBY: &str = "ruby-saml/test/metadata";

/// Keys of 1024 bits would verify nothing (PC-14), so that such a provider is refused at once (ME-2).
const WEAK: &str = "Metadata: a key that is too weak: RSA 1024";

/// Each file with the providers that are read of those that stand in it, the number of entities, and the refusal.
#[rustfmt::skip]
const VERDICTS: &[(&str, &str, &str)] = &[
    (PYTHON, "entities_metadata.xml", "0 of 0, 2"),
    (PYTHON, "expired_metadata_settings1.xml", "0 of 0, 1"),
    (PYTHON, "idp_metadata.xml", "1 of 1, 1"),
    (PYTHON, "idp_metadata2.xml", "1 of 1, 1"),
    (PYTHON, "idp_metadata_different_sign_and_encrypt_cert.xml", "1 of 1, 1"),
    (PYTHON, "idp_metadata_multi_certs.xml", "1 of 1, 1"),
    (PYTHON, "idp_metadata_multi_signing_certs.xml", "1 of 1, 1"),
    (PYTHON, "idp_metadata_same_sign_and_encrypt_cert.xml", "1 of 1, 1"),
    (PYTHON, "idp_multiple_descriptors.xml", "0 of 2, 2; 2 WEAK"),
    (PYTHON, "metadata_bad_order_settings1.xml", "0 of 0, 1"),
    (PYTHON, "metadata_settings1.xml", "0 of 0, 1"),
    (PYTHON, "no_expiration_mark_metadata.xml", "0 of 0, 1"),
    // Broken on purpose.
    (PYTHON, "noentity_metadata_settings1.xml", "Structure: EntityDescriptor2"),
    (PYTHON, "signed_metadata_settings1.xml", "0 of 0, 1"),
    (PYTHON, "signed_metadata_settings2.xml", "0 of 0, 1"),
    (PYTHON, "testshib-providers.xml", "1 of 1, 2"),
    // Broken on purpose.
    (PYTHON, "unparsed_metadata.xml", "Malformed"),
    (RUBY, "idp_descriptor.xml", "0 of 1, 1; 1 WEAK"),
    (RUBY, "idp_descriptor_2.xml", "1 of 1, 1"),
    (RUBY, "idp_descriptor_3.xml", "0 of 1, 1; 1 WEAK"),
    (RUBY, "idp_descriptor_4.xml", "1 of 1, 1"),
    (RUBY, "idp_descriptor_5.xml", "1 of 1, 1"),
    (RUBY, "idp_descriptor_6.xml", "1 of 1, 1"),
    (RUBY, "idp_different_slo_response_location.xml", "0 of 1, 1; 1 WEAK"),
    (RUBY, "idp_metadata_different_sign_and_encrypt_cert.xml", "1 of 1, 1"),
    (RUBY, "idp_metadata_multi_certs.xml", "1 of 1, 1"),
    (RUBY, "idp_metadata_multi_signing_certs.xml", "1 of 1, 1"),
    (RUBY, "idp_metadata_same_sign_and_encrypt_cert.xml", "1 of 1, 1"),
    (RUBY, "idp_multiple_descriptors.xml", "0 of 2, 3; 2 WEAK"),
    (RUBY, "idp_multiple_descriptors_2.xml", "0 of 2, 3; 2 WEAK"),
    (RUBY, "idp_without_slo_response_location.xml", "0 of 1, 1; 1 WEAK"),
    (RUBY, "no_idp_descriptor.xml", "0 of 0, 1"),
];

/// 2014, before any of them expired.
fn then() -> DateTime<Utc> {
    DateTime::from_timestamp(1_388_534_400, 0).unwrap()
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora").join(name)
}

fn verdict(text: &[u8]) -> String {
    let list = match entities(text, then()) {
        Ok(list) => list,
        Err(refusal) => return format!("{:?}: {}", refusal.fault, refusal.seen),
    };
    let providers: Vec<_> = list.iter().filter(|one| one.is_identity_provider).collect();
    let mut refused = BTreeMap::new();
    for one in &providers {
        if let Err(refusal) = read_identity_provider(text, Some(&one.entity_id), then(), None) {
            *refused.entry(format!("{:?}: {}", refusal.fault, refusal.seen)).or_insert(0) += 1;
        }
    }
    let read = providers.len() - refused.values().sum::<usize>();
    let why: String = refused.iter().map(|(why, count)| format!("; {count} {why}")).collect();
    format!("{read} of {}, {}{why}", providers.len(), list.len()).replace(WEAK, "WEAK")
}

#[test]
fn saml_sm40_collected_metadata_is_read_but_for_what_is_broken_or_weak() {
    for (project, file, expected) in VERDICTS {
        let found = verdict(&std::fs::read(folder(project).join(file)).unwrap());
        let same = found == *expected || found.starts_with(&format!("{expected}: "));
        assert!(same, "{project}/{file}: {found}, expected {expected}");
    }
}

#[test]
fn saml_sm40_every_collected_file_has_a_verdict() {
    for project in [PYTHON, RUBY] {
        let files = std::fs::read_dir(folder(project)).unwrap();
        let found: BTreeSet<_> =
            files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let judged = VERDICTS.iter().filter(|(of, ..)| *of == project);
        assert_eq!(found, judged.map(|(_, file, _)| (*file).to_owned()).collect());
    }
}

#[test]
fn saml_me08_collected_metadata_that_has_expired_is_refused_today() {
    let today = DateTime::from_timestamp(1_795_341_600, 0).unwrap();
    let text = std::fs::read(folder(RUBY).join("idp_descriptor_2.xml")).unwrap();
    let refusal = read_identity_provider(&text, None, today, None).unwrap_err();
    assert!(refusal.seen.starts_with("metadata that expired at 2014-04-17"), "{refusal}");
}
