//! Setting the scene: rules and schedules on the default bus.

use super::{Pattern, Rule, Target, When};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;

/// "Up to five targets per rule."
const TARGETS_MAX: usize = 5;
/// Longest name of a rule.
const NAME_MAX: usize = 64;

/// Creates a rule for the events that match a pattern, or replaces the one of that name.
///
/// # Errors
///
/// As `PutRule` and `PutTargets` refuse; also patterns with filters that are not served.
pub fn rule(world: &mut World, name: &str, pattern: Value, targets: Vec<Target>) -> Result<(), Refusal> {
    let when = When::Matches(Pattern::parse(&pattern)?);
    put(world, name, when, targets)
}

/// Creates a rule that runs at a rate, first one period from now, or replaces the one of that name.
///
/// # Errors
///
/// As `PutRule` and `PutTargets` refuse. Rates are whole minutes.
pub fn schedule(world: &mut World, name: &str, rate_seconds: u32, target: Target) -> Result<(), Refusal> {
    if rate_seconds == 0 || !rate_seconds.is_multiple_of(60) {
        return Err(invalid("Parameter ScheduleExpression is not valid.".to_owned()));
    }
    let seconds = i64::from(rate_seconds);
    let next = world.now.plus_seconds(seconds);
    put(world, name, When::Every { seconds, next }, vec![target])
}

/// Enables a rule, or disables it (`EnableRule`, `DisableRule`): a disabled one matches nothing.
///
/// # Panics
/// Where there is no such rule.
pub fn enable(world: &mut World, name: &str, is_enabled: bool) {
    let rule = world.eventbridge.rules.get_mut(name);
    let rule = rule.unwrap_or_else(|| panic!("there is no rule {name}"));
    rule.is_enabled = is_enabled;
}

/// Deletes a rule; what it has sent is still delivered.
///
/// # Panics
/// Where there is no such rule.
pub fn remove(world: &mut World, name: &str) {
    let removed = world.eventbridge.rules.remove(name);
    assert!(removed.is_some(), "there is no rule {name}");
}

/// From now on events that match a pattern never arrive.
///
/// # Errors
///
/// As `PutRule` refuses a pattern.
pub fn lose(world: &mut World, pattern: &Value) -> Result<(), Refusal> {
    let pattern = Pattern::parse(pattern)?;
    world.eventbridge.losing.push(pattern);
    Ok(())
}

fn put(world: &mut World, name: &str, when: When, targets: Vec<Target>) -> Result<(), Refusal> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(allowed) {
        return Err(invalid(format!(
            "{name:?} is no rule name: 1 to {NAME_MAX} of A-Z, a-z, 0-9, '.', '-' and '_'"
        )));
    }
    if targets.len() > TARGETS_MAX {
        let text = format!("The requested resource exceeds the maximum number allowed: {TARGETS_MAX} targets");
        return Err(Refusal::new("LimitExceededException", text));
    }
    targets.iter().try_for_each(Target::check)?;
    world.eventbridge.rules.insert(
        name.to_owned(),
        Rule {
            when,
            targets,
            is_enabled: true,
        },
    );
    Ok(())
}

fn invalid(text: String) -> Refusal {
    Refusal::new("ValidationException", text)
}
