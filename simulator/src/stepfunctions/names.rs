//! Names and ARNs.

use crate::refusal::Refusal;

/// Characters of a name, at most: API reference, CreateStateMachine.
const LENGTH: usize = 80;
/// What a name must not have beside white space and control characters: API reference, StartExecution.
const REFUSED: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";

/// Takes a name that AWS takes.
///
/// # Errors
/// InvalidName.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    let is_refused = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || REFUSED.contains(letter)
            || ('\u{fffe}'..='\u{ffff}').contains(&letter)
    };
    if (1..=LENGTH).contains(&name.chars().count()) && !name.contains(is_refused) {
        return Ok(());
    }
    Err(Refusal::new("InvalidName", format!("Invalid Name: '{name}'")))
}

/// Takes the ARN of a resource of this kind: `stateMachine` or `execution`.
///
/// # Errors
/// InvalidArn.
pub(super) fn check_arn<'a>(arn: &'a str, kind: &str) -> Result<&'a str, Refusal> {
    let wrong = |what: String| Refusal::new("InvalidArn", format!("Invalid Arn: '{what}'"));
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "states", _, _, found, _, ..] if *found == kind => Ok(arn),
        ["arn", _, "states", _, _, found, ..] => {
            let what = format!("Resource type not valid in this context: {found}");
            Err(wrong(what))
        }
        _ => Err(wrong(format!("Invalid ARN prefix: {arn}"))),
    }
}
