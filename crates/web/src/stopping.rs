//! Tells waiting requests that the server is about to stop, so that the server answers them instead of waiting for them.

use tokio::sync::watch;

/// Tells those who wait that the server stops. The default never does.
#[derive(Clone, Default)]
pub struct Stopping(Option<watch::Receiver<bool>>);

impl Stopping {
    /// Listens in on a shutdown: gives what goes into the options, and the future to serve with in its place.
    pub fn at(shutdown: impl Future<Output = ()>) -> (Self, impl Future<Output = ()>) {
        let (tell, told) = watch::channel(false);
        let shutdown = async move {
            shutdown.await;
            tell.send_replace(true);
        };
        (Self(Some(told)), shutdown)
    }

    /// Ready when the server stops.
    pub(crate) async fn wait(self) {
        match self.0 {
            // An error says that serving has ended, which is a stop as well.
            Some(mut told) => drop(told.wait_for(|stopping| *stopping).await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn those_who_wait_are_told_and_no_sooner() {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (stopping, shutdown) = Stopping::at(async { drop(stopped.await) });
        let mut waiting = std::pin::pin!(stopping.wait());
        assert!(waiting.as_mut().now_or_never().is_none());
        stop.send(()).unwrap();
        shutdown.await;
        waiting.await;
        assert!(Stopping::default().wait().now_or_never().is_none());
    }
}
