//! A connection between the server and its database that a test can cut and mend.

use std::sync::Arc;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
    task::JoinHandle,
};

/// A TCP proxy on loopback. Cut, it refuses connections and has ended those that it had.
#[derive(Debug)]
pub struct Wire {
    target: String,
    port: u16,
    cut: watch::Sender<bool>,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Wire {
    /// A wire to `target`, a host and port.
    pub(crate) async fn to(target: String) -> Arc<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let wire = Self { target, port, cut: watch::Sender::new(false), accepting: Mutex::default() };
        *wire.accepting.lock().await = Some(wire.accept(listener));
        Arc::new(wire)
    }

    /// The port to connect to.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Cuts it.
    pub async fn cut(&self) {
        if let Some(accepting) = self.accepting.lock().await.take() {
            accepting.abort();
            // Ended by the abort: nothing is accepted from here on.
            let _ = accepting.await;
        }
        self.cut.send_replace(true);
    }

    /// Mends it.
    pub async fn mend(&self) {
        self.cut.send_replace(false);
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the port of the wire is free again");
        *self.accepting.lock().await = Some(self.accept(listener));
    }

    fn accept(&self, listener: TcpListener) -> JoinHandle<()> {
        let (target, cut) = (self.target.clone(), self.cut.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (target, mut cut) = (target.clone(), cut.subscribe());
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(target).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        })
    }
}
