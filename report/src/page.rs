//! The page itself.

use crate::axis::Span;
use crate::text::{self, shown};
use crate::{Mark, Page, Panel, Tint, chart, line, style};
use std::fmt::Write as _;

/// Longest texts, in characters.
const LABEL_MAX: usize = 120;
const TEXT_MAX: usize = 1_200;
const POLICY_MAX: usize = 20_000;
/// Most rows of a table, lines of a row, charts.
const MARKS_MAX: usize = 300;
const LINES_MAX: usize = 12;
const PANELS_MAX: usize = 30;

impl Page {
    /// The page as HTML, whole: nothing else belongs to it.
    pub fn html(&self) -> String {
        let title = shown(&self.title, LABEL_MAX);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none';style-src 'unsafe-inline'\"><meta name=\"referrer\" content=\"no-referrer\">\
             <title>{title}</title>\n<style>{}</style></head>\n<body><main>\n",
            style::sheet()
        );
        html += &self.head(&title);
        html += &self.charts();
        html += &self.decisions();
        if !self.unread.is_empty() {
            let each: String = self.unread.iter().take(LINES_MAX).map(|line| item(line)).collect();
            html += &format!(
                "<section id=\"unread\"><h2>What could not be read</h2><ul class=\"unread\">{each}</ul></section>\n"
            );
        }
        if !self.policy.is_empty() {
            let policy = shown(&self.policy, POLICY_MAX);
            html +=
                &format!("<section id=\"policy\"><h2>The policy, as it was frozen</h2><pre>{policy}</pre></section>\n");
        }
        html + &format!(
            "<footer>{}</footer>\n</main></body></html>\n",
            shown(&self.made, TEXT_MAX)
        )
    }

    /// What it is, how it ended, and what runs.
    fn head(&self, title: &str) -> String {
        let span = Span::new(self.from, self.until);
        let days = match (text::date(span.from), text::date(span.until)) {
            (first, last) if first == last => first,
            (first, last) => format!("{first} to {last}"),
        };
        let (class, sign) = style::tone(self.verdict.tone);
        let verdict = shown(&self.verdict.text, TEXT_MAX);
        let mut html = format!(
            "<header><h1>{title}</h1><p class=\"soft\">{days}, all times in UTC</p>\
             <p class=\"verdict {class}\" id=\"verdict\"><b aria-hidden=\"true\">{sign}</b><span>{verdict}</span></p></header>\n"
        );
        let list = |pairs: &[(String, String)]| {
            pairs
                .iter()
                .take(PANELS_MAX)
                .fold(String::new(), |mut list, (label, text)| {
                    let _ = write!(
                        list,
                        "<dt>{}</dt><dd>{}</dd>",
                        shown(label, LABEL_MAX),
                        shown(text, TEXT_MAX)
                    );
                    list
                })
        };
        html += "<div class=\"two\">";
        if !self.runs.is_empty() {
            let runs = list(&self.runs);
            html += &format!("<section id=\"runs\"><h2>What runs in the end</h2><dl>{runs}</dl></section>\n");
        }
        if !self.facts.is_empty() {
            let facts = list(&self.facts);
            html += &format!("<section id=\"facts\"><h2>The release</h2><dl>{facts}</dl></section>\n");
        }
        html += "</div>\n";
        html
    }

    fn charts(&self) -> String {
        let mut keys = String::new();
        let mut named: Vec<Tint> = Vec::new();
        for phase in &self.phases {
            if !named.contains(&phase.tint) {
                named.push(phase.tint);
                // Of a phase in steps, without the step.
                let name = phase.name.split(',').next().unwrap_or_default();
                let swatch = chart::swatch(phase.tint);
                let _ = write!(keys, "<span class=\"key\">{swatch}{}</span>", shown(name, LABEL_MAX));
            }
        }
        let strip = chart::strip(self).unwrap_or_else(|why| not_drawn(&why));
        let mut html = format!(
            "<section id=\"charts\"><h2>What was seen</h2>\n<figure class=\"chart\"><figcaption><h3>Phases and decisions</h3>\
             <span class=\"key\">numbers are those of the decisions below</span>{keys}</figcaption>{strip}</figure>\n"
        );
        for (place, panel) in self.panels.iter().take(PANELS_MAX).enumerate() {
            html += &self.figure(panel, place);
        }
        html + "</section>\n"
    }

    fn figure(&self, panel: &Panel, place: usize) -> String {
        let span = Span::new(self.from, self.until);
        let title = shown(&panel.title, 2 * LABEL_MAX);
        let keys = panel
            .series
            .iter()
            .enumerate()
            .fold(String::new(), |mut keys, (place, series)| {
                let _ = write!(
                    keys,
                    "<span class=\"key\">{}{}</span>",
                    chart::key(place),
                    shown(&series.name, LABEL_MAX)
                );
                keys
            });
        let is_empty = panel.series.iter().all(|series| line::parts(series).is_empty());
        let drawn = match is_empty {
            true => "<p class=\"none\">No data: nothing is drawn.</p>".to_owned(),
            false => chart::panel(self, panel, &format!("panel-{place}")).unwrap_or_else(|why| not_drawn(&why)),
        };
        let missing = panel.series.iter().filter_map(|series| line::missing(series, span));
        let left_out = panel.series.iter().filter_map(line::left_out);
        let notes = panel.notes.iter().cloned().chain(missing).chain(left_out);
        let notes = notes.take(LINES_MAX).fold(String::new(), |mut notes, note| {
            let _ = write!(notes, "<p class=\"note\">{}</p>", shown(&note, TEXT_MAX));
            notes
        });
        format!("<figure class=\"chart\"><figcaption><h3>{title}</h3>{keys}</figcaption>{drawn}{notes}</figure>\n")
    }

    fn decisions(&self) -> String {
        let rows = self.marks.iter().take(MARKS_MAX).enumerate();
        let span = Span::new(self.from, self.until);
        let rows: String = rows.map(|(place, mark)| row(place + 1, mark, span)).collect();
        let more = match self.marks.len().checked_sub(MARKS_MAX) {
            None | Some(0) => String::new(),
            Some(more) => format!("<p class=\"note\">{more} more are not shown; serin journal tells them.</p>"),
        };
        format!(
            "<section id=\"decisions\"><h2>Decisions</h2><table><thead><tr><th scope=\"col\">#</th><th scope=\"col\">Time</th>\
             <th scope=\"col\">Phase</th><th scope=\"col\">Why, and what was done</th></tr></thead><tbody>{rows}</tbody></table>\
             {more}</section>\n"
        )
    }
}

fn row(number: usize, mark: &Mark, span: Span) -> String {
    let (class, _) = style::tone(mark.tone);
    let when = match line::moment(mark.at, span) {
        moment if moment.contains(' ') => format!("{} {}", text::day(mark.at), text::clock_seconds(mark.at)),
        _ => text::clock_seconds(mark.at),
    };
    let mut html = format!(
        "<tr class=\"{class}\" id=\"decision-{number}\"><td class=\"number\">{number}</td><td class=\"when\">{when}</td>\
         <td class=\"phase\">{}</td><td>{}",
        shown(&mark.phase, LABEL_MAX),
        shown(&mark.because, TEXT_MAX)
    );
    if !mark.did.is_empty() {
        let each: String = mark.did.iter().take(LINES_MAX).map(|line| item(line)).collect();
        html += &format!("<ul>{each}</ul>");
    }
    for line in mark.waited.iter().take(LINES_MAX) {
        html += &format!("<p class=\"soft\">{}</p>", shown(line, TEXT_MAX));
    }
    html + "</td></tr>\n"
}

fn item(line: &str) -> String {
    format!("<li>{}</li>", shown(line, TEXT_MAX))
}

/// A chart that could not be drawn leaves the rest of the page.
fn not_drawn(why: &str) -> String {
    format!(
        "<p class=\"none\">This could not be drawn: {}</p>",
        shown(why, TEXT_MAX)
    )
}

#[cfg(test)]
mod tests;
