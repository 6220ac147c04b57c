//! The messages between a node and the process of a model: requests and answers as frames with a length in
//! front, many at once. Both sides know the signature, so a frame has neither names nor types.

use bytes::{Buf, BufMut, Bytes};

/// Bytes of the length in front of a frame.
pub const PREFIX: usize = 8;

/// Bytes of an answer: what comes of a request is no longer, however much memory its model may have.
pub const MOST_ANSWER: usize = 64 << 20;

/// A frame that makes no sense. The receiver ends the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame from the other side makes no sense")]
pub struct MalformedFrame;

/// The shape and the content of a tensor, in the binary form of [`crate::tensor::Tensor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameTensor<D> {
    /// Its shape.
    pub shape: Vec<i64>,
    /// Its elements.
    pub data: D,
}

/// How a request went, the first byte of an answer after its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tensors that were asked for follow.
    Done,
    /// A sentence follows that says why the library refused the inputs.
    Refused,
    /// It was called off; nothing follows.
    Cancelled,
    /// A sentence follows that says why the model gave no answer, which is not the inputs' fault.
    Failed,
}

/// Writes a frame behind what `out` has already: `write` adds the content, the length is put in front of it afterwards.
pub fn frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.put_u64_le(0);
    write(out);
    let length = (out.len() - start - PREFIX) as u64;
    out[start..start + PREFIX].copy_from_slice(&length.to_le_bytes());
}

/// Writes a request: its number, the places of the outputs wanted, and the inputs in the signature's order.
pub fn put_request<'a>(
    out: &mut Vec<u8>,
    id: u64,
    outputs: &[usize],
    inputs: impl ExactSizeIterator<Item = (&'a [i64], &'a [u8])>,
) {
    frame(out, |out| {
        out.put_u64_le(id);
        out.put_u32_le(outputs.len() as u32);
        for place in outputs {
            out.put_u32_le(*place as u32);
        }
        out.put_u32_le(inputs.len() as u32);
        for (shape, data) in inputs {
            put_shape(out, shape, data.len());
            out.put_slice(data);
        }
    });
}

/// Writes a shape and the length of the content that is to follow.
pub fn put_shape(out: &mut Vec<u8>, shape: &[i64], length: usize) {
    out.put_u32_le(shape.len() as u32);
    for size in shape {
        out.put_i64_le(*size);
    }
    out.put_u64_le(length as u64);
}

/// Writes the beginning of an answer.
pub fn put_outcome(out: &mut Vec<u8>, id: u64, outcome: Outcome) {
    out.put_u64_le(id);
    out.put_u8(match outcome {
        Outcome::Done => 0,
        Outcome::Refused => 1,
        Outcome::Cancelled => 2,
        Outcome::Failed => 3,
    });
}

/// Reads what [`put_outcome`] wrote.
///
/// # Errors
/// When it is something else.
pub fn take_outcome(from: &mut Bytes) -> Result<(u64, Outcome), MalformedFrame> {
    let id = from.try_get_u64_le().map_err(|_| MalformedFrame)?;
    let outcome = match from.try_get_u8().map_err(|_| MalformedFrame)? {
        0 => Outcome::Done,
        1 => Outcome::Refused,
        2 => Outcome::Cancelled,
        3 => Outcome::Failed,
        _ => return Err(MalformedFrame),
    };
    Ok((id, outcome))
}

/// Reads a count of things that take at least `least` bytes each.
///
/// # Errors
/// When there cannot be that many.
pub fn take_count(from: &mut impl Buf, least: usize) -> Result<usize, MalformedFrame> {
    let count = from.try_get_u32_le().map_err(|_| MalformedFrame)? as usize;
    if count.saturating_mul(least) > from.remaining() { Err(MalformedFrame) } else { Ok(count) }
}

/// Reads the places of the requested outputs.
///
/// # Errors
/// When it is something else.
pub fn take_places(from: &mut &[u8]) -> Result<Vec<usize>, MalformedFrame> {
    (0..take_count(from, 4)?).map(|_| from.try_get_u32_le().map(|place| place as usize).map_err(|_| MalformedFrame)).collect()
}

/// Reads a tensor without copying its content.
///
/// # Errors
/// When it is something else.
pub fn take_slice<'a>(from: &mut &'a [u8]) -> Result<FrameTensor<&'a [u8]>, MalformedFrame> {
    let (shape, length) = take_shape(from)?;
    let (data, rest) = from.split_at(length);
    *from = rest;
    Ok(FrameTensor { shape, data })
}

/// Reads a tensor without copying its content.
///
/// # Errors
/// When it is something else.
pub fn take_bytes(from: &mut Bytes) -> Result<FrameTensor<Bytes>, MalformedFrame> {
    let (shape, length) = take_shape(from)?;
    Ok(FrameTensor { shape, data: from.split_to(length) })
}

fn take_shape(from: &mut impl Buf) -> Result<(Vec<i64>, usize), MalformedFrame> {
    let rank = take_count(from, 8)?;
    let shape = (0..rank).map(|_| from.try_get_i64_le()).collect::<Result<_, _>>().map_err(|_| MalformedFrame)?;
    let length = from.try_get_u64_le().map_err(|_| MalformedFrame)?;
    match usize::try_from(length) {
        Ok(length) if length <= from.remaining() => Ok((shape, length)),
        _ => Err(MalformedFrame),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let mut out = vec![7];
        let tensors: [(&[i64], &[u8]); 2] = [(&[2, 1], b"ab"), (&[], b"")];
        put_request(&mut out, 5, &[1, 0], tensors.into_iter());
        let (prefix, mut rest) = out[1..].split_at(PREFIX);
        assert_eq!(prefix, (rest.len() as u64).to_le_bytes());
        assert_eq!(rest.get_u64_le(), 5);
        assert_eq!(take_places(&mut rest).unwrap(), [1, 0]);
        assert_eq!(take_count(&mut rest, 1), Ok(2));
        assert_eq!(take_slice(&mut rest).unwrap(), FrameTensor { shape: vec![2, 1], data: &b"ab"[..] });
        assert_eq!(take_slice(&mut rest).unwrap(), FrameTensor { shape: vec![], data: &b""[..] });
        assert!(rest.is_empty());
    }

    #[test]
    fn every_outcome_is_read_as_it_was_written() {
        for outcome in [Outcome::Done, Outcome::Refused, Outcome::Cancelled, Outcome::Failed] {
            let mut out = Vec::new();
            put_outcome(&mut out, 9, outcome);
            assert_eq!(take_outcome(&mut out.into()), Ok((9, outcome)));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = take_places(&mut &bytes[..]);
            let _ = take_slice(&mut &bytes[..]);
            let _ = take_bytes(&mut bytes.clone().into());
            let _ = take_outcome(&mut bytes.into());
        }
    }
}
