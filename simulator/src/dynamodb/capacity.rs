//! `ConsumedCapacity`: what requests cost, for those who ask.
//!
//! See "Read/write capacity" in the developer guide.

use serde_json::{Value, json};

const READ_BYTES: usize = 4096;
const WRITE_BYTES: usize = 1024;

/// Units of a read of that many bytes; half of it where it need not be consistent.
pub fn read_units(bytes: usize, request: &Value) -> f64 {
    let units = bytes.div_ceil(READ_BYTES).max(1) as f64;
    if request["ConsistentRead"] == true {
        units
    } else {
        units / 2.0
    }
}

/// Units of a read as part of a transaction, which is paid for twice.
pub fn transacted_read_units(bytes: usize) -> f64 {
    2.0 * bytes.div_ceil(READ_BYTES).max(1) as f64
}

/// Units of a write of an item of that many bytes.
pub fn write_units(bytes: usize) -> f64 {
    bytes.div_ceil(WRITE_BYTES).max(1) as f64
}

/// One table's share, as `ReturnConsumedCapacity` asks for it.
pub fn consumed(request: &Value, table: &str, units: f64) -> Option<Value> {
    match request["ReturnConsumedCapacity"].as_str() {
        Some("TOTAL") => Some(json!({ "TableName": table, "CapacityUnits": units })),
        Some("INDEXES") => Some(json!({
            "TableName": table, "CapacityUnits": units, "Table": { "CapacityUnits": units },
        })),
        _ => None,
    }
}
