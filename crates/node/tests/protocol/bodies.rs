//! Bodies as such: their size, their packing, and how slowly they come.

use crate::{
    fake::{doubling, strings, stuck, zeros},
    scene::{Answer, Scene, arm, face, table},
};
use flate2::{
    Compression,
    read::GzDecoder,
    write::{GzEncoder, ZlibEncoder},
};
use node::{
    protocol::{HttpLimits, ProtocolOptions},
    services::{Arm, Condition},
};
use serde_json::json;
use std::{
    io::{Read, Write},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn with(limits: HttpLimits) -> ProtocolOptions {
    ProtocolOptions { limits, ..face(table(vec![("tumour", vec![arm("1", doubling())])])) }
}

#[tokio::test]
async fn packed_requests_are_unpacked() {
    let scene = Scene::of(doubling()).await;
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(REQUEST.as_bytes()).unwrap();
    for (encoding, body) in [
        ("gzip", gzip(REQUEST.as_bytes())),
        ("GZIP", gzip(REQUEST.as_bytes())),
        ("deflate", deflate.finish().unwrap()),
        ("identity", REQUEST.into()),
    ] {
        let answer = scene.infer_with(&[("content-encoding", encoding)], &body).await;
        assert_eq!(answer.ok()["outputs"][0]["data"], json!([2.0, 4.0, 6.0]), "{encoding}");
    }
}

#[tokio::test]
async fn other_packings_and_broken_ones_are_refused() {
    let scene = Scene::of(doubling()).await;
    for encoding in ["br", "zstd", "gzip, gzip", "\u{1}x"] {
        let answer = scene.infer_with(&[("content-encoding", encoding)], REQUEST.as_bytes()).await;
        if encoding != "\u{1}x" {
            assert!(answer.refused(415).contains("gzip or deflate"), "{encoding}");
        } else {
            assert_eq!(answer.status, 400);
        }
    }
    let packed = gzip(REQUEST.as_bytes());
    for (encoding, body) in [("gzip", REQUEST.as_bytes()), ("deflate", REQUEST.as_bytes()), ("gzip", &packed[..packed.len() / 2])]
    {
        let refused = scene.infer_with(&[("content-encoding", encoding)], body).await.refused(400);
        assert!(refused.contains("not packed as Content-Encoding says"), "{refused}");
    }
}

/// Ten gigabytes of zeros in some ten megabytes.
#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let scene = Scene::of(doubling()).await;
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![0; 10 << 20]).unwrap();
    let bomb = member.finish().unwrap().repeat(1000);
    assert!(bomb.len() < 16 << 20);
    assert!(scene.infer_with(&[("content-encoding", "gzip")], &bomb).await.refused(413).contains("packed and unpacked"));
    assert_eq!(scene.infer(REQUEST).await.status, 200);
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let scene = Scene::with(with(HttpLimits { body: 100, ..HttpLimits::default() })).await;
    let padded = |length: usize| format!("{REQUEST}{}", " ".repeat(length - REQUEST.len()));
    assert_eq!(scene.infer(&padded(100)).await.status, 200);
    assert!(scene.infer(&padded(101)).await.refused(413).contains("a body may have 100 bytes"));
    assert_eq!(scene.infer_with(&[("content-encoding", "gzip")], &gzip(padded(100).as_bytes())).await.status, 200);
    scene.infer_with(&[("content-encoding", "gzip")], &gzip(padded(101).as_bytes())).await.refused(413);
}

/// Many clients read no answer before they have sent everything. They must not find the connection closed meanwhile.
#[tokio::test]
async fn a_client_that_sends_everything_first_hears_why_it_is_refused() {
    let limits = HttpLimits { body: 4 << 20, ..HttpLimits::default() };
    let failed = Arm { condition: Condition::Failed("it does not load".to_owned()), ..arm("1", doubling()) };
    let services = table(vec![("tumour", vec![arm("1", doubling())]), ("lung", vec![failed])]);
    let scene = Scene::with(ProtocolOptions { limits, ..face(services) }).await;
    for (path, header, length, status) in [
        ("/v2/models/tumour/infer", "x: y", 12 << 20, 413),
        ("/v2/models/lung/infer", "x: y", 3 << 20, 503),
        ("/v2/models/nobody/infer", "x: y", 3 << 20, 404),
        ("/v2/models/tumour/infer", "content-encoding: br", 3 << 20, 415),
        ("/v2/models/tumour/infer", "inference-header-content-length: 0", 3 << 20, 400),
    ] {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{header}\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; length]).await.unwrap_or_else(|error| panic!("{path} {header}: {error}"));
        Answer::read(&mut stream).await.refused(status);
    }
}

#[tokio::test]
async fn chunks_without_end_are_cut_off_at_the_size() {
    let scene = Scene::with(with(HttpLimits { body: 1 << 20, ..HttpLimits::default() })).await;
    let mut stream = scene.begin().await;
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    // It never stops by itself: only the server's end of the connection stops it.
    let mut sent = 0;
    while sent < 1 << 30 && stream.write_all(&chunk).await.is_ok() {
        sent += 0x10000;
        let mut peeked = [0];
        let answered = tokio::time::timeout(Duration::ZERO, stream.peek(&mut peeked)).await;
        if answered.is_ok() {
            break;
        }
    }
    assert!(sent < 1 << 30, "a gigabyte went in");
    assert!(Answer::read(&mut stream).await.refused(413).contains("a body may have 1048576 bytes"));
}

#[tokio::test]
async fn a_body_that_stops_coming_is_cut_off_at_the_time() {
    let scene = Scene::with(with(HttpLimits { body_time: Duration::from_millis(50), ..HttpLimits::default() })).await;
    let mut stream = scene.begin().await;
    stream.write_all(b"5\r\n{\"inp\r\n").await.unwrap();
    let answer = Answer::read(&mut stream).await;
    assert!(answer.refused(408).contains("did not arrive within 50ms"));
    assert_eq!(answer.header("countersign-version"), Some("diagnosis/tumour:1"));
}

#[tokio::test]
async fn a_large_body_that_stalls_keeps_nobody_out_for_long() {
    let limits = HttpLimits { stall_time: Duration::from_millis(200), ..HttpLimits::default() };
    let scene = Scene::with(with(limits)).await;
    let much = [b"200000\r\n".as_slice(), &[b' '; 0x20_0000], b"\r\n"].concat();
    for trickle in [false, true] {
        let mut stream = scene.begin().await;
        stream.write_all(&much).await.unwrap();
        // A byte now and then does not help.
        while trickle && stream.write_all(b"1\r\n \r\n").await.is_ok() {
            let answered = tokio::time::timeout(Duration::from_millis(5), stream.peek(&mut [0])).await;
            if answered.is_ok() {
                break;
            }
        }
        assert!(Answer::read(&mut stream).await.refused(408).contains("came too slowly"));
        let labels = r#"service="tumour",version="diagnosis/tumour:1""#;
        scene.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} 0")).await;
    }
}

#[tokio::test]
async fn many_bodies_share_their_memory() {
    let scene = Scene::with(with(HttpLimits { bodies: 1 << 20, ..HttpLimits::default() })).await;
    // Most of it is held by a client that neither goes on nor ends; what fits beside it is answered.
    let hold = async || {
        let mut stream = scene.begin().await;
        let chunk = [b"c0000\r\n".as_slice(), &[b' '; 0xc0000], b"\r\n"].concat();
        stream.write_all(&chunk).await.unwrap();
        stream
    };
    let large = format!("{REQUEST}{}", " ".repeat(0xc0000));
    let mut holding = hold().await;
    let refusal = async {
        loop {
            let answer = scene.infer(&large).await;
            if answer.status == 503 {
                return answer;
            }
            // Where the large one came first, it was the other that had no room, and was told so.
            if holding.try_read(&mut [0]).is_ok() {
                holding = hold().await;
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(60), refusal).await.expect("they share their memory");
    assert!(refused.refused(503).contains("bodies of other requests"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(scene.infer(REQUEST).await.status, 200);
    let packed = scene.infer_with(&[("content-encoding", "gzip")], &gzip(REQUEST.as_bytes())).await;
    assert_eq!(packed.status, 200, "a small one is small, packed or not");
    let packed = scene.infer_with(&[("content-encoding", "gzip")], &gzip(large.as_bytes())).await;
    assert_eq!(packed.status, 503, "and a large one is large");
    drop(holding);
    let free = async { while scene.infer(&large).await.status != 200 {} };
    tokio::time::timeout(Duration::from_secs(60), free).await.expect("what it held is given back");
}

#[tokio::test]
async fn an_answer_holds_its_memory_until_it_was_read() {
    let scene = Scene::with(with(HttpLimits { bodies: 64 << 20, ..HttpLimits::default() })).await;
    let values = vec![0; 12 << 20];
    let x =
        format!(r#"{{"name":"x","shape":[1048576,3],"datatype":"FP32","parameters":{{"binary_data_size":{}}}}}"#, values.len());
    let header = format!(r#"{{"inputs":[{x}],"parameters":{{"binary_data_output":true}}}}"#);
    let lengths = format!("inference-header-content-length: {}\r\ncontent-length: {}", header.len(), header.len() + values.len());
    let head = format!("POST /v2/models/tumour/infer HTTP/1.1\r\nhost: x\r\n{lengths}\r\n\r\n");
    let mut unread = Vec::new();
    let full = async {
        loop {
            let mut stream = TcpStream::connect(scene.address).await.unwrap();
            stream.write_all(&[head.as_bytes(), header.as_bytes(), &values].concat()).await.unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            if &status == b"HTTP/1.1 503" {
                return;
            }
            assert_eq!(&status, b"HTTP/1.1 200");
            unread.push(stream);
            assert!(unread.len() < 6, "answers of {} bytes that nobody reads hold nothing", values.len());
        }
    };
    tokio::time::timeout(Duration::from_secs(60), full).await.expect("requests are answered");
    assert!(!unread.is_empty());
    drop(unread);
    let body = [header.as_bytes(), &values].concat();
    let length = header.len().to_string();
    let free = async { while scene.infer_with(&[("inference-header-content-length", &length)], &body).await.status != 200 {} };
    tokio::time::timeout(Duration::from_secs(60), free).await.expect("what they held is given back");
}

#[tokio::test]
async fn packed_bodies_hold_what_they_are_once_unpacked() {
    let limits = HttpLimits { body: 1 << 20, bodies: 2 << 20, ..HttpLimits::default() };
    let services = vec![("tumour", vec![arm("1", doubling())]), ("stuck", vec![arm("1", stuck())])];
    let scene = Scene::with(ProtocolOptions { limits, ..face(table(services)) }).await;
    let one = gzip(br#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}"#);
    let head = "POST /v2/models/stuck/infer HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ncontent-length:";
    let mut waiting = Vec::new();
    // Each of them could have become a whole mebibyte.
    for number in 1..=5 {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        stream.write_all(&[format!("{head} {}\r\n\r\n", one.len()).as_bytes(), &one].concat()).await.unwrap();
        waiting.push(stream);
        let labels = r#"service="stuck",version="diagnosis/tumour:1""#;
        scene.until_figure(&format!("countersign_node_requests_in_flight{{{labels}}} {number}")).await;
        let answered =
            async { while scene.infer_with(&[("content-encoding", "gzip")], &gzip(REQUEST.as_bytes())).await.status != 200 {} };
        tokio::time::timeout(Duration::from_secs(60), answered).await.expect("there is memory for it");
    }
}

#[tokio::test]
async fn large_answers_share_the_memory_of_bodies() {
    let limits = HttpLimits { bodies: 4 << 20, ..HttpLimits::default() };
    let asking = async |count: i64, binary: bool| {
        let scene = Scene::with(ProtocolOptions {
            limits: limits.clone(),
            ..face(table(vec![("tumour", vec![arm("1", zeros(count))])]))
        })
        .await;
        let input = r#"{"name":"x","shape":[1],"datatype":"FP32","data":[1]}"#;
        scene.infer(&format!(r#"{{"inputs":[{input}],"parameters":{{"binary_data_output":{binary}}}}}"#)).await
    };
    assert_eq!(asking(1 << 20, true).await.status, 200);
    assert!(asking(1 << 20, false).await.refused(503).contains("fill the memory"), "in JSON it takes three times as much");
    assert_eq!(asking(100_000, false).await.status, 200);
}

#[tokio::test]
async fn a_body_in_pieces_is_one_body() {
    let scene = Scene::of(doubling()).await;
    let mut stream = scene.begin().await;
    for byte in REQUEST.as_bytes() {
        stream.write_all(&[b'1', b'\r', b'\n', *byte, b'\r', b'\n']).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = Answer::read(&mut stream).await;
    assert_eq!(answer.ok()["outputs"][0]["data"], json!([2.0, 4.0, 6.0]));
}

#[tokio::test]
async fn answers_are_packed_where_it_pays() {
    let scene = Scene::of(strings()).await;
    let request =
        |text: &str| json!({ "inputs": [{ "name": "text", "shape": [1], "datatype": "BYTES", "data": [text] }] }).to_string();
    let long = "again and ".repeat(1000);
    let answer = scene.infer_with(&[("accept-encoding", "deflate;q=0.5, gzip;q=0.8")], request(&long).as_bytes()).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.body.len() < 1000);
    let mut unpacked = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut unpacked).unwrap();
    let unpacked: serde_json::Value = serde_json::from_str(&unpacked).unwrap();
    assert_eq!(unpacked["outputs"][0]["data"], json!([long]));

    for (accepted, text) in [("gzip", "short"), ("deflate", &long), ("gzip;q=0", &long), ("identity", &long)] {
        let answer = scene.infer_with(&[("accept-encoding", accepted)], request(text).as_bytes()).await;
        assert_eq!(answer.header("content-encoding"), None, "{accepted}");
        assert_eq!(answer.ok()["outputs"][0]["data"], json!([text]));
    }
}

/// Long enough that it is read and written on another thread.
#[tokio::test]
async fn large_requests_are_answered_like_small_ones() {
    let scene = Scene::of(doubling()).await;
    let rows = 100_000;
    let data = "0.5,1.5,2.5,".repeat(rows);
    let body =
        format!(r#"{{"inputs":[{{"name":"x","shape":[{rows},3],"datatype":"FP32","data":[{}]}}]}}"#, &data[..data.len() - 1]);
    let answer = scene.infer(&body).await.ok();
    assert_eq!(answer["outputs"][0]["data"].as_array().unwrap().len(), 3 * rows);
    assert_eq!(answer["outputs"][1]["data"], json!([rows]));
}
