use super::{Desk, Lab, LabClock, call, serve};
use crate::World;
use crate::faults::{Fault, Rule};
use crate::time::At;
use crate::wire::{MAX_BODY_BYTES, Reply};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=AKLAB/20261121/eu-central-1/ecs/aws4_request, \
                      SignedHeaders=host, Signature=0\r\n";

/// A lab that stands still, with one fault that only `AKSLOW` meets.
fn lab() -> Arc<Lab> {
    let mut world = World::new(1);
    world.faults.rules.push(Rule {
        caller: Some("AKSLOW".to_owned()),
        ..Rule::service("ecs", Fault::HangAfter)
    });
    let clock = Arc::new(LabClock::new(At::START, 0.0));
    let jumping = Arc::clone(&clock);
    Arc::new(Lab::new(world, clock).with_routes(Box::new(move |world, path, body| {
        let seconds: u64 = std::str::from_utf8(body).ok()?.parse().ok()?;
        (path == "/_lab/jump").then(|| {
            jumping.jump(Duration::from_secs(seconds));
            Reply {
                status: 200,
                headers: Vec::new(),
                body: world.now.iso_seconds().into_bytes(),
            }
        })
    })))
}

/// Runs a test against a lab on a port of its own.
fn on_port<F: Future<Output = ()>>(
    lab: &Arc<Lab>,
    tls: Option<rustls::ServerConfig>,
    test: impl FnOnce(SocketAddr) -> F,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::select! {
            () = serve(listener, Arc::clone(lab), tls) => unreachable!("serving has no end"),
            () = test(at) => {}
        }
    });
}

async fn send(at: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    exchange(&mut stream, bytes).await
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> (u16, String) {
    // A server that refuses early may close before it has read all: writing then fails, the reply is there.
    let _ = stream.write_all(bytes).await;
    let mut got = vec![0; 64 * 1024];
    // One read: head and body must come together.
    let n = stream.read(&mut got).await.unwrap();
    let text = String::from_utf8_lossy(&got[..n]).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    (status, body.to_owned())
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nhost: lab\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

fn ecs(operation: &str, body: &str) -> Vec<u8> {
    let target = format!("x-amz-target: AmazonEC2ContainerServiceV20141113.{operation}\r\n");
    post(&format!("{target}{SIGNED}"), body)
}

fn code(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body:?}"));
    body["__type"].clone()
}

#[test]
fn health_tells_the_labs_time_and_routes_can_move_it() {
    on_port(&lab(), None, |at| async move {
        let health = b"GET /_lab/health HTTP/1.1\r\nhost: lab\r\n\r\n";
        let (status, body) = send(at, health).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["now"]), (200, &json!("2026-11-21T03:00:00.000Z")));
        let jump = b"POST /_lab/jump HTTP/1.1\r\nhost: lab\r\ncontent-length: 2\r\n\r\n90";
        assert_eq!(send(at, jump).await, (200, "2026-11-21T03:00:00Z".to_owned()));
        let body: Value = serde_json::from_str(&send(at, health).await.1).unwrap();
        assert_eq!(body["now"], json!("2026-11-21T03:01:30.000Z"));
        let (status, body) = send(at, b"GET /_lab/nothing HTTP/1.1\r\nhost: lab\r\n\r\n").await;
        assert_eq!((status, code(&body)), (404, json!("NotFound")));
    });
}

#[test]
fn the_access_key_is_the_caller_and_the_reply_comes_in_one_piece() {
    let lab = lab();
    on_port(&lab, None, |at| async move {
        let (status, body) = send(at, &ecs("UpdateService", r#"{"desiredCount":2}"#)).await;
        assert_eq!((status, code(&body)), (400, json!("InvalidParameterException")));
    });
    let world = lab.present();
    assert_eq!(world.calls.len(), 1);
    assert_eq!(
        (world.calls[0].caller.as_str(), world.calls[0].operation.as_str()),
        ("AKLAB", "UpdateService")
    );
    assert_eq!(world.calls[0].input, json!({ "desiredCount": 2 }));
}

#[test]
fn what_cannot_be_read_is_refused_and_the_lab_goes_on() {
    let big = "a".repeat(MAX_BODY_BYTES + 1);
    let cbor = format!(
        "POST /service/GraniteServiceVersion20100801/operation/DescribeAlarms HTTP/1.1\r\nhost: lab\r\n\
         smithy-protocol: rpc-v2-cbor\r\ncontent-length: 2\r\n{SIGNED}\r\n??"
    );
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.ListTasks\r\n";
    let cases = [
        ("no JSON", ecs("ListTasks", "{\"clus"), 400, "SerializationException"),
        ("no object", ecs("ListTasks", "7"), 400, "SerializationException"),
        (
            "packed badly",
            post(&format!("{target}content-encoding: gzip\r\n{SIGNED}"), "{}"),
            400,
            "SerializationException",
        ),
        (
            "unknown service",
            post(&format!("x-amz-target: Kinesis_20131202.PutRecord\r\n{SIGNED}"), "{}"),
            404,
            "UnknownOperationException",
        ),
        ("no target", post(SIGNED, "{}"), 404, "UnknownOperationException"),
        (
            "query protocol",
            post(SIGNED, "Action=DescribeAlarms"),
            404,
            "UnknownOperationException",
        ),
        (
            "not signed",
            post(target, "{}"),
            400,
            "MissingAuthenticationTokenException",
        ),
        ("too big", ecs("ListTasks", &big), 413, "RequestEntityTooLargeException"),
    ];
    on_port(&lab(), None, |at| async move {
        for (what, bytes, status, wanted) in cases {
            let (got, body) = send(at, &bytes).await;
            assert_eq!((got, code(&body)), (status, json!(wanted)), "{what}");
        }
        let (status, body) = send(at, cbor.as_bytes()).await;
        assert_eq!(status, 400);
        assert!(body.contains("SerializationException"), "{body:?}");
        assert_eq!(send(at, b"\x16\x03\x01 not http\r\n\r\n").await.0, 400);
        assert_eq!(send(at, b"GET /_lab/health HTTP/1.1\r\nhost: lab\r\n\r\n").await.0, 200);
    });
}

#[test]
fn a_lost_reply_is_lost_but_its_effect_is_not() {
    let lab = lab();
    on_port(&lab, None, |at| async move {
        let slow = String::from_utf8(ecs("ListTasks", "{}"))
            .unwrap()
            .replace("AKLAB", "AKSLOW");
        let waited = timeout(Duration::from_millis(200), send(at, slow.as_bytes())).await;
        assert!(waited.is_err(), "{waited:?}");
    });
    assert_eq!(lab.present().calls.len(), 1);
}

#[test]
fn a_clock_runs_at_its_speed_and_jumps_only_ahead() {
    let clock = LabClock::new(At::START, 60.0);
    assert_eq!(clock.after(Duration::from_millis(1500)), At::START.plus_seconds(90));
    clock.jump(Duration::from_secs(3600));
    assert_eq!(clock.after(Duration::ZERO), At::START.plus_seconds(3600));
    assert!(clock.now() >= At::START.plus_seconds(3600));
    clock.jump(Duration::MAX);
    assert!(clock.now() > At::START, "an endless jump must not wrap around");
}

#[test]
fn with_a_certificate_the_same_is_served_over_tls() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    on_port(&lab(), Some(server), |at| async move {
        let stream = TcpStream::connect(at).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
        let mut stream = connector.connect(name, stream).await.unwrap();
        let (status, body) = exchange(&mut stream, b"GET /_lab/health HTTP/1.1\r\nhost: lab\r\n\r\n").await;
        assert_eq!(status, 200, "{body}");
    });
}

#[test]
fn an_sdk_with_its_own_http_client_works_against_it() {
    let lab = lab();
    on_port(&lab, None, |at| async move {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::from_static("eu-central-1"))
            .credentials_provider(aws_credential_types::Credentials::from_keys("AKSDK", "secret", None))
            .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
            .endpoint_url(format!("http://{at}"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let sent = client.describe_table().table_name("none").send().await.unwrap_err();
        assert_eq!(sent.raw_response().unwrap().status().as_u16(), 400, "{sent:?}");
    });
    let world = lab.present();
    assert_eq!(
        (world.calls[0].caller.as_str(), world.calls[0].operation.as_str()),
        ("AKSDK", "DescribeTable")
    );
}

#[test]
fn an_answer_carries_the_time_of_the_world_and_not_of_the_machine() {
    on_port(&lab(), None, |at| async move {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(&ecs("ListTasks", "{}")).await.unwrap();
        let mut got = vec![0; 64 * 1024];
        let n = stream.read(&mut got).await.unwrap();
        let head = String::from_utf8_lossy(&got[..n]).to_lowercase();
        let dates: Vec<&str> = head.lines().filter(|line| line.starts_with("date:")).collect();
        assert_eq!(dates, ["date: sat, 21 nov 2026 03:00:00 gmt"], "{head}");
    });
}

#[test]
fn a_desk_hands_requests_in_one_after_the_other_with_their_query() {
    let (desk, mut visits) = Desk::open();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let keeper = async {
            let mut world = World::new(1);
            // One that is never answered, one below the routes, one of AWS; then nobody is at the desk any more.
            drop(visits.recv().await);
            let visit = visits.recv().await.unwrap();
            assert_eq!(
                (visit.request.path.as_str(), visit.query.as_str()),
                ("/_lab/advance", "seconds=3")
            );
            visit.answer(Some(Reply {
                status: 204,
                headers: Vec::new(),
                body: Vec::new(),
            }));
            let visit = visits.recv().await.unwrap();
            let reply = call(&mut world, &visit.request);
            visit.answer(reply);
            drop(visits);
            world.calls.len()
        };
        let visitor = async {
            let lost = timeout(Duration::from_millis(100), send(at, &ecs("ListTasks", "{}"))).await;
            assert!(lost.is_err(), "{lost:?}");
            let advance = b"POST /_lab/advance?seconds=3 HTTP/1.1\r\nhost: lab\r\ncontent-length: 0\r\n\r\n";
            assert_eq!(send(at, advance).await.0, 204);
            assert_eq!(send(at, &ecs("UpdateService", r#"{"desiredCount":2}"#)).await.0, 400);
            let (status, body) = send(at, &ecs("ListTasks", "{}")).await;
            assert_eq!((status, code(&body)), (503, json!("ServiceUnavailable")));
        };
        tokio::select! {
            () = serve(listener, Arc::new(desk), None) => unreachable!("serving has no end"),
            (calls, ()) = async { tokio::join!(keeper, visitor) } => assert_eq!(calls, 1),
        }
    });
}
