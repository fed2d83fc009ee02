//! TLS in the process, over real connections, with certificates made here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use chrono::TimeDelta;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::tls::{TlsInfo, Version};
use symbolon_storage::testing::TestDatabase;
use tempfile::TempDir;

use crate::world::TestBroker;

/// A certification authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: String,
}

/// A certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), root }
    }

    /// For a host, until the first day of a year.
    pub(crate) fn issue(&self, host: &str, year: i32) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Issued {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().to_vec(),
        }
    }
}

/// A broker with a certificate for its address.
struct Secure {
    world: TestBroker,
    authority: Authority,
    first: Issued,
    folder: TempDir,
}

impl Secure {
    async fn start() -> Self {
        let (authority, folder) = (Authority::new(), TempDir::new().unwrap());
        let first = authority.issue("127.0.0.1", 4000);
        write(&folder, &first);
        let path = |name: &str| file(&folder, name).to_str().unwrap().to_owned();
        let (certificate, key) = (path("tls.pem"), path("tls.key"));
        let settings = [
            ("SYMBOLON__HTTP__TLS__CERTIFICATE_FILE", certificate.as_str()),
            ("SYMBOLON__HTTP__TLS__KEY_FILE", key.as_str()),
        ];
        let world = TestBroker::start_on(TestDatabase::chosen().await, &settings).await;
        Self { world, authority, first, folder }
    }

    /// A fresh client, so that it makes a fresh connection.
    #[expect(clippy::disallowed_methods, reason = "a test plays a browser, not the broker")]
    fn client(&self, version: Option<Version>) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.authority.root.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().tls_certs_only([root]).tls_info(true);
        let builder = builder.redirect(reqwest::redirect::Policy::none());
        match version {
            Some(version) => builder.tls_version_min(version).tls_version_max(version),
            None => builder,
        }
        .build()
        .unwrap()
    }

    /// The certificate that a new connection meets.
    async fn served(&self) -> Vec<u8> {
        let reply =
            self.client(None).get(format!("{}/livez", self.world.url)).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        reply.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
    }

    fn a_minute_later(&self) {
        self.world.clock.advance(TimeDelta::seconds(60));
    }
}

fn file(folder: &TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

fn write(folder: &TempDir, issued: &Issued) {
    fs::write(file(folder, "tls.pem"), &issued.certificate).unwrap();
    fs::write(file(folder, "tls.key"), &issued.key).unwrap();
    fs::set_permissions(file(folder, "tls.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[actix_web::test]
async fn feat_b41_the_sign_in_page_is_served_over_tls_and_over_nothing_else() {
    let here = Secure::start().await;
    let contoso = here.world.tenant("contoso").await;
    contoso.connector("partners", |_| ()).await;
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let client = here.client(Some(version));
        let begun = client.get(format!("{}/login", contoso.issuer())).send().await.unwrap();
        let cookie = begun.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Host-symbolon-login-contoso="), "{cookie}");
        assert!(cookie.contains("; Secure"), "{cookie}");
        let url = format!("{}{}", here.world.url, begun.headers()["location"].to_str().unwrap());
        let cookie = cookie.split(';').next().unwrap();
        let page = client.get(url).header("cookie", cookie).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert_eq!(page.headers()["strict-transport-security"], "max-age=63072000");
        let text = page.text().await.unwrap();
        assert!(text.contains("id=\"connector-upstream\""), "{text}");
        assert!(!text.contains("other-host-warning"), "{text}");
    }
    let plain = here.world.url.replace("https://", "http://");
    let refused = here.client(None).get(format!("{plain}/livez")).send().await;
    assert!(refused.is_err(), "{refused:?}");
}

#[actix_web::test]
async fn feat_b41_a_new_certificate_is_taken_without_a_restart() {
    let here = Secure::start().await;
    assert_eq!(here.served().await, here.first.der);
    let second = here.authority.issue("127.0.0.1", 4000);
    write(&here.folder, &second);
    assert_eq!(here.served().await, here.first.der, "looked at once a minute at most");
    here.a_minute_later();
    assert_eq!(here.served().await, second.der);

    // Nothing that is broken is taken, and nothing breaks the watch.
    let third = here.authority.issue("127.0.0.1", 4000);
    let expired = here.authority.issue("127.0.0.1", 2020);
    let broken: [&dyn Fn(); 4] = [
        &|| fs::write(file(&here.folder, "tls.pem"), "half a fi").unwrap(),
        &|| fs::write(file(&here.folder, "tls.pem"), &third.certificate).unwrap(),
        &|| write(&here.folder, &expired),
        &|| fs::remove_file(file(&here.folder, "tls.key")).unwrap(),
    ];
    for spoil in broken {
        spoil();
        here.a_minute_later();
        assert_eq!(here.served().await, second.der);
    }
    write(&here.folder, &third);
    here.a_minute_later();
    assert_eq!(here.served().await, third.der);
}
