//! What a person's order needs of the live lab beside what is simulated: AWS STS says who gives it, and AWS Lambda has
//! `advance` or `open` take it. Nothing of ours calls either, so no permission of ours is at stake.

use serde_json::{Value, json};
use simulator::wire::{Reply, Request};
use stories::Stage;

/// Whoever works with the lab.
const WHO: &str = "arn:aws:sts::111122223333:assumed-role/lab/you";

/// Names of the functions that people invoke, each with what runs there.
const INVOKED: [[&str; 2]; 2] = [["serin-advance", "advance"], ["serin-open", "open"]];

/// Longest time that a function may take, in seconds.
const ANSWERED_SECONDS: i64 = 70;

/// Answers a call of either; nothing, where it is none.
pub fn answer(stage: &mut Stage, request: &Request) -> Option<Reply> {
    if request.body.starts_with(b"Action=GetCallerIdentity") {
        return Some(identity());
    }
    let route = request.path.strip_prefix("/2015-03-31/functions/")?;
    // By name, or by ARN as AWS CLI and SDKs write one into a path.
    let named = route.strip_suffix("/invocations")?.replace("%3A", ":");
    let name = named.rsplit(':').next().unwrap_or_default();
    let Some([_, function]) = INVOKED.into_iter().find(|[known, _]| *known == name) else {
        let message = format!("Function not found: {name}");
        let mut reply = json_reply(404, &json!({ "Type": "User", "Message": message }));
        reply
            .headers
            .push(("x-amzn-errortype", "ResourceNotFoundException".to_owned()));
        return Some(reply);
    };
    let payload = serde_json::from_slice(&request.body).unwrap_or_default();
    Some(invoke(stage, function, payload))
}

fn invoke(stage: &mut Stage, function: &str, payload: Value) -> Reply {
    let before = stage.sim.ended.borrow().len();
    let own = |stage: &Stage| {
        let ended = stage.sim.ended.borrow();
        let mut since = ended[before..].iter();
        since
            .find(|end| end.function == function && end.payload == payload)
            .map(|end| end.outcome.clone())
    };
    stage.sim.start(function, payload.clone());
    for _ in 0..ANSWERED_SECONDS {
        if own(stage).is_some() {
            break;
        }
        stage.run_for(1);
    }
    match own(stage) {
        Some(Ok(answer)) => json_reply(200, &answer),
        Some(Err(error)) => failed(&error),
        None => failed("it did not answer in time"),
    }
}

fn failed(message: &str) -> Reply {
    let mut reply = json_reply(200, &json!({ "errorType": "Serin.Failed", "errorMessage": message }));
    reply.headers.push(("x-amz-function-error", "Unhandled".to_owned()));
    reply
}

fn json_reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn identity() -> Reply {
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{WHO}</Arn><UserId>AROA:you</UserId><Account>111122223333</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    );
    Reply {
        status: 200,
        headers: vec![("content-type", "text/xml".to_owned())],
        body: body.into_bytes(),
    }
}
