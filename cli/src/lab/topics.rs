//! What a person asks of Amazon SNS in the live lab beside what is simulated: to subscribe. Topics need no creation there.

use simulator::World;
use simulator::sns::stage::subscribe;
use simulator::wire::{Reply, Request};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// Answers `Subscribe`; nothing, where it is another call.
pub fn answer(world: &mut World, request: &Request) -> Option<Reply> {
    if !request.body.starts_with(b"Action=Subscribe&") {
        return None;
    }
    let field = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(&request.body);
        let found = pairs.find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (topic, protocol, endpoint) = (field("TopicArn"), field("Protocol"), field("Endpoint"));
    Some(match subscribed(world, &topic, &protocol, &endpoint) {
        Ok(arn) => reply(
            200,
            &format!(
                "<SubscribeResponse xmlns=\"{NAMESPACE}\"><SubscribeResult><SubscriptionArn>{arn}</SubscriptionArn>\
                 </SubscribeResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></SubscribeResponse>"
            ),
        ),
        Err(wrong) => reply(
            400,
            &format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>InvalidParameter</Code>\
                 <Message>Invalid parameter: {wrong}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
            ),
        ),
    })
}

/// A person has to confirm what comes by mail; a function is there at once.
fn subscribed(world: &mut World, topic: &str, protocol: &str, endpoint: &str) -> Result<String, &'static str> {
    let name = topic.rsplit(':').next().unwrap_or_default();
    if name.is_empty() || world.arn("sns", name) != topic {
        return Err("TopicArn");
    }
    let function = endpoint.rsplit(':').next().unwrap_or_default();
    match protocol {
        "email" if endpoint.contains('@') => Ok("pending confirmation".to_owned()),
        "email" => Err("Email address"),
        "lambda" if world.arn("lambda", &format!("function:{function}")) == endpoint => {
            let topic = subscribe(world, name, function);
            Ok(format!("{topic}:00000000-0000-4000-8000-000000000000"))
        }
        "lambda" => Err("Lambda endpoint ARN"),
        _ => Err("Does not support this protocol in the lab, only lambda and email"),
    }
}

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type", "text/xml".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use simulator::World;
    use simulator::wire::Request;
    use simulator::world::Delivery;

    const TOPIC: &str = "arn%3Aaws%3Asns%3Aeu-central-1%3A111122223333%3Aalarms";
    const ROLLBACK: &str = "arn%3Aaws%3Alambda%3Aeu-central-1%3A111122223333%3Afunction%3Aserin-rollback";

    fn asked(world: &mut World, form: &str) -> Option<(u16, String)> {
        let request = Request {
            caller: "lab".to_owned(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: form.as_bytes().to_vec(),
        };
        let reply = answer(world, &request)?;
        Some((reply.status, String::from_utf8(reply.body).expect("text")))
    }

    #[test]
    fn a_function_that_subscribes_hears_what_is_published() {
        let mut world = World::new(1);
        let heard = |world: &mut World| {
            simulator::sns::publish(world, "arn:aws:sns:eu-central-1:111122223333:alarms", None, "it rings");
            let mut sent = world.outbox.drain(..);
            sent.any(|sent| matches!(sent, Delivery::Invoke { function, .. } if function == "serin-rollback"))
        };
        assert!(!heard(&mut world));
        let form = format!("Action=Subscribe&Version=2010-03-31&TopicArn={TOPIC}&Protocol=lambda&Endpoint={ROLLBACK}");
        let (status, body) = asked(&mut world, &form).expect("an answer");
        assert_eq!(status, 200);
        assert!(
            body.contains("<SubscriptionArn>arn:aws:sns:eu-central-1:111122223333:alarms:0"),
            "{body}"
        );
        assert!(heard(&mut world));
    }

    #[test]
    fn what_cannot_be_subscribed_is_refused_and_other_calls_are_somebody_elses() {
        let mut world = World::new(1);
        for (topic, protocol, endpoint, says) in [
            (TOPIC, "email", "releases%40example.com", "pending confirmation"),
            (TOPIC, "email", "nobody", "InvalidParameter"),
            (TOPIC, "lambda", "serin-rollback", "InvalidParameter"),
            (TOPIC, "sqs", ROLLBACK, "InvalidParameter"),
            ("alarms", "lambda", ROLLBACK, "InvalidParameter"),
            ("", "lambda", ROLLBACK, "InvalidParameter"),
        ] {
            let form = format!("Action=Subscribe&TopicArn={topic}&Protocol={protocol}&Endpoint={endpoint}");
            let (status, body) = asked(&mut world, &form).expect("an answer");
            assert!(body.contains(says), "{form}: {body}");
            assert_eq!(status == 200, says == "pending confirmation", "{form}");
        }
        assert_eq!(asked(&mut world, "Action=DescribeRules&Version=2015-12-01"), None);
    }
}
