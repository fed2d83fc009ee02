//! RSA with SHA-1 (PKCS #1 v1.5, RFC 8017 section 8.2.1): aws-lc-rs verifies it but does not make it.
//! Tests only, and slow; not constant in time.
#![expect(
    clippy::indexing_slicing,
    reason = "arithmetic on numbers of one fixed length; a wrong index fails a test"
)]

use aws_lc_rs::digest;

/// DigestInfo of SHA-1 up to the digest (RFC 8017 section 9.2, note 1).
const SHA1_INFO: &[u8] =
    &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// Signs with a private key in PKCS #8 form; `None` if it is no RSA key.
pub(super) fn sign_rsa_sha1(pkcs8: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let (modulus, exponent) = modulus_and_exponent(pkcs8)?;
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
    let padding = modulus.len().checked_sub(SHA1_INFO.len() + digest.as_ref().len() + 3)?;
    let mut block = vec![0, 1];
    block.resize(padding + 2, 0xff);
    block.push(0);
    block.extend_from_slice(SHA1_INFO);
    block.extend_from_slice(digest.as_ref());
    power(&block, exponent, modulus)
}

/// `n` and `d` of an RSAPrivateKey (RFC 8017 A.1.2) inside PrivateKeyInfo (RFC 5208).
fn modulus_and_exponent(pkcs8: &[u8]) -> Option<(&[u8], &[u8])> {
    let info = fields(element(pkcs8)?.0)?;
    let key = fields(element(info.get(2)?)?.0)?;
    let number =
        |at: usize| key.get(at).map(|bytes| &bytes[usize::from(bytes.first() == Some(&0))..]);
    Some((number(1)?, number(3)?))
}

fn fields(mut content: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !content.is_empty() {
        let (inside, rest) = element(content)?;
        found.push(inside);
        content = rest;
    }
    Some(found)
}

/// The content of the first DER element, and what follows it.
fn element(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[_, first], rest) = input.split_first_chunk::<2>()?;
    let octets = usize::from(first & 0x7f);
    if first < 0x80 {
        return rest.split_at_checked(octets);
    }
    let (length, rest) = rest.split_at_checked(octets)?;
    rest.split_at_checked(length.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)))
}

/// `base ^ exponent mod modulus`, all big-endian.
fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
    let n = limbs(modulus)?;
    let inverse =
        (0..6).fold(1_u64, |x, _| x.wrapping_mul(2_u64.wrapping_sub(n[0].wrapping_mul(x))));
    let montgomery = Montgomery { minus_inverse: inverse.wrapping_neg(), n };
    let mut one = vec![0; montgomery.n.len()];
    one[0] = 1;
    let squared = (0..montgomery.n.len() * 128).fold(one.clone(), |x, _| montgomery.double(&x));
    let base = montgomery.multiply(&limbs(base)?, &squared);
    let mut result = montgomery.multiply(&one, &squared);
    for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)) {
        result = montgomery.multiply(&result, &result);
        if bit == 1 {
            result = montgomery.multiply(&result, &base);
        }
    }
    let result = montgomery.multiply(&result, &one);
    Some(result.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect())
}

/// Little-endian limbs of a number whose length is a multiple of eight bytes, as RSA keys' are.
fn limbs(bytes: &[u8]) -> Option<Vec<u64>> {
    let limbs: Vec<u64> = bytes
        .rchunks(8)
        .filter_map(|chunk| chunk.try_into().ok())
        .map(u64::from_be_bytes)
        .collect();
    (limbs.len() * 8 == bytes.len() && !limbs.is_empty()).then_some(limbs)
}

struct Montgomery {
    n: Vec<u64>,
    minus_inverse: u64,
}

impl Montgomery {
    /// `a * b / R mod n` (CIOS).
    fn multiply(&self, a: &[u64], b: &[u64]) -> Vec<u64> {
        let size = self.n.len();
        let mut t = vec![0_u64; size + 2];
        for &digit in b {
            let carry = add_product(&mut t, a, digit);
            let (sum, over) = t[size].overflowing_add(carry);
            (t[size], t[size + 1]) = (sum, u64::from(over));
            let factor = t[0].wrapping_mul(self.minus_inverse);
            let carry = add_product(&mut t, &self.n, factor);
            let (sum, over) = t[size].overflowing_add(carry);
            (t[size], t[size + 1]) = (sum, t[size + 1] + u64::from(over));
            t.remove(0);
            t.push(0);
        }
        self.reduce(&t[..=size])
    }

    fn double(&self, a: &[u64]) -> Vec<u64> {
        let mut carry = 0;
        let mut t: Vec<u64> = a
            .iter()
            .map(|limb| {
                let doubled = limb << 1 | carry;
                carry = limb >> 63;
                doubled
            })
            .collect();
        t.push(carry);
        self.reduce(&t)
    }

    /// Takes `n` away once if the number, one limb longer, is not smaller.
    fn reduce(&self, t: &[u64]) -> Vec<u64> {
        let mut borrow = false;
        let mut less: Vec<u64> = Vec::with_capacity(t.len());
        for (at, &limb) in t.iter().enumerate() {
            let (once, first) = limb.overflowing_sub(self.n.get(at).copied().unwrap_or_default());
            let (twice, second) = once.overflowing_sub(u64::from(borrow));
            borrow = first || second;
            less.push(twice);
        }
        let chosen = if borrow { t } else { &less };
        chosen[..self.n.len()].to_vec()
    }
}

/// Adds `a * digit` to the low limbs of `t` and gives the carry.
fn add_product(t: &mut [u64], a: &[u64], digit: u64) -> u64 {
    let mut carry = 0_u128;
    for (limb, &factor) in t.iter_mut().zip(a) {
        let sum = u128::from(*limb) + u128::from(factor) * u128::from(digit) + carry;
        let [low, high] = [sum & u128::from(u64::MAX), sum >> 64];
        *limb = u64::try_from(low).unwrap_or_default();
        carry = high;
    }
    u64::try_from(carry).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey,
    };

    use super::*;

    #[test]
    fn rsa_sha1_verifies_where_others_made_the_key() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let signature = sign_rsa_sha1(private.as_ref(), b"words").unwrap();
        let public = UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            pair.public_key().as_ref(),
        );
        public.verify(b"words", &signature).unwrap();
        assert!(public.verify(b"other words", &signature).is_err());
    }
}
