//! What is wrong with a definition, in AWS's words.

use crate::refusal::Refusal;

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text is no JSON.
    pub fn not_json(&mut self, what: &str) {
        self.0.push(format!("INVALID_JSON_DESCRIPTION: {what}"));
    }

    /// Something is not as the language has it; `place` is below the root, `/States/A/Next`.
    pub fn schema(&mut self, place: &str, what: &str) {
        let place = if place.is_empty() { "/" } else { place };
        self.0.push(format!("SCHEMA_VALIDATION_FAILED: {what} at {place}"));
    }

    /// AWS takes it and this simulator does not: better told than ignored.
    pub fn not_simulated(&mut self, place: &str, what: &str) {
        self.0
            .push(format!("NOT_SIMULATED: {what} is not simulated at {place}"));
    }

    /// What a reader of expressions says: some of it is only beyond the simulator.
    pub fn expression(&mut self, place: &str, what: &str) {
        match what.strip_prefix("is not simulated: ") {
            Some(what) => self.not_simulated(place, what),
            None => self.schema(place, what),
        }
    }

    /// A transition leads nowhere.
    pub fn no_target(&mut self, place: &str, target: &str) {
        let what = format!("MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {place}");
        self.0.push(what);
    }

    /// No transition leads there.
    pub fn unreachable(&mut self, state: &str) {
        let what = format!("MISSING_TRANSITION_TARGET: State \"{state}\" is not reachable. at /States/{state}");
        self.0.push(what);
    }

    /// The machine cannot end.
    pub fn endless(&mut self) {
        let what = "MISSING_END_STATE: Workflow has no terminal state at null";
        self.0.push(what.to_owned());
    }

    /// The refusal of the whole definition.
    pub fn refusal(&self) -> Refusal {
        let all = self.0.join(", ");
        Refusal::new(
            "InvalidDefinition",
            format!("Invalid State Machine Definition: '{all}'"),
        )
    }
}
