//! Writes the body of an answer with tensors: JSON, then the binary tensors. What is small stands in buffers with what comes before it.

use super::answer_body::AnswerBody;
use crate::tensor::{Datatype, Tensor, json};
use bytes::Bytes;
use std::mem::take;

/// From how many bytes on a binary tensor is a piece of its own.
const LARGE: usize = 64 << 10;

/// A body.
pub(crate) struct ResponseBody {
    /// Its bytes.
    pub body: AnswerBody,
    /// How many of them are JSON, where binary tensors follow.
    pub header_length: Option<usize>,
    /// How many bytes of tensors are held as long as the body, and are no part of it: tensors of one answer share their memory.
    pub held: usize,
}

/// About how many bytes these tensors take in an answer that a client may want packed.
pub(crate) fn room(tensors: &[Tensor], binary: &[bool]) -> usize {
    let one = |(tensor, binary): (&Tensor, &bool)| 96 + if *binary { tensor.data.len() } else { json_room(tensor) };
    tensors.iter().zip(binary).map(one).sum()
}

/// Whether a tensor is a piece of its own.
fn is_large(tensor: &Tensor, binary: bool) -> bool {
    binary && tensor.data.len() >= LARGE
}

/// About how many bytes the elements take in JSON: the longest that most of them are, and the comma.
fn json_room(tensor: &Tensor) -> usize {
    let bytes = tensor.data.len();
    match tensor.datatype {
        Datatype::Bool => bytes * 6,
        Datatype::Uint8 | Datatype::Int8 => bytes * 5,
        Datatype::Uint16 | Datatype::Int16 => bytes / 2 * 7,
        Datatype::Fp16 | Datatype::Bf16 => bytes / 2 * 10,
        Datatype::Uint32 | Datatype::Int32 => bytes / 4 * 12,
        Datatype::Fp32 => bytes / 4 * 14,
        Datatype::Uint64 | Datatype::Int64 => bytes / 8 * 21,
        Datatype::Fp64 => bytes / 8 * 24,
        Datatype::Bytes => bytes * 2,
    }
}

/// Writes the answer. `start` is how every answer of this version begins: an object, up to its version.
///
/// # Errors
/// When the client asks for JSON, but the tensor has no JSON form.
pub(crate) fn write(start: &[u8], id: Option<&str>, tensors: &[Tensor], binary: &[bool]) -> Result<ResponseBody, String> {
    let large: usize = tensors
        .iter()
        .zip(binary)
        .filter(|(tensor, binary)| is_large(tensor, **binary))
        .map(|(tensor, _)| tensor.data.len())
        .sum();
    let mut out = Vec::with_capacity(start.len() + 64 + room(tensors, binary) - large);
    out.extend_from_slice(start);
    if let Some(id) = id {
        out.extend_from_slice(b",\"id\":");
        string(id, &mut out);
    }
    out.extend_from_slice(b",\"outputs\":[");
    for (place, (tensor, &binary)) in tensors.iter().zip(binary).enumerate() {
        if place > 0 {
            out.push(b',');
        }
        output(tensor, binary, &mut out).map_err(|wrong| format!("output `{}`: {wrong}", tensor.name))?;
    }
    out.extend_from_slice(b"]}");
    let header_length = binary.contains(&true).then_some(out.len());
    let mut pieces = Vec::new();
    for (tensor, _) in tensors.iter().zip(binary).filter(|(_, binary)| **binary) {
        if is_large(tensor, true) {
            pieces.extend([Bytes::from(take(&mut out)), tensor.data.clone()]);
        } else {
            out.extend_from_slice(&tensor.data);
        }
    }
    pieces.push(out.into());
    let all: usize = tensors.iter().map(|tensor| tensor.data.len()).sum();
    let held = if large > 0 { all - large } else { 0 };
    Ok(ResponseBody { body: pieces.into_iter().collect(), header_length, held })
}

fn output(tensor: &Tensor, binary: bool, out: &mut Vec<u8>) -> Result<(), String> {
    out.extend_from_slice(b"{\"name\":");
    string(&tensor.name, out);
    out.extend_from_slice(b",\"datatype\":\"");
    out.extend_from_slice(tensor.datatype.as_str().as_bytes());
    out.extend_from_slice(b"\",\"shape\":");
    integers(&tensor.shape, out);
    let size = binary.then_some(tensor.data.len());
    if size.is_some() || tensor.classes.is_some() {
        out.extend_from_slice(b",\"parameters\":{");
        if let Some(size) = size {
            out.extend_from_slice(b"\"binary_data_size\":");
            out.extend_from_slice(itoa::Buffer::new().format(size).as_bytes());
        }
        if let Some(classes) = &tensor.classes {
            out.extend_from_slice(if size.is_some() { b",\"classes\":" } else { b"\"classes\":" });
            serde_json::to_writer(&mut *out, classes).expect("writing into memory does not fail");
        }
        out.push(b'}');
    }
    if !binary {
        out.extend_from_slice(b",\"data\":");
        json::write_data(tensor, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn integers(values: &[i64], out: &mut Vec<u8>) {
    out.push(b'[');
    for (place, &value) in values.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }
    out.push(b']');
}

fn string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("writing into memory does not fail");
}
