//! The client against listeners on loopback: no network, no sleeping.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;

/// Answers every name with the same addresses.
#[derive(Debug)]
struct Always(Vec<IpAddr>);

impl Lookup for Always {
    fn lookup(&self, _host: &str) -> LookupFuture {
        let found = self.0.clone();
        Box::pin(async move { Ok(found) })
    }
}

fn settings(allow: &[&str]) -> OutgoingSettings {
    OutgoingSettings {
        allow_private: allow.iter().map(|net| net.parse().unwrap()).collect(),
        max_response_bytes: 1000,
        ..OutgoingSettings::default()
    }
}

fn outgoing(allow: &[&str]) -> OutgoingHttp {
    OutgoingHttp::new(settings(allow)).unwrap()
}

fn resolving_to(allow: &[&str], addresses: &[&str]) -> OutgoingHttp {
    let found = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    OutgoingHttp::with_lookup(settings(allow), &(Arc::new(Always(found)) as Arc<dyn Lookup>))
        .unwrap()
}

async fn get(http: &OutgoingHttp, url: &str) -> Result<OutgoingResponse, OutgoingError> {
    http.send(OutgoingRequest::get_json(url.parse().unwrap())).await
}

/// Answers one connection with `answer`, then keeps it open until the other side leaves.
async fn answering(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let _ = stream.write_all(&answer).await;
        let _ = stream.read(&mut [0; 1]).await;
    });
    address
}

async fn read_head(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
}

/// A listener that nobody may ever reach.
struct Forbidden(std::net::TcpListener);

impl Forbidden {
    fn on(address: &str) -> Self {
        let listener = std::net::TcpListener::bind((address, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// A connection made before would wait in the queue now.
    fn was_never_reached(&self) {
        assert_eq!(self.0.accept().map(|_| ()).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

fn blocked<T: std::fmt::Debug>(result: &Result<T, OutgoingError>) -> bool {
    matches!(result, Err(OutgoingError::BlockedAddress { .. }))
}

#[tokio::test]
async fn a_listed_address_is_reached_and_read_whole() {
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: Application/JSON; charset=utf-8\r\n";
    let address = answering(format!("{head}Content-Length: 7\r\n\r\n{{\"a\":1}}")).await;
    let answer = get(&outgoing(&["127.0.0.1/32"]), &format!("http://{address}/x")).await.unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(answer.json::<serde_json::Value>().unwrap()["a"], 1);
}

#[tokio::test]
async fn c10_redirects_are_not_followed_and_inward_ones_are_named() {
    let forbidden = Forbidden::on("127.0.0.2");
    let inward = format!("http://127.0.0.2:{}/", forbidden.port());
    let listed = "https://127.0.0.1/";
    for (location, is_inward) in [
        (inward.as_str(), true),
        ("http://169.254.169.254/latest/meta-data", true),
        ("https://localhost./", false), // loopback is listed here
        (listed, false),
        ("/elsewhere", false),
        ("https://idp.example/", false),
    ] {
        let address =
            answering(format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n")).await;
        let answer = get(&outgoing(&["127.0.0.1/32"]), &format!("http://{address}/")).await;
        let redirect = matches!(answer, Err(OutgoingError::RedirectRefused { .. }));
        assert_eq!((blocked(&answer), redirect), (is_inward, !is_inward), "{location}");
    }
    forbidden.was_never_reached();
}

#[tokio::test]
async fn c11_loopback_is_never_connected_to_unless_listed() {
    let forbidden = Forbidden::on("127.0.0.1");
    let port = forbidden.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        for scheme in ["http", "https"] {
            let answer = get(&outgoing(&[]), &format!("{scheme}://{host}:{port}/")).await;
            assert!(blocked(&answer), "{scheme} {host}: {answer:?}");
        }
    }
    forbidden.was_never_reached();
}

#[tokio::test]
async fn c11_a_name_with_one_inward_address_is_refused_whole() {
    let forbidden = Forbidden::on("127.0.0.1");
    let url = format!("https://idp.example:{}/", forbidden.port());
    for addresses in [&["127.0.0.1"][..], &["1.1.1.1", "127.0.0.1"], &["::ffff:127.0.0.1"]] {
        let answer = get(&resolving_to(&["10.0.0.0/8"], addresses), &url).await;
        assert!(blocked(&answer), "{addresses:?}: {answer:?}");
    }
    forbidden.was_never_reached();
}

#[tokio::test]
async fn plain_http_reaches_listed_names_only() {
    let address = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let url = format!("http://idp.example:{}/", address.port());
    let answer = get(&resolving_to(&["127.0.0.1/32"], &["127.0.0.1"]), &url).await;
    assert_eq!(answer.unwrap().status, 204);
    let answer = get(&resolving_to(&["127.0.0.1/32"], &["1.1.1.1"]), &url).await;
    assert!(matches!(answer, Err(OutgoingError::SchemeRefused { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_huge_body_is_cut_off_whether_announced_or_not() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".to_owned();
    let endless = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        format!("1f4\r\n{}\r\n", "x".repeat(500)).repeat(3)
    );
    for answer in [announced, endless] {
        let address = answering(answer).await;
        let answer = get(&outgoing(&["127.0.0.1/32"]), &format!("http://{address}/")).await;
        assert!(matches!(answer, Err(OutgoingError::TooLarge { limit: 1000, .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_silent_or_half_answer_times_out() {
    let timeout = Duration::from_millis(100);
    let http =
        OutgoingHttp::new(OutgoingSettings { timeout, ..settings(&["127.0.0.1/32"]) }).unwrap();
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
        let address = answering(answer).await;
        let answer = get(&http, &format!("http://{address}/")).await;
        assert!(matches!(answer, Err(OutgoingError::TimedOut { .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_no_text_tells_a_secret() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url: Url = format!("http://127.0.0.1:{port}/token?code=hush-query").parse().unwrap();
    let request = OutgoingRequest::post_form(url, [("client_secret", "hush-body")])
        .with_secret_header("authorization", "Basic hush-header".into());
    let printed = format!("{request:?}");
    let error = outgoing(&["127.0.0.1/32"]).send(request).await.unwrap_err();
    assert!(matches!(error, OutgoingError::Unreachable { .. }), "{error:?}");
    for text in [printed, format!("{error:?}"), error.to_string()] {
        assert!(!text.contains("hush"), "{text}");
    }
}

#[test]
fn an_extra_ca_file_without_a_certificate_is_refused() {
    for pem in ["", "no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let extra_ca_pem = Some(pem.as_bytes().to_vec());
        let result = OutgoingHttp::new(OutgoingSettings { extra_ca_pem, ..settings(&[]) });
        assert!(matches!(result, Err(OutgoingError::Setup { .. })), "{pem:?}");
    }
}
