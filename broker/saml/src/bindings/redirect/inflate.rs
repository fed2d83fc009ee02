//! DEFLATE that cannot blow up (PC-02, RFC 1951): the output is bounded while it is made.

use std::io::Read;

use flate2::bufread::DeflateDecoder;

use crate::fault::{Fault, Refusal};
use crate::gate::LONGEST_MESSAGE;

/// Inflates a whole stream and refuses what is longer than a message may be, broken, or followed by something.
pub(super) fn bounded(deflated: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = |seen: &str| Refusal::new(Fault::Encoding, seen, "DEFLATE");
    let mut xml = Vec::new();
    let most = u64::try_from(LONGEST_MESSAGE).unwrap_or(u64::MAX);
    let mut bounded = DeflateDecoder::new(deflated).take(most + 1);
    bounded.read_to_end(&mut xml).map_err(|_| broken("a broken stream"))?;
    if xml.len() > LONGEST_MESSAGE {
        let expected = format!("at most {LONGEST_MESSAGE} bytes");
        return Err(Refusal::new(Fault::TooLarge, "more, inflated", expected));
    }
    if !bounded.into_inner().into_inner().is_empty() {
        return Err(broken("more behind the stream"));
    }
    Ok(xml)
}
