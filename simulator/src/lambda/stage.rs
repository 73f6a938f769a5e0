//! Setting the scene: how functions are configured.

use crate::world::World;

/// How a function takes asynchronous invocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `MaximumRetryAttempts`: how often a failed event is tried again, 0 to 2.
    pub attempts_max: u32,
    /// `MaximumEventAgeInSeconds`: 60 to 21 600.
    pub event_age_seconds: u32,
    /// Queue that is told of events given up, by name.
    pub on_failure: Option<String>,
    /// Execution role, in which it writes logs and sends failed events; without one nobody asks.
    pub role: Option<String>,
    /// Log group that it writes to.
    pub log_group: Option<String>,
    /// Reserved concurrency; 0 throttles everything.
    pub reserved: Option<u32>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            attempts_max: 2,
            event_age_seconds: 21_600,
            on_failure: None,
            role: None,
            log_group: None,
            reserved: None,
        }
    }
}

/// Creates a function, or gives it another configuration.
///
/// # Panics
///
/// On values that `PutFunctionEventInvokeConfig` refuses.
pub fn function(world: &mut World, name: &str, config: Config) {
    assert!(
        config.attempts_max <= 2,
        "{name}: attempts_max is {}, AWS takes 0 to 2",
        config.attempts_max
    );
    assert!(
        (60..=21_600).contains(&config.event_age_seconds),
        "{name}: event_age_seconds is {}, AWS takes 60 to 21600",
        config.event_age_seconds
    );
    world.lambda.functions.insert(name.to_owned(), config);
}
