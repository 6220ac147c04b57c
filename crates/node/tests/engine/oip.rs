//! Tensors in the JSON form of the protocol, as `expected.json` has them.

use node::tensor::{Datatype, Tensor};
use serde_json::Value;

/// A request and what Python answered.
pub struct Case {
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
}

/// All of them.
pub fn cases(file: &str) -> Vec<Case> {
    let cases: Value = serde_json::from_str(file).unwrap();
    let tensors = |list: &Value| list.as_array().unwrap().iter().map(tensor).collect();
    let case = |case: &Value| Case { inputs: tensors(&case["inputs"]), outputs: tensors(&case["outputs"]) };
    cases.as_array().unwrap().iter().map(case).collect()
}

fn tensor(json: &Value) -> Tensor {
    let datatype: Datatype = json["datatype"].as_str().unwrap().parse().unwrap();
    let mut data = Vec::new();
    for element in json["data"].as_array().unwrap() {
        let whole =
            || element.as_i64().map(|number| number.to_le_bytes()).or(element.as_u64().map(|number| number.to_le_bytes()));
        match datatype {
            Datatype::Bool => data.push(u8::from(element.as_bool().unwrap())),
            Datatype::Fp32 => data.extend((element.as_f64().unwrap() as f32).to_le_bytes()),
            Datatype::Fp64 => data.extend(element.as_f64().unwrap().to_le_bytes()),
            Datatype::Bytes => {
                let word = element.as_str().unwrap();
                data.extend((word.len() as u32).to_le_bytes());
                data.extend(word.as_bytes());
            }
            // In two's complement the lower bytes of a number are the number in fewer bytes.
            _ => data.extend(&whole().unwrap()[..datatype.size().unwrap()]),
        }
    }
    Tensor {
        name: json["name"].as_str().unwrap().to_owned(),
        datatype,
        shape: json["shape"].as_array().unwrap().iter().map(|size| size.as_i64().unwrap()).collect(),
        data: data.into(),
        classes: serde_json::from_value(json["classes"].clone()).unwrap(),
    }
}

/// Whether two tensors are the same but for rounding.
pub fn assert_close(found: &Tensor, expected: &Tensor, model: &str) {
    let face = |tensor: &Tensor| (tensor.name.clone(), tensor.datatype, tensor.shape.clone(), tensor.classes.clone());
    assert_eq!(face(found), face(expected), "{model}");
    if expected.datatype != Datatype::Fp32 {
        assert_eq!(found.data, expected.data, "{model}: {}", expected.name);
        return;
    }
    let numbers =
        |tensor: &Tensor| -> Vec<f32> { tensor.data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect() };
    for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
        assert!((found - expected).abs() <= 1e-5 + 1e-5 * expected.abs(), "{model}: {found} is not {expected}");
    }
}
