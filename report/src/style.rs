//! Colours and the style sheet.
//!
//! # Source
//! Colours that people with any colour vision tell apart: Okabe and Ito, "Color Universal Design" (2008). A drawing
//! names the light ones; the style sheet has others in their place where the page is dark.

use crate::{Tint, Tone};
use plotters::style::RGBColor;
use std::fmt::Write as _;

/// A colour on a light page, and its like on a dark one.
#[derive(Clone, Copy)]
pub(crate) struct Colour {
    light: (u8, u8, u8),
    dark: &'static str,
}

impl Colour {
    const fn of(light: (u8, u8, u8), dark: &'static str) -> Colour {
        Colour { light, dark }
    }

    pub fn drawn(self) -> RGBColor {
        let (red, green, blue) = self.light;
        RGBColor(red, green, blue)
    }

    /// As a drawing names it.
    pub fn name(self) -> String {
        let (red, green, blue) = self.light;
        format!("#{red:02X}{green:02X}{blue:02X}")
    }
}

pub(crate) const INK: Colour = Colour::of((0x3D, 0x44, 0x4D), "#c9d1d9");
pub(crate) const GRID: Colour = Colour::of((0xDD, 0xE1, 0xE6), "#30363d");
pub(crate) const MARK: Colour = Colour::of((0x6E, 0x77, 0x81), "#8b949e");
pub(crate) const BAD: Colour = Colour::of((0xB8, 0x3A, 0x00), "#ff8a4c");
/// Of lines, in the order in which they are drawn.
pub(crate) const LINES: [Colour; 5] = [
    Colour::of((0x00, 0x72, 0xB2), "#56b4e9"),
    Colour::of((0xE6, 0x9F, 0x00), "#f2b63c"),
    Colour::of((0x00, 0x9E, 0x73), "#2bc79a"),
    Colour::of((0xCC, 0x79, 0xA7), "#e6a8cc"),
    Colour::of((0x56, 0xB4, 0xEA), "#9ad4f5"),
];
const TINTS: [Colour; 6] = [
    Colour::of((0x8C, 0x95, 0x9F), "#6e7681"),
    Colour::of((0x1F, 0x83, 0xC4), "#3b8fd1"),
    Colour::of((0xD4, 0xA7, 0x2C), "#b88a1c"),
    Colour::of((0x82, 0x50, 0xDF), "#a371f7"),
    Colour::of((0x12, 0x9E, 0x6A), "#1f9e6d"),
    Colour::of((0xD5, 0x5E, 0x01), "#d9682a"),
];

/// The colour behind a phase.
pub(crate) fn tint(tint: Tint) -> Colour {
    TINTS[match tint {
        Tint::Quiet => 0,
        Tint::Judged => 1,
        Tint::Held => 2,
        Tint::Given => 3,
        Tint::Watched => 4,
        Tint::TakenBack => 5,
    }]
}

/// The class of what has this tone, and a sign that needs no colour.
pub(crate) fn tone(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Good => ("good", "✓"),
        Tone::Bad => ("bad", "!"),
        Tone::Neutral => ("neutral", "·"),
    }
}

/// The whole style sheet.
pub(crate) fn sheet() -> String {
    let mut dark = String::new();
    let all = [INK, GRID, MARK, BAD];
    for colour in all.into_iter().chain(LINES).chain(TINTS) {
        let (name, instead) = (colour.name(), colour.dark);
        // Rules of a style sheet are stronger than attributes.
        let _ = write!(
            dark,
            "svg [fill=\"{name}\"]{{fill:{instead}}}svg [stroke=\"{name}\"]{{stroke:{instead}}}"
        );
    }
    format!("{PLAIN}@media screen and (prefers-color-scheme:dark){{{DARK}{dark}}}{PRINTED}")
}

const PLAIN: &str = "\
:root{color-scheme:light dark;--page:#fff;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--card:#f6f8fa;\
--good:#0a6b4a;--good-page:#e3f5ee;--bad:#a33300;--bad-page:#fdeee6;--neutral:#0550ae;--neutral-page:#e8f1fb}\
*{box-sizing:border-box}\
html{-webkit-text-size-adjust:100%}\
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\
\"Noto Sans\",\"Liberation Sans\",Helvetica,Arial,sans-serif}\
main{max-width:1020px;margin:0 auto;padding:28px 20px 48px}\
h1{font-size:24px;line-height:1.25;margin:0 0 2px;letter-spacing:-.01em;overflow-wrap:anywhere}\
h2{font-size:18px;margin:30px 0 10px;padding-bottom:5px;border-bottom:1px solid var(--line)}\
h3{font-size:15px;margin:0;font-weight:600}\
p{margin:0 0 8px}\
.soft{color:var(--soft)}\
.verdict{display:flex;gap:12px;align-items:baseline;margin:16px 0 20px;padding:12px 16px;border-radius:6px;\
border-left:5px solid;font-size:17px;line-height:1.45;overflow-wrap:anywhere}\
.verdict b{font-size:18px}\
.good{background:var(--good-page);border-color:var(--good)}.good b{color:var(--good)}\
.bad{background:var(--bad-page);border-color:var(--bad)}.bad b{color:var(--bad)}\
.neutral{background:var(--neutral-page);border-color:var(--neutral)}.neutral b{color:var(--neutral)}\
dl{display:grid;grid-template-columns:minmax(90px,max-content) 1fr;gap:4px 18px;margin:0}\
dt{color:var(--soft)}\
dd{margin:0;overflow-wrap:anywhere}\
figure{margin:0 0 22px}\
@media(min-width:860px){.two{display:grid;grid-template-columns:2fr 3fr;gap:0 40px}.two h2{margin-top:8px}}\
figcaption{display:flex;flex-wrap:wrap;gap:2px 18px;align-items:baseline;margin:0 0 4px}\
.key{display:inline-flex;gap:6px;align-items:center;color:var(--soft);font-size:13px}\
.key svg{width:26px;height:12px;flex:none}\
svg{display:block;width:100%;height:auto}\
svg text{font-family:inherit}\
.note{color:var(--soft);font-size:13px;margin:2px 0 0;overflow-wrap:anywhere}\
.none{border:1px dashed var(--line);border-radius:6px;padding:12px 16px;color:var(--soft);margin:0}\
table{border-collapse:collapse;width:100%;font-size:14px}\
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}\
th{color:var(--soft);font-weight:600;white-space:nowrap}\
td.when,td.number{white-space:nowrap;font-variant-numeric:tabular-nums}\
td.phase{white-space:nowrap;font-weight:600}\
tr.bad td.phase,tr.bad td.number{color:var(--bad)}tr.good td.phase,tr.good td.number{color:var(--good)}\
tr.good,tr.bad,tr.neutral{background:none}\
td ul{margin:3px 0 0;padding-left:18px}\
td .soft{font-size:13px;margin:3px 0 0}\
ul.unread{margin:0;padding-left:20px}\
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px;margin:0;font:12.5px/1.5 \
ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;white-space:pre-wrap;overflow-wrap:anywhere}\
footer{margin-top:32px;color:var(--soft);font-size:13px}\
@media(max-width:640px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}.chart{overflow-x:auto}\
.chart svg{min-width:640px}}";

const DARK: &str = "\
:root{--page:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--card:#161b22;\
--good:#3fd6a0;--good-page:#0d2a20;--bad:#ff9b66;--bad-page:#33180b;--neutral:#79c0ff;--neutral-page:#0c2240}";

const PRINTED: &str = "\
@media print{:root{color-scheme:light}body{font-size:11pt}main{max-width:none;padding:0}\
figure,tr,.verdict{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}\
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";
