//! An address that nobody may connect to: the target of hostile redirects, discovery documents
//! and header URLs.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::loopback::StartError;
use crate::values::lock;

/// Listens on loopback and remembers every connection; nothing is ever answered.
#[derive(Debug)]
pub struct ForbiddenListener {
    address: SocketAddr,
    seen: Arc<Seen>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    first_lines: Mutex<Vec<String>>,
    closing: std::sync::atomic::AtomicBool,
}

impl ForbiddenListener {
    /// Starts to listen on a free port.
    ///
    /// # Errors
    /// When no port or no thread is to be had.
    pub fn start() -> Result<Self, StartError> {
        let failed = |source| StartError::Serve { port: 0, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let seen = Arc::new(Seen::default());
        let records = Arc::clone(&seen);
        let thread = std::thread::Builder::new()
            .name("testkit-forbidden".to_owned())
            .spawn(move || {
                for connection in listener.incoming() {
                    if records.closing.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Ok(stream) = connection {
                        record(&records, stream);
                    }
                }
            })
            .map_err(failed)?;
        Ok(Self { address, seen, thread: Some(thread) })
    }

    /// `http://127.0.0.1:port`, to be planted where the broker must not follow it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections came.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The first line of each connection, for the message of a failing test.
    #[must_use]
    pub fn first_lines(&self) -> Vec<String> {
        lock(&self.seen.first_lines).clone()
    }
}

fn record(records: &Seen, mut stream: TcpStream) {
    records.connections.fetch_add(1, Ordering::SeqCst);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let mut start = [0_u8; 512];
    let length = stream.read(&mut start).unwrap_or(0);
    let text = String::from_utf8_lossy(start.get(..length).unwrap_or_default()).into_owned();
    lock(&records.first_lines).push(text.lines().next().unwrap_or_default().to_owned());
}

impl Drop for ForbiddenListener {
    fn drop(&mut self) {
        self.seen.closing.store(true, Ordering::SeqCst);
        // Wakes the accept call, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
