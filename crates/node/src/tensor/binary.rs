//! Tensors in the protocol's binary form. Numbers need no parsing; the node only checks their bytes.

use super::types::Datatype;

/// Checks that these bytes are so many elements of this datatype.
///
/// # Errors
/// What they are not.
pub fn check(data: &[u8], datatype: Datatype, count: usize) -> Result<(), String> {
    let Some(size) = datatype.size() else { return check_strings(data, count) };
    if count.checked_mul(size) != Some(data.len()) {
        let length = data.len();
        return Err(format!("{count} elements of {datatype} take {size} bytes each, but there are {length} bytes together"));
    }
    if datatype != Datatype::Bool {
        return Ok(());
    }
    match data.iter().position(|&byte| byte > 1) {
        Some(place) => Err(format!("element {place}: a byte of BOOL is 0 or 1, not {}", data[place])),
        None => Ok(()),
    }
}

fn check_strings(data: &[u8], count: usize) -> Result<(), String> {
    let mut found = 0_usize;
    for element in elements(data) {
        let element = element.map_err(|wrong| format!("element {found}: {wrong}"))?;
        // ONNX Runtime takes no other strings.
        if element.contains(&0) || std::str::from_utf8(element).is_err() {
            return Err(format!(
                "element {found}: BYTES is a string in UTF-8 without the character NUL; send other bytes as UINT8"
            ));
        }
        found += 1;
    }
    if found == count { Ok(()) } else { Err(format!("the shape has {count} elements, but the data has {found}")) }
}

/// The elements of a `BYTES` tensor, each an error where its bytes end too early.
pub fn elements(mut data: &[u8]) -> impl Iterator<Item = Result<&[u8], String>> {
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let element = data
            .split_first_chunk::<4>()
            .and_then(|(length, rest)| rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?));
        let Some((element, rest)) = element else {
            data = &[];
            return Some(Err("it is cut off: four bytes of length and so many bytes should follow".to_owned()));
        };
        data = rest;
        Some(Ok(element))
    })
}
