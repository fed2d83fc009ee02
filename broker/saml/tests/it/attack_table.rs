//! One test for each row of the attack table (saml.md section 10) and for each row of bad responses (security.md 3 A),
//! named by its id; and the proof that no row is missing.

use crate::{built, corpus};

/// Rows: name of the test, id, what else than the corpus is run for it.
macro_rules! rows {
    ($($name:ident $id:literal $($built:ident)*;)+) => {
        $(#[test] fn $name() { corpus::run($id); $(built::$built();)* })+
        const TESTED: &[&str] = &[$($id),+];
    };
}

/// Rows that only have documents that are built.
macro_rules! built_rows {
    ($($name:ident $id:literal $($built:ident)+;)+) => {
        $(#[test] fn $name() { $(built::$built();)+ })+
        const BUILT: &[&str] = &[$($id),+];
    };
}

rows! {
    saml_at01_nothing_or_something_else_is_signed "AT-01";
    saml_at02_no_signing_certificate "AT-02" metadata_without_certificate;
    saml_at03_signed_by_a_key_of_its_own "AT-03";
    saml_at04_key_info_is_ignored "AT-04";
    saml_at05_sha1 "AT-05";
    saml_at06_hmac_and_md5 "AT-06";
    saml_at10_wrapping "AT-10";
    saml_at11_wrapping_with_another_id "AT-11";
    saml_at12_second_assertion "AT-12";
    saml_at13_duplicate_id "AT-13";
    saml_at14_ids_by_document_type "AT-14";
    saml_at15_two_signed_assertions "AT-15";
    saml_at16_assertion_in_advice "AT-16";
    saml_at17_foreign_destination_around_a_genuine_assertion "AT-17";
    saml_at18_failed_status_around_a_genuine_assertion "AT-18";
    saml_at23_comment_in_nameid "AT-23";
    saml_at24_canonicalisation_with_comments "AT-24";
    saml_at25_processing_instruction "AT-25";
    saml_at26_cdata_and_comments_are_read_whole "AT-26";
    saml_at27_entities "AT-27";
    saml_at28_document_types "AT-28";
    saml_at29_what_lenient_parsers_repair "AT-29";
    saml_at35_semantics "AT-35";
    saml_at36_semantics_that_are_often_missed "AT-36";
    saml_at40_forged_encrypted_assertion "AT-40";
    saml_at41_broken_ciphertexts "AT-41";
    saml_at42_broken_key_and_wrong_audience_inside "AT-42";
    saml_at43_rsa_15 "AT-43";
    saml_at51_xslt_and_retrieval "AT-51" transforms;
    saml_at70_encryption_of_real_providers "AT-70";
    saml_at72_element_inside_a_value "AT-72";
    saml_at73_certificates_of_two_kinds "AT-73";
    saml_a01_unsigned "A1";
    saml_a02_no_signing_certificate "A2" metadata_without_certificate;
    saml_a04_key_of_the_message "A4";
    saml_a05_xsw1 "A5";
    saml_a06_xsw2 "A6";
    saml_a07_xsw3 "A7";
    saml_a08_xsw4 "A8";
    saml_a09_xsw5 "A9";
    saml_a10_xsw6 "A10";
    saml_a11_xsw7 "A11";
    saml_a12_xsw8 "A12";
    saml_a14_error_with_a_forged_object "A14";
    saml_a15_two_assertions "A15";
    saml_a17_split_text "A17";
    saml_a18_two_signed_infos_and_comments "A18";
    saml_a20_expansion_depth_width "A20" depth_and_width attributes_and_namespaces;
    saml_a23_references "A23" nothing_is_fetched;
    saml_a24_weak_algorithms "A24";
    saml_a26_malformed_xml "A26" encodings;
    saml_a27_times "A27";
    saml_a29_addresses "A29";
    saml_a32_somebody_elses_request "A32";
    saml_a35_encrypted_by_the_attacker "A35";
    saml_a36_rsa_15_and_padding_oracle "A36" padding_oracle;
    saml_a38_name_ids "A38" long_name_id;
    saml_a41_attributes "A41" attributes;
    saml_a42_issuers_that_look_the_same "A42";
    saml_pc08_other_roots "PC-08";
    saml_pc11_signatures_elsewhere "PC-11";
    saml_pc12_ids_with_prefixes "PC-12";
    saml_pc13_transforms_that_are_missing "PC-13";
    saml_pc15_manifests "PC-15";
    saml_si04_both_signatures_must_hold "SI-4";
    saml_si05_what_must_be_signed "SI-5";
    saml_va10_contexts "VA-10";
    saml_va12_fresh_authentication "VA-12";
    saml_dc02_3des "DC-2";
    saml_dc04_keys_elsewhere "DC-4";
    saml_dc09_nothing_unsigned_is_opened_where_responses_are_signed "DC-9";
    saml_gt15_plaintext_passes_the_gate "GT-15";
    saml_me07_rollover "ME-7";
}

built_rows! {
    saml_at30_encodings "AT-30" encodings;
    saml_at50_nothing_is_fetched "AT-50" nothing_is_fetched;
    saml_at52_transforms_and_attributes_that_cost "AT-52" transforms attributes_and_namespaces;
    saml_at53_many_references_and_signatures "AT-53" references_and_signatures;
    saml_at54_size "AT-54" sizes;
    saml_at55_depth "AT-55" depth_and_width;
    saml_at56_attribute_values "AT-56" attribute_values;
    saml_at60_requests "AT-60" requests;
    saml_at61_redirects "AT-61" redirects;
    saml_a21_size "A21" sizes;
}

/// Rows that are decided where there are browsers, stores and connectors, not here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("AT-37", "replay: the store of single-use things"),
    ("A30", "replay: the store of single-use things"),
    ("A33", "IdP-initiated: the connector and its applications"),
    ("A39", "RelayState: never a target, only our own token"),
];

/// `AT-71` has its test in `honest.rs`.
const HONEST: &[&str] = &["AT-71"];

#[test]
fn every_row_of_both_tables_is_covered() {
    let table = [
        1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 23, 24, 25, 26, 27, 28, 29, 30, 35,
        36, 37, 40, 41, 42, 43, 50, 51, 52, 53, 54, 55, 56, 60, 61, 70, 71, 72, 73,
    ];
    let responses = [
        1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30, 32, 33,
        35, 36, 38, 39, 41, 42,
    ];
    let ids = table
        .iter()
        .map(|number| format!("AT-{number:02}"))
        .chain(responses.iter().map(|number| format!("A{number}")));
    for id in ids {
        let here = [TESTED, BUILT, HONEST].iter().any(|ids| ids.contains(&id.as_str()));
        assert!(here || ELSEWHERE.iter().any(|(other, _)| *other == id), "{id}");
    }
    for id in corpus::ROWS.iter().flat_map(|row| &row.ids) {
        assert!(id == "OK" || TESTED.contains(&id.as_str()), "{id} is in the corpus and not run");
    }
}
