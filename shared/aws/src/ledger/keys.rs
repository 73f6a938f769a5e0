//! Keys of the table's rows; the only place that spells them.

/// Sort key of a policy's slot.
pub const RELEASE: &str = "release";

/// Partition of the list of open releases.
pub const OPEN: &str = "open";

/// Partition of the list of policies.
pub const POLICIES: &str = "policies";

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

/// Partition of a release's journal.
pub fn journal(release: &str) -> String {
    format!("release#{release}")
}

/// Sort key of a journal entry; generations sort as text up to ten digits.
pub fn entry(generation: u64) -> String {
    format!("entry#{generation:010}")
}

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
}
