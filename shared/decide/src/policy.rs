//! The policy: what a team says about its release, read with all its mistakes at once.

use crate::router::{self, SharesBy};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

mod across;
mod before;
mod check;
mod checks;
mod document;
mod form;
mod json;
mod lasts;
mod push;
mod roles;
mod schema;
mod table;
mod tier;
mod traffic;

pub use check::{
    Bounded, Check, CountedMetric, InsufficientData, Measured, Named, REVISION, Ratio, Statistic, Term, WhenStale,
};
pub use push::StartsOnPush;
pub use roles::Retire;
pub use schema::schema;
pub use tier::Tier;
use tier::too_long;

/// How one service is released.
///
/// # Shape
/// It is frozen into the release that it opens, so it is read by later versions too: where such a document lacks a
/// field, the field means what was done before it existed. A document as teams write it is read by [`Policy::read`],
/// which asks for every field of `policy/policy.schema.json` that is required there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Name; also the last part of the parameter's name and the value of the tag `serin:policy`.
    pub name: String,
    /// The two services that share the work.
    pub two_services: TwoServices,
    /// How traffic is shared between them.
    pub traffic: Traffic,
    /// The steps as written, none if none were: read them with [`Policy::steps`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
    /// Steps of one size instead, if that was written: read them with [`Policy::steps`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) linear: Option<Linear>,
    /// What judges the canary.
    pub checks: Vec<Check>,
    /// The pipeline that releases, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
    /// Who lets a release go to stable.
    #[serde(default = "before::approval")]
    pub approval: Approver,
    /// How stable gets the revision.
    #[serde(default = "before::promotion")]
    pub promotion: Promotion,
    /// What becomes of the old side once a swap has outlived its watch; only where services are swapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retire: Option<Retire>,
    /// Minutes for which the checks still count once stable has the revision.
    #[serde(default = "before::watch_minutes")]
    pub watch_minutes: u32,
    /// What the next release finds while this one is watched.
    #[serde(default = "before::on_new_release")]
    pub on_new_release: OnNewRelease,
    /// Until when a failed check takes the release back.
    #[serde(default = "before::rollback")]
    pub rollback: Rollback,
    /// What follows where the checks cannot tell; none: the release is held until they can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_undecided: Option<WhenUndecided>,
    /// Repositories that images may come from; none named: from anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images_from: Vec<String>,
    /// Which pushes to ECR start a release; none: no push does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on_push: Option<StartsOnPush>,
    /// Minutes within which a release must be rolled back, once that has begun.
    #[serde(default = "before::deadline_minutes")]
    pub deadline_minutes: u32,
    /// Windows in which nothing moves forward.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Window>,
    /// ARN of the SNS topic that people hear notices by; none: Serin's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// What becomes of the canary's bad tasks; none only where it was frozen before there was a choice, when ECS
    /// alone replaced them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// Whether it only says what it would do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// What becomes of the canary's bad tasks once it was given its baseline: until they are gone they go on receiving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stop {
    /// They are stopped in the same step.
    Now,
    /// ECS replaces them at its own pace; what still runs then is stopped.
    Drain {
        /// Seconds after the canary was given its baseline.
        seconds: u32,
    },
}

/// A window that comes again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// How long it lasts.
    pub minutes: u32,
    /// Time zone of the clock by which it begins.
    pub time_zone: String,
}

/// Canary and stable, in one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoServices {
    /// Cluster name.
    pub cluster: String,
    /// Name of the large service.
    pub stable: String,
    /// Name of the small one, which gets a revision first.
    pub canary: String,
}

/// Who decides which task gets the next piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Traffic {
    /// Both services take from one queue; the share follows the numbers of tasks.
    ConsumerShare {
        /// Most tasks of both services together.
        tasks_max: u32,
    },
    /// An Application Load Balancer forwards to both services; the share follows the weights of their target groups.
    Alb(Alb),
}

/// Where a load balancer shares the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alb {
    /// ARN of the listener rule that forwards to both, or of the listener whose default action does.
    pub rule: String,
    /// ARN of the target group of the large service.
    pub stable_target_group: String,
    /// ARN of the one of the small service.
    pub canary_target_group: String,
    /// The canary's share in thousandths while nothing is released; none: what it was when the release was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resting_share_permille: Option<u32>,
}

impl Alb {
    /// Whether it is a listener's default action, which has no rule of its own to be changed.
    pub fn is_default_action(&self) -> bool {
        self.rule.contains(":listener/")
    }

    /// Whether whoever sets the weights of that rule may set these. A default action is set by its rule's ARN as well, and
    /// nothing in that tells it from the listener's other rules.
    pub fn is_set_by(&self, rule: &str) -> bool {
        let of_listener = || rule.strip_prefix(&self.rule.replacen(":listener/", ":listener-rule/", 1));
        let own = self.is_default_action() && of_listener().is_some_and(|rest| rest.starts_with('/'));
        rule == self.rule || own
    }
}

/// A share of the work that the canary has for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The canary's share in thousandths; none: what the services' own sizes give, and nobody changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_permille: Option<u32>,
    /// Minutes for which the checks must not fail before the next step.
    pub bake_minutes: u32,
}

/// Steps that are all of one size, and bake for as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linear {
    /// How much more the canary gets with each, in thousandths; the first one gives it as much.
    pub step_permille: u32,
    /// Minutes that each bakes.
    pub every_minutes: u32,
    /// The share of the last one.
    #[serde(default = "before::until_permille")]
    pub until_permille: u32,
}

impl Linear {
    fn steps(self) -> Vec<Step> {
        let size = self.step_permille.max(1);
        let whole = (1..).map(|step: u32| step.saturating_mul(size));
        let shares = whole.take_while(|share| *share < self.until_permille);
        let step = |share| Step {
            share_permille: Some(share),
            bake_minutes: self.every_minutes,
        };
        shares.chain([self.until_permille]).map(step).collect()
    }
}

/// The steps of a policy that writes none: one, with no bake of ours, since the pipeline's approval waits.
static NO_STEPS_WRITTEN: [Step; 1] = [Step {
    share_permille: None,
    bake_minutes: 0,
}];

/// Who lets a release go to stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Whoever answers the pipeline's own approval action.
    Pipeline,
    /// Serin, once all steps have baked without a failed check: through its own `approve` action in the pipeline, or as
    /// the answer to a manual approval that notifies Serin.
    Automatic,
    /// A person, told by Serin once all steps have baked; a failed check rejects.
    Human,
}

/// How stable gets the revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promotion {
    /// The pipeline's own deploy action gives it.
    Pipeline,
    /// Serin gives it, by digest, through its own `promote` action in the pipeline.
    RollStable,
    /// It is not given it: the canary becomes stable once it carries everything.
    Swap,
}

/// What the next release finds while this one is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnNewRelease {
    /// It waits.
    Hold,
    /// It goes on, and the watch runs on inside it.
    Continue,
}

/// Until when a failed check takes the release back. After that it is left as it is, and only kept from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollback {
    /// Until the watch ends.
    Allowed,
    /// Until stable has been given the revision.
    UntilPromoting,
    /// Not at all: what ran before cannot run any more once the canary has had the revision.
    Never,
}

impl fmt::Display for Rollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rollback::Allowed => "allowed",
            Rollback::UntilPromoting => "until_promoting",
            Rollback::Never => "never",
        })
    }
}

/// What follows where the checks have too little evidence once a bake or a watch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhenUndecided {
    /// Minutes for which evidence is waited for beyond the bake of each step, or the watch.
    pub extend_minutes_max: u32,
    /// What comes then.
    pub then: Then,
}

/// What comes once evidence was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The release stays where it is until the checks can tell.
    Hold,
    /// It is rolled back.
    RollBack,
    /// It goes on as if they had passed.
    GoOn,
}

/// The CodePipeline pipeline that releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
}

/// Minutes a rollback may take where the policy does not say.
const DEADLINE_MINUTES: u32 = 30;

/// The share of the last of equal steps where the policy does not say: all of it.
const UNTIL_PERMILLE: u32 = 1_000;

/// One thing wrong with a policy: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Path of the field (`two_services.canary`); empty for the document as a whole.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl Mistake {
    fn new(field: impl Into<String>, text: impl Into<String>) -> Mistake {
        Mistake {
            field: field.into(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.text),
            field => write!(f, "{field}: {}", self.text),
        }
    }
}

impl Policy {
    /// Reads a policy document that is to fit into an SSM Standard parameter.
    ///
    /// # Errors
    /// As [`Policy::read_for`].
    pub fn read(text: &str) -> Result<Policy, Vec<Mistake>> {
        Policy::read_for(Tier::Standard, text)
    }

    /// Reads a policy document that is to fit into a parameter of this tier.
    ///
    /// What comes out of SSM has fitted already: whoever reads it there asks for [`Tier::Advanced`].
    ///
    /// # Errors
    /// All mistakes at once. Nothing is clamped, and nothing that moves traffic has a default.
    pub fn read_for(tier: Tier, text: &str) -> Result<Policy, Vec<Mistake>> {
        let mut mistakes: Vec<Mistake> = too_long(tier, text).into_iter().collect();
        let document = match json::value(text, &mut mistakes) {
            Ok(document) => document,
            Err(error) => {
                let text = format!("is not JSON ({error}); check the comma or brace before that place");
                mistakes.push(Mistake::new("", text));
                return Err(mistakes);
            }
        };
        document::object("", &document, table::POLICY, &mut mistakes);
        across::check(&document, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut policy: Policy = serde_json::from_value(document).map_err(|error| {
            let text = format!("is not understood ({error}), though every field is; this is a mistake of Serin's");
            vec![Mistake::new("", text)]
        })?;
        policy.stop.get_or_insert(Stop::Now);
        Ok(policy)
    }

    /// Names of the CloudWatch alarms that judge this policy's releases.
    pub fn alarms(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter_map(Check::alarm)
    }

    /// Names of the dead-letter queues whose growth judges this policy's releases.
    pub fn dead_letter_queues(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter_map(Check::dead_letter_queue)
    }

    /// Whether a check measures what the canary does, for which its tasks must run.
    pub fn measures(&self) -> bool {
        self.checks.iter().any(|check| match check {
            Check::Compare { .. } | Check::DlqGrowth { .. } | Check::Metric { .. } | Check::Expression { .. } => true,
            Check::Alarm { .. } | Check::Health { .. } => false,
        })
    }

    /// Most tasks of both services together; nothing where their numbers are not ours to change.
    pub fn tasks_max(&self) -> Option<u32> {
        match self.traffic {
            Traffic::ConsumerShare { tasks_max } => Some(tasks_max),
            Traffic::Alb(_) => None,
        }
    }

    /// The load balancer that shares the work, where one does.
    pub fn alb(&self) -> Option<&Alb> {
        match &self.traffic {
            Traffic::ConsumerShare { .. } => None,
            Traffic::Alb(alb) => Some(alb),
        }
    }

    /// The steps that the canary goes through, at least one.
    pub fn steps(&self) -> Cow<'_, [Step]> {
        match (self.linear, self.steps.as_slice()) {
            (Some(linear), _) => Cow::Owned(linear.steps()),
            (None, []) => Cow::Borrowed(&NO_STEPS_WRITTEN),
            (None, steps) => Cow::Borrowed(steps),
        }
    }

    /// The steps that were written, none if none were.
    pub fn steps_written(&self) -> Cow<'_, [Step]> {
        match self.linear {
            Some(_) => self.steps(),
            None => Cow::Borrowed(&self.steps),
        }
    }

    /// Whether another policy has the canary's share given elsewhere.
    pub fn moves_traffic(&self, next: &Policy) -> bool {
        match (&self.traffic, &next.traffic) {
            (Traffic::ConsumerShare { .. }, Traffic::ConsumerShare { .. }) => false,
            (Traffic::Alb(alb), Traffic::Alb(other)) => {
                let of = |alb: &Alb| {
                    let Alb {
                        rule,
                        stable_target_group,
                        canary_target_group,
                        ..
                    } = alb;
                    [rule, stable_target_group, canary_target_group].map(Clone::clone)
                };
                of(alb) != of(other)
            }
            (Traffic::ConsumerShare { .. }, Traffic::Alb(_)) | (Traffic::Alb(_), Traffic::ConsumerShare { .. }) => true,
        }
    }

    /// Whether steps say which share the canary has, and it is given that.
    pub fn gives_shares(&self) -> bool {
        !self.dry_run && self.steps().iter().any(|step| step.share_permille.is_some())
    }

    /// Whether the canary is given numbers of tasks, so that it has its shares.
    pub fn sizes_canary(&self) -> bool {
        let by_tasks = match router::can(&self.traffic).by {
            SharesBy::Tasks => true,
            SharesBy::Weights => false,
        };
        by_tasks && self.gives_shares()
    }

    /// Whether something of ours waits until the canary has baked.
    pub fn awaits_a_bake(&self) -> bool {
        let ours = self.approval != Approver::Pipeline || self.promotion != Promotion::Pipeline;
        ours || self.bake_minutes_total() > 0
    }

    /// Seconds that this step bakes.
    pub fn bake_seconds(&self, step: u32) -> u32 {
        let steps = self.steps();
        steps.get(step as usize).map_or(0, |step| step.bake_minutes * 60)
    }

    /// Minutes that all steps bake together.
    pub fn bake_minutes_total(&self) -> u32 {
        self.steps().iter().map(|step| step.bake_minutes).sum()
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
pub(crate) mod tests;
