use super::{MARKS_MAX, POLICY_MAX, TEXT_MAX};
use crate::{Bound, Mark, Page, Panel, Phase, Series, Shape, Tint, Tone, Unit, Verdict};

const NIGHT: i64 = 1_795_230_000_000;
const MINUTE: i64 = 60_000;

/// What a browser would obey, if it were let.
const HOSTILE: &str = "</title></style></svg></pre><script src=\"http://evil.example/x.js\">alert(1)</script><img src=x \
                       onerror='alert(2)'> \u{202e}\u{1b}[2J & \"quoted\"";

fn measured(name: &str, values: &[Option<f64>]) -> Series {
    let points = values.iter().enumerate();
    Series {
        name: name.to_owned(),
        shape: Shape::Measured { every: MINUTE },
        points: points
            .map(|(minute, value)| (NIGHT + minute as i64 * MINUTE, *value))
            .collect(),
    }
}

fn bound(value: f64) -> Bound {
    Bound {
        value,
        label: "ALARM from 10".to_owned(),
        is_floor: false,
    }
}

/// Ten minutes of a release that is rolled back in the sixth.
fn page() -> Page {
    let depth = [0, 0, 2, 5, 9, 14, 20, 20, 20, 20].map(|depth| Some(f64::from(depth)));
    Page {
        title: "Release orders-1".to_owned(),
        verdict: Verdict {
            text: "Rolled back after 5 min 0 s: alarm orders-dlq in ALARM.".to_owned(),
            tone: Tone::Bad,
        },
        runs: vec![("orders".to_owned(), "orders:1".to_owned())],
        facts: vec![("policy".to_owned(), "orders".to_owned())],
        from: NIGHT,
        until: NIGHT + 9 * MINUTE,
        phases: vec![
            phase("baking", 0, 6, Tint::Judged),
            phase("rolling back", 6, 9, Tint::TakenBack),
        ],
        panels: vec![Panel {
            title: "Check: alarm orders-dlq".to_owned(),
            unit: Unit::Number,
            series: vec![measured("depth", &depth)],
            bounds: vec![bound(10.0)],
            notes: vec!["As it stands today.".to_owned()],
        }],
        marks: vec![mark(0, "baking", Tone::Neutral), mark(6, "rolling back", Tone::Bad)],
        unread: Vec::new(),
        policy: "{\"name\": \"orders\"}".to_owned(),
        made: "Made by a test.".to_owned(),
    }
}

fn phase(name: &str, from: i64, until: i64, tint: Tint) -> Phase {
    Phase {
        name: name.to_owned(),
        from: NIGHT + from * MINUTE,
        until: NIGHT + until * MINUTE,
        tint,
    }
}

fn mark(minute: i64, phase: &str, tone: Tone) -> Mark {
    Mark {
        at: NIGHT + minute * MINUTE,
        phase: phase.to_owned(),
        because: format!("because of {phase}"),
        tone,
        ..Mark::default()
    }
}

#[test]
fn the_page_tells_everything_in_its_order_and_asks_for_nothing() {
    let html = page().html();
    let order = [
        "<h1>Release orders-1</h1>",
        "Rolled back after 5 min 0 s",
        "What runs in the end",
        "The release",
        "Phases and decisions",
        "Check: alarm orders-dlq",
        ">Decisions<",
        "The policy, as it was frozen",
        "Made by a test.",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|part| html.find(part).unwrap_or_else(|| panic!("{part}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    for foreign in [
        "<script",
        "javascript:",
        " src=",
        "url(",
        "@import",
        "http:",
        "https:",
        "<link",
        "<iframe",
    ] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert!(html.contains("default-src 'none'"), "{html}");
    assert!(!html.contains("could not be drawn"), "{html}");
}

#[test]
fn a_hostile_reason_is_only_text_wherever_it_stands() {
    let hostile = HOSTILE.to_owned();
    let mut page = page();
    page.title = hostile.clone();
    page.verdict.text = hostile.clone();
    page.runs = vec![(hostile.clone(), hostile.clone())];
    page.facts = page.runs.clone();
    page.phases[0].name = hostile.clone();
    page.panels[0].title = hostile.clone();
    page.panels[0].series[0].name = hostile.clone();
    page.panels[0].bounds[0].label = hostile.clone();
    page.panels[0].notes = vec![hostile.clone()];
    page.panels.push(Panel {
        title: hostile.clone(),
        ..Panel::default()
    });
    page.marks[0].phase = hostile.clone();
    page.marks[0].because = hostile.clone();
    page.marks[0].did = vec![hostile.clone()];
    page.marks[0].waited = vec![hostile.clone()];
    page.unread = vec![hostile.clone()];
    page.policy = hostile.clone();
    page.made = hostile;
    let html = page.html();
    for foreign in [
        "<script",
        "<img",
        "</pre><script",
        "</title></style></svg>",
        "\u{202e}",
        "\u{1b}",
    ] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    // Each element that is opened is one of ours.
    let ours = [
        "!doctype",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "h1",
        "h2",
        "h3",
        "p",
        "b",
        "span",
        "div",
        "section",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "line",
        "rect",
        "polyline",
        "circle",
        "text",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
        "pre",
        "footer",
    ];
    let body = html.split("</style>").nth(1).expect("a body");
    for part in body.split('<').skip(1) {
        let name = part
            .trim_start_matches('/')
            .split([' ', '>', '\n', '/'])
            .next()
            .unwrap_or_default();
        assert!(ours.contains(&name), "<{name}: {part}");
    }
    assert_eq!(html.matches("<section").count(), html.matches("</section>").count());
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}

#[test]
fn nothing_makes_the_page_endless() {
    let long = "x".repeat(3 * POLICY_MAX);
    let mut page = page();
    page.verdict.text = long.clone();
    page.policy = long.clone();
    page.unread = vec![long.clone(); 100];
    page.marks = (0..2_000).map(|minute| mark(minute, &long, Tone::Neutral)).collect();
    page.panels = vec![page.panels[0].clone(); 200];
    let html = page.html();
    assert!(html.len() < 2_000_000, "{}", html.len());
    assert!(html.contains(&format!("{} more are not shown", 2_000 - MARKS_MAX)));
    assert!(!html.contains(&"x".repeat(POLICY_MAX + 1)) && html.contains(&"x".repeat(TEXT_MAX)));
}

#[test]
fn one_moment_is_at_one_place_in_every_chart() {
    let mut page = page();
    let other = Panel {
        title: "another".to_owned(),
        series: vec![measured("large", &[Some(1e9), Some(2e9), Some(1e6)])],
        ..Panel::default()
    };
    page.panels.push(other);
    let html = page.html();
    // The decision that takes it back is the only line that is upright and whole in its colour.
    let uprights: Vec<&str> = html
        .split("<polyline ")
        .filter(|part| part.contains("stroke=\"#B83A00\" stroke-width=\"2\""))
        .filter_map(|part| part.split("points=\"").nth(1)?.split(',').next())
        .collect();
    assert_eq!(uprights.len(), 3, "{uprights:?}");
    assert!(uprights.iter().all(|place| *place == uprights[0]), "{uprights:?}");
}

#[test]
fn what_is_missing_is_a_gap_that_is_said_and_no_chart_of_nothing_is_drawn() {
    let gap = [Some(1.0), Some(2.0), None, None, Some(4.0), Some(4.0)];
    let mut page = page();
    page.panels[0].series = vec![measured("depth", &gap)];
    page.panels.push(Panel {
        title: "nothing".to_owned(),
        series: vec![measured("nobody", &[None])],
        ..Panel::default()
    });
    let html = page.html();
    let tags = html
        .split("<polyline ")
        .skip(1)
        .filter_map(|part| part.split('>').next());
    let lines = tags.filter(|tag| tag.contains("stroke=\"#0072B2\""));
    assert_eq!(lines.count(), 2);
    assert!(html.contains("depth: no data 03:02–03:04, 03:06–03:09."), "{html}");
    assert!(html.contains("No data: nothing is drawn."), "{html}");
    assert!(html.contains("nobody: no data."), "{html}");
    assert!(
        html.contains("lowest 1, highest 4 at 03:04, last 4 at 03:05."),
        "{html}"
    );
}

#[test]
fn every_drawing_is_named_and_told_in_words() {
    let html = page().html();
    let drawings = html.matches("role=\"img\"").count();
    assert_eq!(drawings, 2);
    let labelled = html.split("aria-labelledby=\"").skip(1);
    for name in labelled.filter_map(|rest| rest.split('"').next()) {
        for id in name.split(' ') {
            assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
        }
    }
    assert!(html.contains("baking 03:00–03:06. rolling back 03:06–03:09."), "{html}");
}

#[test]
fn dark_pages_have_another_colour_for_each_that_is_drawn() {
    let html = page().html();
    let sheet = html
        .split("<style>")
        .nth(1)
        .and_then(|rest| rest.split("</style>").next())
        .expect("a sheet");
    let body = html.split("</style>").nth(1).expect("a body");
    let mut found = 0;
    for part in ["fill=\"#", "stroke=\"#"] {
        for drawn in body.split(part).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(
                sheet.contains(&format!("[{part}{drawn}\"]")),
                "{part}{drawn} stays as it is"
            );
            found += 1;
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn numbers_of_decisions_that_are_close_together_do_not_lie_on_each_other() {
    let mut page = page();
    page.marks = (0..9).map(|_| mark(0, "baking", Tone::Neutral)).collect();
    page.marks.push(mark(6, "rolling back", Tone::Bad));
    let html = page.html();
    let strip = html.split("</figure>").next().expect("the strip");
    assert!(strip.contains("\n1–9\n") && strip.contains("\n10\n"), "{strip}");
}

#[test]
fn a_page_of_nothing_is_still_a_page() {
    let html = Page::default().html();
    assert!(
        html.contains("<!doctype html>") && html.ends_with("</html>\n"),
        "{html}"
    );
    assert!(!html.contains("could not be drawn"), "{html}");
}
