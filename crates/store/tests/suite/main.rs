//! The store as the other crates see it, on both databases and both file storages.

#![expect(clippy::disallowed_methods, reason = "the store is tested beneath the use cases that stand on it")]
#![expect(clippy::unwrap_used, reason = "a test that panics says where and why")]

mod contract_concerns;
mod contract_deployments;
mod contract_nodes;
mod contract_people;
mod contract_projects;
mod contract_uploads;
mod contract_versions;
mod contract_webhooks;
mod database;
mod files;
mod files_s3;
mod fixtures;
mod log;
mod mail_addresses;
mod moto;
mod numbers;
mod opening;
mod outage;
mod outside;
mod schema;
mod verify_log;
mod verify_rows;
mod world;
mod writers;
