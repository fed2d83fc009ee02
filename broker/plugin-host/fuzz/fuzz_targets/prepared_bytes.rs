//! The prepared configuration of the bundled plugin: bytes that it did not write are refused, bytes that it
//! accepts say the same after another round. Native: the decoder is plain Rust.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_default_mapper::plan::Plan;

fuzz_target!(|bytes: &[u8]| {
    match Plan::decode(bytes) {
        Ok(plan) => {
            let once = plan.encode();
            let again = Plan::decode(&once).expect("what it encodes it also reads").encode();
            assert_eq!(once, again);
        }
        Err(failure) => assert_eq!(failure.code, "prepared"),
    }
});
