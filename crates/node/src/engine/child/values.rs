//! Converts between the bytes of the protocol and the values of ONNX Runtime.

use super::{requests::Requests, run_error::RunError};
use crate::{
    engine::messages::frames::{InputHead, MOST_ANSWER, put_shape},
    tensor::{Datatype, TensorSpec},
};
use bytes::{Buf, BufMut};
use half::{bf16, f16};
use ort::{
    memory::Allocator,
    value::{DynMapValueType, DynValue, PrimitiveTensorElementType, Tensor, TensorElementType, ValueType},
};
use std::{collections::HashMap, fmt::Debug};

/// The most words of an input: each takes a hundred bytes in the library, however short it is.
const MOST_WORDS: usize = 1 << 20;

/// A number from its bytes.
trait Number: PrimitiveTensorElementType + Copy + Debug + 'static {
    const SIZE: usize;
    fn get(bytes: &[u8]) -> Self;
    fn put(self, bytes: &mut [u8]);
}

macro_rules! number {
    ($($type:ty)*) => { $(
        impl Number for $type {
            const SIZE: usize = size_of::<Self>();
            fn get(bytes: &[u8]) -> Self {
                Self::from_le_bytes(std::array::from_fn(|place| bytes[place]))
            }
            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        }
    )* };
}
number!(u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);

impl Number for bool {
    const SIZE: usize = 1;
    fn get(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
    fn put(self, bytes: &mut [u8]) {
        bytes[0] = u8::from(self);
    }
}

/// Does the same for whatever type a datatype stands for; `BYTES` has a way of its own.
macro_rules! by_type {
    ($datatype:expr, $type:ident => $numbers:expr, $strings:expr) => {
        match $datatype {
            Datatype::Bool => {
                type $type = bool;
                $numbers
            }
            Datatype::Uint8 => {
                type $type = u8;
                $numbers
            }
            Datatype::Uint16 => {
                type $type = u16;
                $numbers
            }
            Datatype::Uint32 => {
                type $type = u32;
                $numbers
            }
            Datatype::Uint64 => {
                type $type = u64;
                $numbers
            }
            Datatype::Int8 => {
                type $type = i8;
                $numbers
            }
            Datatype::Int16 => {
                type $type = i16;
                $numbers
            }
            Datatype::Int32 => {
                type $type = i32;
                $numbers
            }
            Datatype::Int64 => {
                type $type = i64;
                $numbers
            }
            Datatype::Fp16 => {
                type $type = f16;
                $numbers
            }
            Datatype::Bf16 => {
                type $type = bf16;
                $numbers
            }
            Datatype::Fp32 => {
                type $type = f32;
                $numbers
            }
            Datatype::Fp64 => {
                type $type = f64;
                $numbers
            }
            Datatype::Bytes => $strings,
        }
    };
}

/// Reads the content of an input into a value of the library; into the one of the last request, where it has the same shape.
///
/// # Errors
/// What is wrong with the input, or that its content does not come.
pub fn fill(kept: &mut Option<DynValue>, spec: &TensorSpec, input: &InputHead, content: &mut Requests) -> Result<(), RunError> {
    let (name, InputHead { shape, length }) = (&spec.name, input);
    let wrong = |error: ort::Error| RunError::from_library(format!("`{name}`: {error}"));
    let refused = |reason: String| Err(RunError::Refused(reason));
    let Some(elements) = elements(shape) else { return refused(format!("`{name}` has the shape {shape:?}")) };
    by_type!(
        spec.datatype,
        T => {
            if elements.checked_mul(T::SIZE) != Some(*length) {
                return refused(format!("`{name}` has {length} bytes, which do not fit its shape {shape:?}"));
            }
            let reusable = kept.as_ref().is_some_and(|value| matches!(value.dtype(), ValueType::Tensor { shape: had, .. } if had[..] == *shape));
            if !reusable {
                *kept = None; // first, so that there is room for the other one
                *kept = Some(Tensor::<T>::new(&Allocator::default(), &shape[..]).map_err(wrong)?.into_dyn());
            }
            let Some(value) = kept else { return Ok(()) };
            let (_, mut numbers) = value.try_extract_tensor_mut::<T>().map_err(wrong)?;
            while !numbers.is_empty() {
                let piece = content.piece(T::SIZE, numbers.len() * T::SIZE)?;
                let (now, later) = numbers.split_at_mut(piece.len() / T::SIZE);
                for (number, bytes) in now.iter_mut().zip(piece.chunks_exact(T::SIZE)) {
                    *number = T::get(bytes);
                }
                numbers = later;
            }
            Ok(())
        },
        {
            if elements > MOST_WORDS {
                return refused(format!("`{name}` has {elements} words, and {MOST_WORDS} are the most: send fewer at a time"));
            }
            let mut data = Vec::with_capacity(*length);
            while data.len() < *length {
                data.extend_from_slice(content.piece(1, *length - data.len())?);
            }
            let words = words(&data, elements).map_err(|reason| RunError::Refused(format!("`{name}` {reason}")))?;
            *kept = Some(Tensor::from_string_array((&shape[..], &words[..])).map_err(wrong)?.into_dyn());
            Ok(())
        }
    )
}

/// How many elements a shape has.
fn elements(shape: &[i64]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |product, size| product.checked_mul(usize::try_from(*size).ok()?))
}

/// Words, each after its length.
fn words(mut data: &[u8], count: usize) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::with_capacity(count.min(data.len()));
    while !data.is_empty() {
        let length = data.try_get_u32_le().map_err(|_| "ends in the middle of a word's length")? as usize;
        let (word, rest) = data.split_at_checked(length).ok_or("ends in the middle of a word")?;
        words.push(str::from_utf8(word).map_err(|_| "has a word that is not UTF-8")?.to_owned());
        data = rest;
    }
    if words.len() == count { Ok(words) } else { Err("has more or fewer words than its shape says") }
}

/// Writes an output: its shape, the length of its content, the content.
///
/// # Errors
/// What is wrong with the value, in a sentence.
pub fn write(value: &DynValue, spec: &TensorSpec, out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = |error: ort::Error| format!("its output `{}` cannot be read: {error}", spec.name);
    if let Some(classes) = &spec.classes {
        return write_maps(value, spec, classes, out);
    }
    by_type!(
        spec.datatype,
        T => {
            let (shape, numbers) = value.try_extract_tensor::<T>().map_err(wrong)?;
            begin(out, shape, numbers.len() * T::SIZE)?;
            put_numbers(numbers, out);
        },
        {
            let (shape, words) = value.try_extract_strings().map_err(wrong)?;
            begin(out, shape, words.iter().map(|word| 4 + word.len()).sum())?;
            for word in &words {
                out.put_u32_le(word.len() as u32);
                out.put_slice(word.as_bytes());
            }
        }
    );
    Ok(())
}

/// Writes the shape and the length of a content, where the whole answer is not too long with it.
fn begin(out: &mut Vec<u8>, shape: &[i64], length: usize) -> Result<(), String> {
    let before = out.len();
    put_shape(out, shape, length);
    if out.len().saturating_add(length) > MOST_ANSWER {
        out.truncate(before);
        return Err(format!(
            "the answer is larger than {} MiB: ask for fewer outputs, or send less at a time",
            MOST_ANSWER >> 20
        ));
    }
    Ok(())
}

/// Writes piece by piece, each of which stays in the cache of the processor: memory that is written once needs no zeros before.
fn put_numbers<T: Number>(numbers: &[T], out: &mut Vec<u8>) {
    let mut piece = [0; 8 << 10];
    out.reserve(numbers.len() * T::SIZE);
    for numbers in numbers.chunks(piece.len() / T::SIZE) {
        let piece = &mut piece[..numbers.len() * T::SIZE];
        for (number, bytes) in numbers.iter().zip(piece.chunks_exact_mut(T::SIZE)) {
            number.put(bytes);
        }
        out.extend_from_slice(piece);
    }
}

/// A row for each map, a column for each class; what a map does not have is not a number.
fn write_maps(value: &DynValue, spec: &TensorSpec, classes: &[String], out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = |error: ort::Error| format!("its output `{}` cannot be read: {error}", spec.name);
    let maps = value.view().downcast::<ort::value::DynSequenceValueType>().map_err(wrong)?;
    let maps = maps.try_extract_sequence::<DynMapValueType>().map_err(wrong)?;
    begin(out, &[maps.len() as i64, classes.len() as i64], maps.len().saturating_mul(classes.len()).saturating_mul(f32::SIZE))?;
    for map in &maps {
        let row: Vec<(String, f32)> = match map.dtype() {
            ValueType::Map { key: TensorElementType::String, .. } => {
                map.try_extract_key_values::<String, f32>().map_err(wrong)?
            }
            _ => {
                let pairs = map.try_extract_key_values::<i64, f32>().map_err(wrong)?;
                pairs.into_iter().map(|(class, number)| (class.to_string(), number)).collect()
            }
        };
        put_numbers(&columns(&row, classes), out);
    }
    Ok(())
}

/// The numbers of a map in the order of the classes.
fn columns(row: &[(String, f32)], classes: &[String]) -> Vec<f32> {
    // Mostly they are in order already. Where they are not, they are looked up by name, however many there are.
    if row.len() == classes.len() && row.iter().zip(classes).all(|((key, _), class)| key == class) {
        return row.iter().map(|(_, number)| *number).collect();
    }
    let by_name: HashMap<&str, f32> = row.iter().map(|(key, number)| (key.as_str(), *number)).collect();
    classes.iter().map(|class| by_name.get(class.as_str()).copied().unwrap_or(f32::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_many_as_the_shape_says_and_whole() {
        let two = b"\x02\0\0\0ab\0\0\0\0";
        assert_eq!(words(two, 2), Ok(vec!["ab".to_owned(), String::new()]));
        assert_eq!(words(b"", 0), Ok(vec![]));
        assert!(words(two, 1).is_err_and(|reason| reason.contains("more or fewer")));
        assert!(words(two, usize::MAX).is_err_and(|reason| reason.contains("more or fewer")));
        assert!(words(&two[..9], 2).is_err_and(|reason| reason.contains("word's length")));
        assert!(words(&two[..5], 1).is_err_and(|reason| reason.contains("middle of a word")));
        assert!(words(b"\x01\0\0\0\xff", 1).is_err_and(|reason| reason.contains("UTF-8")));
    }

    #[test]
    fn the_columns_of_a_map_are_found_in_any_order() {
        let row = [("b", 2.0), ("a", 1.0), ("x", 9.0)].map(|(key, number)| (key.to_owned(), number));
        let classes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(columns(&row, &classes(&["b", "a", "x"])), [2.0, 1.0, 9.0]);
        assert_eq!(columns(&row, &classes(&["a", "b", "x"])), [1.0, 2.0, 9.0]);
        assert_eq!(columns(&row, &classes(&["a", "b"])), [1.0, 2.0]);
        let missing = columns(&row, &classes(&["a", "c", "b"]));
        assert!(missing[1].is_nan() && (missing[0], missing[2]) == (1.0, 2.0), "{missing:?}");
        // Found one by one, these would take minutes.
        let many: Vec<_> = (0..60_000_u32).map(|number| (number.to_string(), number as f32)).collect();
        let names: Vec<_> = many.iter().rev().map(|(key, _)| key.clone()).collect();
        assert_eq!(columns(&many, &names)[0], 59_999.0);
    }

    #[test]
    fn sizes_that_cannot_be_are_no_shape() {
        assert_eq!(elements(&[]), Some(1));
        assert_eq!(elements(&[3, 0]), Some(0));
        assert_eq!(elements(&[-1]), None);
        assert_eq!(elements(&[i64::MAX, 3]), None);
    }
}
