//! A tensor in the JSON form of the protocol, as golden inputs have it.

use crate::tensor::{Datatype, Tensor};
use serde::Deserialize;
use serde_json::Value;

/// A tensor as JSON.
#[derive(Deserialize)]
pub struct JsonTensor {
    name: String,
    shape: Vec<i64>,
    datatype: Datatype,
    data: Value,
}

impl JsonTensor {
    /// The same in binary form.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_tensor(self) -> Result<Tensor, String> {
        let Self { name, shape, datatype, data } = self;
        let mut bytes = Vec::new();
        let found = flatten(&data, datatype, &mut bytes).map_err(|element| {
            let element: String = element.chars().take(40).collect();
            format!("`{name}` has the element {element}, which is no {datatype}")
        })?;
        let wanted = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(usize::try_from(*size).ok()?));
        if wanted != Some(found) {
            return Err(format!("`{name}` has {found} elements, which do not fit its shape {shape:?}"));
        }
        Ok(Tensor { name, datatype, shape, data: bytes.into(), classes: None })
    }
}

/// Writes the elements, however they are nested, and counts them.
fn flatten(data: &Value, datatype: Datatype, out: &mut Vec<u8>) -> Result<usize, String> {
    if let Value::Array(elements) = data {
        return elements.iter().map(|element| flatten(element, datatype, out)).sum();
    }
    element(data, datatype, out).map(|()| 1).ok_or_else(|| data.to_string())
}

fn element(value: &Value, datatype: Datatype, out: &mut Vec<u8>) -> Option<()> {
    macro_rules! whole {
        ($type:ty, $read:ident) => {
            out.extend(<$type>::try_from(value.$read()?).ok()?.to_le_bytes())
        };
    }
    match datatype {
        Datatype::Bool => out.push(u8::from(value.as_bool()?)),
        Datatype::Uint8 => whole!(u8, as_u64),
        Datatype::Uint16 => whole!(u16, as_u64),
        Datatype::Uint32 => whole!(u32, as_u64),
        Datatype::Uint64 => out.extend(value.as_u64()?.to_le_bytes()),
        Datatype::Int8 => whole!(i8, as_i64),
        Datatype::Int16 => whole!(i16, as_i64),
        Datatype::Int32 => whole!(i32, as_i64),
        Datatype::Int64 => out.extend(value.as_i64()?.to_le_bytes()),
        // It has no form in JSON.
        Datatype::Fp16 => return None,
        Datatype::Fp32 => out.extend((value.as_f64()? as f32).to_le_bytes()),
        Datatype::Fp64 => out.extend(value.as_f64()?.to_le_bytes()),
        Datatype::Bytes => {
            let text = value.as_str()?;
            out.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
            out.extend(text.as_bytes());
        }
    }
    Some(())
}
