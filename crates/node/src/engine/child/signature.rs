//! Translates a model's inputs and outputs to the Open Inference Protocol, or says why the protocol cannot express them.

use crate::{
    engine::messages::start::StartRequest,
    tensor::{Datatype, Signature, TensorSpec},
};
use ort::value::{Outlet, TensorElementType, ValueType};
use std::collections::BTreeMap;

/// The signature of a model with these inputs and outputs.
///
/// # Errors
/// Which of them cannot be served, and why.
pub fn describe(inputs: &[Outlet], outputs: &[Outlet], file: &StartRequest) -> Result<Signature, String> {
    let no_maps = BTreeMap::new();
    let inputs = inputs.iter().map(|outlet| spec(outlet, "input", &no_maps, file)).collect::<Result<_, _>>()?;
    let outputs = outputs.iter().map(|outlet| spec(outlet, "output", &file.zipmaps, file)).collect::<Result<_, _>>()?;
    Ok(Signature { inputs, outputs })
}

fn spec(outlet: &Outlet, role: &str, zipmaps: &BTreeMap<String, Vec<String>>, file: &StartRequest) -> Result<TensorSpec, String> {
    let name = outlet.name().to_owned();
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => {
            let datatype = datatype(*ty).ok_or_else(|| {
                format!("its {role} `{name}` has elements of the type {ty}, for which the inference protocol has no word")
            })?;
            // The library says the same of a tensor without dimensions and of one about which nothing is known.
            let any_rank = shape.is_empty() && file.without_shape.contains(&name);
            let shape = shape.iter().map(|size| (*size).max(-1)).collect();
            Ok(TensorSpec { name, datatype, shape, any_rank, classes: None })
        }
        ValueType::Sequence(of) if matches!(**of, ValueType::Map { value: TensorElementType::Float32, .. }) => {
            let classes = zipmaps.get(&name).filter(|classes| !classes.is_empty()).ok_or_else(|| {
                format!("its {role} `{name}` is a sequence of maps that does not come from ZipMap: save it as a tensor (options={{'zipmap': False}} in skl2onnx)")
            })?;
            let columns = i64::try_from(classes.len()).map_err(|_| "it has too many classes".to_owned())?;
            let (datatype, shape) = (Datatype::Fp32, vec![-1, columns]);
            Ok(TensorSpec { name, datatype, shape, any_rank: false, classes: Some(classes.clone()) })
        }
        other => Err(format!("its {role} `{name}` is no tensor but {other}, which the inference protocol cannot carry")),
    }
}

fn datatype(element: TensorElementType) -> Option<Datatype> {
    Some(match element {
        TensorElementType::Bool => Datatype::Bool,
        TensorElementType::Uint8 => Datatype::Uint8,
        TensorElementType::Uint16 => Datatype::Uint16,
        TensorElementType::Uint32 => Datatype::Uint32,
        TensorElementType::Uint64 => Datatype::Uint64,
        TensorElementType::Int8 => Datatype::Int8,
        TensorElementType::Int16 => Datatype::Int16,
        TensorElementType::Int32 => Datatype::Int32,
        TensorElementType::Int64 => Datatype::Int64,
        TensorElementType::Float16 => Datatype::Fp16,
        TensorElementType::Bfloat16 => Datatype::Bf16,
        TensorElementType::Float32 => Datatype::Fp32,
        TensorElementType::Float64 => Datatype::Fp64,
        TensorElementType::String => Datatype::Bytes,
        _ => return None,
    })
}
