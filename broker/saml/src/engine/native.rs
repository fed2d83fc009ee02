//! The native libraries' process-wide settings: silent, without any way to files or the network, and with no other
//! transforms than a signed SAML message needs (API-6, SM-03, SM-05).
//!
//! The gate refuses all of this before; here the libraries could not do it either. Owns: every `unsafe` of this
//! crate. Does not own: calls that verify or sign (samael has them).
#![expect(unsafe_code, reason = "samael does not offer these settings of libxml2 and xmlsec")]

use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::Once;

use openssl::error::ErrorStack;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider};

type Klass = *const c_void;
type List = *mut c_void;

/// `xmlStructuredErrorFunc` of libxml2.
type StructuredErrorFunc = unsafe extern "C" fn(context: *mut c_void, error: *mut c_void);
/// `xmlExternalEntityLoader` of libxml2.
type EntityLoader = unsafe extern "C" fn(*const c_char, *const c_char, *mut c_void) -> *mut c_void;

unsafe extern "C" {
    // libxml2.
    fn xmlSetStructuredErrorFunc(context: *mut c_void, handler: Option<StructuredErrorFunc>);
    fn xmlSetExternalEntityLoader(loader: Option<EntityLoader>);
    fn xmlCleanupInputCallbacks();
    // xmlsec.
    fn xmlSecErrorsDefaultCallbackEnableOutput(enabled: c_int);
    fn xmlSecErrorsSetCallback(callback: *const c_void);
    fn xmlSecIOCleanupCallbacks();
    fn xmlSecTransformIdsGet() -> List;
    fn xmlSecTransformIdsRegister(klass: Klass) -> c_int;
    fn xmlSecPtrListEmpty(list: List);
    fn xmlSecTransformEnvelopedGetKlass() -> Klass;
    fn xmlSecTransformExclC14NGetKlass() -> Klass;
    fn xmlSecTransformInclC14NGetKlass() -> Klass;
    fn xmlSecTransformInclC14N11GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformSha1GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformSha256GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformSha384GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformSha512GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformRsaSha1GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformRsaSha256GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformRsaSha384GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformRsaSha512GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformEcdsaSha1GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformEcdsaSha256GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformEcdsaSha384GetKlass() -> Klass;
    fn xmlSecOpenSSLTransformEcdsaSha512GetKlass() -> Klass;
}

/// The transforms and algorithms of PC-13 and PC-14; SHA-1 is decided by policy before.
const TRANSFORMS: &[unsafe extern "C" fn() -> Klass] = &[
    xmlSecTransformEnvelopedGetKlass,
    xmlSecTransformExclC14NGetKlass,
    xmlSecTransformInclC14NGetKlass,
    xmlSecTransformInclC14N11GetKlass,
    xmlSecOpenSSLTransformSha1GetKlass,
    xmlSecOpenSSLTransformSha256GetKlass,
    xmlSecOpenSSLTransformSha384GetKlass,
    xmlSecOpenSSLTransformSha512GetKlass,
    xmlSecOpenSSLTransformRsaSha1GetKlass,
    xmlSecOpenSSLTransformRsaSha256GetKlass,
    xmlSecOpenSSLTransformRsaSha384GetKlass,
    xmlSecOpenSSLTransformRsaSha512GetKlass,
    xmlSecOpenSSLTransformEcdsaSha1GetKlass,
    xmlSecOpenSSLTransformEcdsaSha256GetKlass,
    xmlSecOpenSSLTransformEcdsaSha384GetKlass,
    xmlSecOpenSSLTransformEcdsaSha512GetKlass,
];

/// Runs a call into samael: the libraries are prepared, this thread is silent, and no error stays behind in OpenSSL's
/// queue of this thread, where the next TLS connection would find it.
pub(crate) fn call<T>(work: impl FnOnce() -> T) -> T {
    prepare();
    silence_this_thread();
    let result = work();
    let _ = ErrorStack::get();
    result
}

/// Sets up the libraries, once a process.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        silence_this_thread();
        // SAFETY: sets one static int of xmlsec; nothing else uses xmlsec yet.
        unsafe { xmlSecErrorsDefaultCallbackEnableOutput(0) };
        // samael initialises xmlsec at its first key, before it finds that this one is none.
        let nothing = CertificateDer::from(Vec::new());
        let _ = Crypto::verify_signed_xml("<a/>", &nothing, None);
        close_the_ways_out();
        let _ = ErrorStack::get();
    });
}

fn close_the_ways_out() {
    // SAFETY: xmlsec is initialised and, inside `Once`, used by no other thread. A null callback is xmlsec's way of
    // saying "none"; the lists that are emptied own nothing but pointers to static klass structures and callbacks.
    // libxml2 only ever parses from memory here, so nothing misses its input callbacks.
    unsafe {
        xmlSecErrorsSetCallback(std::ptr::null());
        xmlSecIOCleanupCallbacks();
        xmlCleanupInputCallbacks();
        xmlSetExternalEntityLoader(Some(load_nothing));
        xmlSecPtrListEmpty(xmlSecTransformIdsGet());
        for klass in TRANSFORMS {
            let _ = xmlSecTransformIdsRegister(klass());
        }
    }
}

/// libxml2 keeps its error handlers per thread, so that this is said before every call.
fn silence_this_thread() {
    // SAFETY: stores a function pointer in this thread's state of libxml2; the function lives as long as the process.
    unsafe { xmlSetStructuredErrorFunc(null_mut(), Some(say_nothing)) };
}

unsafe extern "C" fn say_nothing(_context: *mut c_void, _error: *mut c_void) {}

unsafe extern "C" fn load_nothing(
    _url: *const c_char,
    _id: *const c_char,
    _context: *mut c_void,
) -> *mut c_void {
    null_mut()
}
