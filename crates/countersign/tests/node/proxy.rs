//! Somebody in the middle: passes everything between a node and its server on, and alters bytes on their way to the node.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

/// The proxy's address, and how often it altered something.
pub struct Proxy {
    pub url: String,
    pub altered: Arc<AtomicU64>,
}

impl Proxy {
    /// Passes on to this server; wherever these bytes come by, the last of them becomes another.
    pub async fn start(server: &str, needle: &'static [u8]) -> Self {
        let flip = move |piece: &mut [u8]| match piece.windows(needle.len()).position(|window| window == needle) {
            Some(at) => {
                piece[at + needle.len() - 1] ^= 1;
                true
            }
            None => false,
        };
        Self::start_with(server, flip).await
    }

    /// Passes on to this server what this function makes of the bytes; it says whether it altered them.
    pub async fn start_with(server: &str, alter: impl Fn(&mut [u8]) -> bool + Send + Sync + 'static) -> Self {
        let alter = Arc::new(alter);
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let altered = Arc::new(AtomicU64::new(0));
        let count = altered.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&server).await else { continue };
                let (count, alter) = (count.clone(), alter.clone());
                tokio::spawn(async move {
                    let (mut near_read, mut near_write) = near.into_split();
                    let (mut far_read, mut far_write) = far.into_split();
                    let up = tokio::spawn(async move { copy(&mut near_read, &mut far_write).await });
                    let mut buffer = vec![0; 1 << 20];
                    while let Ok(read @ 1..) = far_read.read(&mut buffer).await {
                        let piece = &mut buffer[..read];
                        if alter(piece) {
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                        if near_write.write_all(piece).await.is_err() {
                            break;
                        }
                    }
                    up.abort();
                });
            }
        });
        Self { url, altered }
    }
}
