//! Reads and writes tensors in the protocol's JSON form. Integers are exact up to 64 bits. Floats are the nearest value of their
//! type. Values that are not finite are the words "NaN", "Infinity" and "-Infinity".

mod bare;
mod data;
mod excerpt;
mod parse;
mod write;

pub use bare::quote_bare_words;
pub use data::{parse_data, room};
pub(crate) use excerpt::excerpt;
pub use parse::{datatype, element_count, parse_tensor};
pub use write::write_data;

#[cfg(test)]
mod tests;
