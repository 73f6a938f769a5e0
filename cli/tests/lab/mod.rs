//! `serin lab` as people start it, and `serin` with the environment that it prints.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

/// A lab on a port of its own, ended with the test.
pub struct Lab {
    process: Child,
    /// `127.0.0.1:port`.
    pub at: String,
    /// What it printed before it listened.
    said: String,
}

impl Lab {
    /// With these arguments, once it listens.
    pub fn start(arguments: &[&str]) -> Lab {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
        command.args(["lab", "--port", "0"]).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the lab starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.contains("export AWS_ACCESS_KEY_ID") {
            assert!(lines.read_line(&mut said).expect("a line") > 0, "the lab ended: {said}");
        }
        // Nobody reads on: a pipe that is full would stop it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let at = said
            .split("AWS_ENDPOINT_URL=http://")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let at = at.expect("an endpoint").to_owned();
        Lab { process, at, said }
    }

    /// One request with its answer.
    pub fn http(&self, method: &str, path: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.at).expect("it listens");
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: lab\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("written");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("head and body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        (
            status,
            serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")),
        )
    }

    /// Something happens in the account: how it looks then.
    pub fn post(&self, path: &str) -> Value {
        let (status, body) = self.http("POST", path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// `serin` with the environment that the lab prints.
    pub fn serin(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
        let exported = self.said.lines().filter_map(|line| line.strip_prefix("export "));
        let pairs = exported
            .flat_map(|line| line.split(' '))
            .filter_map(|pair| pair.split_once('='));
        command
            .args(arguments)
            .env_clear()
            .envs(pairs)
            .output()
            .expect("serin runs")
    }

    /// What `serin` says where all is well.
    pub fn told(&self, arguments: &[&str]) -> String {
        let output = self.serin(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text")
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
