//! The wire format of protobuf, as far as ONNX uses it. The reader never goes past the end and copies nothing. Bytes that
//! another reader could understand differently are an error.

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its number.
    pub number: u64,
    /// What it holds.
    pub value: Value<'a>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number of variable length.
    Varint(u64),
    /// Text, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four or eight bytes: floating-point numbers, which nothing here needs.
    Fixed,
}

const MOST_FIELD_NUMBER: u64 = (1 << 29) - 1;

/// The fields of a message, one after the other.
#[derive(Clone, Debug)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Of these bytes.
    pub const fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// The next one, until the message ends.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn next(&mut self) -> Result<Option<Field<'a>>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = key >> 3;
        if number == 0 || number > MOST_FIELD_NUMBER {
            return Err(format!("it is not ONNX: there is no field {number}"));
        }
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(usize::try_from(length).unwrap_or(usize::MAX))?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            kind => return Err(format!("it is not ONNX: a field of the unknown kind {kind}")),
        };
        Ok(Some(Field { number, value }))
    }

    /// A number of variable length; also what packed numbers are made of.
    ///
    /// # Errors
    /// When it does not end, or is larger than 64 bits.
    pub fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.take(1)?[0];
            if place == 9 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("it is not ONNX: a number is too long".to_owned())
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) =
            self.0.split_at_checked(count).ok_or_else(|| "it is cut off or damaged: a field goes past its end".to_owned())?;
        self.0 = rest;
        Ok(taken)
    }
}
