//! Reads the elements of a tensor from JSON, flat or nested as the shape says. The text is valid JSON already; this module checks
//! it against datatype and shape.

use super::excerpt::excerpt;
use crate::tensor::types::Datatype;
use half::{bf16, f16};
use std::str::FromStr;

/// How many bytes the elements take at most, of which the request says how many there are.
#[must_use]
pub fn room(json: &str, datatype: Datatype, count: usize) -> usize {
    // The claimed count is not to be trusted with memory: each element takes two bytes of JSON at least.
    let count = count.min(json.len() / 2 + 1);
    match datatype.size() {
        Some(size) => count.saturating_mul(size),
        // Each word after its length.
        None => count.saturating_mul(4).saturating_add(json.len()),
    }
}

/// The elements in binary form, from the text of a JSON array that is flat or nested like the shape.
///
/// # Errors
/// Which element is wrong, and what would be right.
pub fn parse_data(json: &str, datatype: Datatype, shape: &[i64], count: usize) -> Result<Vec<u8>, String> {
    let mut parser = Parser { json, at: 0, elements: 0, out: Vec::with_capacity(room(json, datatype, count)) };
    let read = |parser: &mut Parser<'_>| match datatype {
        Datatype::Bool => parser.array(shape, Parser::bool),
        Datatype::Uint8 => parser.array(shape, |parser| parser.integer(u8::to_le_bytes, "0 to 255")),
        Datatype::Uint16 => parser.array(shape, |parser| parser.integer(u16::to_le_bytes, "0 to 65535")),
        Datatype::Uint32 => parser.array(shape, |parser| parser.integer(u32::to_le_bytes, "0 to 4294967295")),
        Datatype::Uint64 => parser.array(shape, |parser| parser.integer(u64::to_le_bytes, "0 to 18446744073709551615")),
        Datatype::Int8 => parser.array(shape, |parser| parser.integer(i8::to_le_bytes, "-128 to 127")),
        Datatype::Int16 => parser.array(shape, |parser| parser.integer(i16::to_le_bytes, "-32768 to 32767")),
        Datatype::Int32 => parser.array(shape, |parser| parser.integer(i32::to_le_bytes, "-2147483648 to 2147483647")),
        Datatype::Int64 => {
            parser.array(shape, |parser| parser.integer(i64::to_le_bytes, "-9223372036854775808 to 9223372036854775807"))
        }
        Datatype::Fp16 => {
            parser.array(shape, |parser| parser.float(|text| double(text).map(f16::from_f64), f16::to_le_bytes, f16::is_finite))
        }
        Datatype::Bf16 => parser
            .array(shape, |parser| parser.float(|text| double(text).map(bf16::from_f64), bf16::to_le_bytes, bf16::is_finite)),
        Datatype::Fp32 => parser.array(shape, |parser| parser.float(|text| text.parse().ok(), f32::to_le_bytes, f32::is_finite)),
        Datatype::Fp64 => parser.array(shape, |parser| parser.float(double, f64::to_le_bytes, f64::is_finite)),
        Datatype::Bytes => parser.array(shape, Parser::string),
    };
    read(&mut parser).map_err(|wrong| wrong.replace("{datatype}", datatype.as_str()))?;
    if parser.elements != count {
        return Err(format!("shape {shape:?} has {count} elements, but data has {}", parser.elements));
    }
    Ok(parser.out)
}

struct Parser<'a> {
    json: &'a str,
    at: usize,
    elements: usize,
    out: Vec<u8>,
}

impl<'a> Parser<'a> {
    fn array(&mut self, shape: &[i64], mut element: impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        if self.peek() != Some(b'[') {
            return Err(format!("data is an array, not {}", excerpt(self.json)));
        }
        let (start, flat) = (self.at, self.json[self.at + 1..].trim_ascii_start().as_bytes().first() != Some(&b'['));
        if flat {
            return self.row(&mut element).map(|_| ());
        }
        self.at = start;
        self.nested(shape, &mut element)
    }

    /// One row of elements; how many they are.
    fn row(&mut self, element: &mut impl FnMut(&mut Self) -> Result<(), String>) -> Result<usize, String> {
        let before = self.elements;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b']' => {
                    self.at += 1;
                    break;
                }
                b',' => self.at += 1,
                b'[' => return Err(format!("element {}: data is nested deeper than the shape, or only in parts", self.elements)),
                _ => {
                    element(self).map_err(|wrong| format!("element {}: {wrong}", self.elements))?;
                    self.elements += 1;
                }
            }
        }
        Ok(self.elements - before)
    }

    fn nested(&mut self, shape: &[i64], element: &mut impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        let uneven = |parser: &Self| format!("element {}: nested data must have the form that the shape says", parser.elements);
        let (&size, inner) = shape.split_first().ok_or_else(|| uneven(self))?;
        if self.peek() != Some(b'[') {
            return Err(uneven(self));
        }
        let found = if inner.is_empty() {
            self.row(element)?
        } else {
            let mut found = 0;
            self.at += 1;
            while let Some(byte) = self.peek() {
                match byte {
                    b']' => {
                        self.at += 1;
                        break;
                    }
                    b',' => self.at += 1,
                    _ => {
                        self.nested(inner, element)?;
                        found += 1;
                    }
                }
            }
            found
        };
        if usize::try_from(size) == Ok(found) { Ok(()) } else { Err(uneven(self)) }
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.json.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// The next value that is no array: up to its end.
    fn token(&mut self) -> &'a str {
        let rest = &self.json.as_bytes()[self.at..];
        let length = if rest.first() == Some(&b'"') {
            let mut end = 1;
            while end < rest.len() && rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(rest.len())
        } else {
            rest.iter().position(|byte| matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len())
        };
        let token = &self.json[self.at..self.at + length];
        self.at += length;
        token
    }

    fn bool(&mut self) -> Result<(), String> {
        let token = self.token();
        let value = match (token, whole(token)) {
            ("true", _) | (_, Some(1)) => 1,
            ("false", _) | (_, Some(0)) => 0,
            _ => return Err(format!("BOOL is true or false (or 1 or 0), not {}", excerpt(token))),
        };
        self.out.push(value);
        Ok(())
    }

    fn integer<T, const N: usize>(&mut self, bytes: fn(T) -> [u8; N], range: &str) -> Result<(), String>
    where
        T: FromStr + TryFrom<i64>,
    {
        let token = self.token();
        let value = token.parse().ok().or_else(|| T::try_from(whole(token)?).ok()).ok_or_else(|| {
            let word = excerpt(token);
            if !is_number(token) {
                format!("{{datatype}} is a number, not {word}")
            } else if token.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) && whole(token).is_none() {
                format!(
                    "{{datatype}} is a whole number from {range}, beyond 2^53 written without fraction or exponent, not {word}"
                )
            } else {
                format!("{word} is out of the range of {{datatype}}, {range}")
            }
        })?;
        self.out.extend_from_slice(&bytes(value));
        Ok(())
    }

    fn float<T: Copy, const N: usize>(
        &mut self,
        read: fn(&str) -> Option<T>,
        bytes: fn(T) -> [u8; N],
        finite: fn(T) -> bool,
    ) -> Result<(), String> {
        let token = self.token();
        let wrong = || {
            let word = excerpt(token);
            format!("{{datatype}} is a number, or one of the strings \"NaN\", \"Infinity\" and \"-Infinity\", not {word}")
        };
        let value: T = if is_number(token) {
            let value = read(token).ok_or_else(wrong)?;
            if !finite(value) {
                return Err(format!("{} is out of the range of {{datatype}}", excerpt(token)));
            }
            value
        } else {
            match token {
                "\"NaN\"" | "\"Infinity\"" | "\"-Infinity\"" => read(&token[1..token.len() - 1]).ok_or_else(wrong)?,
                _ => return Err(wrong()),
            }
        };
        self.out.extend_from_slice(&bytes(value));
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        let token = self.token();
        if !token.starts_with('"') {
            return Err(format!("BYTES is a string, not {}", excerpt(token)));
        }
        let unescaped: String;
        let content = if token.contains('\\') {
            unescaped = serde_json::from_str(token).map_err(|error| format!("this string is not UTF-8: {error}"))?;
            if unescaped.contains('\0') {
                return Err("BYTES is a string without the character NUL; send other bytes as UINT8".to_owned());
            }
            unescaped.as_str()
        } else {
            &token[1..token.len() - 1]
        };
        let length = u32::try_from(content.len()).map_err(|_| "this string is too long".to_owned())?;
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(content.as_bytes());
        Ok(())
    }
}

fn double(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// A whole number as some clients write it, who know no others than floats: `3.0`. Only as far as every float is exact.
fn whole(token: &str) -> Option<i64> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    let value: f64 = is_number(token).then(|| token.parse().ok())??;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

fn is_number(token: &str) -> bool {
    token.bytes().next().is_some_and(|first| first == b'-' || first.is_ascii_digit())
}
