//! Models without an engine: each does one thing, which its test needs.

use futures_util::future::BoxFuture;
use node::{
    engine::{InferError, Model, ModelHealth},
    tensor::{Datatype, Signature, Tensor, TensorSpec},
};
use std::{sync::Arc, time::Duration};

pub type Run = dyn Fn(Vec<Tensor>, Vec<usize>, Duration) -> BoxFuture<'static, Result<Vec<Tensor>, InferError>> + Send + Sync;

pub struct Fake {
    signature: Signature,
    health: ModelHealth,
    run: Box<Run>,
}

impl Model for Fake {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn health(&self) -> ModelHealth {
        self.health.clone()
    }

    fn infer(
        &self,
        inputs: Vec<Tensor>,
        outputs: Vec<usize>,
        deadline: Duration,
    ) -> BoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        (self.run)(inputs, outputs, deadline)
    }
}

pub fn spec(name: &str, datatype: Datatype, shape: &[i64]) -> TensorSpec {
    TensorSpec { name: name.to_owned(), datatype, shape: shape.to_vec(), any_rank: false, classes: None }
}

fn fake(inputs: Vec<TensorSpec>, outputs: Vec<TensorSpec>, run: Box<Run>) -> Arc<dyn Model> {
    Arc::new(Fake { signature: Signature { inputs, outputs }, health: ModelHealth::default(), run })
}

/// Gives back `x`, floats of any number of dimensions, as `y`.
pub fn any_rank() -> Arc<dyn Model> {
    let run = |inputs: Vec<Tensor>, wanted: Vec<usize>, _| {
        let output = |_| Tensor { name: "y".to_owned(), ..inputs[0].clone() };
        let given = wanted.into_iter().map(output).collect();
        Box::pin(std::future::ready(Ok(given))) as BoxFuture<'static, _>
    };
    let spec = |name: &str| TensorSpec { any_rank: true, ..spec(name, Datatype::Fp32, &[]) };
    fake(vec![spec("x")], vec![spec("y")], Box::new(run))
}

/// A model whose process is so. It gives no answer.
pub fn ailing(health: ModelHealth) -> Arc<dyn Model> {
    let run = |_, _, _| Box::pin(std::future::ready(Err(InferError::Crashed))) as BoxFuture<'static, _>;
    let signature = Signature { inputs: vec![spec("x", Datatype::Fp32, &[1])], outputs: vec![spec("y", Datatype::Fp32, &[1])] };
    Arc::new(Fake { signature, health, run: Box::new(run) })
}

/// Doubles `x`, floats of any number of rows of three, into `doubled`; and says in `count` how many rows there were.
pub fn doubling() -> Arc<dyn Model> {
    let mut doubled = spec("doubled", Datatype::Fp32, &[-1, 3]);
    doubled.classes = Some(vec!["a".to_owned(), "b \"quoted\"".to_owned(), "c".to_owned()]);
    let outputs = vec![doubled, spec("count", Datatype::Int64, &[1])];
    let known = outputs.clone();
    let run = move |inputs: Vec<Tensor>, wanted: Vec<usize>, _| {
        let [x] = inputs.try_into().unwrap();
        let (values, _) = x.data.as_chunks::<4>();
        let doubled: Vec<u8> = values.iter().flat_map(|bytes| (2.0 * f32::from_le_bytes(*bytes)).to_le_bytes()).collect();
        let count = x.shape[0].to_le_bytes().to_vec();
        let output = |place: usize| Tensor {
            name: known[place].name.clone(),
            datatype: known[place].datatype,
            shape: if place == 0 { x.shape.clone() } else { vec![1] },
            data: if place == 0 { doubled.clone() } else { count.clone() }.into(),
            classes: known[place].classes.clone(),
        };
        let given = wanted.into_iter().map(output).collect();
        Box::pin(std::future::ready(Ok(given))) as BoxFuture<'static, _>
    };
    fake(vec![spec("x", Datatype::Fp32, &[-1, 3])], outputs, Box::new(run))
}

/// Gives back its inputs, one of each datatype, under their names with `_out`: any shape of one dimension.
pub fn echo() -> Arc<dyn Model> {
    let named = |suffix: &str| {
        Datatype::ALL.map(|datatype| spec(&format!("{}{suffix}", datatype.as_str().to_lowercase()), datatype, &[-1])).to_vec()
    };
    let run = |inputs: Vec<Tensor>, wanted: Vec<usize>, _| {
        let output = |place: usize| Tensor { name: format!("{}_out", inputs[place].name), ..inputs[place].clone() };
        let given = wanted.into_iter().map(output).collect();
        Box::pin(std::future::ready(Ok(given))) as BoxFuture<'static, _>
    };
    fake(named(""), named("_out"), Box::new(run))
}

/// Gives back `text`, strings of any number, as `echoed`.
pub fn strings() -> Arc<dyn Model> {
    let run = |inputs: Vec<Tensor>, wanted: Vec<usize>, _| {
        let output = |_| Tensor { name: "echoed".to_owned(), ..inputs[0].clone() };
        let given = wanted.into_iter().map(output).collect();
        Box::pin(std::future::ready(Ok(given))) as BoxFuture<'static, _>
    };
    fake(vec![spec("text", Datatype::Bytes, &[-1])], vec![spec("echoed", Datatype::Bytes, &[-1])], Box::new(run))
}

/// Always says the same.
pub fn failing(error: InferError) -> Arc<dyn Model> {
    let run = move |_, _, _| Box::pin(std::future::ready(Err(error.clone()))) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Fp32, &[1])], Box::new(run))
}

/// Never answers, but stops at its deadline.
pub fn slow() -> Arc<dyn Model> {
    let run = |_, _, deadline| {
        Box::pin(async move {
            tokio::time::sleep(deadline).await;
            Err(InferError::Deadline(deadline))
        }) as BoxFuture<'static, _>
    };
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Fp32, &[1])], Box::new(run))
}

/// Never answers, whatever its deadline.
pub fn stuck() -> Arc<dyn Model> {
    let run = |_, _, _| Box::pin(std::future::pending()) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Fp32, &[1])], Box::new(run))
}

/// Gives no output, whatever is asked for.
pub fn wordless() -> Arc<dyn Model> {
    let run = |_, _, _| Box::pin(std::future::ready(Ok(Vec::new()))) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Fp32, &[1])], Box::new(run))
}

/// Panics where it should answer.
pub fn panicking() -> Arc<dyn Model> {
    let run = |_, _, _| Box::pin(std::future::poll_fn(|_| panic!("a mistake"))) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Fp32, &[1])], Box::new(run))
}

/// Gives a string that is no text.
pub fn garbled() -> Arc<dyn Model> {
    let output = || Tensor {
        name: "y".to_owned(),
        datatype: Datatype::Bytes,
        shape: vec![1],
        data: vec![1, 0, 0, 0, 0xff].into(),
        classes: None,
    };
    let run = move |_, _, _| Box::pin(std::future::ready(Ok(vec![output()]))) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Bytes, &[1])], Box::new(run))
}

/// Gives so many zeros.
pub fn zeros(count: i64) -> Arc<dyn Model> {
    let output = move || Tensor {
        name: "y".to_owned(),
        datatype: Datatype::Uint8,
        shape: vec![count],
        data: vec![0; count as usize].into(),
        classes: None,
    };
    let run = move |_, _, _| Box::pin(std::future::ready(Ok(vec![output()]))) as BoxFuture<'static, _>;
    fake(vec![spec("x", Datatype::Fp32, &[1])], vec![spec("y", Datatype::Uint8, &[-1])], Box::new(run))
}
