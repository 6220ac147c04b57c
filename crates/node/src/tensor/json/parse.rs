//! Reads a whole tensor: its name, its datatype, its shape, and by them its elements.

use super::{data::parse_data, excerpt::excerpt};
use crate::{
    object::{Object, in_words},
    tensor::types::{Datatype, Tensor},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// More dimensions than any model has.
const MOST_DIMENSIONS: usize = 32;

#[derive(Deserialize)]
struct JsonTensor<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    datatype: Cow<'a, str>,
    shape: Vec<i64>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// A tensor from the JSON text of one object `{"name", "datatype", "shape", "data"}`; further keys are ignored.
///
/// # Errors
/// What is wrong with the tensor, in a sentence that names the tensor.
pub fn parse_tensor(text: &str) -> Result<Tensor, String> {
    let Object(tensor): Object<JsonTensor<'_>> =
        serde_json::from_str(text).map_err(|error| format!("this is no tensor: {}", in_words(&error)))?;
    let name = tensor.name.into_owned();
    let datatype = datatype(&tensor.datatype).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    let count = element_count(&tensor.shape).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    let data = parse_data(tensor.data.get(), datatype, &tensor.shape, count).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    Ok(Tensor { name, datatype, shape: tensor.shape, data: data.into(), classes: None })
}

/// The datatype of this name.
///
/// # Errors
/// Which names there are.
pub fn datatype(word: &str) -> Result<Datatype, String> {
    word.parse().map_err(|_| {
        let all = Datatype::ALL.map(Datatype::as_str).join(", ");
        format!("there is no datatype `{}`; there are {all}", excerpt(word))
    })
}

/// How many elements a tensor of this shape has.
///
/// # Errors
/// When the shape has a negative size, too many sizes, or their product is beyond counting.
pub fn element_count(shape: &[i64]) -> Result<usize, String> {
    if shape.len() > MOST_DIMENSIONS {
        return Err(format!("a shape has at most {MOST_DIMENSIONS} sizes, not {}", shape.len()));
    }
    let mut count = 1_usize;
    for &size in shape {
        let size = usize::try_from(size).map_err(|_| format!("shape {shape:?} has a negative size"))?;
        count = count.checked_mul(size).ok_or_else(|| format!("shape {shape:?} has more elements than can be counted"))?;
    }
    Ok(count)
}
