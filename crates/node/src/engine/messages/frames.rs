//! The messages between a node and the process of a model: requests and answers as frames with a length in
//! front, many at once. Both sides know the signature, so a frame has neither names nor types.

use bytes::{Buf, BufMut, Bytes};

/// Bytes of the length in front of a frame.
pub const PREFIX: usize = 8;

/// Bytes in front of the head of a request: the length of the frame, and the length of the head.
pub const REQUEST_PREFIX: usize = PREFIX + 4;

/// Bytes of an answer: what comes of a request is no longer, however much memory its model may have.
pub const MOST_ANSWER: usize = 64 << 20;

/// A frame that makes no sense. The receiver ends the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame from the other side makes no sense")]
pub struct MalformedFrame;

/// The shape and the content of a tensor, in the binary form of [`crate::tensor::Tensor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameTensor {
    /// Its shape.
    pub shape: Vec<i64>,
    /// Its elements.
    pub data: Bytes,
}

/// What a request says before the contents of its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// Its number.
    pub id: u64,
    /// The places of the outputs wanted.
    pub outputs: Vec<usize>,
    /// The inputs, in the signature's order.
    pub inputs: Vec<InputHead>,
}

/// What a request says of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputHead {
    /// Its shape.
    pub shape: Vec<i64>,
    /// Bytes of its content.
    pub length: usize,
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

/// Writes the head of a request; the contents of its inputs are to follow, one after the other. The head comes first so that the
/// receiver can put each content where it belongs, without a copy of the whole.
pub fn put_request<'a>(out: &mut Vec<u8>, id: u64, outputs: &[usize], inputs: impl ExactSizeIterator<Item = (&'a [i64], usize)>) {
    let (start, mut contents) = (out.len(), 0);
    out.put_bytes(0, REQUEST_PREFIX);
    out.put_u64_le(id);
    out.put_u32_le(outputs.len() as u32);
    for place in outputs {
        out.put_u32_le(*place as u32);
    }
    out.put_u32_le(inputs.len() as u32);
    for (shape, length) in inputs {
        put_shape(out, shape, length);
        contents += length;
    }
    let head = out.len() - start - REQUEST_PREFIX;
    let mut prefix = &mut out[start..start + REQUEST_PREFIX];
    prefix.put_u64_le((REQUEST_PREFIX - PREFIX + head + contents) as u64);
    prefix.put_u32_le(head as u32);
}

/// Reads what stands in front of a head: the length of the head, and of the contents that follow it.
///
/// # Errors
/// When it is something else.
pub fn take_request_prefix(mut from: &[u8]) -> Result<(usize, usize), MalformedFrame> {
    let length = from.try_get_u64_le().map_err(|_| MalformedFrame)?;
    let head = from.try_get_u32_le().map_err(|_| MalformedFrame)? as usize;
    let contents = usize::try_from(length).ok().and_then(|length| length.checked_sub(REQUEST_PREFIX - PREFIX + head));
    Ok((head, contents.ok_or(MalformedFrame)?))
}

/// Reads a head, whose inputs have so many bytes together.
///
/// # Errors
/// When it is something else.
pub fn take_request(mut head: &[u8], contents: usize) -> Result<RequestHead, MalformedFrame> {
    let id = head.try_get_u64_le().map_err(|_| MalformedFrame)?;
    let place = |from: &mut &[u8]| from.try_get_u32_le().map(|place| place as usize).map_err(|_| MalformedFrame);
    let outputs = (0..take_count(&mut head, 4)?).map(|_| place(&mut head)).collect::<Result<_, _>>()?;
    let input = |from: &mut &[u8]| take_shape(from).map(|(shape, length)| InputHead { shape, length });
    let inputs: Vec<_> = (0..take_count(&mut head, 12)?).map(|_| input(&mut head)).collect::<Result<_, _>>()?;
    let all = inputs.iter().try_fold(0_usize, |sum, input| sum.checked_add(input.length));
    if head.is_empty() && all == Some(contents) { Ok(RequestHead { id, outputs, inputs }) } else { Err(MalformedFrame) }
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

/// Reads a tensor without copying its content.
///
/// # Errors
/// When it is something else.
pub fn take_bytes(from: &mut Bytes) -> Result<FrameTensor, MalformedFrame> {
    match take_shape(from)? {
        (shape, length) if length <= from.len() => Ok(FrameTensor { shape, data: from.split_to(length) }),
        _ => Err(MalformedFrame),
    }
}

fn take_shape(from: &mut impl Buf) -> Result<(Vec<i64>, usize), MalformedFrame> {
    let rank = take_count(from, 8)?;
    let shape = (0..rank).map(|_| from.try_get_i64_le()).collect::<Result<_, _>>().map_err(|_| MalformedFrame)?;
    let length = from.try_get_u64_le().map_err(|_| MalformedFrame)?;
    Ok((shape, usize::try_from(length).map_err(|_| MalformedFrame)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let mut out = vec![7];
        let inputs: [(&[i64], usize); 2] = [(&[2, 1], 2), (&[], 0)];
        put_request(&mut out, 5, &[1, 0], inputs.into_iter());
        let (head, contents) = take_request_prefix(&out[1..]).unwrap();
        assert_eq!((head, contents), (out.len() - 1 - REQUEST_PREFIX, 2));
        let input = |shape: &[i64], length| InputHead { shape: shape.to_vec(), length };
        let written = RequestHead { id: 5, outputs: vec![1, 0], inputs: vec![input(&[2, 1], 2), input(&[], 0)] };
        let head = &out[1 + REQUEST_PREFIX..];
        assert_eq!(take_request(head, 2), Ok(written));
        assert_eq!(take_request(head, 3), Err(MalformedFrame), "the contents are longer than the frame");
        assert_eq!(take_request(&head[..head.len() - 1], 2), Err(MalformedFrame));
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
            let _ = take_request_prefix(&bytes);
            let _ = take_request(&bytes, 0);
            let _ = take_bytes(&mut bytes.clone().into());
            let _ = take_outcome(&mut bytes.into());
        }
    }
}
