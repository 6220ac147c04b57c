//! Golden inputs: requests that a version brings, and the answers that the model must give on this node before it serves.
//! The file is a list of `{"inputs": […], "outputs": […], "tolerance": …}` in the JSON form of the protocol.

use super::{
    interface::{InferError, LoadError, Model},
    ort_model::OrtModel,
};
use crate::{
    object::{Object, in_words},
    tensor::{
        Datatype, Signature, Tensor, TensorSpec,
        json::{self, parse_tensor},
    },
};
use half::{bf16, f16};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

/// How far a floating-point number may be off, unless the file says otherwise: by this, and by this part of it.
const TOLERANCE: f64 = 1e-5;
/// With more than that a number could be any other.
const MOST_TOLERANCE: f64 = 1.0;
/// Cases that are tried at most.
const MOST_CASES: usize = 1000;

/// A request with its answer.
#[derive(Debug)]
pub struct Case {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    tolerance: f64,
}

#[derive(Deserialize)]
struct JsonCase<'a> {
    #[serde(borrow)]
    inputs: Vec<&'a RawValue>,
    #[serde(borrow)]
    outputs: Vec<&'a RawValue>,
    #[serde(default = "usual_tolerance")]
    tolerance: f64,
}

const fn usual_tolerance() -> f64 {
    TOLERANCE
}

/// Reads a file of golden inputs.
///
/// # Errors
/// What is wrong with the golden inputs.
pub fn parse(file: &[u8]) -> Result<Vec<Case>, String> {
    let text = str::from_utf8(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let quoted = json::quote_bare_words(text);
    let cases: Vec<Object<JsonCase<'_>>> = serde_json::from_str(quoted.as_deref().unwrap_or(text))
        .map_err(|error| format!("it cannot be read: {}", in_words(&error)))?;
    if cases.is_empty() || cases.len() > MOST_CASES {
        return Err(format!("it has {} cases; 1 to {MOST_CASES} are expected", cases.len()));
    }
    let tensors = |tensors: Vec<&RawValue>, number: usize| {
        let tensors: Result<Vec<_>, _> = tensors.into_iter().map(|tensor| parse_tensor(tensor.get())).collect();
        tensors.map_err(|error| format!("case {number}: {error}"))
    };
    let case = |(place, Object(case)): (usize, Object<JsonCase<'_>>)| {
        let JsonCase { inputs, outputs, tolerance } = case;
        if outputs.is_empty() {
            return Err(format!("case {}: it expects no outputs", place + 1));
        }
        if !(0.0..=MOST_TOLERANCE).contains(&tolerance) {
            return Err(format!("case {}: tolerance is {tolerance}, and 0 to {MOST_TOLERANCE} make sense", place + 1));
        }
        Ok(Case { inputs: tensors(inputs, place + 1)?, outputs: tensors(outputs, place + 1)?, tolerance })
    };
    cases.into_iter().enumerate().map(case).collect()
}

/// Asks the model what the cases ask, until then at the latest.
///
/// # Errors
/// The first case that does not fit the model, takes too long, or is answered in another way.
pub async fn compare(model: &OrtModel, cases: Vec<Case>, until: Instant) -> Result<(), LoadError> {
    for (place, case) in cases.into_iter().enumerate() {
        let number = place + 1;
        let of_case = |reason: String| format!("case {number}: {reason}");
        let outputs = fits(model.signature(), &case).map_err(|reason| LoadError::GoldenFile(of_case(reason)))?;
        let left = until.saturating_duration_since(Instant::now());
        let answers = model.infer(case.inputs, outputs, left).await.map_err(|error| match error {
            InferError::Inputs(_) => LoadError::GoldenFile(of_case(error.to_string())),
            InferError::Deadline(_) => LoadError::GoldenTime(format!("case {number} had no answer by then")),
            InferError::Busy | InferError::Failed(_) | InferError::Crashed => LoadError::Trial(of_case(error.to_string())),
        })?;
        for (answer, expected) in answers.iter().zip(&case.outputs) {
            let found = same(answer, expected, case.tolerance);
            found.map_err(|reason| LoadError::Golden(of_case(format!("output `{}` {reason}", expected.name))))?;
        }
    }
    Ok(())
}

/// The places of the outputs that a case expects, where the model takes its inputs.
fn fits(signature: &Signature, case: &Case) -> Result<Vec<usize>, String> {
    for input in &case.inputs {
        let spec = signature.inputs.iter().find(|spec| spec.name == input.name).ok_or_else(|| unknown("input", input))?;
        agrees(spec, input)?;
    }
    let place = |output: &Tensor| {
        let place = signature.outputs.iter().position(|spec| spec.name == output.name);
        place.ok_or_else(|| unknown("output", output))
    };
    case.outputs.iter().map(place).collect()
}

fn unknown(role: &str, tensor: &Tensor) -> String {
    format!("the model has no {role} `{}`", tensor.name)
}

fn agrees(spec: &TensorSpec, input: &Tensor) -> Result<(), String> {
    if spec.takes_shape(&input.shape) && spec.datatype == input.datatype {
        return Ok(());
    }
    Err(format!(
        "input `{}` is {} {:?}, and the model takes {} {:?}",
        input.name, input.datatype, input.shape, spec.datatype, spec.shape
    ))
}

fn same(answer: &Tensor, expected: &Tensor, tolerance: f64) -> Result<(), String> {
    if (answer.datatype, &answer.shape) != (expected.datatype, &expected.shape) {
        return Err(format!(
            "is {} {:?}, and {} {:?} was expected",
            answer.datatype, answer.shape, expected.datatype, expected.shape
        ));
    }
    let (Some(found), Some(wanted)) = (floats(answer), floats(expected)) else {
        return if answer.data == expected.data { Ok(()) } else { Err("is another".to_owned()) };
    };
    let close = |found: f64, wanted: f64| {
        found == wanted || found.is_nan() && wanted.is_nan() || (found - wanted).abs() <= tolerance + tolerance * wanted.abs()
    };
    match found.zip(wanted).enumerate().find(|(_, (found, wanted))| !close(*found, *wanted)) {
        None => Ok(()),
        Some((place, (found, wanted))) => {
            Err(format!("has {found} at place {place}, and {wanted} was expected, give or take {tolerance}"))
        }
    }
}

/// The elements of a tensor of floating-point numbers.
fn floats(tensor: &Tensor) -> Option<Box<dyn Iterator<Item = f64> + '_>> {
    let data = &tensor.data;
    match tensor.datatype {
        Datatype::Fp16 => Some(Box::new(data.as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f64()))),
        Datatype::Bf16 => Some(Box::new(data.as_chunks().0.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f64()))),
        Datatype::Fp32 => Some(Box::new(data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes).into()))),
        Datatype::Fp64 => Some(Box::new(data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)))),
        _ => None,
    }
}
