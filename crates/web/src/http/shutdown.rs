//! Tells waiting requests that the server is about to stop, so that the server answers them instead of waiting for them.

use tokio::sync::watch;

/// Ready when the server stops. The default never is.
#[derive(Clone, Default)]
pub struct Shutdown(Option<watch::Receiver<bool>>);

impl Shutdown {
    /// Watches the signal to stop: gives what goes into the options, and the future to serve with instead of `signal`.
    pub fn watch(signal: impl Future<Output = ()>) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = watch::channel(false);
        let signal = async move {
            signal.await;
            sender.send_replace(true);
        };
        (Self(Some(receiver)), signal)
    }

    /// Ready when the server stops.
    pub(crate) async fn wait(self) {
        match self.0 {
            // An error says that serving has ended, which is a stop as well.
            Some(mut receiver) => drop(receiver.wait_for(|stops| *stops).await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn requests_that_wait_learn_of_the_stop_and_no_sooner() {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (shutdown, signal) = Shutdown::watch(async { drop(stopped.await) });
        let mut waiting = std::pin::pin!(shutdown.wait());
        assert!(waiting.as_mut().now_or_never().is_none());
        stop.send(()).unwrap();
        signal.await;
        waiting.await;
        assert!(Shutdown::default().wait().now_or_never().is_none());
    }
}
