//! How tests ask a simulated service.

use crate::model;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;

/// Asks as a client would: what AWS's model forbids does not get through, either way.
pub(crate) fn ask(service: &'static str, world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let input = model::check_request(service, operation, input)?;
    let outcome = world.call("test", service, operation, input);
    match &outcome {
        Ok(reply) => model::check_reply(service, operation, reply).unwrap(),
        Err(refusal) => model::check_error(service, operation, refusal).unwrap(),
    }
    outcome
}

/// The three ways in which the tests of one service ask it.
macro_rules! asks {
    ($service:literal) => {
        fn ask(world: &mut World, operation: &str, input: Value) -> Result<Value, crate::refusal::Refusal> {
            crate::asked::ask($service, world, operation, &input)
        }

        fn get(world: &mut World, operation: &str, input: Value) -> Value {
            ask(world, operation, input).unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
        }

        fn refused(world: &mut World, operation: &str, input: Value) -> (&'static str, String) {
            match ask(world, operation, input) {
                Ok(reply) => panic!("{operation} was not refused: {reply}"),
                Err(refusal) => (refusal.code, refusal.message),
            }
        }
    };
}

pub(crate) use asks;
