//! Model files in a bucket.

use crate::{
    files::{Behind, keeps_files},
    moto::Moto,
};
use store::{Files, FilesConfig};

/// A bucket, and what its keys begin with.
struct Bucket<'a> {
    server: &'a Moto,
    name: &'a str,
    prefix: &'a str,
}

impl Behind for Bucket<'_> {
    fn stored(&self) -> Vec<String> {
        let objects = self.server.request("GET", &format!("/{}?list-type=2", self.name), b"");
        let uploads = self.server.request("GET", &format!("/{}?uploads", self.name), b"");
        let keys = [objects, uploads].concat();
        let keys = keys.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap());
        keys.map(|key| key.strip_prefix(self.prefix).unwrap().to_owned()).collect()
    }

    fn overwrite(&self, name: &str, content: &[u8]) {
        self.server.request("PUT", &format!("/{}/{}{name}", self.name, self.prefix), content);
    }
}

fn open(endpoint: String, bucket: &str, prefix: &str) -> Files {
    Files::open(&FilesConfig::S3 {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_bucket_keeps_files() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Moto::start();
    for (bucket, prefix, written) in [("models", "", ""), ("shared", "countersign/files", "countersign/files/")] {
        server.request("PUT", &format!("/{bucket}"), b"");
        let files = open(server.endpoint(), bucket, prefix);
        let behind = Bucket { server: &server, name: bucket, prefix: written };
        keeps_files(&files, &behind).await;
    }
}

/// What an operator reads who mistyped the bucket or its address.
#[tokio::test]
async fn an_error_says_what_is_at_the_bottom_of_it() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Moto::start();
    let mistyped = open(server.endpoint(), "modles", "").check().await.unwrap_err().to_string();
    assert!(mistyped.ends_with("NoSuchBucket: The specified bucket does not exist"), "{mistyped}");
    let nobody = open("http://127.0.0.1:1".to_owned(), "models", "").check().await.unwrap_err().to_string();
    assert!(nobody.contains("Connection refused"), "{nobody}");
}
