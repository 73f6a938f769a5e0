//! A person's order, as the command line sends it to `advance`.

use super::node::{Node, kind};
use super::{Undecodable, text};
use decide::At;
use decide::order::{Order, WHY_MAX};
use serde_json::Value;

/// Longest id of an order, and longest name of a release, in characters.
pub const ID_MAX: usize = 64;

/// Longest name of a person: as long as STS's longest ARN of an assumed role.
pub(super) const BY_MAX: usize = 256;

/// What the reader of a refusal should do.
const NEXT: &str = "use `serin abort`, `approve`, `promote`, `skip`, `freeze` or `thaw`, or compare with events/order";

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// Something of a release.
    Of(Order),
    /// That nothing of a policy moves forward.
    Freeze,
    /// That it may again.
    Thaw,
}

impl OrderKind {
    /// All of them, with the names they have in the event.
    const ALL: [(&'static str, OrderKind); 6] = [
        ("abort", OrderKind::Of(Order::Abort)),
        ("approve", OrderKind::Of(Order::Approve)),
        ("promote", OrderKind::Of(Order::Promote)),
        ("skip", OrderKind::Of(Order::Skip)),
        ("freeze", OrderKind::Freeze),
        ("thaw", OrderKind::Thaw),
    ];

    /// Its name in the event.
    pub fn name(self) -> &'static str {
        let found = OrderKind::ALL.into_iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(name, _)| name)
    }
}

/// An order, its texts bounded and harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEvent {
    /// Name of the policy.
    pub policy: String,
    /// Its own id.
    pub id: String,
    /// What is ordered.
    pub kind: OrderKind,
    /// The release that it is about; none for a freeze and a thaw.
    pub release: Option<String>,
    /// Who orders it.
    pub by: String,
    /// Why.
    pub why: String,
    /// Until when a freeze holds.
    pub until: Option<At>,
}

/// Reads `{"policy": "orders", "order": {"id", "kind", "release", "by", "why", "until"}}`.
///
/// # Errors
/// What is wrong with it; nothing is done then.
pub fn order(payload: &Value) -> Result<OrderEvent, Undecodable> {
    let event = Node::document("", payload);
    let order = event.field("order");
    only(payload, "the payload", &["policy", "order"], NEXT)?;
    let members = payload.get("order").unwrap_or(&Value::Null);
    only(
        members,
        "`order`",
        &["id", "kind", "release", "by", "why", "until"],
        NEXT,
    )?;
    let named = order.field("kind");
    let kind_of = || "one of abort, approve, promote, skip, freeze, thaw".to_owned();
    let name = required(&named, "what is ordered", NEXT)?;
    let kind = OrderKind::ALL.into_iter().find(|(known, _)| *known == name);
    let (_, kind) = kind.ok_or_else(|| unfit(&named, kind_of(), text::quoted(name)))?;
    let release = order.field("release");
    let release = match kind {
        OrderKind::Of(_) => Some(written(&release, "the id of the open release")?),
        OrderKind::Freeze | OrderKind::Thaw if release.is_present() => {
            return Err(unfit(
                &release,
                "nothing: it is about the policy".to_owned(),
                "something".to_owned(),
            ));
        }
        OrderKind::Freeze | OrderKind::Thaw => None,
    };
    Ok(OrderEvent {
        policy: written(&event.field("policy"), "a policy's name")?,
        id: written(&order.field("id"), "the order's own id")?,
        kind,
        release,
        by: said(&order.field("by"), "who orders it", BY_MAX, NEXT)?,
        why: said(&order.field("why"), "the reason", WHY_MAX, NEXT)?,
        until: until(&order.field("until"), kind)?,
    })
}

/// Whether an event is an order, in order or not.
pub fn is_order(payload: &Value) -> bool {
    payload.get("order").is_some()
}

fn until(node: &Node<'_>, kind: OrderKind) -> Result<Option<At>, Undecodable> {
    let Some(written) = node.optional_text("a time")? else {
        return Ok(None);
    };
    let parsed = serde_json::from_value::<At>(Value::String(written.to_owned()));
    match (parsed, kind) {
        (Ok(until), OrderKind::Freeze) => Ok(Some(until)),
        (Ok(_), _) => Err(unfit(node, "nothing but in a freeze".to_owned(), text::quoted(written))),
        (Err(_), _) => {
            let expected = "a time as in 2026-11-23T07:00:00Z".to_owned();
            Err(unfit(node, expected, text::quoted(written)))
        }
    }
}

fn required<'a>(node: &Node<'a>, expected: &str, next: &'static str) -> Result<&'a str, Undecodable> {
    match node.text_or_nothing().filter(|text| !text.is_empty()) {
        Some(text) => Ok(text),
        None => Err(unfit_for(node, expected.to_owned(), "no text".to_owned(), next)),
    }
}

/// A name: it goes into keys of the ledger.
fn written(node: &Node<'_>, expected: &str) -> Result<String, Undecodable> {
    named(node, expected, NEXT)
}

/// The same, of any event.
pub(super) fn named(node: &Node<'_>, expected: &str, next: &'static str) -> Result<String, Undecodable> {
    let text = required(node, expected, next)?;
    match is_id(text) {
        true => Ok(text.to_owned()),
        false => {
            let expected = format!("{expected}, of at most {ID_MAX} of A-Z a-z 0-9 -");
            Err(unfit_for(node, expected, text::quoted(text), next))
        }
    }
}

/// Whether a text can be the id of an order or a start.
pub fn is_id(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !text.is_empty() && text.chars().count() <= ID_MAX && text.chars().all(known)
}

/// Text that people read. What is too long is refused and not cut: half a reason may say the opposite.
pub(super) fn said(node: &Node<'_>, expected: &str, most: usize, next: &'static str) -> Result<String, Undecodable> {
    let written = required(node, expected, next)?;
    if written.chars().count() > most {
        let found = format!("{} characters", written.chars().count());
        let expected = format!("{expected}, of at most {most} characters");
        return Err(unfit_for(node, expected, found, next));
    }
    let harmless = text::bounded(written, most).trim().to_owned();
    match harmless.is_empty() {
        true => {
            let found = "nothing that can be read".to_owned();
            Err(unfit_for(node, expected.to_owned(), found, next))
        }
        false => Ok(harmless),
    }
}

/// A field that means nothing here is a mistake: it may be what the sender relies on.
pub(super) fn only(value: &Value, place: &str, known: &[&str], next: &'static str) -> Result<(), Undecodable> {
    let unfit = |found: String| Undecodable::Unfit {
        at: place.to_owned(),
        expected: format!("an object with {}", known.join(", ")),
        found,
        next,
    };
    let Value::Object(members) = value else {
        return Err(unfit(kind(value)));
    };
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(unfit(format!("the field {}", text::quoted(name)))),
        None => Ok(()),
    }
}

fn unfit(node: &Node<'_>, expected: String, found: String) -> Undecodable {
    unfit_for(node, expected, found, NEXT)
}

fn unfit_for(node: &Node<'_>, expected: String, found: String, next: &'static str) -> Undecodable {
    Undecodable::Unfit {
        at: format!("`{}`", node.path()),
        expected,
        found,
        next,
    }
}
