//! Writes the elements of a tensor as a flat JSON array.

use crate::tensor::{
    binary,
    types::{Datatype, Tensor},
};
use half::{bf16, f16};

/// Digits after the first that tell every number of 16 bits from all others.
const HALF_DIGITS: usize = 5;

/// Appends `[…]` with the tensor's elements.
///
/// # Errors
/// When they have no form in JSON, and what to ask for instead.
pub fn write_data(tensor: &Tensor, out: &mut Vec<u8>) -> Result<(), String> {
    out.push(b'[');
    let data = &tensor.data;
    match tensor.datatype {
        Datatype::Bool => each(data, out, |[byte], out| out.extend_from_slice(if byte == 0 { b"false" } else { b"true" })),
        Datatype::Uint8 => each(data, out, |bytes, out| integer(u8::from_le_bytes(bytes), out)),
        Datatype::Uint16 => each(data, out, |bytes, out| integer(u16::from_le_bytes(bytes), out)),
        Datatype::Uint32 => each(data, out, |bytes, out| integer(u32::from_le_bytes(bytes), out)),
        Datatype::Uint64 => each(data, out, |bytes, out| integer(u64::from_le_bytes(bytes), out)),
        Datatype::Int8 => each(data, out, |bytes, out| integer(i8::from_le_bytes(bytes), out)),
        Datatype::Int16 => each(data, out, |bytes, out| integer(i16::from_le_bytes(bytes), out)),
        Datatype::Int32 => each(data, out, |bytes, out| integer(i32::from_le_bytes(bytes), out)),
        Datatype::Int64 => each(data, out, |bytes, out| integer(i64::from_le_bytes(bytes), out)),
        Datatype::Fp32 => each(data, out, |bytes, out| {
            let value = f32::from_le_bytes(bytes);
            float(value, value.is_finite(), value.is_nan(), value > 0.0, out);
        }),
        Datatype::Fp64 => each(data, out, |bytes, out| {
            let value = f64::from_le_bytes(bytes);
            float(value, value.is_finite(), value.is_nan(), value > 0.0, out);
        }),
        Datatype::Fp16 => {
            each(data, out, |bytes, out| half(f16::from_le_bytes(bytes).to_f64(), |value| f16::from_f64(value).to_f64(), out))
        }
        Datatype::Bf16 => {
            each(data, out, |bytes, out| half(bf16::from_le_bytes(bytes).to_f64(), |value| bf16::from_f64(value).to_f64(), out))
        }
        Datatype::Bytes => strings(data, out)?,
    }
    out.push(b']');
    Ok(())
}

fn each<const N: usize>(data: &[u8], out: &mut Vec<u8>, write: impl Fn([u8; N], &mut Vec<u8>)) {
    for (place, bytes) in data.as_chunks::<N>().0.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(*bytes, out);
    }
}

fn integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn float(value: impl zmij::Float, finite: bool, nan: bool, positive: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(match (finite, nan, positive) {
        (true, ..) => return out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        (_, true, _) => b"\"NaN\"",
        (.., true) => b"\"Infinity\"",
        _ => b"\"-Infinity\"",
    });
}

/// A number of less than single precision, with as few digits as read back as that number: `rounded` says what a number is read as.
fn half(value: f64, rounded: fn(f64) -> f64, out: &mut Vec<u8>) {
    let shortest =
        || (0..HALF_DIGITS).filter_map(|digits| format!("{value:.digits$e}").parse().ok()).find(|short| rounded(*short) == value);
    let short = if value.is_finite() { shortest().unwrap_or(value) } else { value };
    float(short, short.is_finite(), short.is_nan(), short > 0.0, out);
}

fn strings(data: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    for (place, content) in binary::elements(data).enumerate() {
        let text = std::str::from_utf8(content?)
            .map_err(|_| format!("element {place} is not UTF-8, which JSON cannot hold: ask for it with `binary_data`"))?;
        if place > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, text).map_err(|error| error.to_string())?;
    }
    Ok(())
}
