//! The service as a process, as a container runs it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Running {
    child: Child,
    port: u16,
}

impl Running {
    fn with(variables: &[(&str, &str)]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_web"))
            .env("PORT", "0")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line.trim().rsplit(' ').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port in {line}"));
        Running { child, port }
    }

    fn terminate(&self) {
        let sent = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .expect("kill");
        assert!(sent.success());
    }

    fn asks(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n").expect("sent");
        stream
    }

    fn get(&self, path: &str) -> String {
        answered(self.asks(path))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answered(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    text
}

#[test]
fn it_says_its_version_and_that_it_is_well() {
    let web = Running::with(&[("VERSION", "v7"), ("LATENCY_MILLIS", "1")]);
    let root = web.get("/");
    assert!(
        root.starts_with("HTTP/1.1 200") && root.ends_with("version v7\n"),
        "{root}"
    );
    let health = web.get("/health");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
}

#[test]
fn it_is_as_slow_and_as_bad_as_it_is_told_and_well_all_the_same() {
    let web = Running::with(&[
        ("FAIL_PERMILLE", "1000"),
        ("SLOW_PERMILLE", "1000"),
        ("SLOW_MILLIS", "300"),
    ]);
    let began = Instant::now();
    let failed = web.get("/");
    assert!(failed.starts_with("HTTP/1.1 500"), "{failed}");
    assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
    let began = Instant::now();
    assert!(web.get("/health").starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
}

#[test]
fn told_to_stop_it_answers_what_comes_and_finishes_what_it_has_begun() {
    let mut web = Running::with(&[
        ("LATENCY_MILLIS", "3000"),
        ("DRAIN_SECONDS", "1"),
        ("STOP_SECONDS", "20"),
    ]);
    let before = web.asks("/");
    // Until it has been accepted.
    std::thread::sleep(Duration::from_millis(300));
    web.terminate();
    std::thread::sleep(Duration::from_millis(300));
    let after = web.asks("/");
    for stream in [before, after] {
        let text = answered(stream);
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }
    let left = web.child.wait().expect("an end");
    assert!(left.success(), "{left}");
    assert!(
        TcpStream::connect(("127.0.0.1", web.port)).is_err(),
        "it listens no more"
    );
}

#[test]
fn what_takes_too_long_does_not_keep_it_until_it_is_killed() {
    let mut web = Running::with(&[
        ("LATENCY_MILLIS", "60000"),
        ("DRAIN_SECONDS", "0"),
        ("STOP_SECONDS", "3"),
    ]);
    let _waits = web.asks("/");
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    web.terminate();
    assert!(web.child.wait().expect("an end").success());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn what_it_cannot_be_it_says() {
    let ended = Command::new(env!("CARGO_BIN_EXE_web"))
        .env("FAIL_PERMILLE", "all")
        .output()
        .expect("a process");
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("FAIL_PERMILLE is \"all\""), "{said}");
}
