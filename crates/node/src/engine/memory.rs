//! The memory of all processes of an engine together. Each process has a bound of its own; this is the bound for all of them, so that
//! many models at their peaks do not take the machine's memory from the node.

use super::{
    interface::LoadError,
    process::{Command, Supervisor},
};
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};

/// How often the processes are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Why a process is ended.
const TOO_MUCH: &str = "it had the most memory when all models together had more than --memory leaves for them";

/// The processes of an engine.
#[derive(Debug)]
pub struct ModelMemory {
    /// Bytes that they may have together.
    most: u64,
    models: Mutex<Vec<Weak<Supervisor>>>,
}

impl ModelMemory {
    /// Of no process yet.
    pub fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { most, models: Mutex::default() })
    }

    /// Counts a model that was loaded from now on.
    ///
    /// # Errors
    /// When there is no memory for it beside the others.
    pub fn add(self: &Arc<Self>, model: &Arc<Supervisor>) -> Result<(), LoadError> {
        let others: u64 = self.measured().iter().map(|(_, bytes)| bytes).sum();
        let its = model.memory();
        if others + its > self.most {
            let (its, others, most) = (its >> 20, others >> 20, self.most >> 20);
            return Err(LoadError::Trial(format!(
                "it takes {its} MiB and the other models {others} MiB, and --memory leaves {most} MiB for all of them"
            )));
        }
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        // The first is what there is to watch.
        if models.is_empty() {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
        models.push(Arc::downgrade(model));
        Ok(())
    }

    /// The models that are still there, with the memory of their processes.
    fn measured(&self) -> Vec<(Arc<Supervisor>, u64)> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        models.retain(|model| model.strong_count() > 0);
        models.iter().filter_map(Weak::upgrade).map(|model| (model.clone(), model.memory())).collect()
    }

    /// Ends the largest process if all together have too much. It is started again without what it had beside its model.
    fn look(&self) {
        let measured = self.measured();
        let all: u64 = measured.iter().map(|(_, bytes)| bytes).sum();
        if all > self.most
            && let Some((largest, bytes)) = measured.iter().max_by_key(|(_, bytes)| bytes)
        {
            tracing::error!(all, bytes, most = self.most, "the processes of all models have too much memory");
            if let Some(process) = largest.now() {
                process.tell(Command::Kill(TOO_MUCH));
            }
        }
    }
}

/// Looks until the engine is gone.
async fn watch(memory: Weak<ModelMemory>) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(memory) = memory.upgrade() else { return };
        memory.look();
    }
}
