//! The engine that runs models. Code outside of this folder uses [`Engine`] and [`Model`], and does not know which library runs a
//! model. Each model runs in a process of its own: `process` is the node's side of it, `child` is the process itself, and
//! `messages` is what the two say to each other.

pub mod child;
mod golden;
mod interface;
mod library;
mod memory;
mod messages;
mod ort_engine;
mod ort_model;
mod process;
mod settings;

pub use interface::{Engine, EngineInfo, InferError, LoadError, Model, ModelDown, ModelFiles, ModelHealth};
pub use ort_engine::OrtEngine;
pub use servable::onnx::OperatorRule;
pub use settings::{EngineLimits, EngineOptions};
