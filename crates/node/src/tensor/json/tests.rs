use super::*;
use crate::tensor::{Datatype, Tensor};
use proptest::prelude::*;

fn parse(datatype: &str, shape: &str, data: &str) -> Result<Tensor, String> {
    parse_tensor(&format!(r#"{{"name":"x","datatype":"{datatype}","shape":{shape},"data":{data}}}"#))
}

fn written(tensor: &Tensor) -> String {
    let mut out = Vec::new();
    write_data(tensor, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn refused(datatype: &str, shape: &str, data: &str) -> String {
    parse(datatype, shape, data).unwrap_err()
}

#[test]
fn every_datatype_reads_and_writes_its_limits() {
    for (datatype, data) in [
        ("BOOL", "[true,false]"),
        ("UINT8", "[0,255]"),
        ("UINT16", "[0,65535]"),
        ("UINT32", "[0,4294967295]"),
        ("UINT64", "[0,18446744073709551615]"),
        ("INT8", "[-128,127]"),
        ("INT16", "[-32768,32767]"),
        ("INT32", "[-2147483648,2147483647]"),
        ("INT64", "[-9223372036854775808,9223372036854775807]"),
        ("FP16", "[6e-8,65504.0]"),
        ("BF16", "[9.2e-41,3.3895e38]"),
        ("FP32", "[1e-45,3.4028235e38]"),
        ("FP64", "[5e-324,1.7976931348623157e308]"),
        ("BYTES", r#"["a\"\\\né","漢字"]"#),
    ] {
        let tensor = parse(datatype, "[2]", data).unwrap();
        let again = parse(datatype, "[2]", &written(&tensor)).unwrap();
        assert_eq!(tensor, again, "{datatype}");
    }
    assert_eq!(written(&parse("UINT64", "[1]", "[18446744073709551615]").unwrap()), "[18446744073709551615]");
    assert_eq!(written(&parse("BOOL", "[2]", "[1,0]").unwrap()), "[true,false]");
    assert_eq!(written(&parse("FP32", "[1]", "[0.1]").unwrap()), "[0.1]", "the shortest text that reads back");
    assert_eq!(written(&parse("FP16", "[4]", "[0.1,-2,65504,0.333]").unwrap()), "[0.1,-2.0,65500.0,0.333]");
    assert_eq!(written(&parse("BF16", "[3]", "[0.1,-2,1e38]").unwrap()), "[0.1,-2.0,1e+38]");
}

#[test]
fn every_number_of_16_bits_comes_back_bit_by_bit() {
    let data: bytes::Bytes = (0..=u16::MAX).filter(|bits| bits & 0x7c00 != 0x7c00).flat_map(u16::to_le_bytes).collect();
    for datatype in [Datatype::Fp16, Datatype::Bf16] {
        let finite = |bytes: &&[u8; 2]| datatype == Datatype::Fp16 || half::bf16::from_le_bytes(**bytes).is_finite();
        let data: bytes::Bytes = data.as_chunks().0.iter().filter(finite).flatten().copied().collect();
        let shape = vec![data.len() as i64 / 2];
        let tensor = Tensor { name: "x".to_owned(), datatype, shape, data, classes: None };
        let again = parse(datatype.as_str(), &format!("{:?}", tensor.shape), &written(&tensor)).unwrap();
        assert!(tensor == again, "{datatype}");
    }
}

#[test]
fn what_is_no_number_is_a_word_in_both_directions() {
    let words = r#"["NaN","Infinity","-Infinity"]"#;
    for datatype in ["FP16", "BF16", "FP32", "FP64"] {
        assert_eq!(written(&parse(datatype, "[3]", words).unwrap()), words);
        assert!(refused(datatype, "[1]", "[null]").contains("element 0: "), "null is no number");
        assert!(refused(datatype, "[1]", r#"["inf"]"#).contains("\"Infinity\""));
        assert!(refused(datatype, "[1]", r#"["1"]"#).contains("is a number"));
    }
    assert!(refused("FP32", "[2]", "[1,1e39]").contains("element 1: 1e39 is out of the range of FP32"));
    assert!(refused("FP16", "[1]", "[65520]").contains("65520 is out of the range of FP16"));
    assert!(refused("BF16", "[1]", "[3.4e38]").contains("out of the range of BF16"));
    assert!(refused("FP64", "[1]", "[1e309]").contains("out of the range of FP64"));
    assert!(refused("INT32", "[1]", r#"["NaN"]"#).contains("INT32 is a number"));
}

#[test]
fn integers_are_exact_or_refused() {
    for (datatype, data, said) in [
        ("UINT8", "[1,256]", "element 1: 256 is out of the range of UINT8, 0 to 255"),
        ("INT8", "[-129]", "element 0: -129 is out of the range of INT8, -128 to 127"),
        ("UINT64", "[-1]", "out of the range of UINT64"),
        ("INT64", "[9223372036854775808]", "out of the range of INT64"),
        ("INT64", "[1.5]", "INT64 is a whole number from"),
        ("INT64", "[9.3e15]", "beyond 2^53 written without fraction or exponent"),
        ("UINT8", "[256.0]", "256.0 is out of the range of UINT8"),
        ("INT64", "[true]", "INT64 is a number, not true"),
        ("BOOL", "[2]", "BOOL is true or false"),
        ("BOOL", "[0.5]", "BOOL is true or false"),
        ("BYTES", "[1]", "BYTES is a string, not 1"),
        ("BYTES", r#"["\ud800"]"#, "not UTF-8"),
        ("FP8", "[1]", "there is no datatype `FP8`; there are BOOL, UINT8"),
    ] {
        let wrong = refused(datatype, "[2]", data);
        assert!(wrong.contains(said), "{datatype} {data}: {wrong}");
    }
}

#[test]
fn whole_numbers_may_be_written_as_floats_where_those_are_exact() {
    let of = |datatype: &str, data: &str| parse(datatype, "[3]", data).unwrap();
    assert_eq!(of("INT64", "[1.0,-2e3,9007199254740992.0]"), of("INT64", "[1,-2000,9007199254740992]"));
    assert_eq!(of("UINT8", "[0.0,1e0,255.0]"), of("UINT8", "[0,1,255]"));
    assert_eq!(of("BOOL", "[1.0,0.0,1]"), of("BOOL", "[true,false,true]"));
}

#[test]
fn data_is_flat_or_nested_as_the_shape_says() {
    let flat = parse("INT8", "[2,1,3]", "[1,2,3,4,5,6]").unwrap();
    assert_eq!(parse("INT8", "[2,1,3]", " [ [[1, 2,3]] ,\n[[4,5,6]]] ").unwrap(), flat);
    assert!(parse("INT8", "[2,0]", "[[],[]]").is_ok() && parse("INT8", "[0,3]", "[]").is_ok());
    assert!(parse("INT8", "[]", "[7]").is_ok(), "a scalar is an array of one");
    for uneven in ["[[1,2,3,4,5,6]]", "[[[1,2]],[[3,4,5,6]]]", "[[[1,2,3]],4,5,6]", "[1,[2]]", "[[1,2,3],[4,5,6]]"] {
        let wrong = refused("INT8", "[2,1,3]", uneven);
        assert!(wrong.contains("nested"), "{uneven}: {wrong}");
    }
    assert!(refused("INT8", "[2]", "[1,2,3]").contains("shape [2] has 2 elements, but data has 3"));
    assert!(refused("INT8", "[2]", "{}").contains("data is an array, not {}"));
    assert!(refused("INT8", "[-1]", "[1]").contains("negative size"));
    assert!(refused("INT8", "[4611686018427387904,4611686018427387904]", "[1]").contains("more elements than can be counted"));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(refused("INT8", "[1,1]", &deep).contains("nested"));
}

#[test]
fn a_claimed_size_takes_no_memory() {
    assert!(refused("FP64", "[9000000000000000000]", "[1]").contains("but data has 1"));
}

proptest! {
    #[test]
    fn floats_come_back_bit_by_bit(values in prop::collection::vec(any::<f32>().prop_filter("NaN has many forms", |value| !value.is_nan()), 0..20)) {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>().into();
        let shape = vec![values.len().try_into().unwrap()];
        let tensor = Tensor { name: "x".to_owned(), datatype: Datatype::Fp32, shape, data, classes: None };
        let again = parse("FP32", &format!("{:?}", tensor.shape), &written(&tensor)).unwrap();
        prop_assert_eq!(tensor, again);
    }

    #[test]
    fn no_data_makes_it_panic(data in any::<serde_json_text::Text>(), datatype in prop::sample::select(Datatype::ALL.to_vec())) {
        let _ = parse(datatype.as_str(), "[2,2]", &data.0);
    }
}

/// JSON that is valid but of any form.
mod serde_json_text {
    use super::*;

    #[derive(Debug)]
    pub struct Text(pub String);

    impl Arbitrary for Text {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;
        fn arbitrary_with((): ()) -> Self::Strategy {
            let leaf = prop_oneof![
                Just(serde_json::Value::Null),
                any::<bool>().prop_map(Into::into),
                any::<i64>().prop_map(Into::into),
                any::<f64>().prop_map(Into::into),
                any::<String>().prop_map(Into::into),
            ];
            let value = leaf.prop_recursive(4, 32, 4, |inner| {
                prop_oneof![
                    4 => prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                    1 => prop::collection::btree_map("[a-z]", inner, 0..2)
                        .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
                ]
            });
            value.prop_map(|value| Self(value.to_string())).boxed()
        }
    }
}
