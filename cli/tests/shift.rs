//! A shift at the controls, recorded: `docs/shift.txt` is what `serin lab` and the commands really say.
//!
//! `UPDATE_EXPECT=1` records it anew.

mod lab;

use expect_test::expect_file;
use lab::Lab;
use std::path::Path;

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
# The morning after, somebody wants to see the whole of it on one page.
$ serin report @last -o @page
";

/// How the page is called in the record, wherever it was written.
const PAGE: &str = "the-bad-release.html";

/// The lab of the shift, with the images that were pushed in it.
struct Shift {
    lab: Lab,
    /// Image by version.
    images: Vec<(String, String)>,
}

impl Shift {
    fn begins() -> Shift {
        Shift {
            lab: Lab::start(&["--by-hand", "--speed", "0"]),
            images: Vec::new(),
        }
    }

    /// Something happens in the account.
    fn post(&mut self, path: &str) {
        let state = self.lab.post(&format!("/_lab/{path}"));
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
        let mut words: Vec<&str> = Vec::new();
        for (place, part) in typed.split('"').enumerate() {
            match place % 2 {
                0 => words.extend(part.split_whitespace()),
                _ => words.push(part),
            }
        }
        let output = self.lab.serin(&words[1..]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let answered = text(&output.stdout) + &text(&output.stderr);
        (typed, answered)
    }

    /// Id of the release that is open, or was closed last.
    fn release(&self) -> String {
        let text = self.lab.told(&["status", "--json"]);
        let mut words = text.split(['"', ' ']);
        let id = words.find(|word| word.starts_with("orders-") && word.len() == 23);
        id.unwrap_or_else(|| panic!("no release in {text}")).to_owned()
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

/// The page of a report: that it is one, whole, of this release, and says why.
fn is_its_page(page: &Path, release: &str, why: &str) {
    let html = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    assert!(
        html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
        "{html}"
    );
    assert!(html.contains(release) && html.contains(why), "{html}");
}

#[test]
fn the_shift_on_file_is_what_the_lab_says() {
    let mut shift = Shift::begins();
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PAGE);
    let mut recorded = String::new();
    for line in SHIFT.lines() {
        if let Some(path) = line.strip_prefix("+ ") {
            shift.post(path);
            recorded += &format!("\n[{path}]\n");
        } else if let Some(command) = line.strip_prefix("$ ") {
            let mut command = command.replace("@page", &page.display().to_string());
            if command.contains("@last") {
                command = command.replace("@last", &shift.release());
            }
            let (typed, answered) = shift.types(&command);
            recorded += &format!("\n$ {typed}\n{answered}");
        } else {
            recorded += &format!("\n{line}\n");
        }
    }
    is_its_page(&page, &shift.release(), "customers call about duplicate invoices");
    let recorded = recorded.replace(&page.display().to_string(), PAGE);
    for wanted in [
        "is frozen until",
        "refused: ",
        "aborted by",
        "promoted",
        "rolled back",
        PAGE,
    ] {
        assert!(recorded.contains(wanted), "no {wanted}: {recorded}");
    }
    expect_file!["../../docs/shift.txt"].assert_eq(named(&recorded).trim_start());
}

#[test]
fn a_release_that_still_bakes_is_reported_as_well() {
    let mut shift = Shift::begins();
    shift.post("push?version=v2");
    shift.types("serin release orders --image worker=@v2 --why \"the build is green\"");
    shift.post("advance?seconds=300");
    let page = std::env::temp_dir().join(format!("serin-shift-{}.html", std::process::id()));
    shift.types(&format!("serin report {} -o {}", shift.release(), page.display()));
    is_its_page(&page, &shift.release(), "the build is green");
    let _ = std::fs::remove_file(&page);
}

/// A tool that has not heard the answer sends its start again, under the id that it has named.
#[test]
fn the_same_start_is_sent_again_under_its_own_id() {
    let mut shift = Shift::begins();
    shift.post("push?version=v2");
    let start = "serin release orders --image worker=@v2 --id build-77 --why \"the build is green\"";
    let (_, first) = shift.types(start);
    let (_, again) = shift.types(start);
    assert_eq!(first, again);
    let release = shift.release();
    assert_eq!(first, format!("orders: release {release} is open\n"));
    shift.post("advance?seconds=600");
    shift.types("serin approve orders --why \"it is good\"");
    shift.post("advance?seconds=3600");
    let (_, over) = shift.types(start);
    let begins = format!("serin: orders: refused: release {release} of this start was promoted at ");
    assert!(
        over.starts_with(&begins) && over.trim_end().ends_with("under an id of its own"),
        "{over}"
    );
    let (_, wrong) = shift.types("serin release orders --image worker=@v2 --id build/77 --why x");
    assert_eq!(wrong, "serin: --id build/77: write at most 64 of A-Z a-z 0-9 -\n");
    let help = shift.lab.told(&["release", "--help"]);
    assert!(
        help.contains("--id <ID>") && help.contains("what became of its release"),
        "{help}"
    );
}
