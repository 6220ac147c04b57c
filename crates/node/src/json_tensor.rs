//! Reads and writes tensors in the protocol's JSON form. Integers are exact up to 64 bits. Floats are the nearest value of their
//! type. Values that are not finite are the words "NaN", "Infinity" and "-Infinity".

use crate::tensor::{Datatype, Tensor};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

mod data;
mod write;

pub use data::parse_data;
pub use write::write_data;

/// More dimensions than any model has.
const MOST_DIMENSIONS: usize = 32;

#[derive(Deserialize)]
struct Written<'a> {
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
/// What is wrong with it, in a sentence that names the tensor.
pub fn parse_tensor(text: &str) -> Result<Tensor, String> {
    let written: Written<'_> = serde_json::from_str(text).map_err(|error| format!("this is no tensor: {error}"))?;
    let name = written.name.into_owned();
    let datatype = datatype(&written.datatype).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    let count = element_count(&written.shape).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    let data = parse_data(written.data.get(), datatype, &written.shape, count).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    Ok(Tensor { name, datatype, shape: written.shape, data: data.into(), classes: None })
}

/// The datatype of this name.
///
/// # Errors
/// Which names there are.
pub fn datatype(word: &str) -> Result<Datatype, String> {
    word.parse().map_err(|_| {
        let all = Datatype::ALL.map(Datatype::as_str).join(", ");
        format!("there is no datatype `{}`; there are {all}", shortened(word))
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

/// The beginning of a word that a client sent, for a message.
pub(crate) fn shortened(word: &str) -> Cow<'_, str> {
    match word.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &word[..end]).into(),
        None => word.into(),
    }
}

#[cfg(test)]
mod tests;
