//! A web service that Serin releases. How slow it is and how much it fails is told by its environment; told to stop, it
//! answers what still comes, finishes what it has begun, and leaves.
//!
//! | file | question it answers |
//! |---|---|
//! | `settings` | what it is told by its environment |
//! | `answer` | what a request is answered with |

mod answer;
mod settings;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use settings::Settings;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Kept of the time until SIGKILL, to leave by oneself.
const RESERVE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let settings = Arc::new(Settings::read(&|name| std::env::var(name).ok())?);
    let signals = |kind| signal(kind).map_err(|error| format!("cannot listen to signals: {error}"));
    // ECS sends SIGTERM, and process 1 of a container that does not listen hears only SIGKILL. SIGINT is for a terminal.
    let (mut terminate, mut interrupt) = (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?);
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, settings.port));
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {}: {error}", settings.port))?;
    let port = listener.local_addr().map_or(settings.port, |address| address.port());
    println!("version {} listens on port {port}", settings.version);
    let (connections, began) = (GracefulShutdown::new(), Instant::now());
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        println!("told to stop: answers for {} s on", settings.drain.as_secs());
        tokio::time::sleep(settings.drain).await;
    };
    tokio::pin!(told);
    loop {
        tokio::select! {
            () = &mut told => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => accept(&connections, stream, &settings, began),
                // Too many open files, most often: others may be done in a moment.
                Err(error) => {
                    eprintln!("a connection was not accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let left = settings.stop.saturating_sub(settings.drain).saturating_sub(RESERVE);
    match tokio::time::timeout(left, connections.shutdown()).await {
        Ok(()) => println!("all is answered"),
        Err(_) => eprintln!("not all is answered, and there is no time left"),
    }
    Ok(())
}

fn accept(connections: &GracefulShutdown, stream: tokio::net::TcpStream, settings: &Arc<Settings>, began: Instant) {
    let settings = Arc::clone(settings);
    let service = service_fn(move |request: Request<Incoming>| {
        let settings = Arc::clone(&settings);
        async move {
            let answer = answer::answer(&settings, request.uri().path(), began.elapsed(), &mut |below| {
                fastrand::u32(0..below)
            });
            tokio::time::sleep(answer.after).await;
            let mut response = Response::new(Full::new(Bytes::from(answer.body)));
            *response.status_mut() = answer.status;
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // Whoever hangs up in the middle is nobody's failure.
        let _ = connection.await;
    });
}
