//! `serin demo --report`, and its page in a browser: headless Chromium draws it, and tells what it made of it.

use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is photographed: as wide as the page becomes, down to the check's chart.
const WINDOW: (u32, u32) = (1060, 1290);
/// The picture in `docs` must stay small enough to load with a page of text.
const PICTURE_BYTES_MAX: usize = 300_000;
/// Colours of the page that are drawn: two lines, a bound, the page itself.
const DRAWN: [(u8, u8, u8); 3] = [(0x00, 0x72, 0xB2), (0xE6, 0x9F, 0x00), (0xFF, 0xFF, 0xFF)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The reports of the demo, in a folder of their own.
fn reports(folder: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let done = Command::new(env!("CARGO_BIN_EXE_serin"))
        .args(["demo", "--report"])
        .arg(&folder)
        .output()
        .expect("serin runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8(done.stdout).expect("text");
    let golden = std::fs::read_to_string(root().join("stories/demo.golden")).expect("stories/demo.golden");
    let (about, rest): (Vec<&str>, Vec<&str>) = told.lines().partition(|line| line.starts_with("Its report: "));
    assert_eq!(about.len(), 3, "{about:?}");
    assert_eq!(
        rest,
        golden.lines().collect::<Vec<_>>(),
        "a report changes what is played"
    );
    folder
}

fn html(folder: &Path, act: &str) -> String {
    let file = folder.join(format!("{act}.html"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The browser, where there is one.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    let found = found.find(|program| program.is_file());
    if found.is_none() {
        // Written past the runner, which keeps what passing tests print to itself; on a line of its own.
        let said =
            "\nSKIPPED: report: no chromium on the PATH; on Debian: apt-get install chromium fonts-dejavu-core\n";
        let _ = std::io::stdout().write_all(said.as_bytes());
    }
    found
}

fn browse(browser: &Path, arguments: &[&str], page: &Path) -> Vec<u8> {
    let profile = format!("--user-data-dir={}/browser", env!("CARGO_TARGET_TMPDIR"));
    let done = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ])
        // A page that asked for anything would not get it.
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--timeout=60000"])
        .arg(profile)
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn photographed(browser: &Path, page: &Path, picture: &str, more: &[&str]) -> Vec<u8> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(picture);
    let _ = std::fs::remove_file(&file);
    let (width, height) = WINDOW;
    let window = format!("--window-size={width},{height}");
    let shot = format!("--screenshot={}", file.display());
    browse(browser, &[&[window.as_str(), shot.as_str()], more].concat(), page);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A picture: its size, and how often each colour is in it.
struct Picture {
    width: u32,
    height: u32,
    colours: BTreeMap<(u8, u8, u8), u32>,
}

impl Picture {
    /// Of a PNG of eight bits a channel, without interlace, as browsers write it.
    ///
    /// # Source
    /// W3C, "Portable Network Graphics (PNG) Specification", clauses 5, 9 and 11.
    fn read(png: &[u8]) -> Picture {
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "a PNG");
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        let (mut at, mut packed) = (8, Vec::new());
        while at < png.len() {
            let length = number(at) as usize;
            if &png[at + 4..at + 8] == b"IDAT" {
                packed.extend_from_slice(&png[at + 8..at + 8 + length]);
            }
            at += length + 12;
        }
        let (width, height) = (number(16), number(20));
        let channels = match (png[24], png[25], png[28]) {
            (8, 2, 0) => 3,
            (8, 6, 0) => 4,
            other => panic!("bits, colour and interlace are {other:?}"),
        };
        let mut rows = Vec::new();
        ZlibDecoder::new(packed.as_slice())
            .read_to_end(&mut rows)
            .expect("packed rows");
        let long = width as usize * channels;
        let (mut before, mut colours) = (vec![0; long], BTreeMap::new());
        for row in rows.chunks(long + 1) {
            let row = unfiltered(row[0], &row[1..], &before, channels);
            for pixel in row.chunks(channels) {
                *colours.entry((pixel[0], pixel[1], pixel[2])).or_insert(0) += 1;
            }
            before = row;
        }
        Picture { width, height, colours }
    }

    fn pixels(&self, colour: (u8, u8, u8)) -> u32 {
        self.colours.get(&colour).copied().unwrap_or(0)
    }

    /// Something is drawn in each colour, in the size of the window, and it is not all.
    fn check(&self, name: &str) {
        assert_eq!((self.width, self.height), WINDOW, "{name}");
        assert!(self.colours.len() > 100, "{name} has {} colours", self.colours.len());
        for colour in DRAWN {
            assert!(
                self.pixels(colour) > 500,
                "{name}: {colour:02X?} {} times",
                self.pixels(colour)
            );
        }
        let white = f64::from(self.pixels(DRAWN[2])) / f64::from(self.width * self.height);
        assert!((0.3..0.9).contains(&white), "{name}: {white} of it is white");
    }
}

/// A row as it was before it was made easy to pack.
fn unfiltered(filter: u8, row: &[u8], before: &[u8], channels: usize) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(row.len());
    for (place, byte) in row.iter().enumerate() {
        let at = |row: &[u8]| place.checked_sub(channels).map_or(0, |left| row[left]);
        let (left, up, corner) = (at(&plain), before[place], at(before));
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => up,
            3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
            4 => nearest(left, up, corner),
            other => panic!("there is no filter {other}"),
        };
        plain.push(byte.wrapping_add(guess));
    }
    plain
}

/// Paeth's guess.
fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let off = |value: u8| (guess - i16::from(value)).abs();
    if off(left) <= off(up) && off(left) <= off(corner) {
        left
    } else if off(up) <= off(corner) {
        up
    } else {
        corner
    }
}

#[test]
fn the_demo_writes_a_page_of_each_release_and_plays_on_as_without() {
    let folder = reports("reports-of-acts");
    let verdicts = [
        ("good", "Promoted after "),
        ("bad", ": alarm orders-dlq-depth in ALARM since 2026-11-21T03:07:56Z."),
        ("silent", " messages and orders:1 failed 0 of "),
    ];
    for (act, verdict) in verdicts {
        let page = html(&folder, act);
        let head = page.split("What runs in the end").next().expect("a head");
        assert!(head.contains(verdict), "{act}: {verdict}");
        for part in [
            "The canary's share of the work",
            "dead-letter queue",
            "Check: alarm orders-dlq-depth",
            "ALARM from 10",
        ] {
            assert!(page.contains(&part.replace('\'', "&#39;")), "{act}: {part}");
        }
        for foreign in [
            "<script",
            " src=",
            "url(",
            "http:",
            "https:",
            "<link",
            "could not be drawn",
            "could not be read",
        ] {
            assert!(!page.contains(foreign), "{act}: {foreign}");
        }
    }
    assert!(html(&folder, "silent").contains("Check: share that failed, Failed of Handled in Orders"));
    let parts: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .collect();
    assert!(
        parts
            .iter()
            .all(|file| file.extension().is_some_and(|kind| kind == "html")),
        "{parts:?}"
    );
}

#[test]
fn a_browser_shows_the_page_of_the_bad_release_and_its_picture_stands_in_docs() {
    let Some(browser) = browser() else { return };
    let page = reports("reports-to-browse").join("bad.html");
    let seen = String::from_utf8(browse(&browser, &["--dump-dom"], &page)).expect("text");
    let verdict = seen
        .split("id=\"verdict\"")
        .nth(1)
        .and_then(|rest| rest.split("</p>").next());
    assert!(
        verdict.is_some_and(|verdict| verdict.contains("Rolled back after ")),
        "{verdict:?}"
    );
    assert!(seen.contains("<polyline") && seen.contains("id=\"decision-1\"") && seen.contains("\"consumer_share\""));
    assert!(!seen.contains("<script"));

    let png = photographed(&browser, &page, "report.png", &[]);
    Picture::read(&png).check("the page");
    let dark = Picture::read(&photographed(
        &browser,
        &page,
        "dark.png",
        &["--blink-settings=preferredColorScheme=0"],
    ));
    assert!(
        dark.pixels((0x0D, 0x11, 0x17)) > dark.pixels(DRAWN[2]) * 10,
        "a dark page is dark"
    );
    assert!(dark.pixels((0x56, 0xB4, 0xE9)) > 500, "and its lines are light");

    // Letters differ from machine to machine, so that the picture is not compared with this one dot by dot.
    let kept = root().join("docs/report.png");
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|update| update == "1") {
        std::fs::write(&kept, &png).expect("docs/report.png is written");
    }
    let kept = std::fs::read(&kept).expect("docs/report.png; UPDATE_EXPECT=1 writes it");
    assert!(
        kept.len() <= PICTURE_BYTES_MAX,
        "docs/report.png has {} bytes",
        kept.len()
    );
    Picture::read(&kept).check("docs/report.png");
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line() {
    let done = Command::new(env!("CARGO_BIN_EXE_serin"))
        .args(["demo", "--report", "/dev/null/reports"])
        .output()
        .expect("serin runs");
    assert!(!done.status.success() && done.stdout.is_empty());
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        said.starts_with("serin: --report /dev/null/reports: ") && said.lines().count() == 1,
        "{said}"
    );
}
