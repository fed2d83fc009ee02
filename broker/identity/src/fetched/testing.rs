//! Somebody on loopback who publishes a document and counts how often it is asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::outgoing::{OutgoingHttp, OutgoingSettings};

/// Answers every request with the same status and body, until told otherwise.
pub(crate) struct Publisher {
    /// Where the document is.
    pub(crate) url: Url,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    pub(crate) async fn new(document: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new((200, document.into())));
        let asked = Arc::new(AtomicUsize::new(0));
        let (says, counts) = (Arc::clone(&answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counts.fetch_add(1, Ordering::SeqCst);
                let answer = says.lock().unwrap().clone();
                tokio::spawn(serve_once(stream, answer));
            }
        });
        Self { url: format!("http://{address}/jwks").parse().unwrap(), answer, asked }
    }

    pub(crate) fn answers(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().unwrap() = (status, body.into());
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A way out that may go to loopback.
pub(crate) fn http() -> OutgoingHttp {
    let settings = OutgoingSettings {
        allow_private: vec!["127.0.0.1/32".parse().unwrap()],
        ..OutgoingSettings::default()
    };
    OutgoingHttp::new(settings).unwrap()
}

async fn serve_once(mut stream: TcpStream, (status, body): (u16, String)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
