//! A node's face on a port of its own, and a client for it.

use node::{
    engine::Model,
    protocol::{HttpLimits, Metrics, ProtocolOptions, ServerNews, serve},
    services::{Arm, Condition, CurrentTable, Service, Table},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the clock says.
pub const NOW: i64 = 1_764_000_000_000_000;

pub struct Scene {
    pub address: SocketAddr,
    pub table: Arc<CurrentTable>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An approved version of `diagnosis/tumour` with all the weight.
pub fn arm(number: &str, model: Arc<dyn Model>) -> Arm {
    Arm {
        version: format!("diagnosis/tumour:{number}"),
        number: number.to_owned(),
        digest: number.repeat(64),
        approved: true,
        weight: 100,
        not_after: NOW + 1,
        condition: Condition::Serving(model),
    }
}

pub fn table(services: Vec<(&str, Vec<Arm>)>) -> Table {
    let service = |name: &str, arms| Service { name: name.to_owned(), model: "diagnosis/tumour".to_owned(), revision: 3, arms };
    Table { services: services.into_iter().map(|(name, arms)| (name.to_owned(), Arc::new(service(name, arms)))).collect() }
}

/// A face that nothing is special about.
pub fn face(table: Table) -> ProtocolOptions {
    let current = CurrentTable::default();
    current.put(table);
    ProtocolOptions {
        table: Arc::new(current),
        clock: Arc::new(|| NOW),
        limits: HttpLimits::default(),
        metrics: Arc::new(Metrics::default()),
        query_log: None,
        server_name: "countersign".to_owned(),
        ready: Arc::new(|| Ok(())),
        news: Arc::new(ServerNews::default),
    }
}

impl Scene {
    /// The service `tumour` with one version of this model.
    pub async fn of(model: Arc<dyn Model>) -> Self {
        Self::with(face(table(vec![("tumour", vec![arm("1", model)])]))).await
    }

    pub async fn with(face: ProtocolOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let table = face.table.clone();
        Self { address, table, serving: tokio::spawn(serve(listener, face, std::future::pending())) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"").await
    }

    /// A prediction of the service `tumour` in JSON.
    pub async fn infer(&self, body: &str) -> Answer {
        self.ask("POST", "/v2/models/tumour/infer", &[], body.as_bytes()).await
    }

    pub async fn infer_with(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.ask("POST", "/v2/models/tumour/infer", headers, body).await
    }

    /// Waits until the metrics say this line.
    pub async fn until_figure(&self, line: &str) {
        let seen = async {
            while !self.get("/metrics").await.text().lines().any(|found| found == line) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), seen).await.unwrap_or_else(|_| panic!("{line} never comes"));
    }

    /// Begins a prediction of the service `tumour`, whose body comes in chunks; returns once it waits for them.
    pub async fn begin(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = "POST /v2/models/tumour/infer HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let labels = r#"service="tumour",version="diagnosis/tumour:1""#;
        self.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} 1")).await;
        stream
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        if !body.is_empty() {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // Where the server answers before it has all, the rest of the body has nobody to go to.
        let _ = stream.write_all(&[(head + "\r\n").as_bytes(), body].concat()).await;
        Answer::read(&mut stream).await
    }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads to the end of the connection.
    pub async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let reading = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await;
        // A connection that is reset after the answer has still given it.
        let _ = reading.expect("the connection is closed after the answer");
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("there is an answer");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        Self { status: head[9..12].parse().unwrap(), head, body: bytes[end + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {:?}", self.head, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn ok(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The reason, of an answer with this status.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.json()["error"].as_str().expect("there is an error").to_owned()
    }
}
