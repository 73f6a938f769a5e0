use super::{Notice, What};

/// What kinds of notices there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A manual approval waits for a person.
    ApprovalNeeded,
    /// It does not wait for much longer.
    ApprovalExpires,
    /// A release was opened.
    Opened,
    /// It waits.
    Gated,
    /// The canary has the share of a step.
    Step,
    /// It is over, and stable runs it.
    Promoted,
    /// It was taken back.
    RolledBack,
    /// It could not be taken back in time; still being tried.
    RollbackFailing,
    /// It could not be taken back, and nobody tries any more.
    RollbackFailed,
    /// A dry run that would have been taken back.
    WouldRollBack,
    /// Somebody gave a service something else.
    Overtaken,
    /// The canary never changed.
    Abandoned,
    /// A push asks for a release that cannot be opened while an alarm rings.
    StartWaits,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 13] = [
        Kind::ApprovalNeeded,
        Kind::ApprovalExpires,
        Kind::Opened,
        Kind::Gated,
        Kind::Step,
        Kind::Promoted,
        Kind::RolledBack,
        Kind::RollbackFailing,
        Kind::RollbackFailed,
        Kind::WouldRollBack,
        Kind::Overtaken,
        Kind::Abandoned,
        Kind::StartWaits,
    ];

    /// Its name in events and in the runbook.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ApprovalNeeded => "approval-needed",
            Kind::ApprovalExpires => "approval-expires",
            Kind::Opened => "opened",
            Kind::Gated => "gated",
            Kind::Step => "step",
            Kind::Promoted => "promoted",
            Kind::RolledBack => "rolled-back",
            Kind::RollbackFailing => "rollback-failing",
            Kind::RollbackFailed => "rollback-failed",
            Kind::WouldRollBack => "would-roll-back",
            Kind::Overtaken => "overtaken",
            Kind::Abandoned => "abandoned",
            Kind::StartWaits => "start-waits",
        }
    }

    /// Whether people hear it; an event goes out of each.
    pub fn is_for_people(self) -> bool {
        match self {
            Kind::ApprovalNeeded
            | Kind::ApprovalExpires
            | Kind::Promoted
            | Kind::RolledBack
            | Kind::RollbackFailing
            | Kind::RollbackFailed
            | Kind::WouldRollBack
            | Kind::Overtaken
            | Kind::StartWaits => true,
            Kind::Opened | Kind::Gated | Kind::Step | Kind::Abandoned => false,
        }
    }

    /// The outcome that it says, by its name in the ledger.
    pub fn outcome(self) -> Option<&'static str> {
        match self {
            Kind::Promoted => Some("promoted"),
            Kind::RolledBack => Some("rolled back"),
            Kind::RollbackFailed => Some("rollback failed"),
            Kind::WouldRollBack => Some("would roll back"),
            Kind::Overtaken => Some("overtaken"),
            Kind::Abandoned => Some("abandoned"),
            Kind::ApprovalNeeded
            | Kind::ApprovalExpires
            | Kind::Opened
            | Kind::Gated
            | Kind::Step
            | Kind::RollbackFailing
            | Kind::StartWaits => None,
        }
    }
}

impl Notice {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match &self.what {
            What::ApprovalNeeded(_) => Kind::ApprovalNeeded,
            What::ApprovalExpires(_) => Kind::ApprovalExpires,
            What::Opened => Kind::Opened,
            What::Gated { .. } => Kind::Gated,
            What::Step { .. } => Kind::Step,
            What::Promoted => Kind::Promoted,
            What::RolledBack(_) => Kind::RolledBack,
            What::RollbackFailing { .. } => Kind::RollbackFailing,
            What::RollbackFailed(_) => Kind::RollbackFailed,
            What::WouldRollBack => Kind::WouldRollBack,
            What::Overtaken { .. } => Kind::Overtaken,
            What::Abandoned { .. } => Kind::Abandoned,
            What::StartWaits { .. } => Kind::StartWaits,
        }
    }
}
