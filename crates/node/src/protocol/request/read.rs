//! Reads a request for a prediction and compares it with the model's inputs. The result is ready for the model.

use super::wire::{Outputs, WireInput, WireRequest};
use crate::{
    object::{Object, in_words},
    tensor::{
        Signature, Tensor, TensorSpec, binary,
        json::{self, excerpt},
    },
};
use bytes::Bytes;
use std::time::Duration;

/// A request that agrees with the signature.
#[derive(Debug)]
pub(crate) struct InferRequest {
    /// What the client calls it.
    pub id: Option<String>,
    /// One for each input of the signature, in its order.
    pub inputs: Vec<Tensor>,
    /// The places of the requested outputs in the signature.
    pub outputs: Vec<usize>,
    /// For each requested output, whether the client asks for the binary form.
    pub binary: Vec<bool>,
    /// How long the client would wait at most.
    pub timeout: Option<Duration>,
}

/// Why a request is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// What is wrong with the request, for the person who wrote the client.
    Wrong(String),
    /// There is no memory for its tensors.
    NoMemory,
}

impl From<String> for ReadError {
    fn from(wrong: String) -> Self {
        Self::Wrong(wrong)
    }
}

/// Reads a body, whose first `header_length` bytes are JSON where binary data follows. `reserve` takes the memory for what is made of
/// the body, before it is made, and says whether there is any.
///
/// # Errors
/// When the request is wrong, or has no room.
pub(crate) fn read(
    body: &Bytes,
    header_length: Option<usize>,
    signature: &Signature,
    mut reserve: impl FnMut(usize) -> bool,
) -> Result<InferRequest, ReadError> {
    let json_length = header_length.unwrap_or(body.len());
    if json_length > body.len() {
        let had = body.len();
        return Err(format!("Inference-Header-Content-Length is {json_length}, but the body has only {had} bytes").into());
    }
    let text = std::str::from_utf8(&body[..json_length]).map_err(|error| {
        let hint = if header_length.is_none() {
            "; where binary data follows the JSON, say how long the JSON is with Inference-Header-Content-Length"
        } else {
            ""
        };
        format!("the JSON is not UTF-8: {error}{hint}")
    })?;
    let quoted;
    let Object(request): Object<WireRequest<'_>> = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(first) => {
            if !reserve(text.len() / 2 * 3) {
                return Err(ReadError::NoMemory);
            }
            quoted = json::quote_bare_words(text);
            let again = quoted.as_deref().map(serde_json::from_str);
            again.unwrap_or(Err(first)).map_err(|error| format!("the body is not an inference request: {}", in_words(&error)))?
        }
    };
    let mut binary = Binary { rest: body.slice(json_length..), allowed: header_length.is_some() };
    let inputs = inputs(&request.inputs, &mut binary, signature, &mut reserve)?;
    if !binary.rest.is_empty() {
        let left = binary.rest.len();
        return Err(format!("{left} bytes of binary data are left over: no input names them with binary_data_size").into());
    }
    let parameters = request.parameters.unwrap_or_default();
    let (outputs, binary) = outputs(request.outputs.as_deref(), parameters.binary_data_output.unwrap_or(false), signature)?;
    Ok(InferRequest {
        id: request.id.map(|id| id.0.into_owned()),
        inputs,
        outputs,
        binary,
        timeout: parameters.timeout.filter(|&micros| micros > 0).map(Duration::from_micros),
    })
}

/// The bytes after the JSON, taken piece by piece.
struct Binary {
    rest: Bytes,
    allowed: bool,
}

impl Binary {
    fn take(&mut self, size: usize) -> Result<Bytes, String> {
        if !self.allowed {
            return Err("it has a binary_data_size, but the request has no Inference-Header-Content-Length".to_owned());
        }
        if size > self.rest.len() {
            return Err(format!("binary_data_size is {size}, but only {} bytes of binary data are left", self.rest.len()));
        }
        Ok(self.rest.split_to(size))
    }
}

fn inputs(
    sent: &[Object<WireInput<'_>>],
    binary: &mut Binary,
    signature: &Signature,
    reserve: &mut impl FnMut(usize) -> bool,
) -> Result<Vec<Tensor>, ReadError> {
    let mut found: Vec<Option<Tensor>> = signature.inputs.iter().map(|_| None).collect();
    for input in sent {
        let name = &*input.name;
        let place = signature.inputs.iter().position(|spec| spec.name == name);
        let place =
            place.ok_or_else(|| format!("the model has no input `{}`; it takes {}", excerpt(name), names(&signature.inputs)))?;
        if found[place].is_some() {
            return Err(format!("input `{name}` comes twice").into());
        }
        let tensor = tensor(input, &signature.inputs[place], binary, reserve).map_err(|error| match error {
            ReadError::Wrong(wrong) => ReadError::Wrong(format!("input `{name}`: {wrong}")),
            ReadError::NoMemory => ReadError::NoMemory,
        })?;
        found[place] = Some(tensor);
    }
    let missing = |spec: &TensorSpec| {
        ReadError::Wrong(format!("input `{}` is missing: the model takes {}", spec.name, names(&signature.inputs)))
    };
    found.into_iter().zip(&signature.inputs).map(|(tensor, spec)| tensor.ok_or_else(|| missing(spec))).collect()
}

fn tensor(
    input: &WireInput<'_>,
    spec: &TensorSpec,
    binary: &mut Binary,
    reserve: &mut impl FnMut(usize) -> bool,
) -> Result<Tensor, ReadError> {
    let datatype = json::datatype(&input.datatype)?;
    if datatype != spec.datatype {
        return Err(format!("the model takes {}, but {datatype} came", spec.datatype).into());
    }
    if !spec.takes_shape(&input.shape) {
        let shape = &input.shape[..input.shape.len().min(32)];
        return Err(format!("the model takes shape {:?} (-1 is any size), but {shape:?} came", spec.shape).into());
    }
    let count = json::element_count(&input.shape)?;
    let parameters = input.parameters.as_ref();
    if parameters.is_some_and(|parameters| parameters.shared_memory_region.is_some()) {
        return Err("shared memory is not supported: send the data".to_owned().into());
    }
    let data = match (input.data, parameters.and_then(|parameters| parameters.binary_data_size)) {
        (Some(_), Some(_)) => return Err("it has data and binary_data_size: send one of them".to_owned().into()),
        (None, None) => return Err("it has no data".to_owned().into()),
        (Some(data), None) => {
            if !reserve(json::room(data.get(), datatype, count)) {
                return Err(ReadError::NoMemory);
            }
            json::parse_data(data.get(), datatype, &input.shape, count)?.into()
        }
        (None, Some(size)) => {
            let data = binary.take(size)?;
            binary::check(&data, datatype, count)?;
            data
        }
    };
    Ok(Tensor { name: spec.name.clone(), datatype, shape: input.shape.clone(), data, classes: None })
}

fn outputs(wanted: Outputs<'_, '_>, all_binary: bool, signature: &Signature) -> Result<(Vec<usize>, Vec<bool>), String> {
    let (places, binary): (Vec<usize>, Vec<bool>) = match wanted {
        None | Some([]) => ((0..signature.outputs.len()).collect(), vec![all_binary; signature.outputs.len()]),
        Some(wanted) => {
            let (mut places, mut binary) = (Vec::new(), Vec::new());
            for output in wanted {
                let name = &*output.name;
                let place = signature.outputs.iter().position(|spec| spec.name == name);
                let place = place.ok_or_else(|| {
                    format!("the model has no output `{}`; it gives {}", excerpt(name), names(&signature.outputs))
                })?;
                if places.contains(&place) {
                    return Err(format!("output `{name}` is asked for twice"));
                }
                let parameters = output.parameters.as_ref();
                if parameters.is_some_and(|parameters| parameters.classification.is_some()) {
                    return Err(format!("output `{name}`: classification is not supported: ask for the output as it is"));
                }
                if parameters.is_some_and(|parameters| parameters.shared_memory_region.is_some()) {
                    return Err(format!("output `{name}`: shared memory is not supported: ask for the data"));
                }
                places.push(place);
                binary.push(parameters.and_then(|parameters| parameters.binary_data).unwrap_or(all_binary));
            }
            (places, binary)
        }
    };
    Ok((places, binary))
}

fn names(specs: &[TensorSpec]) -> String {
    specs.iter().map(|spec| format!("`{}`", spec.name)).collect::<Vec<_>>().join(", ")
}
