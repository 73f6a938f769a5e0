//! Whether an image that was pushed to ECR starts a release.

use crate::rule::images_from;
use crate::{At, Home, Images, Phase, Policy, Release, Start, Wanted};

/// Who starts such a release, for people.
const BY: &str = "a push to ECR";

/// How the id of such a start begins.
const PUSH: &str = "push";

/// Digits of the digest in the start's id: with the time of the push it is told apart from any other.
const DIGEST_DIGITS: usize = 16;

/// How tags begin that tools give to what belongs to another image: signatures, attestations, lists of contents.
///
/// # Source
/// OCI distribution specification, "Referrers tag schema": `sha256-` and the digest of the image that is referred to.
const REFERRER: &str = "sha256-";

/// An image was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Account of the registry.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Name of the repository.
    pub repository: String,
    /// `sha256:…`: of an image for several platforms that of their index, which is what services run.
    pub digest: String,
    /// The tag under which it was pushed, if under any.
    pub tag: Option<String>,
    /// When.
    pub at: At,
}

impl Push {
    /// Whether an image is of the repository that was pushed to. A private registry has a host of several forms, and a
    /// service keeps the one that it has.
    ///
    /// # Source
    /// Amazon ECR User Guide, "Private registries": `<account>.dkr.ecr.<region>.amazonaws.com`, with `ecr-fips`, and
    /// `<account>.dkr-ecr.<region>.on.aws`.
    fn is_of(&self, image: &str) -> bool {
        let Some((host, repository)) = images_from::repository(image).split_once('/') else {
            return false;
        };
        let (account, region) = (&self.account, &self.region);
        let of_registry = ["dkr.ecr", "dkr.ecr-fips", "dkr-ecr"]
            .iter()
            .any(|kind| host.starts_with(&format!("{account}.{kind}.{region}.")));
        of_registry && repository == self.repository
    }
}

/// What a push comes to, for one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It starts a release.
    Starts(Wanted),
    /// It is none of this policy's, or nothing is left to be released.
    Nothing(String),
    /// It should start one, and cannot as things are.
    Refused(String),
}

/// Why a push is none of this stack's, where it is not: a rule may forward what happens in other accounts and regions.
pub fn foreign(push: &Push, home: &Home) -> Option<String> {
    let is_here = push.account == home.account && push.region == home.region;
    (!is_here).then(|| {
        format!(
            "the push is of account {} in {}, this stack is in {} in {}; remove the rule that forwards it",
            push.account, push.region, home.account, home.region
        )
    })
}

/// Judges a push under a policy. `canary` are the images that the definition of the canary names, if it runs any; `latest`
/// is the open release, or else the one that was closed last.
pub fn pushed(policy: &Policy, push: &Push, canary: Option<&Images>, latest: Option<&Release>) -> Pushed {
    let (name, repository) = (&policy.name, &push.repository);
    let Some(starts) = policy
        .starts_on_push
        .as_ref()
        .filter(|starts| starts.repository == *repository)
    else {
        return Pushed::Nothing(format!("policy {name} starts nothing on a push to {repository}"));
    };
    let Some(tag) = push.tag.as_ref() else {
        return Pushed::Nothing(format!("an image without a tag starts nothing under policy {name}"));
    };
    if is_referrer(tag) {
        return Pushed::Nothing(format!(
            "{repository}:{tag} belongs to another image and is none itself"
        ));
    }
    if !starts.matches(tag) {
        return Pushed::Nothing(format!(
            "tag {tag} is not what policy {name} starts on, {}",
            starts.tag_pattern
        ));
    }
    let service = &policy.two_services.canary;
    let Some(canary) = canary else {
        return Pushed::Nothing(format!(
            "{service} has no deployment yet, so there is nothing to release over"
        ));
    };
    let images: Images = canary
        .iter()
        .filter(|(_, named)| push.is_of(named))
        .map(|(container, named)| {
            let image = format!("{}@{}", images_from::repository(named), push.digest);
            (container.clone(), image)
        })
        .collect();
    if images.is_empty() {
        let known: Vec<&str> = canary.values().map(String::as_str).collect();
        return Pushed::Refused(format!(
            "no container of {service} has an image of repository {repository} in this account and region, it has {}; release it \
             by hand once, or name the repository that the service runs",
            known.join(", ")
        ));
    }
    if images
        .iter()
        .all(|(container, image)| canary.get(container) == Some(image))
    {
        return Pushed::Nothing(format!("{service} runs {repository}@{} already", push.digest));
    }
    let wanted = Wanted {
        id: id(push),
        images,
        by: BY.to_owned(),
        why: format!("{repository}:{tag} was pushed at {}", push.at),
        asked: Some(push.at),
        given: None,
    };
    match latest.and_then(|latest| outrun(&wanted, push, latest)) {
        Some(Outrun::By(why)) => Pushed::Nothing(why),
        Some(Outrun::Unheard(why)) => Pushed::Refused(why),
        None => Pushed::Starts(wanted),
    }
}

/// Why a release that there is leaves nothing for a push.
enum Outrun {
    /// It is of the same images, or of a newer push.
    By(String),
    /// Somebody released something else meanwhile, and may not know of it.
    Unheard(String),
}

/// Why a release that there is leaves nothing for this push: it has the same images, or it came later.
fn outrun(wanted: &Wanted, push: &Push, latest: &Release) -> Option<Outrun> {
    if latest.start == Start::Explicit(wanted.clone()).key() {
        return None;
    }
    let gives = latest
        .wanted
        .as_ref()
        .is_some_and(|other| other.images == wanted.images);
    if gives && !matches!(latest.phase, Phase::Closed { .. }) {
        return Some(Outrun::By(format!("release {} is of these images already", latest.id)));
    }
    // Of two pushes the newer one counts, whichever was opened first.
    let id = &latest.id;
    match pushed_at(&latest.start) {
        Some(theirs) => (theirs > compact(push.at).as_str())
            .then(|| Outrun::By(format!("release {id} is of a newer push than this one"))),
        None => (begun(latest) > push.at).then(|| {
            Outrun::Unheard(format!(
                "release {id} was started after this push, and not by one; release what was pushed by hand, if it is wanted still"
            ))
        }),
    }
}

/// When somebody began what another release is of, which may have waited until it was opened.
fn begun(release: &Release) -> At {
    let asked = release.wanted.as_ref().and_then(|wanted| wanted.asked);
    asked.unwrap_or(release.opened)
}

/// When the push was that has started a release, as [`id`] has it.
fn pushed_at(start: &str) -> Option<&str> {
    let (_, rest) = start.split_once(&format!(" {PUSH}-"))?;
    rest.split('-').next()
}

/// Without what an id may not hold; earlier ones sort first.
fn compact(at: At) -> String {
    at.to_string().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The same push told twice is one start, and so are two tags pushed in one second.
fn id(push: &Push) -> String {
    let digest = push.digest.rsplit(':').next().unwrap_or_default();
    let digest: String = digest.chars().take(DIGEST_DIGITS).collect();
    format!("{PUSH}-{}-{digest}", compact(push.at))
}

fn is_referrer(tag: &str) -> bool {
    let digits = tag.strip_prefix(REFERRER).unwrap_or_default();
    digits.len() >= 64 && digits.bytes().take(64).all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
#[path = "tests/pushed.rs"]
mod tests;
