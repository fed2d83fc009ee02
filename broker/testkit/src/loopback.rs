//! Servers on 127.0.0.1 that live as long as their handle: each has its own thread and actix
//! system, so that it can be started from any test and any runtime.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};

/// Why a server of the testkit did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the thread or the workers could not be made.
    #[error("cannot serve on 127.0.0.1:{port}: {source}")]
    Serve {
        /// The port that was asked for; 0 means any.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server's thread ended before it said that it is ready.
    #[error("the server's thread ended before it was ready")]
    ThreadEnded,
    /// A signing key could not be made.
    #[error("cannot make a signing key: {0}")]
    Key(#[from] crate::keys::KeyError),
    /// The HTTP sender could not be built.
    #[error(transparent)]
    Http(#[from] crate::http::HttpError),
}

/// A running server; dropping it stops the server and frees the port.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// A port that is already ours, so that a server can know its own URL before it starts.
pub(crate) struct Reserved {
    listener: TcpListener,
    address: SocketAddr,
    port: u16,
}

impl Reserved {
    /// Takes the port; 0 takes any free one.
    pub(crate) fn take(port: u16) -> Result<Self, StartError> {
        let failed = |source| StartError::Serve { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, port })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves these routes until the returned value is dropped.
    pub(crate) fn serve<F>(self, routes: F) -> Result<Loopback, StartError>
    where
        F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let Self { listener, address, port } = self;
        let failed = move |source| StartError::Serve { port, source };
        let (ready, started) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name(format!("testkit-{}", address.port()))
            .spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    let bound = HttpServer::new(move || App::new().configure(routes.clone()))
                        .workers(1)
                        .disable_signals()
                        .listen(listener);
                    match bound {
                        Ok(server) => {
                            let server = server.run();
                            let _ = ready.send(Ok(server.handle()));
                            let _ = server.await;
                        }
                        Err(source) => {
                            let _ = ready.send(Err(source));
                        }
                    }
                });
            })
            .map_err(failed)?;
        let handle = started.recv().map_err(|_| StartError::ThreadEnded)?.map_err(failed)?;
        Ok(Loopback { address, handle, thread: Some(thread) })
    }
}

impl Loopback {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // The command is sent by the call itself; the future only waits for the answer.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
