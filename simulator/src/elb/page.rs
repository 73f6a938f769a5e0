//! Pages of a listing.

use super::invalid;
use crate::refusal::Refusal;
use serde_json::{Value, json};

/// The most that a page has (`PageSize`, API reference).
const PAGE: usize = 400;

/// A page of what was found, under its name. What is asked for by name comes whole.
pub(super) fn of(found: Vec<Value>, under: &str, input: &Value, least: Option<usize>) -> Result<Value, Refusal> {
    let named = [
        "LoadBalancerArns",
        "ListenerArns",
        "RuleArns",
        "TargetGroupArns",
        "Names",
    ];
    if named.iter().any(|member| input[*member].is_array()) {
        return Ok(json!({under: found}));
    }
    let from = match input["Marker"].as_str() {
        None => 0,
        Some(marker) => marker
            .parse::<usize>()
            .map_err(|_| invalid(format!("'{marker}' is not a valid marker")))?,
    };
    let asked = input["PageSize"].as_u64().and_then(|size| usize::try_from(size).ok());
    let size = asked.unwrap_or(PAGE).min(least.unwrap_or(PAGE)).max(1);
    let page: Vec<&Value> = found.iter().skip(from).take(size).collect();
    let mut reply = json!({under: page});
    if found.len() > from + size {
        reply["NextMarker"] = json!((from + size).to_string());
    }
    Ok(reply)
}
