//! A model that is ready. It gives each request to the session with the fewest requests, and cancels the request at its deadline
//! or when its client is gone.

use super::{
    interface::{InferError, LoadError, Model, ModelHealth},
    messages::frames::{self, FrameTensor, MalformedFrame, Outcome},
    process::{self, Command, Connection, Outgoing, Queue, QueueError, Supervisor},
    settings::EngineSettings,
};
use crate::tensor::{Signature, Tensor};
use bytes::{Buf, Bytes};
use futures_util::{FutureExt, future::BoxFuture};
use servable::onnx::OnnxFile;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

/// How long a request waits for a process that is being started again.
const RESTART_WAIT: Duration = Duration::from_secs(2);

/// A model in a process of its own.
pub struct OrtModel {
    signature: Signature,
    /// Requests that may be at work or wait, in all sessions together.
    most: usize,
    supervisor: Arc<Supervisor>,
    /// Requests that wait for a process.
    waiting: AtomicUsize,
    /// Ends the process when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl OrtModel {
    /// Starts the process and waits until it is ready.
    ///
    /// # Errors
    /// Why it did not get ready.
    pub async fn load(settings: Arc<EngineSettings>, version: String, onnx: Bytes, file: OnnxFile) -> Result<Self, LoadError> {
        let started = process::start(&settings, &version, &onnx, &file).await?;
        let signature = started.signature.clone();
        let most = settings.options.sessions.saturating_add(settings.options.limits.queue);
        let (stop, stopped) = oneshot::channel();
        let supervisor = Supervisor::begin(settings, version, onnx, file, started, stopped);
        Ok(Self { signature, most, supervisor, waiting: AtomicUsize::new(0), _stop: stop })
    }

    /// What keeps its process alive.
    pub const fn supervisor(&self) -> &Arc<Supervisor> {
        &self.supervisor
    }

    async fn infer_now(&self, inputs: Vec<Tensor>, outputs: Vec<usize>, deadline: Duration) -> Result<Vec<Tensor>, InferError> {
        let ordered = self.in_order(&inputs)?;
        let (connection, deadline) = self.connection(deadline).await?;
        let (session, queue) = self.least_loaded(&connection)?;
        let size = ordered.iter().map(|input| input.data.len()).sum();
        let write = |out: &mut Outgoing, id| {
            frames::put_request(out.buffer(), id, &outputs, ordered.iter().map(|input| (&input.shape[..], input.data.len())));
            ordered.iter().for_each(|input| out.put(&input.data));
        };
        let (id, answer) = queue.add(size, write).map_err(|reason| match reason {
            QueueError::Full => InferError::Busy,
            QueueError::Closed => InferError::Crashed,
        })?;
        // The queue has what it needs of them: theirs need not stay as long as the run.
        drop(ordered);
        drop(inputs);
        let mut request = Request { connection: &connection, session, id, answered: false };
        let answer = timeout(deadline, answer).await.map_err(|_| InferError::Deadline(deadline))?;
        request.answered = true;
        match answer {
            Ok((Outcome::Done, frame)) => self.read(frame, &outputs).map_err(|MalformedFrame| {
                connection.tell(Command::Kill("its answers make no sense"));
                InferError::Crashed
            }),
            Ok((Outcome::Refused, reason)) => Err(InferError::Inputs(String::from_utf8_lossy(&reason).into_owned())),
            Ok((Outcome::Failed, reason)) => Err(InferError::Failed(String::from_utf8_lossy(&reason).into_owned())),
            Ok((Outcome::Cancelled, _)) => Err(InferError::Deadline(deadline)),
            Err(_) => Err(InferError::Crashed),
        }
    }

    /// The process at work, and how much of the deadline is left. Where the process is being started again, the request waits a moment:
    /// the request that ended it is to have the harm, and no other.
    async fn connection(&self, deadline: Duration) -> Result<(Arc<Connection>, Duration), InferError> {
        if let Some(connection) = self.supervisor.now() {
            return Ok((connection, deadline));
        }
        let begun = Instant::now();
        let _waiting = Waiting::begin(&self.waiting, self.most).ok_or(InferError::Busy)?;
        let connection = self.supervisor.soon(deadline.min(RESTART_WAIT)).await.ok_or(InferError::Crashed)?;
        Ok((connection, deadline.saturating_sub(begun.elapsed())))
    }

    /// The inputs in the signature's order, as many as it has.
    fn in_order<'t>(&self, inputs: &'t [Tensor]) -> Result<Vec<&'t Tensor>, InferError> {
        let specs = &self.signature.inputs;
        if inputs.len() != specs.len() {
            return Err(InferError::Inputs(format!("there are {} inputs, and it takes {}", inputs.len(), specs.len())));
        }
        let find = |(place, spec): (usize, &crate::tensor::TensorSpec)| {
            // Mostly they are in order already.
            let input = if inputs[place].name == spec.name {
                Some(&inputs[place])
            } else {
                inputs.iter().find(|input| input.name == spec.name)
            };
            input
                .filter(|input| input.datatype == spec.datatype)
                .ok_or_else(|| InferError::Inputs(format!("it takes an input `{}` of the datatype {}", spec.name, spec.datatype)))
        };
        specs.iter().enumerate().map(find).collect()
    }

    fn least_loaded<'l>(&self, connection: &'l Connection) -> Result<(usize, &'l Queue), InferError> {
        let mut least = None;
        let mut all = 0;
        for (session, queue) in connection.queues.iter().enumerate() {
            let load = queue.load();
            all += load;
            if least.is_none_or(|(_, _, least)| load < least) {
                least = Some((session, &**queue, load));
            }
        }
        match least {
            Some((session, queue, _)) if all < self.most => Ok((session, queue)),
            _ => Err(InferError::Busy),
        }
    }

    fn read(&self, mut frame: Bytes, outputs: &[usize]) -> Result<Vec<Tensor>, MalformedFrame> {
        if frame.try_get_u32_le().map_err(|_| MalformedFrame)? as usize != outputs.len() {
            return Err(MalformedFrame);
        }
        let mut tensors = Vec::with_capacity(outputs.len());
        for place in outputs {
            let spec = self.signature.outputs.get(*place).ok_or(MalformedFrame)?;
            let FrameTensor { shape, data } = frames::take_bytes(&mut frame)?;
            let (name, datatype, classes) = (spec.name.clone(), spec.datatype, spec.classes.clone());
            tensors.push(Tensor { name, datatype, shape, data, classes });
        }
        Ok(tensors)
    }
}

impl Model for OrtModel {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn health(&self) -> ModelHealth {
        self.supervisor.health()
    }

    fn infer(
        &self,
        inputs: Vec<Tensor>,
        outputs: Vec<usize>,
        deadline: Duration,
    ) -> BoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        self.infer_now(inputs, outputs, deadline).boxed()
    }
}

/// A place among the requests that wait for a process.
struct Waiting<'l>(&'l AtomicUsize);

impl<'l> Waiting<'l> {
    /// Takes a place, of which there are so many.
    fn begin(waiting: &'l AtomicUsize, most: usize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Relaxed) < most).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// A request on its way, which is called off unless there is an answer.
struct Request<'l> {
    connection: &'l Connection,
    session: usize,
    id: u64,
    answered: bool,
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.connection.tell(Command::Cancel { session: self.session, id: self.id });
        }
    }
}
