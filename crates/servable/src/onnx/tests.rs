#![allow(clippy::unwrap_used, reason = "a test that panics says where and why")]

use super::{Dimension, OnnxFile, OnnxLimits, OperatorRule, check, describe};
use proptest::prelude::*;

/// A message, written by hand.
#[derive(Clone, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn number(mut self, field: u64, number: u64) -> Self {
        self.varint(field << 3);
        self.varint(number);
        self
    }

    fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.as_ref().len() as u64);
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    fn with(self, field: u64, message: Self) -> Self {
        self.bytes(field, message.0)
    }
}

fn message() -> Message {
    Message::default()
}

fn model(graph: Message) -> Vec<u8> {
    message().number(1, 8).with(7, graph).with(8, message().bytes(1, "").number(2, 18)).0
}

fn node(attribute: Message) -> Message {
    message().bytes(1, "x").bytes(2, "y").bytes(4, "Constant").with(5, attribute)
}

fn external() -> Message {
    message().number(2, 1).bytes(8, "w").with(13, message().bytes(1, "location").bytes(2, "/etc/passwd")).number(14, 1)
}

fn refusal(file: &[u8]) -> String {
    check(file, &OnnxLimits::default()).unwrap_err()
}

fn limited(change: impl FnOnce(&mut OnnxLimits)) -> OnnxLimits {
    let mut limits = OnnxLimits::default();
    change(&mut limits);
    limits
}

const LINEAR: &[u8] = include_bytes!("../../../../examples/models/linear/model.onnx");

#[test]
fn what_the_engine_must_know_is_found() {
    assert_eq!(check(LINEAR, &OnnxLimits::default()), Ok(OnnxFile::default()));
    let numbers = include_bytes!("../../../../examples/models/zipmap/model.onnx");
    let words = include_bytes!("../../../../examples/models/zipmap-names/model.onnx");
    let classes = |file: &[u8]| check(file, &OnnxLimits::default()).unwrap().zipmaps["output_probability"].clone();
    assert_eq!(classes(numbers), ["0", "1", "2"]);
    assert_eq!(classes(words), ["setosa", "versicolor", "virginica"]);
}

#[test]
fn a_file_that_is_onnx_runtimes_own_format_as_well_is_refused() {
    // A field without meaning whose number takes four bytes, and then one whose key and length are the rest of the mark.
    let with = |mark: &[u8]| [&[0x88, 0x80, 0x80, 0x00], mark, &[0; 0x53], LINEAR].concat();
    assert_eq!(check(&with(b"ORTX"), &OnnxLimits::default()), Ok(OnnxFile::default()));
    assert!(refusal(&with(b"ORTM")).contains("ONNX Runtime's own format"));
}

#[test]
fn external_data_is_found_wherever_it_hides() {
    let sparse = message().with(1, external());
    let inner = |graph: Message| model(message().with(1, node(message().bytes(1, "body").with(6, graph))));
    let hiding = [
        ("initializer", model(message().with(5, external()))),
        ("location only", model(message().with(5, message().number(14, 1)))),
        ("entries only", model(message().with(5, message().with(13, message().bytes(1, "location"))))),
        ("unknown location", model(message().with(5, message().number(14, 7)))),
        ("sparse initializer", model(message().with(15, sparse.clone()))),
        ("sparse indices", model(message().with(15, message().with(2, external())))),
        ("attribute", model(message().with(1, node(message().with(5, external()))))),
        ("attribute's list", model(message().with(1, node(message().with(10, external()))))),
        ("sparse attribute", model(message().with(1, node(message().with(22, sparse.clone()))))),
        ("sparse list", model(message().with(1, node(message().with(23, sparse))))),
        ("subgraph", inner(message().with(5, external()))),
        ("subgraph's node", inner(message().with(1, node(message().with(5, external()))))),
        ("subgraphs", model(message().with(1, node(message().with(11, message().with(5, external())))))),
    ];
    for (place, file) in hiding {
        assert!(refusal(&file).contains("other files"), "{place}: {}", refusal(&file));
    }
    let function = message().bytes(1, "f").with(7, node(message().with(5, external())));
    let file = message().with(25, function).0;
    assert!(refusal(&file).contains("other files"));
    let default = message().bytes(1, "f").with(11, message().with(5, external()));
    assert!(refusal(&message().with(25, default).0).contains("other files"));
}

/// A model with this graph and these functions, behind it or before it.
fn with_functions(graph: Message, functions: &[Message]) -> Vec<u8> {
    let functions = functions.iter().fold(message(), |file, function| file.with(25, function.clone()));
    [model(graph), functions.0].concat()
}

fn call(domain: &str, name: &str) -> Message {
    message().bytes(4, name).bytes(7, domain)
}

fn function(domain: &str, name: &str, body: &[Message]) -> Message {
    body.iter().fold(message().bytes(1, name).bytes(10, domain), |function, node| function.with(7, node.clone()))
}

#[test]
fn foreign_operators_are_found_in_every_place() {
    let foreign = call("com.example", "Run");
    let subgraph = node(message().with(6, message().with(1, foreign.clone())));
    let places = [
        model(message().with(1, foreign.clone())),
        model(message().with(1, subgraph.clone())),
        with_functions(message(), &[function("parts", "f", std::slice::from_ref(&foreign))]),
        with_functions(message(), &[function("parts", "f", &[subgraph])]),
        // A function of another name or domain is another operator.
        with_functions(
            message().with(1, foreign.clone()),
            &[function("com.example", "Walk", &[]), function("parts", "Run", &[])],
        ),
    ];
    for file in places {
        assert!(refusal(&file).contains("the operator `Run` of `com.example`"), "{}", refusal(&file));
    }
    let known = call("ai.onnx.ml", "ZipMap");
    check(&model(message().with(1, known)), &OnnxLimits::default()).unwrap();
    // Exporters import domains that no operator is from.
    for domain in ["com.microsoft", "ai.onnx.training"] {
        let import = || message().bytes(1, domain);
        let file = message().with(7, message()).with(8, import()).with(25, message().with(9, import())).0;
        check(&file, &OnnxLimits::default()).unwrap();
    }
}

#[test]
fn operators_of_the_library_are_the_rules_to_allow() {
    let quantised = model(message().with(1, call("com.microsoft", "QGemm")));
    check(&quantised, &OnnxLimits::default()).unwrap();
    let standard = limited(|limits| limits.operators = OperatorRule::Standard);
    assert!(check(&quantised, &standard).unwrap_err().contains("`QGemm` of `com.microsoft`"));
    assert!(refusal(&model(message().with(1, call("com.microsoft", "PythonOp")))).contains("code outside of the model"));
}

#[test]
fn functions_of_a_model_are_operators_unless_they_call_themselves_or_grow() {
    let add = || call("", "Add");
    let twice = function("parts", "Twice", &[add(), add()]);
    let four = function("parts", "Four", &[call("parts", "Twice"), call("parts", "Twice")]);
    let graph = || message().with(1, call("parts", "Four")).with(1, add());
    let file = with_functions(graph(), &[four.clone(), twice.clone()]);
    check(&file, &limited(|limits| limits.nodes = 9)).unwrap();
    let standard = limited(|limits| limits.operators = OperatorRule::Standard);
    check(&file, &standard).unwrap();

    let circle = function("parts", "Twice", &[call("parts", "Four")]);
    assert!(refusal(&with_functions(graph(), &[four, circle])).contains("calls itself"));
    // Each of these calls the next one ten times.
    let name = |number: usize| format!("f{number}");
    let tenfold = |number: usize| function("parts", &name(number), &vec![call("parts", &name(number + 1)); 10]);
    let functions: Vec<_> = (0..20).map(tenfold).chain([function("parts", &name(20), &[add()])]).collect();
    let bomb = with_functions(message().with(1, call("parts", &name(0))), &functions);
    assert!(refusal(&bomb).contains("with the bodies of its functions"), "{}", refusal(&bomb));
    let deep = |number: usize| function("parts", &name(number), &[call("parts", &name(number + 1))]);
    let functions: Vec<_> = (0..40).map(deep).collect();
    let file = with_functions(
        message().with(1, call("parts", &name(0))),
        &[&functions[..], &[function("parts", &name(40), &[])]].concat(),
    );
    assert!(refusal(&file).contains("levels deep"), "{}", refusal(&file));
}

#[test]
fn an_input_without_a_shape_is_another_than_one_without_dimensions() {
    let graph = message()
        .with(11, tensor("any", 1, None))
        .with(11, tensor("scalar", 1, Some(vec![])))
        .with(11, tensor("vector", 1, Some(vec![message()])))
        .with(12, message().bytes(1, "nothing said"));
    let found = check(&model(graph), &OnnxLimits::default()).unwrap().without_shape;
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["any", "nothing said"]);
}

#[test]
fn too_much_of_anything_is_refused() {
    let three = model(message().with(1, message()).with(1, node(message().with(6, message().with(1, message())))));
    let over = |limits: OnnxLimits| check(&three, &limits).unwrap_err();
    check(&three, &limited(|limits| (limits.nodes, limits.depth) = (3, 6))).unwrap();
    assert_eq!(over(limited(|limits| limits.nodes = 2)), "it has more than 2 operators");
    assert_eq!(over(limited(|limits| limits.depth = 5)), "it nests more than 5 levels deep");
    assert_eq!(over(limited(|limits| limits.name = 7)), "it has a name of 8 bytes, and 7 are allowed");
    assert_eq!(over(limited(|limits| limits.bytes = 9)), format!("it has {} bytes, and 9 are allowed", three.len()));
    let two = model(message().with(5, message()).with(15, message().with(1, message())));
    assert_eq!(check(&two, &limited(|limits| limits.tensors = 1)).unwrap_err(), "it has more than 1 tensors");
}

#[test]
fn what_is_no_model_is_refused() {
    let graph = message();
    for (file, reason) in [
        (Vec::new(), "no graph"),
        (b"PK\x03\x04 a zip file".to_vec(), "not ONNX"),
        (message().number(7, 1).0, "a number stands where"),
        (message().with(7, graph.clone()).0, "which operators"),
        (message().with(7, graph.clone()).with(7, graph.clone()).with(8, message()).0, "more than one graph"),
        (model(message().with(1, message().bytes(4, [0xff, 0xfe]))), "not UTF-8"),
        (vec![0xff; 11], "too long"),
        (vec![0x02, 0x00], "no field 0"),
        (vec![0x0b, 0x0c], "unknown kind 3"),
        ([model(graph.clone()), message().with(20, message()).0].concat(), "its training"),
    ] {
        assert!(refusal(&file).contains(reason), "{}", refusal(&file));
    }
}

#[test]
fn inputs_and_outputs_are_tensors_or_what_zipmap_gives() {
    let value = |kind| message().bytes(1, "y").with(2, message().with(kind, message()));
    let output = |kind| model(message().with(12, message().bytes(1, "y").with(2, message().with(kind, message()))));
    for (kind, word) in [(5, "a map"), (8, "a sparse tensor"), (9, "optional"), (7, "nothing here knows")] {
        assert!(refusal(&output(kind)).contains(word), "{}", refusal(&output(kind)));
    }
    check(&output(1), &OnnxLimits::default()).unwrap();
    let sequence = refusal(&output(4));
    assert!(sequence.contains("`y` is a sequence") && sequence.contains("MultiOutputClassifier"), "{sequence}");
    let zipmap = message().bytes(2, "y").bytes(4, "ZipMap").bytes(7, "ai.onnx.ml");
    check(&model(message().with(12, value(4)).with(1, zipmap)), &OnnxLimits::default()).unwrap();
}

#[test]
fn every_truncation_of_a_model_is_refused() {
    for length in 0..LINEAR.len() {
        // Where only the last field is missing, what is left can be a whole model of its own, which says less.
        if let Ok(found) = check(&LINEAR[..length], &OnnxLimits::default()) {
            assert_eq!(found, OnnxFile::default());
            assert!(length > LINEAR.len() - 40, "only {length} of {} bytes were needed", LINEAR.len());
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = check(&bytes, &OnnxLimits::default());
        let _ = describe(&bytes, &OnnxLimits::default());
    }

    #[test]
    fn one_changed_byte_does_no_harm(place in 0..LINEAR.len(), byte in any::<u8>()) {
        let mut file = LINEAR.to_vec();
        file[place] = byte;
        let _ = check(&file, &OnnxLimits::default());
        let _ = describe(&file, &OnnxLimits::default());
    }
}

fn tensor(name: &str, element: u64, shape: Option<Vec<Message>>) -> Message {
    let mut tensor = message().number(1, element);
    if let Some(sizes) = shape {
        tensor = tensor.with(2, sizes.into_iter().fold(message(), |shape, size| shape.with(1, size)));
    }
    message().bytes(1, name).with(2, message().with(1, tensor))
}

#[test]
fn a_file_is_described_with_what_goes_in_and_comes_out_and_its_weights_are_no_input() {
    let open = message().number(1, u64::MAX);
    let graph = message()
        .with(1, message().bytes(4, "Gemm"))
        .with(1, message().bytes(4, "Gemm").bytes(7, "ai.onnx"))
        .with(1, message().bytes(4, "Sampler").bytes(7, "com.example"))
        .with(5, message().bytes(8, "weights"))
        .with(11, tensor("patients", 1, Some(vec![message().bytes(2, "N"), message().number(1, 30), open])))
        .with(11, tensor("weights", 1, None))
        .with(12, tensor("a\nlabel", 7, None))
        .with(12, message().bytes(1, "classes").with(2, message().bytes(4, "")));
    let head = message().number(1, 8).bytes(2, "a trainer").bytes(3, "1.2").with(7, graph);
    let file = head.with(8, message().bytes(1, "").number(2, 18)).0;
    let found = describe(&file, &OnnxLimits::default()).unwrap();
    assert_eq!(found.producer, "a trainer 1.2");
    assert_eq!(found.opsets.into_iter().collect::<Vec<_>>(), [("ai.onnx".to_owned(), 18)]);
    let operators: Vec<_> = found.operators.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(operators, [("Gemm", 2), ("com.example.Sampler", 1)]);
    assert_eq!(found.inputs.len(), 1, "the weights are no input");
    let shape = vec![Dimension::Named("N".to_owned()), Dimension::Size(30), Dimension::Any];
    assert_eq!((found.inputs[0].kind.as_str(), found.inputs[0].shape.as_ref()), ("float32", Some(&shape)));
    let outputs: Vec<_> = found.outputs.iter().map(|value| (value.name.as_str(), value.kind.as_str(), &value.shape)).collect();
    assert_eq!(outputs, [("alabel", "int64", &None), ("classes", "sequence", &None)]);
}

#[test]
fn what_is_no_model_is_not_described() {
    for file in [&b"hello"[..], &[], &[0x80], &message().number(1, 8).0] {
        describe(file, &OnnxLimits::default()).unwrap_err();
    }
    let whole = model(message().with(11, tensor("x", 1, None)));
    describe(&whole, &OnnxLimits::default()).unwrap();
    describe(&whole[..whole.len() - 1], &OnnxLimits::default()).unwrap_err();
    describe(&whole, &limited(|limits| limits.bytes = whole.len() - 1)).unwrap_err();
}
