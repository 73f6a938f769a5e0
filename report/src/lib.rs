//! One release on one page: a document of plain data becomes a self-contained HTML page with charts on one time axis.
//!
//! # Shape
//! [`Page`] says everything that is shown, [`Page::html`] writes it. Nothing of AWS, of Serin's ledger or of a clock is
//! known here: moments are epoch milliseconds, shown in UTC.
//!
//! # Guarantees
//! The page has no script and asks for nothing: its own security policy forbids both. Every text is escaped, freed of
//! what is no text, and bounded. What is missing is a gap in a line and is said beneath it, never nought.

mod axis;
mod chart;
mod line;
mod page;
mod scale;
mod style;
mod text;

/// Epoch milliseconds.
pub type Millis = i64;

/// Everything that a page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What the page is about.
    pub title: String,
    /// How it ended, or where it is, in one sentence.
    pub verdict: Verdict,
    /// What the services run in the end: a service, and what it runs.
    pub runs: Vec<(String, String)>,
    /// What else is known of the release: a label, and its text.
    pub facts: Vec<(String, String)>,
    /// Where the time axis of all charts begins.
    pub from: Millis,
    /// Where it ends.
    pub until: Millis,
    /// Phases, one after the other.
    pub phases: Vec<Phase>,
    /// Charts, from top to bottom.
    pub panels: Vec<Panel>,
    /// Decisions, in order.
    pub marks: Vec<Mark>,
    /// What could not be read, and what to do.
    pub unread: Vec<String>,
    /// The policy as it was frozen.
    pub policy: String,
    /// Who made the page, of what, when.
    pub made: String,
}

/// The sentence at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The sentence.
    pub text: String,
    /// What it means.
    pub tone: Tone,
}

/// What something means to whoever reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// It is under way, or neither.
    #[default]
    Neutral,
}

/// A phase of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// When it began.
    pub from: Millis,
    /// When it ended; for one that goes on, the end of the axis.
    pub until: Millis,
    /// What it is to a reader.
    pub tint: Tint,
}

/// What a phase is shaded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// Nothing is judged yet.
    Quiet,
    /// The canary is judged.
    Judged,
    /// Something is waited for.
    Held,
    /// Stable is being given the revision.
    Given,
    /// Stable has it and is watched.
    Watched,
    /// It is being taken back.
    TakenBack,
}

/// A chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// What its numbers are.
    pub unit: Unit,
    /// Its lines, five at most.
    pub series: Vec<Series>,
    /// What the values must not pass.
    pub bounds: Vec<Bound>,
    /// What else is to be said of it.
    pub notes: Vec<String>,
}

/// What the numbers of a chart are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Plain numbers.
    #[default]
    Number,
    /// Per cent of something.
    Percent,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// How its points are joined.
    pub shape: Shape,
    /// A value for each moment, in order; none where there is none.
    pub points: Vec<(Millis, Option<f64>)>,
}

/// How points are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Measured once in so many milliseconds: where twice that is missing, the line has a gap.
    Measured {
        /// Between two measurements.
        every: Millis,
    },
    /// Each value holds until the next; none ends it.
    Held,
}

/// What values must not pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: f64,
    /// What is said of it.
    pub label: String,
    /// Whether it is low values that are bad.
    pub is_floor: bool,
}

/// A decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// When it was taken.
    pub at: Millis,
    /// The phase that the release was in after it.
    pub phase: String,
    /// Why.
    pub because: String,
    /// What was done, a line each.
    pub did: Vec<String>,
    /// What was seen while nothing changed after it, a line each.
    pub waited: Vec<String>,
    /// What it means.
    pub tone: Tone,
}
