//! Describes an ONNX file for people: what goes in, what comes out, of which operators it is made, and what wrote it. A file that no node
//! would load is described as well, as far as the file can be read. Field numbers are those of `onnx.proto`.

use super::{
    limits::OnnxLimits,
    wire::{Fields, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a description holds at most: it is for people to read.
const MOST_VALUES: usize = 500;
const MOST_OPERATORS: usize = 200;
const LONGEST_NAME: usize = 250;
const MOST_DIMENSIONS: usize = 32;

/// The domain of operators that ONNX writes as nothing, and its name.
const STANDARD: &str = "ai.onnx";

/// What an ONNX file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxDescription {
    /// The program that wrote the file, with its version.
    pub producer: String,
    /// The version of each set of operators, by domain.
    pub opsets: BTreeMap<String, u64>,
    /// What callers send.
    pub inputs: Vec<OnnxValue>,
    /// What the model answers with.
    pub outputs: Vec<OnnxValue>,
    /// How often each operator stands in the file, those of subgraphs left out.
    pub operators: BTreeMap<String, u64>,
}

/// An input or output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxValue {
    /// Its name.
    pub name: String,
    /// The type of its elements, `float32`; what it is if it is no tensor, `sequence`.
    pub kind: String,
    /// Its shape; none if the file does not say.
    pub shape: Option<Vec<Dimension>>,
}

/// The size of a tensor in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// A size.
    Size(u64),
    /// A size that is the caller's to choose, with the name that the file gives it.
    Named(String),
    /// A size of which the file says nothing.
    Any,
}

/// Describes a file.
///
/// # Errors
/// Why it cannot be read, or is beyond the limits.
pub fn describe(file: &[u8], limits: &OnnxLimits) -> Result<OnnxDescription, String> {
    if file.len() > limits.bytes {
        return Err(format!("it has {} bytes, and {} are allowed", file.len(), limits.bytes));
    }
    let mut found = OnnxDescription::default();
    let (mut producer, mut version, mut graphs) = (String::new(), String::new(), 0);
    let mut fields = Fields::of(file);
    while let Some(field) = fields.next()? {
        match (field.number, field.value) {
            (2, Value::Bytes(name)) => producer = text(name),
            (3, Value::Bytes(name)) => version = text(name),
            (7, Value::Bytes(message)) => {
                graphs += 1;
                graph(message, limits, &mut found)?;
            }
            (8, Value::Bytes(message)) => {
                let (domain, version) = opset(message)?;
                if found.opsets.len() < MOST_OPERATORS {
                    found.opsets.insert(domain, version);
                }
            }
            _ => {}
        }
    }
    if graphs != 1 {
        return Err("it is not ONNX, or cut off: it has not one graph".to_owned());
    }
    found.producer = format!("{producer} {version}").trim().to_owned();
    Ok(found)
}

fn opset(message: &[u8]) -> Result<(String, u64), String> {
    let (mut domain, mut version) = (String::new(), 0);
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        match (field.number, field.value) {
            (1, Value::Bytes(name)) => domain = text(name),
            (2, Value::Varint(number)) => version = number,
            _ => {}
        }
    }
    Ok((if domain.is_empty() { STANDARD.to_owned() } else { domain }, version))
}

fn graph(message: &[u8], limits: &OnnxLimits, found: &mut OnnxDescription) -> Result<(), String> {
    let (mut weights, mut nodes) = (BTreeSet::new(), 0);
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        let Value::Bytes(part) = field.value else { continue };
        match field.number {
            1 => {
                nodes += 1;
                if nodes > limits.nodes {
                    return Err(format!("it has more than {} operators", limits.nodes));
                }
                let operator = operator(part)?;
                if found.operators.len() < MOST_OPERATORS || found.operators.contains_key(&operator) {
                    *found.operators.entry(operator).or_default() += 1;
                }
            }
            5 if weights.len() < limits.tensors => drop(weights.insert(name_in(part, 8)?)),
            11 if found.inputs.len() < MOST_VALUES => found.inputs.push(value(part)?),
            12 if found.outputs.len() < MOST_VALUES => found.outputs.push(value(part)?),
            _ => {}
        }
    }
    // Older files list their weights among the inputs.
    found.inputs.retain(|input| !weights.contains(&input.name));
    Ok(())
}

fn operator(message: &[u8]) -> Result<String, String> {
    let (mut kind, mut domain) = (String::new(), String::new());
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        match (field.number, field.value) {
            (4, Value::Bytes(name)) => kind = text(name),
            (7, Value::Bytes(name)) => domain = text(name),
            _ => {}
        }
    }
    Ok(if domain.is_empty() || domain == STANDARD { kind } else { format!("{domain}.{kind}") })
}

fn value(message: &[u8]) -> Result<OnnxValue, String> {
    let mut found = OnnxValue { name: name_in(message, 1)?, kind: "undefined".to_owned(), shape: None };
    let Some(kind) = message_in(message, 2)? else { return Ok(found) };
    let mut fields = Fields::of(kind);
    while let Some(field) = fields.next()? {
        let Value::Bytes(part) = field.value else { continue };
        found.kind = match field.number {
            1 => {
                found.shape = message_in(part, 2)?.map(shape).transpose()?;
                element(part)?.to_owned()
            }
            4 => "sequence".to_owned(),
            5 => "map".to_owned(),
            8 => "sparse tensor".to_owned(),
            9 => "optional".to_owned(),
            _ => continue,
        };
    }
    Ok(found)
}

fn element(tensor: &[u8]) -> Result<&'static str, String> {
    let mut number = 0;
    let mut fields = Fields::of(tensor);
    while let Some(field) = fields.next()? {
        if let (1, Value::Varint(kind)) = (field.number, field.value) {
            number = kind;
        }
    }
    Ok(match number {
        1 => "float32",
        2 => "uint8",
        3 => "int8",
        4 => "uint16",
        5 => "int16",
        6 => "int32",
        7 => "int64",
        8 => "string",
        9 => "bool",
        10 => "float16",
        11 => "float64",
        12 => "uint32",
        13 => "uint64",
        14 => "complex64",
        15 => "complex128",
        16 => "bfloat16",
        _ => "of another type",
    })
}

fn shape(message: &[u8]) -> Result<Vec<Dimension>, String> {
    let mut sizes = Vec::new();
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        if let (1, Value::Bytes(part)) = (field.number, field.value) {
            if sizes.len() == MOST_DIMENSIONS {
                return Err(format!("a tensor has more than {MOST_DIMENSIONS} dimensions"));
            }
            sizes.push(dimension(part)?);
        }
    }
    Ok(sizes)
}

fn dimension(message: &[u8]) -> Result<Dimension, String> {
    let mut found = Dimension::Any;
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        match (field.number, field.value) {
            // Some exporters write -1 for a size that is open.
            (1, Value::Varint(size)) if i64::try_from(size).is_ok() => found = Dimension::Size(size),
            (2, Value::Bytes(name)) if !name.is_empty() => found = Dimension::Named(text(name)),
            _ => {}
        }
    }
    Ok(found)
}

/// The text in this field of a message; the last one counts.
fn name_in(message: &[u8], number: u64) -> Result<String, String> {
    Ok(message_in(message, number)?.map(text).unwrap_or_default())
}

fn message_in(message: &[u8], number: u64) -> Result<Option<&[u8]>, String> {
    let mut found = None;
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next()? {
        match field.value {
            Value::Bytes(part) if field.number == number => found = Some(part),
            _ => {}
        }
    }
    Ok(found)
}

/// A name as people may see it: on one line, and not too long.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect()
}
