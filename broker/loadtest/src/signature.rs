//! What one signature costs on this machine, by the library that the broker signs with.

use std::time::{Duration, Instant};

use anyhow::anyhow;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::arguments::Signature;

/// As long as the part of a token that is signed.
const MESSAGE: [u8; 600] = [0x61; 600];
/// How long to measure.
const TIME: Duration = Duration::from_secs(1);

/// Milliseconds for one signature, on one core.
///
/// # Errors
/// When no key can be made.
pub fn milliseconds(kind: Signature) -> anyhow::Result<f64> {
    let random = SystemRandom::new();
    match kind {
        Signature::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .map_err(|_| anyhow!("no ECDSA key"))?;
            Ok(each(|| pair.sign(&random, &MESSAGE).is_ok()))
        }
        Signature::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no RSA key"))?;
            let mut signature = vec![0; pair.public_modulus_len()];
            Ok(each(|| pair.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature).is_ok()))
        }
    }
}

fn each(mut sign: impl FnMut() -> bool) -> f64 {
    let (start, mut made) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME && sign() {
        made += 1;
    }
    start.elapsed().as_secs_f64() * 1000.0 / f64::from(made.max(1))
}
