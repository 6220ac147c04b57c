//! The JSON of a request. Unknown keys are ignored. The reader borrows instead of copying, and data
//! stays text until its datatype is known.

use crate::object::Object;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::{borrow::Cow, ops::Deref};

/// A string, borrowed where it holds no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// The outputs that are asked for.
pub(super) type Outputs<'r, 'a> = Option<&'r [Object<WireOutput<'a>>]>;

#[derive(Deserialize)]
pub(super) struct WireRequest<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    pub(super) parameters: Option<Object<RequestParameters>>,
    #[serde(borrow)]
    pub(super) inputs: Vec<Object<WireInput<'a>>>,
    #[serde(borrow, default)]
    pub(super) outputs: Option<Vec<Object<WireOutput<'a>>>>,
}

#[derive(Default, Deserialize)]
pub(super) struct RequestParameters {
    pub(super) binary_data_output: Option<bool>,
    /// In microseconds.
    pub(super) timeout: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct WireInput<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) datatype: Text<'a>,
    pub(super) shape: Vec<i64>,
    pub(super) parameters: Option<Object<InputParameters>>,
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct InputParameters {
    pub(super) binary_data_size: Option<usize>,
    pub(super) shared_memory_region: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct WireOutput<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) parameters: Option<Object<OutputParameters>>,
}

#[derive(Deserialize)]
pub(super) struct OutputParameters {
    pub(super) binary_data: Option<bool>,
    pub(super) classification: Option<IgnoredAny>,
    pub(super) shared_memory_region: Option<IgnoredAny>,
}
