//! How much an SSM parameter holds.

use super::Mistake;

/// Tier of the SSM parameter that holds a policy.
///
/// # Source
/// AWS Systems Manager User Guide, "Managing parameter tiers".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Free of charge.
    Standard,
    /// Twice as long, at a price for each parameter.
    Advanced,
}

impl Tier {
    /// Characters that a parameter of this tier holds.
    pub const fn characters_max(self) -> usize {
        match self {
            Tier::Standard => 4_096,
            Tier::Advanced => 8_192,
        }
    }
}

pub(super) fn too_long(tier: Tier, text: &str) -> Option<Mistake> {
    let (characters, holds) = (text.chars().count(), tier.characters_max());
    let text = match tier {
        Tier::Standard => format!(
            "has {characters} characters, an SSM Standard parameter holds {holds}; shorten it, or store it with Tier: \
             Advanced ({} characters) and accept its price",
            Tier::Advanced.characters_max()
        ),
        Tier::Advanced => {
            format!("has {characters} characters, an SSM Advanced parameter holds {holds}; shorten it")
        }
    };
    (characters > holds).then(|| Mistake::new("", text))
}
