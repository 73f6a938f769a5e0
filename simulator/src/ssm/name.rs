//! What a parameter may be called, and which parameter a request means.

use super::{Parameter, Ssm, Version, invalid};
use crate::refusal::Refusal;

/// The deepest hierarchy (Requirements and constraints for parameter names, Systems Manager User Guide).
const LEVELS_MAX: usize = 15;

/// A parameter as a request names it: the parameter, its name, the version meant, and how that was said.
pub(super) struct Found<'a> {
    pub name: &'a str,
    pub parameter: &'a Parameter,
    pub version: &'a Version,
    /// `:3`, where a version was named.
    pub selector: Option<String>,
}

/// Refuses what no new parameter may be called.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    let first = lower.trim_start_matches('/');
    let path = name.matches('/').count() > 1;
    if lower.starts_with("/aws") && path {
        let message = format!("No access to reserved parameter name: {name}.");
        return Err(Refusal::new("AccessDeniedException", message));
    }
    if !path && (first.starts_with("aws") || first.starts_with("ssm")) {
        return Err(invalid(
            r#"Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive)."#,
        ));
    }
    let parts = || name.strip_prefix('/').unwrap_or(name).split('/');
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if first.starts_with("ssm") || !parts().all(plain) {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
             following 3 symbols .-_",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if parts().count() > LEVELS_MAX {
        return Err(Refusal::new(
            "HierarchyLevelLimitExceededException",
            format!("A hierarchy can have a maximum of {LEVELS_MAX} levels."),
        ));
    }
    Ok(())
}

impl Ssm {
    /// The parameter and version that `name`, `name:version` or an ARN means.
    pub(super) fn find(&self, reference: &str) -> Result<Found<'_>, Refusal> {
        let (named, selector) = split(reference);
        let mut all = self.parameters.iter();
        let found = match named.starts_with("arn:") {
            true => all.find(|(_, parameter)| parameter.arn == named),
            false => self.parameters.get_key_value(named),
        };
        let newest = found.and_then(|(name, parameter)| Some((name, parameter, parameter.versions.back()?)));
        let (name, parameter, newest) = newest.ok_or_else(|| not_found(reference))?;
        let version = match selector {
            None => newest,
            // Labels are not kept here, so no version has the one that is asked for.
            Some(wanted) => parameter.version(wanted).ok_or_else(|| {
                let message = format!(
                    "Systems Manager could not find version {wanted} of {name}. Verify the version and try again."
                );
                Refusal::new("ParameterVersionNotFound", message)
            })?,
        };
        let selector = selector.map(|wanted| format!(":{wanted}"));
        Ok(Found {
            name,
            parameter,
            version,
            selector,
        })
    }
}

impl Parameter {
    fn version(&self, wanted: &str) -> Option<&Version> {
        let wanted: i64 = wanted.parse().ok()?;
        self.versions.iter().find(|version| version.number == wanted)
    }
}

/// AWS sends no text with this one.
pub(super) fn not_found(name: &str) -> Refusal {
    Refusal::new("ParameterNotFound", format!("Parameter {name} not found."))
}

/// The name or ARN, and what stands behind its last colon.
fn split(reference: &str) -> (&str, Option<&str>) {
    // arn:aws:ssm:region:account:parameter/a/b has five colons of its own.
    let own = if reference.starts_with("arn:") { 5 } else { 0 };
    match reference.match_indices(':').nth(own) {
        Some((at, _)) => (&reference[..at], Some(&reference[at + 1..])),
        None => (reference, None),
    }
}
