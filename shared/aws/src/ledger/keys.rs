//! Keys of the table's rows; the only place that spells them.

/// Sort key of a policy's slot.
pub const RELEASE: &str = "release";

/// Partition of the list of open releases.
pub const OPEN: &str = "open";

/// Partition of the list of policies.
pub const POLICIES: &str = "policies";

/// Partition of what is still to be said of closed releases.
pub const UNTOLD: &str = "untold";

/// How the sort keys of what is to be said of a policy's releases begin.
pub fn untold_of(name: &str) -> String {
    format!("policy#{name}#")
}

/// Sort key of what is to be said, by the name of the execution that sends it.
pub fn untold(name: &str, execution: &str) -> String {
    format!("{}{execution}", untold_of(name))
}

/// Partition of a policy.
pub fn policy(name: &str) -> String {
    format!("policy#{name}")
}

/// Name of the policy that a key of the form above means.
pub fn policy_of(key: &str) -> Option<&str> {
    key.strip_prefix("policy#")
}

/// Partition of an alarm: pointers to policies.
pub fn alarm(arn: &str) -> String {
    format!("alarm#{arn}")
}

/// Partition of a pipeline: pointers to policies.
pub fn pipeline(arn: &str) -> String {
    format!("pipeline#{arn}")
}

/// Partition of a service: pointers to policies.
pub fn service(arn: &str) -> String {
    format!("service#{arn}")
}

/// Partition of a repository of images: pointers to policies that a push to it concerns.
pub fn repository(arn: &str) -> String {
    format!("repository#{arn}")
}

/// Partition of a release's journal.
pub fn journal(release: &str) -> String {
    format!("release#{release}")
}

/// Sort key of a journal entry; generations sort as text up to ten digits.
pub fn entry(generation: u64) -> String {
    format!("entry#{generation:010}")
}

/// Generation of a journal entry, and what follows it: nothing for the decision itself.
pub fn entry_of(key: &str) -> Option<(u64, &str)> {
    let rest = key.strip_prefix("entry#")?;
    let (generation, more) = rest.split_once('#').unwrap_or((rest, ""));
    Some((generation.parse().ok()?, more))
}

/// How the sort keys of orders begin.
pub const ORDER: &str = "order#";

/// Sort key of an order's record.
pub fn order(id: &str) -> String {
    format!("{ORDER}{id}")
}

/// How the sort keys of closed releases begin.
pub const PAST: &str = "past#";

/// Sort key of a closed release.
pub fn past(opened: decide::At, release: &str) -> String {
    format!("past#{opened}#{release}")
}

/// Sort key of a revision that was promoted and outlived its watch.
pub fn good(at: decide::At, release: &str) -> String {
    format!("good#{at}#{release}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn journal_entries_sort_by_generation() {
        assert!(super::entry(9) < super::entry(10));
        assert!(super::entry(999_999_999) < super::entry(1_000_000_000));
    }

    #[test]
    fn a_policy_key_is_read_back() {
        assert_eq!(super::policy_of(&super::policy("orders#2")), Some("orders#2"));
        assert_eq!(super::policy_of("open"), None);
    }

    #[test]
    fn a_journal_key_is_read_back_with_what_kind_of_entry_it_is() {
        let decision = super::entry(12);
        assert_eq!(super::entry_of(&decision), Some((12, "")));
        assert_eq!(super::entry_of(&format!("{decision}#wait#ab")), Some((12, "wait#ab")));
        for foreign in ["entry#", "entry#x#wait#ab", "release", "past#2026"] {
            assert_eq!(super::entry_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn closed_releases_are_found_by_how_their_keys_begin() {
        assert!(super::past(decide::At::from_millis(0), "r").starts_with(super::PAST));
    }
}
