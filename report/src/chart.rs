//! Drawings, all with the same margins, so that one moment is at one place in each of them.

use crate::axis::{self, Span};
use crate::scale::Scale;
use crate::style::{self, BAD, Colour, GRID, INK, LINES, MARK};
use crate::text;
use crate::{Bound, Mark, Millis, Page, Panel, Tint, Tone, line};
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Drawn so many times as large as it is shown: places are whole numbers.
const SCALE: u32 = 2;
const WIDTH: u32 = 980;
const HEIGHT: u32 = 176;
const STRIP_HEIGHT: u32 = 50;
const LEFT: u32 = 50;
const RIGHT: u32 = 16;
const TOP: u32 = 8;
/// Room for the times below.
const BELOW: u32 = 24;
/// Size of letters; the library makes them smaller by this.
const LETTERS: f64 = 12.0;
const SHRINKS: f64 = 1.24;
/// How wide a letter is at most, on average.
const LETTER_WIDTH: f64 = 6.8;
/// How much of its colour the band of a phase has.
const BAND: f64 = 0.34;
/// Of more decisions only those are drawn that matter most.
const MARKS_MAX: usize = 40;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

/// What a library says that could not draw.
fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn letters(colour: Colour, across: HPos, up: VPos) -> TextStyle<'static> {
    let size = LETTERS * SHRINKS * f64::from(SCALE);
    let colour = colour.drawn();
    let style: TextStyle<'static> = ("sans-serif", size).into_font().color(&colour);
    style.pos(Pos::new(across, up))
}

/// A drawing under its name, told in words to whoever does not see it.
fn svg(
    height: u32,
    name: &str,
    told: &str,
    id: &str,
    draw: impl FnOnce(&Area<'_>) -> Result<(), String>,
) -> Result<String, String> {
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (WIDTH * SCALE, height * SCALE)).into_drawing_area();
        draw(&area)?;
        area.present().map_err(said)?;
    }
    let inner = drawn.split_once('>').map_or("", |(_, inner)| inner);
    let (width, height) = (WIDTH * SCALE, height * SCALE);
    let (name, told) = (text::shown(name, 300), text::shown(told, 2_000));
    Ok(format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
         <title id=\"{id}-t\">{name}</title><desc id=\"{id}-d\">{told}</desc>{inner}"
    ))
}

/// The phases as a band, with the numbers of the decisions above it.
pub(crate) fn strip(page: &Page) -> Result<String, String> {
    let span = Span::new(page.from, page.until);
    let told = page.phases.iter().map(|phase| {
        let (from, until) = (line::moment(phase.from, span), line::moment(phase.until, span));
        format!("{} {from}–{until}.", phase.name)
    });
    let told = told.collect::<Vec<_>>().join(" ");
    svg(STRIP_HEIGHT, "Phases and decisions", &told, "phases", |area| {
        let mut builder = ChartBuilder::on(area);
        builder.margin_left(LEFT * SCALE).margin_right(RIGHT * SCALE);
        let mut chart = builder.build_cartesian_2d(0.0..1.0, 0.0..1.0).map_err(said)?;
        for phase in &page.phases {
            let (from, until) = (span.part(phase.from), span.part(phase.until));
            let style = style::tint(phase.tint).drawn().mix(BAND).filled();
            let band = Rectangle::new([(from, 0.0), (until, 0.46)], style);
            chart.draw_series([band]).map_err(said)?;
            let room = (until - from) * inner_width();
            let name = text::plain(&phase.name, 40);
            if name.chars().count() as f64 * LETTER_WIDTH + 8.0 <= room {
                let style = letters(INK, HPos::Center, VPos::Center);
                let name = Text::new(name, ((from + until) / 2.0, 0.23), style);
                chart.draw_series([name]).map_err(said)?;
            }
        }
        for (place, label, is_bad) in labels(page, span) {
            let colour = if is_bad { BAD } else { MARK };
            let tick = PathElement::new([(place, 0.46), (place, 0.62)], colour.drawn().stroke_width(SCALE));
            let label = Text::new(label, (place, 0.84), letters(colour, HPos::Center, VPos::Center));
            chart.draw_series([tick]).map_err(said)?;
            chart.draw_series([label]).map_err(said)?;
        }
        Ok(())
    })
}

fn inner_width() -> f64 {
    f64::from(WIDTH - LEFT - RIGHT)
}

/// Numbers of the decisions with their places; those that would lie on each other are told as one.
fn labels(page: &Page, span: Span) -> Vec<(f64, String, bool)> {
    struct Group {
        first: usize,
        last: usize,
        from: f64,
        until: f64,
        is_bad: bool,
    }
    impl Group {
        fn label(&self) -> String {
            match self.first == self.last {
                true => self.first.to_string(),
                false => format!("{}–{}", self.first, self.last),
            }
        }
        fn place(&self) -> f64 {
            (self.from + self.until) / 2.0
        }
        /// Half of what its label takes, as a part of the width.
        fn reach(&self) -> f64 {
            (self.label().chars().count() as f64 * LETTER_WIDTH / 2.0 + 3.0) / inner_width()
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for (index, mark) in page.marks.iter().enumerate().filter(|(_, mark)| span.has(mark.at)) {
        let place = span.part(mark.at);
        let mut next = Group {
            first: index + 1,
            last: index + 1,
            from: place,
            until: place,
            is_bad: mark.tone == Tone::Bad,
        };
        // One that grows may reach the one before it.
        while let Some(before) = groups.pop_if(|before| next.place() - before.place() < before.reach() + next.reach()) {
            next = Group {
                first: before.first,
                last: next.last,
                from: before.from.min(next.from),
                until: next.until.max(before.until),
                is_bad: before.is_bad || next.is_bad,
            };
        }
        groups.push(next);
    }
    groups
        .iter()
        .map(|group| (group.place(), group.label(), group.is_bad))
        .collect()
}

/// Decisions that are lines in the charts.
fn drawn_marks(marks: &[Mark], span: Span) -> Vec<&Mark> {
    let within = marks.iter().filter(|mark| span.has(mark.at));
    let all = within.clone().count() <= MARKS_MAX;
    within
        .filter(|mark| all || mark.tone != Tone::Neutral)
        .take(MARKS_MAX)
        .collect()
}

/// A chart, its times beneath it.
pub(crate) fn panel(page: &Page, panel: &Panel, id: &str) -> Result<String, String> {
    let span = Span::new(page.from, page.until);
    let mut told: Vec<String> = panel
        .series
        .iter()
        .map(|series| line::summary(series, panel.unit, span))
        .collect();
    told.extend(panel.bounds.iter().map(|bound| format!("{}.", bound.label)));
    let values = panel
        .series
        .iter()
        .flat_map(|series| &series.points)
        .filter_map(|(_, value)| *value);
    let bounds = panel.bounds.iter().map(|bound| bound.value);
    let (bottom, top, rows) = axis::values(values.chain(bounds), panel.unit);
    let times: Vec<(f64, String)> = span
        .lines()
        .into_iter()
        .map(|(at, label)| (span.part(at), label))
        .collect();
    svg(HEIGHT, &panel.title, &told.join(" "), id, |area| {
        let across = Scale {
            ends: 0.0..1.0,
            lines: times.iter().map(|(place, _)| *place).collect(),
        };
        let up = Scale {
            ends: bottom..top,
            lines: rows,
        };
        let mut chart = ChartBuilder::on(area)
            .margin_top(TOP * SCALE)
            .margin_right(RIGHT * SCALE)
            .x_label_area_size(BELOW * SCALE)
            .y_label_area_size(LEFT * SCALE)
            .build_cartesian_2d(across, up)
            .map_err(said)?;
        for phase in &page.phases {
            let corners = [(span.part(phase.from), bottom), (span.part(phase.until), top)];
            let style = style::tint(phase.tint).drawn().mix(0.10).filled();
            chart.draw_series([Rectangle::new(corners, style)]).map_err(said)?;
        }
        let name = |place: &f64| {
            let near = times.iter().find(|(at, _)| (at - place).abs() < 1e-9);
            near.map(|(_, label)| label.clone()).unwrap_or_default()
        };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID.drawn().stroke_width(SCALE))
            .axis_style(GRID.drawn().stroke_width(SCALE))
            .label_style(letters(INK, HPos::Center, VPos::Center))
            .x_label_formatter(&name)
            .y_label_formatter(&|value| line::with_unit(*value, panel.unit))
            .set_all_tick_mark_size(4 * SCALE)
            .draw()
            .map_err(said)?;
        for mark in drawn_marks(&page.marks, span) {
            upright(&mut chart, span.part(mark.at), (bottom, top), mark.tone)?;
        }
        for bound in panel.bounds.iter().filter(|bound| axis::is_drawn(bound.value)) {
            bounded(&mut chart, bound, (bottom, top))?;
        }
        for (series, colour) in panel.series.iter().zip(LINES) {
            drawn_line(&mut chart, &line::parts(series), span, colour)?;
        }
        Ok(())
    })
}

fn upright(chart: &mut Drawn<'_, '_>, place: f64, (bottom, top): (f64, f64), tone: Tone) -> Result<(), String> {
    let ends = [(place, bottom), (place, top)];
    let drawn = match tone {
        Tone::Bad => chart
            .draw_series([PathElement::new(ends, BAD.drawn().stroke_width(SCALE))])
            .map(drop),
        _ => {
            let style = MARK.drawn().mix(0.75).stroke_width(SCALE);
            chart
                .draw_series(DashedLineSeries::new(ends, 2 * SCALE, 4 * SCALE, style))
                .map(drop)
        }
    };
    drawn.map_err(said)
}

/// A dashed line, and what lies beyond it shaded.
fn bounded(chart: &mut Drawn<'_, '_>, bound: &Bound, (bottom, top): (f64, f64)) -> Result<(), String> {
    let beyond = if bound.is_floor { bottom } else { top };
    let style = BAD.drawn().mix(0.06).filled();
    chart
        .draw_series([Rectangle::new([(0.0, bound.value), (1.0, beyond)], style)])
        .map_err(said)?;
    let style = BAD.drawn().stroke_width(3);
    let ends = [(0.0, bound.value), (1.0, bound.value)];
    chart
        .draw_series(DashedLineSeries::new(ends, 7 * SCALE, 4 * SCALE, style))
        .map_err(said)?;
    // Above the line, where there is room.
    let is_high = bound.value > bottom + (top - bottom) * 0.86;
    let (across, up) = if is_high {
        (HPos::Left, VPos::Top)
    } else {
        (HPos::Left, VPos::Bottom)
    };
    let room = (top - bottom) / f64::from(HEIGHT - TOP - BELOW) * 3.0;
    let place = (0.006, bound.value + if is_high { -room } else { room });
    let label = Text::new(text::plain(&bound.label, 100), place, letters(BAD, across, up));
    chart.draw_series([label]).map_err(said)?;
    Ok(())
}

fn drawn_line(
    chart: &mut Drawn<'_, '_>,
    parts: &[Vec<(Millis, f64)>],
    span: Span,
    colour: Colour,
) -> Result<(), String> {
    for part in parts {
        let places: Vec<(f64, f64)> = part.iter().map(|(at, value)| (span.part(*at), *value)).collect();
        let style = colour.drawn().stroke_width(2 * SCALE);
        match places.as_slice() {
            // A line through one point would not be seen.
            [alone] => chart
                .draw_series([Circle::new(*alone, 3 * SCALE, style.filled())])
                .map(drop),
            _ => chart.draw_series(LineSeries::new(places, style)).map(drop),
        }
        .map_err(said)?;
    }
    Ok(())
}

/// How a line looks, for its name.
pub(crate) fn key(place: usize) -> String {
    let colour = LINES.get(place).map_or_else(String::new, |colour| colour.name());
    format!(
        "<svg viewBox=\"0 0 26 12\" aria-hidden=\"true\"><line x1=\"1\" y1=\"6\" x2=\"25\" y2=\"6\" stroke=\"{colour}\" \
         stroke-width=\"3\"/></svg>"
    )
}

/// What a phase is shaded with, for its name.
pub(crate) fn swatch(tint: Tint) -> String {
    let colour = style::tint(tint).name();
    format!(
        "<svg viewBox=\"0 0 26 12\" aria-hidden=\"true\"><rect x=\"6\" y=\"0\" width=\"14\" height=\"12\" \
         fill=\"{colour}\" opacity=\"{BAND}\"/></svg>"
    )
}
