//! The cryptography of decryption: every wrapped key with every private key, always to the end (DC-6, DC-8, DC-9).
//!
//! An attacker who can tell one failure from another decrypts with our key. So a key that does not unwrap is replaced
//! by a random one, as TLS does (RFC 5246 section 7.4.7.1), and every attempt does the same steps. Owns: keys and
//! ciphers. Does not own: what the plaintext must be.

use openssl::encrypt::Decrypter;
use openssl::error::ErrorStack;
use openssl::pkey::Id;
use openssl::rsa::Padding;
use openssl::symm::{Crypter, Mode};

use crate::certificate::PrivateKey;
use crate::decrypt::algorithms::ContentCipher;
use crate::decrypt::plan::{Plan, WrappedKey};

/// The tag of GCM and the block of AES, in bytes.
pub(crate) const BLOCK: usize = 16;
/// The initialisation vector of GCM, in bytes.
pub(crate) const GCM_IV: usize = 12;

/// How many operations were done: equal for all failures of documents of the same shape (DC-9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) unwrapped: usize,
    pub(super) deciphered: usize,
    pub(super) read: usize,
}

/// Tries every pair of keys and gives each plaintext, or what stands for one, to `accept`; the first that it takes
/// is the answer.
pub(super) fn open<T>(
    plan: &Plan,
    keys: &[PrivateKey],
    accept: impl Fn(&str) -> Option<T>,
) -> (Option<T>, Work) {
    let mut work = Work::default();
    let mut answer = None;
    let usable = || keys.iter().filter(|key| key.pkey().id() == Id::RSA);
    for wrapped in &plan.keys {
        for key in usable() {
            let Some(substitute) = random(plan.cipher.cipher().key_len()) else {
                continue;
            };
            work.unwrapped += 1;
            let found = unwrap(wrapped, key).filter(|found| found.len() == substitute.len());
            let content_key = found.unwrap_or(substitute);
            work.deciphered += 1;
            let (octets, whole) = decipher(plan.cipher, &content_key, &plan.content);
            work.read += 1;
            // Read in any case, so that a wrong padding costs what a right one does.
            let taken = accept(&String::from_utf8_lossy(&octets));
            let sound = whole && std::str::from_utf8(&octets).is_ok();
            answer = answer.or(taken.filter(|_| sound));
        }
    }
    let _ = ErrorStack::get();
    (answer, work)
}

fn random(length: usize) -> Option<Vec<u8>> {
    let mut key = vec![0; length];
    openssl::rand::rand_bytes(&mut key).ok().map(|()| key)
}

fn unwrap(wrapped: &WrappedKey, key: &PrivateKey) -> Option<Vec<u8>> {
    let mut decrypter = Decrypter::new(key.pkey()).ok()?;
    decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
    decrypter.set_rsa_oaep_md(wrapped.transport.digest.message_digest()).ok()?;
    decrypter.set_rsa_mgf1_md(wrapped.transport.mask.message_digest()).ok()?;
    if !wrapped.label.is_empty() {
        decrypter.set_rsa_oaep_label(&wrapped.label).ok()?;
    }
    let mut content_key = vec![0; decrypter.decrypt_len(&wrapped.value).ok()?];
    let length = decrypter.decrypt(&wrapped.value, &mut content_key).ok()?;
    content_key.truncate(length);
    Some(content_key)
}

/// The plaintext, and whether padding or tag are right; what cannot be deciphered is given back as it came.
fn decipher(cipher: ContentCipher, key: &[u8], content: &[u8]) -> (Vec<u8>, bool) {
    let deciphered = if cipher.is_authenticated() {
        gcm(cipher, key, content)
    } else {
        cbc(cipher, key, content)
    };
    deciphered.unwrap_or_else(|| (content.to_vec(), false))
}

fn gcm(cipher: ContentCipher, key: &[u8], content: &[u8]) -> Option<(Vec<u8>, bool)> {
    let (iv, rest) = content.split_at_checked(GCM_IV)?;
    let (text, tag) = rest.split_at_checked(rest.len().checked_sub(BLOCK)?)?;
    let mut crypter = Crypter::new(cipher.cipher(), Mode::Decrypt, key, Some(iv)).ok()?;
    crypter.set_tag(tag).ok()?;
    let (octets, sound) = run(crypter, text)?;
    Some((octets, sound))
}

fn cbc(cipher: ContentCipher, key: &[u8], content: &[u8]) -> Option<(Vec<u8>, bool)> {
    let (iv, text) = content.split_at_checked(BLOCK)?;
    if text.is_empty() || text.len() % BLOCK != 0 {
        return None;
    }
    let mut crypter = Crypter::new(cipher.cipher(), Mode::Decrypt, key, Some(iv)).ok()?;
    // Only the last octet of XML's padding has a meaning (XML Encryption 5.2.1); .NET fills the rest at random.
    crypter.pad(false);
    let (mut octets, sound) = run(crypter, text)?;
    let padding = octets.last().map_or(0, |last| usize::from(*last));
    let padded = (1..=BLOCK).contains(&padding);
    if padded {
        octets.truncate(octets.len().saturating_sub(padding));
    }
    Some((octets, sound && padded))
}

fn run(mut crypter: Crypter, text: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut octets = vec![0; text.len() + BLOCK];
    let length = crypter.update(text, &mut octets).ok()?;
    let sound = crypter.finalize(octets.get_mut(length..)?).is_ok();
    octets.truncate(length);
    Some((octets, sound))
}
