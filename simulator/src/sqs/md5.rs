//! MD5, which SQS puts beside every body so that its callers can check it.
//!
//! # Source
//! RFC 1321; "Calculating the MD5 message digest for message attributes", SQS developer guide.

use serde_json::Value;

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The digest in lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((bytes.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        fold(&mut state, block);
    }
    let digest = state.iter().flat_map(|word| word.to_le_bytes());
    digest.map(|byte| format!("{byte:02x}")).collect()
}

fn fold(state: &mut [u32; 4], block: &[u8]) {
    let word = |index: usize| {
        let bytes = &block[index * 4..index * 4 + 4];
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    };
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..64 {
        let (mixed, index) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
            2 => (b ^ c ^ d, (3 * step + 5) % 16),
            _ => (c ^ (b | !d), (7 * step) % 16),
        };
        // RFC 1321: the integer part of 4294967296 times the sine of the step.
        let constant = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
        let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(word(index));
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(add);
    }
}

/// The digest of message attributes: by name, each part with its length before it.
pub(super) fn of_attributes(attributes: &Value) -> String {
    let mut bytes = Vec::new();
    let put = |bytes: &mut Vec<u8>, part: &[u8]| {
        bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(part);
    };
    let mut sorted: Vec<(&String, &Value)> = attributes.as_object().into_iter().flatten().collect();
    sorted.sort_by_key(|(name, _)| *name);
    for (name, value) in sorted {
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, value["DataType"].as_str().unwrap_or_default().as_bytes());
        match value["BinaryValue"].as_str() {
            Some(binary) => {
                bytes.push(2);
                put(
                    &mut bytes,
                    &aws_smithy_types::base64::decode(binary).unwrap_or_default(),
                );
            }
            None => {
                bytes.push(1);
                put(&mut bytes, value["StringValue"].as_str().unwrap_or_default().as_bytes());
            }
        }
    }
    hex(&bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn digests_are_those_of_the_rfc() {
        for (text, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(super::hex(text.as_bytes()), digest, "{text}");
        }
    }

    /// Worked out by hand from the guide's rules, with Python's `hashlib`.
    #[test]
    fn attributes_are_digested_by_name_with_their_lengths() {
        let attributes = json!({
            "b": {"DataType": "Binary", "BinaryValue": "AAE="}, "a": {"DataType": "String", "StringValue": "x"},
        });
        assert_eq!(super::of_attributes(&attributes), "fa20e2def088daf7b14bc51e836c5547");
    }
}
