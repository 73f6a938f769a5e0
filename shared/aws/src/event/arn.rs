//! The identity of an alarm.

use super::text;
use std::fmt;
use std::str::FromStr;

/// ARN of a CloudWatch alarm, metric or composite: `arn:<partition>:cloudwatch:<region>:<account>:alarm:<name>`.
///
/// An alarm's name may hold spaces, slashes and colons; all that follows `alarm:` is the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmArn(String);

/// Why a text is not the ARN of an alarm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not the ARN of a CloudWatch alarm: {because}")]
pub struct NotAnAlarmArn {
    /// The text, quoted and bounded.
    pub found: String,
    /// What is wrong with it.
    pub because: &'static str,
}

const FIELDS: usize = 7;
const ACCOUNT_DIGITS: usize = 12;
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
pub(super) const NAME_CHARS_MAX: usize = 255;

impl AlarmArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region's code (`eu-central-1`).
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account's twelve digits.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// The alarm's name.
    pub fn name(&self) -> &str {
        self.part(6)
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(FIELDS, ':').nth(index).unwrap_or_default()
    }
}

impl FromStr for AlarmArn {
    type Err = NotAnAlarmArn;

    fn from_str(arn: &str) -> Result<AlarmArn, NotAnAlarmArn> {
        let parts: Vec<&str> = arn.splitn(FIELDS, ':').collect();
        match fault(&parts) {
            None => Ok(AlarmArn(arn.to_owned())),
            Some(because) => Err(NotAnAlarmArn {
                found: text::quoted(arn),
                because,
            }),
        }
    }
}

fn fault(parts: &[&str]) -> Option<&'static str> {
    let &[arn, partition, service, region, account, resource, name] = parts else {
        return Some("it has fewer than seven fields");
    };
    let code = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let name_chars = name.chars().count();
    let faults = [
        (
            arn != "arn" || !partition.starts_with("aws") || !code(partition),
            "it does not begin with arn:aws",
        ),
        (service != "cloudwatch", "its service is not cloudwatch"),
        (region.is_empty() || !code(region), "its region is not a region's code"),
        (
            account.len() != ACCOUNT_DIGITS || !digits(account),
            "its account is not twelve digits",
        ),
        (resource != "alarm", "its resource is not an alarm"),
        (
            name_chars == 0 || name_chars > NAME_CHARS_MAX,
            "its name is not 1 to 255 characters long",
        ),
        (name.chars().any(char::is_control), "its name holds a control character"),
    ];
    faults.into_iter().find_map(|(wrong, because)| wrong.then_some(because))
}

impl fmt::Display for AlarmArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_arn_gives_its_region_account_and_name() {
        let cases: &[(&str, [&str; 3])] = &[
            (
                "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-dlq-depth",
                ["eu-central-1", "111122223333", "orders-dlq-depth"],
            ),
            (
                "arn:aws-us-gov:cloudwatch:us-gov-west-1:111122223333:alarm:EC2 CPU: too/high",
                ["us-gov-west-1", "111122223333", "EC2 CPU: too/high"],
            ),
        ];
        for (text, parts) in cases {
            let arn: AlarmArn = text.parse().expect(text);
            assert_eq!([arn.region(), arn.account(), arn.name()], *parts);
            assert_eq!(arn.to_string(), *text);
        }
    }

    #[test]
    fn what_is_not_an_alarm_arn_is_refused_with_the_reason() {
        let long = format!("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:{}", "x".repeat(256));
        let cases: &[(&str, &str)] = &[
            ("", "seven fields"),
            ("orders-dlq-depth", "seven fields"),
            ("arn:aws:cloudwatch:eu-central-1:111122223333:alarm", "seven fields"),
            ("urn:aws:cloudwatch:eu-central-1:111122223333:alarm:a", "arn:aws"),
            ("arn:gcp:cloudwatch:eu-central-1:111122223333:alarm:a", "arn:aws"),
            ("arn:aws:sns:eu-central-1:111122223333:alarm:a", "service"),
            ("arn:aws:cloudwatch::111122223333:alarm:a", "region"),
            ("arn:aws:cloudwatch:EU (Frankfurt):111122223333:alarm:a", "region"),
            ("arn:aws:cloudwatch:eu-central-1:1234567890:alarm:a", "account"),
            ("arn:aws:cloudwatch:eu-central-1: 11122223333:alarm:a", "account"),
            (
                "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:a",
                "resource",
            ),
            ("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:", "name"),
            (
                "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a\nb",
                "control character",
            ),
            (&long, "name"),
        ];
        for (text, because) in cases {
            let refusal = text.parse::<AlarmArn>().expect_err(text);
            assert!(refusal.because.contains(because), "{text}: {refusal}");
            assert!(refusal.to_string().chars().count() < 200, "{refusal}");
        }
    }
}
