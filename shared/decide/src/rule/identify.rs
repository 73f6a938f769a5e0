//! What is a service running: its baseline, the release, or somebody else's third revision?

use crate::{Images, Part, Release, Role, SeenDeployment, StartedBy, short};

/// Answer to the question above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs {
    /// What it ran before the release touched it, or an echo of it.
    Baseline,
    /// What is being released.
    Released,
    /// What a release before it had given, whose place it took; named for people.
    Earlier(String),
    /// Neither: somebody's intent. Named for people.
    Third(String),
    /// Cannot be told, for the reason given.
    Unsure(String),
}

/// Identifies what ECS is going to, or has reached, on one service.
///
/// By ARN where the ARN is one we know; else by image digests and configuration, since the standard
/// ECS deploy action registers a definition of its own on every run. Between canary and stable only
/// the images are compared.
pub fn identify(release: &Release, role: Role, primary: &SeenDeployment) -> Runs {
    let service = release.service(role);
    let arn = primary.task_definition.as_str();
    if arn == service.baseline.task_definition || arn == service.restore || arn == release.restore_target(role) {
        return Runs::Baseline;
    }
    if service.given.as_ref().is_some_and(|given| given.task_definition == arn) {
        return Runs::Released;
    }
    // Also where the release has to go back before it was seen there.
    let registered = match role {
        Role::Stable => release.promotes() == Some(arn),
        Role::Canary => release.has_registered(arn),
    };
    if registered {
        return Runs::Released;
    }
    let baseline = &service.baseline.revision;
    let (images, configuration) = (primary.images.known(), primary.configuration.known());
    if images == Some(&baseline.images) && configuration == Some(&baseline.configuration) {
        return Runs::Baseline;
    }
    if service.earlier.iter().any(|earlier| earlier == arn) {
        return Runs::Earlier(short(arn).to_owned());
    }
    if is_of_one_before(release, primary) {
        return Runs::Earlier(short(arn).to_owned());
    }
    if is_promotion(release, role, primary) {
        return Runs::Released;
    }
    let (images, configuration) = match (&primary.images, &primary.configuration) {
        (Part::Known(images), Part::Known(configuration)) => (images, configuration),
        (Part::Unknown(why), _) | (_, Part::Unknown(why)) => {
            return Runs::Unsure(format!("cannot tell what {} is: {why}", short(arn)));
        }
    };
    let same_images = match role {
        // Between canary and stable only the images are compared, and only those that are released.
        Role::Stable => release.is_carried_by(images),
        Role::Canary => release.images.as_ref() == Some(images),
    };
    let given = service.given.as_ref().and_then(|given| given.configuration.as_ref());
    let ours = match role {
        // Where only the canary's configuration is released, stable has nothing to be given.
        Role::Stable => !release.keeps_images(),
        Role::Canary => given.is_none_or(|ours| ours == configuration) || *configuration == baseline.configuration,
    };
    if same_images && ours {
        Runs::Released
    } else {
        Runs::Third(short(arn).to_owned())
    }
}

impl Release {
    /// Whether a service runs what is neither its baseline nor released, and nothing of a release before: whose that is
    /// has to be asked.
    pub fn is_third(&self, role: Role, primary: &SeenDeployment) -> bool {
        matches!(identify(self, role, primary), Runs::Third(_))
    }
}

/// An execution whose place this one took gave it that: a deploy action that was abandoned may write late.
fn is_of_one_before(release: &Release, primary: &SeenDeployment) -> bool {
    let Part::Known(StartedBy::Execution { execution, .. }) = &primary.started_by else {
        return false;
    };
    release.barred.iter().any(|run| run.execution == *execution)
}

/// Stable's own definition with the very image names that the canary was given: that is what the
/// standard ECS deploy action registers. No task need have pulled them for us to see that, and waiting
/// for digests would let the bad revision spread. Where a tag was moved meanwhile it is still the release's doing:
/// see [`Cause::Unjudged`](crate::Cause::Unjudged).
fn is_promotion(release: &Release, role: Role, primary: &SeenDeployment) -> bool {
    let names = release.armed().and_then(|given| given.image_names.as_ref());
    let stable = &release.stable.baseline.revision;
    role == Role::Stable
        && primary.images.known() != Some(&stable.images)
        && names.is_some_and(|names| primary.image_names.known().is_some_and(|seen| is_shared(names, seen)))
        && primary.configuration.known() == Some(&stable.configuration)
}

/// Whether the containers that both have carry the same names of images.
fn is_shared(names: &Images, seen: &Images) -> bool {
    let mut shared = names
        .iter()
        .filter(|(container, _)| seen.contains_key(*container))
        .peekable();
    shared.peek().is_some() && shared.all(|(container, name)| seen.get(container) == Some(name))
}
