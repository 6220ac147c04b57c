//! Builds a JSON tree with sorted keys straight from `Serialize`.
//! `serde_json::Value` would turn NaN into null, and keep only the last of two equal keys.

use super::error::{CanonicalError, MAX_INTEGER};
use serde::ser::{self, Serialize};
use std::fmt::Display;

/// A JSON value; the keys of objects are sorted by UTF-16 code units and unique.
pub(super) enum Tree {
    /// `null`, `true`, `false` or an integer, as written.
    Literal(String),
    /// A string, not yet escaped.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

/// Builds the tree of a value.
pub(super) fn build<T: Serialize + ?Sized>(value: &T) -> Result<Tree, CanonicalError> {
    value.serialize(Builder)
}

impl ser::Error for CanonicalError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }
}

fn integer(value: impl Display + Copy, magnitude: u128) -> Result<Tree, CanonicalError> {
    if magnitude <= u128::from(MAX_INTEGER) {
        Ok(Tree::Literal(value.to_string()))
    } else {
        Err(CanonicalError::Integer(value.to_string()))
    }
}

fn object(mut fields: Vec<(String, Tree)>) -> Result<Tree, CanonicalError> {
    // RFC 8785, section 3.2.3. The order differs from that of UTF-8 for characters above U+FFFF.
    fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    match fields.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(CanonicalError::DuplicateKey(pair[0].0.clone())),
        None => Ok(Tree::Object(fields)),
    }
}

struct Builder;

macro_rules! integers {
    ($($method:ident $signed:ty;)*) => {$(
        fn $method(self, value: $signed) -> Result<Tree, CanonicalError> {
            integer(value, value.unsigned_abs().into())
        }
    )*};
}

macro_rules! naturals {
    ($($method:ident $unsigned:ty;)*) => {$(
        fn $method(self, value: $unsigned) -> Result<Tree, CanonicalError> {
            integer(value, value.into())
        }
    )*};
}

impl ser::Serializer for Builder {
    type Ok = Tree;
    type Error = CanonicalError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    integers! { serialize_i8 i8; serialize_i16 i16; serialize_i32 i32; serialize_i64 i64; serialize_i128 i128; }
    naturals! { serialize_u8 u8; serialize_u16 u16; serialize_u32 u32; serialize_u64 u64; serialize_u128 u128; }

    fn serialize_bool(self, value: bool) -> Result<Tree, CanonicalError> {
        Ok(Tree::Literal(value.to_string()))
    }

    fn serialize_f32(self, value: f32) -> Result<Tree, CanonicalError> {
        Err(CanonicalError::Float(value.to_string()))
    }

    fn serialize_f64(self, value: f64) -> Result<Tree, CanonicalError> {
        Err(CanonicalError::Float(value.to_string()))
    }

    fn serialize_char(self, value: char) -> Result<Tree, CanonicalError> {
        Ok(Tree::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, CanonicalError> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Tree, CanonicalError> {
        Err(CanonicalError::Bytes)
    }

    fn serialize_none(self) -> Result<Tree, CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, CanonicalError> {
        build(value)
    }

    fn serialize_unit(self) -> Result<Tree, CanonicalError> {
        Ok(Tree::Literal("null".to_owned()))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Tree, CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Tree, CanonicalError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Tree, CanonicalError> {
        build(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Tree, CanonicalError> {
        Ok(Tree::Object(vec![(variant.to_owned(), build(value)?)]))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, CanonicalError> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, CanonicalError> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, CanonicalError> {
        Ok(Items::default())
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items, CanonicalError> {
        Ok(Items { variant: Some(variant), ..Items::default() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, CanonicalError> {
        Ok(Fields::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, CanonicalError> {
        Ok(Fields::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, CanonicalError> {
        Ok(Fields { variant: Some(variant), ..Fields::default() })
    }
}

/// Puts the content of an enum's variant under the variant's name, as `serde_json` does.
fn under(variant: Option<&'static str>, content: Tree) -> Tree {
    match variant {
        Some(name) => Tree::Object(vec![(name.to_owned(), content)]),
        None => content,
    }
}

#[derive(Default)]
struct Items {
    items: Vec<Tree>,
    variant: Option<&'static str>,
}

macro_rules! items {
    ($($kind:ident $add:ident;)*) => {$(
        impl ser::$kind for Items {
            type Ok = Tree;
            type Error = CanonicalError;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
                self.items.push(build(value)?);
                Ok(())
            }

            fn end(self) -> Result<Tree, CanonicalError> {
                Ok(under(self.variant, Tree::Array(self.items)))
            }
        }
    )*};
}
items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

#[derive(Default)]
struct Fields {
    fields: Vec<(String, Tree)>,
    key: String,
    variant: Option<&'static str>,
}

impl ser::SerializeMap for Fields {
    type Ok = Tree;
    type Error = CanonicalError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CanonicalError> {
        match build(key)? {
            Tree::Text(key) => {
                self.key = key;
                Ok(())
            }
            _ => Err(CanonicalError::KeyNotString),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        self.fields.push((std::mem::take(&mut self.key), build(value)?));
        Ok(())
    }

    fn end(self) -> Result<Tree, CanonicalError> {
        object(self.fields)
    }
}

macro_rules! fields {
    ($($kind:ident)*) => {$(
        impl ser::$kind for Fields {
            type Ok = Tree;
            type Error = CanonicalError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), CanonicalError> {
                self.fields.push((key.to_owned(), build(value)?));
                Ok(())
            }

            fn end(self) -> Result<Tree, CanonicalError> {
                Ok(under(self.variant, object(self.fields)?))
            }
        }
    )*};
}
fields! { SerializeStruct SerializeStructVariant }
