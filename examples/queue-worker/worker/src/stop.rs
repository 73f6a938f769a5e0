//! When the worker was told to stop.

use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Heard by everybody who holds a copy.
#[derive(Clone)]
pub struct Stop(watch::Receiver<Option<Instant>>);

impl Stop {
    /// Listens to SIGTERM, and to SIGINT for who runs it in a terminal. ECS sends the first, and SIGKILL when
    /// `stopTimeout` is over; process 1 of a container that does not listen hears only the second.
    ///
    /// # Errors
    /// Where the system does not let it listen.
    pub fn listen() -> std::io::Result<Stop> {
        let (tell, told) = watch::channel(None);
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = tell.send(Some(Instant::now()));
            // Kept for those who only begin to wait.
            tell.closed().await;
        });
        Ok(Stop(told))
    }

    /// Whether it was told already.
    pub fn told(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// When it was told, once it is.
    pub async fn at(&mut self) -> Instant {
        match self.0.wait_for(Option::is_some).await {
            Ok(told) => told.unwrap_or_else(Instant::now),
            Err(_) => std::future::pending().await,
        }
    }
}
