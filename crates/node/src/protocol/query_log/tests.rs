use super::{
    entry::{MOST_INPUT_BYTES, QueryRecord},
    *,
};
use crate::tensor::Tensor;

fn log(sample: Sample) -> QueryLog {
    let folder = tempfile::tempdir().unwrap();
    QueryLog::start(QueryLogOptions { sample, ..QueryLogOptions::new(folder.path().join("queries.jsonl")) }).unwrap()
}

#[test]
fn a_sample_is_about_its_part_of_all() {
    let chosen = |sample| {
        let log = log(sample);
        (0..10_000).filter(|_| log.begin().is_some()).count()
    };
    assert_eq!(chosen(Sample::All), 10_000);
    assert_eq!(chosen(Sample::Fraction(0.0)), 0);
    assert!((2_350..2_650).contains(&chosen(Sample::Fraction(0.25))), "{}", chosen(Sample::Fraction(0.25)));
}

#[test]
fn large_inputs_are_left_out_and_small_ones_copied() {
    let tensor = |bytes| Tensor {
        name: "x".to_owned(),
        datatype: crate::tensor::Datatype::Uint8,
        shape: vec![],
        data: vec![7; bytes].into(),
        classes: None,
    };
    let query = |bytes| {
        let mut query = QueryRecord { with_inputs: true, inputs: None, omitted: false };
        query.keep(&[tensor(bytes)]);
        query
    };
    assert_eq!(query(10).inputs.unwrap()[0].data, vec![7; 10]);
    let large = query(MOST_INPUT_BYTES + 1);
    assert!(large.inputs.is_none() && large.omitted);
}
