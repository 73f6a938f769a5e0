//! A shift at the controls, recorded: `docs/shift.txt` is what `serin lab` and the commands really say.
//!
//! `UPDATE_EXPECT=1` records it anew.

use expect_test::expect_file;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// What is done, line by line: `$` is a command as somebody types it, `+` something that happens in the account.
const SHIFT: &str = "\
# The lab's policy names no pipeline here: `serin lab --by-hand`. The build has pushed v2.
+ push?version=v2
$ serin status
$ serin release orders --image worker=@v2 --why \"the build is green\"
+ advance?seconds=240
$ serin status
# Nothing moves while the warehouse counts its stock.
$ serin freeze --all --until 2026-11-21T12:00:00Z --why \"the warehouse counts its stock\"
$ serin skip orders --why \"we are in a hurry\"
$ serin thaw --all --why \"it is counted\"
+ advance?seconds=600
# It has baked. Somebody has looked at it, and lets it go on.
$ serin status
$ serin approve orders --why \"the numbers look right\"
+ advance?seconds=2700
$ serin status
# v3 fails messages, of which nobody knows yet; customers call before the alarm rings.
+ push?version=v3
+ poison?version=v3&permille=300
$ serin release orders --image worker=@v3 --why \"the next one\"
+ advance?seconds=150
$ serin abort orders --why \"customers call about duplicate invoices\"
$ serin approve orders --why \"no, wait\"
+ advance?seconds=600
$ serin history orders
$ serin journal orders
";

struct Lab {
    process: Child,
    at: String,
    environment: Vec<(String, String)>,
    /// Image by version.
    images: Vec<(String, String)>,
}

impl Lab {
    fn start() -> Lab {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
        command.args(["lab", "--by-hand", "--port", "0", "--speed", "0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the lab starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.contains("export AWS_ACCESS_KEY_ID") {
            assert!(lines.read_line(&mut said).expect("a line") > 0, "the lab ended: {said}");
        }
        // Nobody reads on: a pipe that is full would stop it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let exported = said.lines().filter_map(|line| line.strip_prefix("export "));
        let pairs = exported
            .flat_map(|line| line.split(' '))
            .filter_map(|pair| pair.split_once('='));
        let environment: Vec<(String, String)> =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let endpoint = environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
        let at = endpoint
            .and_then(|(_, url)| url.strip_prefix("http://"))
            .expect("an endpoint")
            .to_owned();
        Lab {
            process,
            at,
            environment,
            images: Vec::new(),
        }
    }

    /// Something happens in the account.
    fn post(&mut self, path: &str) {
        let mut stream = TcpStream::connect(&self.at).expect("it listens");
        let request =
            format!("POST /_lab/{path} HTTP/1.1\r\nhost: lab\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("written");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("head and body");
        assert!(head.contains(" 200 "), "{path}: {reply}");
        let state: serde_json::Value = serde_json::from_str(body).expect("a state");
        let images = state["images"].as_object().into_iter().flatten();
        self.images = images
            .filter_map(|(version, image)| Some((version.clone(), image.as_str()?.to_owned())))
            .collect();
    }

    /// Types a line: what the terminal shows of it, and what it answers.
    fn types(&self, line: &str) -> (String, String) {
        let mut typed = line.to_owned();
        for (version, image) in &self.images {
            typed = typed.replace(&format!("=@{version}"), &format!("={image}"));
        }
        let mut words: Vec<String> = Vec::new();
        for (place, part) in typed.split('"').enumerate() {
            match place % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        let output = Command::new(env!("CARGO_BIN_EXE_serin"))
            .args(&words[1..])
            .env_clear()
            .envs(self.environment.clone())
            .output()
            .expect("serin runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (typed, text(&output.stdout) + &text(&output.stderr))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whoever starts a release makes its id: in the record they are numbered.
fn named(recorded: &str) -> String {
    let is_id = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut ids: Vec<&str> = Vec::new();
    for (at, name) in recorded.match_indices("orders-") {
        let id = recorded.get(at + name.len()..at + name.len() + 16);
        if let Some(id) = id.filter(|id| is_id(id) && !ids.contains(id)) {
            ids.push(id);
        }
    }
    let numbered = ids.iter().enumerate();
    numbered.fold(recorded.to_owned(), |text, (place, id)| {
        text.replace(id, &format!("{:016x}", place + 1))
    })
}

#[test]
fn the_shift_on_file_is_what_the_lab_says() {
    let mut lab = Lab::start();
    let mut recorded = String::new();
    for line in SHIFT.lines() {
        if let Some(path) = line.strip_prefix("+ ") {
            lab.post(path);
            recorded += &format!("\n[{path}]\n");
        } else if let Some(command) = line.strip_prefix("$ ") {
            let (typed, answered) = lab.types(command);
            recorded += &format!("\n$ {typed}\n{answered}");
        } else {
            recorded += &format!("\n{line}\n");
        }
    }
    for wanted in ["is frozen until", "refused: ", "aborted by", "promoted", "rolled back"] {
        assert!(recorded.contains(wanted), "no {wanted}: {recorded}");
    }
    expect_file!["../../docs/shift.txt"].assert_eq(named(&recorded).trim_start());
}

#[test]
fn its_last_release_is_reported() {
    let mut lab = Lab::start();
    lab.post("push?version=v2");
    lab.types("serin release orders --image worker=@v2 --why \"the build is green\"");
    lab.post("advance?seconds=300");
    let (_, history) = lab.types("serin status --json");
    let status: serde_json::Value = serde_json::from_str(&history).expect("JSON");
    let page = std::env::temp_dir().join(format!("serin-shift-{}.html", std::process::id()));
    let text = status.to_string();
    let id = text
        .split('"')
        .find(|word| word.starts_with("orders-") && word.len() == 23);
    let id = id.unwrap_or_else(|| panic!("no release in {text}"));
    let (_, told) = lab.types(&format!("serin report {id} -o {}", page.display()));
    let html = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{error}: {told}"));
    let _ = std::fs::remove_file(&page);
    assert!(html.contains(id) && html.contains("the build is green"), "{html}");
}
