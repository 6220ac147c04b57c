//! Reads a `Value` through `serde_json`, and refuses what `Value`'s own reading accepts.
//! The reader keeps its place in the document, so that an error can name the place.

use super::{
    error::StrictJsonError,
    limits::{Floats, Limits},
};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{
    cell::{Cell, RefCell},
    fmt::{self, Write as _},
};

/// Reads the whole text as one value.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Value, StrictJsonError> {
    let reading = Reading { limits, path: RefCell::default(), fault: Cell::default() };
    let mut source = serde_json::Deserializer::from_str(text);
    let value = Seed { reading: &reading, depth: 0 }.deserialize(&mut source);
    match value.and_then(|value| source.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => Err(reading.fault.take().unwrap_or_else(|| StrictJsonError::Syntax(error.to_string()))),
    }
}

/// What all the visitors of one document share.
struct Reading<'a> {
    limits: &'a Limits,
    /// The steps from the top to the value being read.
    path: RefCell<Vec<Step>>,
    /// The error found here. `serde_json` can only carry a message.
    fault: Cell<Option<StrictJsonError>>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl Reading<'_> {
    /// The JSON pointer (RFC 6901) of the value being read.
    fn pointer(&self) -> String {
        self.path.borrow().iter().fold(String::new(), |mut pointer, step| {
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Key(key) => write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => write!(pointer, "/{index}"),
            };
            pointer
        })
    }

    fn refuse<E: serde::de::Error>(&self, fault: StrictJsonError) -> E {
        let message = fault.to_string();
        self.fault.set(Some(fault));
        E::custom(message)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    reading: &'a Reading<'a>,
    /// How many arrays and objects lie around this value.
    depth: usize,
}

impl<'a> Seed<'a> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let max = self.reading.limits.max_depth;
        if self.depth == max {
            return Err(self.reading.refuse(StrictJsonError::TooDeep { max }));
        }
        Ok(Seed { depth: self.depth + 1, ..self })
    }

    fn enter(self, step: Step) {
        self.reading.path.borrow_mut().push(step);
    }

    fn leave(self) {
        self.reading.path.borrow_mut().pop();
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        match self.reading.limits.floats {
            Floats::Allowed => Ok(value.into()),
            Floats::Refused => Err(self.reading.refuse(StrictJsonError::Float { pointer: self.reading.pointer() })),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        loop {
            self.enter(Step::Index(items.len()));
            let Some(item) = source.next_element_seed(inner)? else {
                break;
            };
            items.push(item);
            self.leave();
        }
        self.leave();
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut fields = Map::new();
        while let Some(key) = source.next_key::<String>()? {
            self.enter(Step::Key(key.clone()));
            if fields.contains_key(&key) {
                let pointer = self.reading.pointer();
                return Err(self.reading.refuse(StrictJsonError::DuplicateKey { key, pointer }));
            }
            fields.insert(key, source.next_value_seed(inner)?);
            self.leave();
        }
        Ok(fields.into())
    }
}
