//! Walks through the messages of ONNX, wherever a graph, a tensor or an operator can hide: subgraphs, constants in attributes,
//! sparse tensors, functions. Field numbers are those of `onnx.proto`.

use super::{
    limits::{OnnxFile, OnnxLimits},
    uses::OperatorUses,
    wire::{Fields, Value},
};

/// The result of a check, or why the file is refused.
type CheckResult = Result<(), String>;

/// Checks a whole file.
pub fn model(file: &[u8], limits: &OnnxLimits) -> Result<OnnxFile, String> {
    let mut walk = Walk {
        limits,
        nodes: 0,
        tensors: 0,
        depth: 0,
        facts: OnnxFile::default(),
        uses: OperatorUses::default(),
        sequences: Vec::new(),
    };
    let (mut graphs, mut opsets) = (0, 0);
    walk.each(file, |walk, number, value| match (number, value) {
        (7, value) => {
            graphs += 1;
            walk.graph(bytes(value)?, true)
        }
        (8, value) => {
            opsets += 1;
            walk.opset(bytes(value)?)
        }
        (20, _) => Err("it brings its training along, which nothing here runs".to_owned()),
        (25, value) => walk.function(bytes(value)?),
        (2..=4 | 6, value) => walk.name(value).map(drop),
        _ => Ok(()),
    })?;
    match (graphs, opsets) {
        (0, _) => Err("it is not ONNX, or cut off: it has no graph".to_owned()),
        (1, 0) => Err("it is cut off: it does not say which operators it uses".to_owned()),
        (1, _) => {
            walk.uses.judge(limits)?;
            walk.sequences()?;
            Ok(walk.facts)
        }
        _ => Err("it has more than one graph".to_owned()),
    }
}

struct Walk<'a, 'l> {
    limits: &'l OnnxLimits,
    nodes: usize,
    tensors: usize,
    depth: usize,
    facts: OnnxFile,
    uses: OperatorUses<'a>,
    /// The model's inputs and outputs that are sequences.
    sequences: Vec<&'a str>,
}

/// What the fields of an operator say.
#[derive(Default)]
struct Node<'a> {
    kind: &'a str,
    domain: &'a str,
    first_output: Option<&'a str>,
    classes: Vec<String>,
}

impl<'a> Walk<'a, '_> {
    /// Calls `visit` with each field of a message.
    fn each(&mut self, message: &'a [u8], mut visit: impl FnMut(&mut Self, u64, Value<'a>) -> CheckResult) -> CheckResult {
        if self.depth == self.limits.depth {
            return Err(format!("it nests more than {} levels deep", self.limits.depth));
        }
        self.depth += 1;
        let mut fields = Fields::of(message);
        while let Some(field) = fields.next()? {
            visit(self, field.number, field.value)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn graph(&mut self, message: &'a [u8], outermost: bool) -> CheckResult {
        self.each(message, |walk, number, value| match number {
            1 => walk.node(bytes(value)?, outermost),
            2 => walk.name(value).map(drop),
            5 => walk.tensor(bytes(value)?),
            11 | 12 if outermost => walk.face(bytes(value)?),
            15 => walk.sparse_tensor(bytes(value)?),
            _ => Ok(()),
        })
    }

    /// A model's input or output: a tensor, or a sequence of a kind that the engine takes.
    fn face(&mut self, message: &'a [u8]) -> CheckResult {
        let mut name = "";
        let mut kind = None;
        let mut has_shape = false;
        self.each(message, |walk, number, value| match number {
            1 => {
                name = walk.name(value)?;
                Ok(())
            }
            2 => walk.each(bytes(value)?, |walk, number, value| {
                kind = if number == 6 { kind } else { Some(number) };
                match (number, value) {
                    (1, Value::Bytes(tensor)) => walk.each(tensor, |_, number, _| {
                        has_shape |= number == 2;
                        Ok(())
                    }),
                    _ => Ok(()),
                }
            }),
            _ => Ok(()),
        })?;
        if !has_shape {
            self.facts.without_shape.insert(name.to_owned());
        }
        let kind = match kind {
            None | Some(1) => return Ok(()),
            Some(4) => {
                self.sequences.push(name);
                return Ok(());
            }
            Some(5) => "a map",
            Some(8) => "a sparse tensor",
            Some(9) => "optional",
            Some(_) => "of a kind that nothing here knows",
        };
        Err(format!("its input or output `{name}` is {kind}; the protocol has tensors only"))
    }

    fn node(&mut self, message: &'a [u8], outermost: bool) -> CheckResult {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(format!("it has more than {} operators", self.limits.nodes));
        }
        let mut node = Node::default();
        self.each(message, |walk, number, value| {
            match number {
                2 => {
                    let name = walk.name(value)?;
                    node.first_output.get_or_insert(name);
                }
                1 | 3 | 8 => drop(walk.name(value)?),
                4 => node.kind = walk.name(value)?,
                5 => walk.attribute(bytes(value)?, &mut node.classes)?,
                7 => node.domain = walk.name(value)?,
                _ => {}
            }
            Ok(())
        })?;
        self.uses.note((node.domain, node.kind));
        if let (true, "ZipMap", Some(output)) = (outermost, node.kind, node.first_output) {
            self.facts.zipmaps.insert(output.to_owned(), node.classes);
        }
        Ok(())
    }

    fn attribute(&mut self, message: &'a [u8], classes: &mut Vec<String>) -> CheckResult {
        let mut name = "";
        let mut words = Vec::new();
        let mut numbers = Vec::new();
        self.each(message, |walk, number, value| {
            match (number, value) {
                (1, value) => name = walk.name(value)?,
                (5 | 10, value) => walk.tensor(bytes(value)?)?,
                (6 | 11, value) => walk.graph(bytes(value)?, false)?,
                (22 | 23, value) => walk.sparse_tensor(bytes(value)?)?,
                (8, Value::Varint(number)) => numbers.push(number),
                (8, Value::Bytes(packed)) => {
                    let mut packed = Fields::of(packed);
                    while !packed.is_empty() {
                        numbers.push(packed.varint()?);
                    }
                }
                (9, value) => words.push(bytes(value)?),
                (21, value) => drop(walk.name(value)?),
                _ => {}
            }
            Ok(())
        })?;
        match name {
            "classlabels_int64s" => classes.extend(numbers.iter().map(|number| number.cast_signed().to_string())),
            "classlabels_strings" => classes.extend(words.iter().map(|word| String::from_utf8_lossy(word).into_owned())),
            _ => {}
        }
        Ok(())
    }

    fn tensor(&mut self, message: &'a [u8]) -> CheckResult {
        self.tensors += 1;
        if self.tensors > self.limits.tensors {
            return Err(format!("it has more than {} tensors", self.limits.tensors));
        }
        self.each(message, |walk, number, value| match (number, value) {
            (8, value) => walk.name(value).map(drop),
            (13, _) | (14, Value::Varint(1..) | Value::Bytes(_) | Value::Fixed) => {
                Err("it keeps weights in other files; save it as one file".to_owned())
            }
            _ => Ok(()),
        })
    }

    fn sparse_tensor(&mut self, message: &'a [u8]) -> CheckResult {
        self.each(message, |walk, number, value| match number {
            1 | 2 => walk.tensor(bytes(value)?),
            _ => Ok(()),
        })
    }

    fn function(&mut self, message: &'a [u8]) -> CheckResult {
        let (mut domain, mut name) = ("", "");
        self.uses.begin_function();
        self.each(message, |walk, number, value| {
            match number {
                1 => name = walk.name(value)?,
                10 => domain = walk.name(value)?,
                4 | 5 | 6 | 13 => drop(walk.name(value)?),
                7 => walk.node(bytes(value)?, false)?,
                9 => walk.opset(bytes(value)?)?,
                11 => walk.attribute(bytes(value)?, &mut Vec::new())?,
                _ => {}
            }
            Ok(())
        })?;
        self.uses.end_function((domain, name));
        Ok(())
    }

    /// Only the sequences of maps that come from `ZipMap` can be made a tensor.
    fn sequences(&self) -> CheckResult {
        match self.sequences.iter().find(|name| !self.facts.zipmaps.contains_key(**name)) {
            None => Ok(()),
            Some(name) => Err(format!(
                "its input or output `{name}` is a sequence, and the protocol has tensors only: save each tensor of it under a name of its own; \
                 of scikit-learn's MultiOutputClassifier, convert each classifier by itself, or keep the output `label` only \
                 (skl2onnx.helpers.onnx_helper.select_model_inputs_outputs)"
            )),
        }
    }

    /// What an import names need not be used. Exporters import domains that no operator of the model is from.
    fn opset(&mut self, message: &'a [u8]) -> CheckResult {
        self.each(message, |walk, number, value| match number {
            1 => walk.name(value).map(drop),
            _ => Ok(()),
        })
    }

    fn name(&self, value: Value<'a>) -> Result<&'a str, String> {
        let name = bytes(value)?;
        if name.len() > self.limits.name {
            return Err(format!("it has a name of {} bytes, and {} are allowed", name.len(), self.limits.name));
        }
        std::str::from_utf8(name).map_err(|_| "it is not ONNX: a name is not UTF-8".to_owned())
    }
}

fn bytes(value: Value<'_>) -> Result<&[u8], String> {
    match value {
        Value::Bytes(bytes) => Ok(bytes),
        _ => Err("it is not ONNX: a number stands where a message or a name should".to_owned()),
    }
}
