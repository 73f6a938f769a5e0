//! Whether what is released comes from where the policy has it come from.
//!
//! Only what is new is asked for: a sidecar that the service ran before is nobody's release.

use crate::{Cause, Phase, Policy, Release, Service};

/// The first image, by the name of its container, that a service was given from anywhere else.
pub fn cause(policy: &Policy, release: &Release) -> Option<Cause> {
    let open = matches!(
        release.phase,
        Phase::Baking { .. } | Phase::Gated { .. } | Phase::Promoting | Phase::Watching
    );
    if policy.images_from.is_empty() || !open {
        return None;
    }
    [&release.canary, &release.stable]
        .into_iter()
        .find_map(|service| foreign(policy, service))
}

/// Whether new images may come from where this one does.
pub fn is_allowed(policy: &Policy, image: &str) -> bool {
    policy.images_from.is_empty() || policy.images_from.iter().any(|allowed| allowed == repository(image))
}

fn foreign(policy: &Policy, service: &Service) -> Option<Cause> {
    let given = service.given.as_ref()?;
    let (names, digests) = (given.image_names.as_ref()?, given.images.as_ref()?);
    let before = &service.baseline.revision.images;
    let is_new = |container: &String| before.get(container) != digests.get(container);
    let foreign = names
        .iter()
        .filter(|(container, _)| is_new(container))
        .find(|(_, image)| !is_allowed(policy, image));
    foreign.map(|(_, image)| Cause::ForeignImage {
        service: service.name.clone(),
        image: image.clone(),
    })
}

/// Why it cannot be told yet where the canary's images come from.
pub fn unread(policy: &Policy, release: &Release) -> Option<String> {
    let given = release.canary.given.as_ref()?;
    let read = given.image_names.is_some() && given.images.is_some();
    (!policy.images_from.is_empty() && !read)
        .then(|| format!("where the images of {} come from is not known yet", release.canary.name))
}

/// An image's name without tag and digest. What stands before the last `/` may have a colon of its own.
pub fn repository(image: &str) -> &str {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    named[last..].find(':').map_or(named, |colon| &named[..last + colon])
}

#[cfg(test)]
mod tests {
    use super::{cause, repository};
    use crate::testing::{armed, at, at_approval, closed, opened, policy, promoting};
    use crate::{Images, Outcome, Policy, Release, decide};

    const ORDERS: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders";

    fn only(repositories: &[&str]) -> Policy {
        Policy {
            images_from: repositories.iter().map(|name| (*name).to_owned()).collect(),
            ..policy()
        }
    }

    /// Name, image, and whether it is the one that ran before.
    type Container<'a> = (&'a str, &'a str, bool);

    /// Given one container after the other.
    fn given(containers: &[Container<'_>]) -> Release {
        let mut release = armed();
        let (mut names, mut digests, mut before) = (Images::new(), Images::new(), Images::new());
        for (container, image, old) in containers {
            names.insert((*container).to_owned(), (*image).to_owned());
            digests.insert((*container).to_owned(), format!("sha256:new-{container}"));
            let was = if *old { "new" } else { "old" };
            before.insert((*container).to_owned(), format!("sha256:{was}-{container}"));
        }
        release.canary.baseline.revision.images = before;
        let given = release.canary.given.as_mut().unwrap();
        (given.image_names, given.images) = (Some(names), Some(digests));
        release
    }

    #[test]
    fn a_repository_is_what_stands_before_tag_and_digest() {
        let cases = [
            ("orders", "orders"),
            ("orders:v2", "orders"),
            ("localhost:5000/orders", "localhost:5000/orders"),
            ("localhost:5000/a/orders:v2", "localhost:5000/a/orders"),
            ("localhost:5000/orders@sha256:aa", "localhost:5000/orders"),
            ("localhost:5000/orders:v2@sha256:aa", "localhost:5000/orders"),
        ];
        for (image, expected) in cases {
            assert_eq!(repository(image), expected);
        }
    }

    #[test]
    fn what_is_new_comes_from_where_the_policy_says() {
        let (tagged, pinned) = (format!("{ORDERS}:v2"), format!("{ORDERS}@sha256:aa"));
        let longer = format!("{ORDERS}-evil:v2");
        let sidecar = "public.ecr.aws/xray/aws-xray-daemon:3.x";
        let cases: [(&str, &[Container<'_>], Option<&str>); 6] = [
            ("by tag", &[("app", &tagged, false)], None),
            ("by digest", &[("app", &pinned, false)], None),
            ("a longer name", &[("app", &longer, false)], Some(&longer)),
            (
                "a sidecar as before",
                &[("app", &tagged, false), ("xray", sidecar, true)],
                None,
            ),
            (
                "a new sidecar",
                &[("app", &tagged, false), ("xray", sidecar, false)],
                Some(sidecar),
            ),
            ("only the old, from elsewhere", &[("app", sidecar, true)], None),
        ];
        for (name, containers, expected) in cases {
            let found = cause(&only(&[ORDERS]), &given(containers)).map(|cause| cause.to_string());
            let expected = expected.map(|image| {
                format!("orders-canary was given {image}, which comes from no repository that the policy names")
            });
            assert_eq!(found, expected, "{name}");
            assert_eq!(cause(&policy(), &given(containers)), None, "{name}, from anywhere");
        }
    }

    #[test]
    fn it_is_rolled_back_before_anything_else_is_asked_also_where_stable_has_it_already() {
        let release = given(&[("app", "docker.io/somebody/orders:v2", false)]);
        let policy = only(&[ORDERS]);
        let decision = decide(&policy, &release, &at_approval(), at(30));
        assert!(decision.next.phase.rolling_back().is_some(), "{}", decision.because);
        let mut promoted = promoting();
        promoted.stable.given.clone_from(&release.canary.given);
        promoted.stable.baseline.clone_from(&release.canary.baseline);
        promoted.canary.given.as_mut().unwrap().image_names = None;
        let found = cause(&policy, &promoted).map(|cause| cause.to_string());
        assert!(found.is_some_and(|found| found.starts_with("orders was given docker.io/")));
        for release in [opened(), closed(release, Outcome::Promoted)] {
            assert_eq!(cause(&policy, &release), None, "{}", release.phase.name());
        }
        let mut unread = armed();
        unread.canary.given.as_mut().unwrap().image_names = None;
        assert_eq!(cause(&policy, &unread), None);
        assert!(super::unread(&policy, &unread).is_some());
        assert_eq!(super::unread(&crate::testing::policy(), &unread), None);
    }
}
