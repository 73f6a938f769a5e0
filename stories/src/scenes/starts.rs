//! Scenes of releases that pipelines' jobs, people, pushes and state machines start.

use super::begun::{BY_HAND, ON_PUSH};
use super::{Leads, Scene, Set};

const JOB: &str = "the pipeline waits for the answer to this job before it changes the canary";

/// The scene of a pipeline's job.
pub(super) const fn job(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "open",
        about: JOB,
        set: Set::Job,
        leads,
        says,
    }
}

/// The scene of an explicit start.
const fn started(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "open",
        about: "no release is open; the policy has no pipeline, Serin approves and promotes",
        set: Set::Story {
            heard: BY_HAND,
            unheard: "run 1s",
        },
        leads,
        says,
    }
}

pub(super) const BY_A_TAG: Scene = started("start/by-a-tag", Leads::Nothing, "names no digest");
pub(super) const OF_A_TOOL: Scene = started("start/of-a-tool", Leads::Opens, "\"accepted\":true");
pub(super) const RELEASE: Scene = started("start/release", Leads::Opens, "\"accepted\":true");
pub(super) const WITHOUT_IMAGES: Scene = started(
    "start/without-images",
    Leads::Refused,
    "an object with an image for each container that changes",
);
pub(super) const OF_A_STATE_MACHINE: Scene = started(
    "start/of-a-state-machine",
    Leads::Opens,
    "\"done\":true,\"failed\":false",
);
pub(super) const HOSTILE_OF_A_STATE_MACHINE: Scene = started(
    "start/hostile-of-a-state-machine",
    Leads::Nothing,
    "\"done\":true,\"failed\":true",
);
pub(super) const PUSH_OF_A_STATE_MACHINE: Scene = on_push(
    "start/push-of-a-state-machine",
    Leads::Opens,
    "\"done\":true,\"failed\":false",
);

/// The scene of a push to ECR.
const fn on_push(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "open",
        about: "no release is open; the policy starts on pushes of v2 and others to its repository",
        set: Set::Story {
            heard: ON_PUSH,
            unheard: "run 1s",
        },
        leads,
        says,
    }
}

pub(super) const DELETED: Scene = on_push("ecr/delete", Leads::Nothing, "nothing follows from");
pub(super) const PUSHED: Scene = on_push("ecr/push", Leads::Opens, "\"done\":true,\"failed\":false");
pub(super) const PUSHED_HALF: Scene = on_push("ecr/push-half", Leads::Nothing, "events/ecr has one of each shape");
pub(super) const PUSHED_A_SIGNATURE: Scene =
    on_push("ecr/push-of-a-signature", Leads::Nothing, "belongs to another image");
pub(super) const PUSHED_ELSEWHERE: Scene = on_push(
    "ecr/push-of-another-account",
    Leads::Nothing,
    "the push is of account 444455556666",
);
pub(super) const PUSHED_ANOTHER_TAG: Scene = on_push(
    "ecr/push-of-another-tag",
    Leads::Nothing,
    "is not what policy orders starts on, v*",
);
pub(super) const PUSHED_WITHOUT_A_TAG: Scene = on_push(
    "ecr/push-without-a-tag",
    Leads::Nothing,
    "an image without a tag starts nothing",
);
