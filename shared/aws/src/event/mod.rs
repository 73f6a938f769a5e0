//! Decodes what AWS sends.

/// Text from events is hostile: bounded, and without control characters.
pub fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}
