//! Whether a file holds certificates. The TLS library takes what it is given or panics, so it is asked before.

/// What ends a certificate's first line and begins its last.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// `[0] EXPLICIT`, the version; certificates of version 1 have none.
const VERSION: u8 = 0xa0;

/// What is wrong with a bundle of certificates, if anything is.
///
/// # Source
/// RFC 7468 for the text, RFC 5280 §4.1 for what is in it.
pub(crate) fn problem(bundle: &[u8]) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bundle) else {
        return Some("it is not text".to_owned());
    };
    let mut certificates = 0;
    let mut body: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let at = |what: &str| Some(format!("line {}: {what}", number + 1));
        match (line.trim(), &mut body) {
            (BEGIN, None) => body = Some(String::new()),
            (BEGIN, Some(_)) => return at("a certificate begins before the one before has ended"),
            (END, None) => return at("a certificate ends that has not begun"),
            (END, Some(base64)) => {
                if !decoded(base64).is_some_and(|der| is_certificate(&der)) {
                    return at("the certificate that ends here cannot be read");
                }
                (certificates, body) = (certificates + 1, None);
            }
            (line, Some(base64)) => base64.push_str(line),
            (_, None) => {}
        }
    }
    match (certificates, body) {
        (_, Some(_)) => Some("its last certificate does not end".to_owned()),
        (0, None) => Some(format!("there is no {BEGIN} in it")),
        (_, None) => None,
    }
}

fn decoded(base64: &str) -> Option<Vec<u8>> {
    let digits = base64.trim_end_matches('=');
    if !base64.len().is_multiple_of(4) || base64.len() - digits.len() > 2 {
        return None;
    }
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (held, bits) = (held << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// Certificate: to be signed, algorithm, signature. To be signed: version, number, algorithm, issuer, validity,
/// subject, key, and what else there may be.
fn is_certificate(der: &[u8]) -> bool {
    let Some((SEQUENCE, certificate, [])) = element(der) else {
        return false;
    };
    let Some((SEQUENCE, signed, rest)) = element(certificate) else {
        return false;
    };
    let mut tags = Vec::new();
    let (mut left, mut signature) = (signed, rest);
    while let Some((tag, _, after)) = element(left) {
        tags.push(tag);
        left = after;
    }
    while let Some((_, _, after)) = element(signature) {
        signature = after;
    }
    let tags = tags.strip_prefix(&[VERSION]).unwrap_or(&tags);
    let begins = [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE];
    left.is_empty() && signature.is_empty() && !rest.is_empty() && tags.starts_with(&begins)
}

/// Tag and content of the first element, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = der else { return None };
    let (length, rest) = match usize::from(*first) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long - 0x80)?;
            let length = bytes.iter().try_fold(0_usize, |length, byte| {
                length.checked_mul(256)?.checked_add(usize::from(*byte))
            });
            (length?, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, problem};

    const ROOTS: &str = include_str!("../roots/amazon.pem");

    #[test]
    fn what_is_no_bundle_of_certificates_is_told_by_its_line() {
        let first = &ROOTS[ROOTS.find(BEGIN).unwrap()..ROOTS.find(END).unwrap() + END.len()];
        let lines: Vec<&str> = first.lines().collect();
        let without = |line: usize| {
            let kept = lines.iter().enumerate().filter(|(at, _)| *at != line);
            kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
        };
        let cases = [
            ("the embedded roots", ROOTS.to_owned(), None),
            ("one", first.to_owned(), None),
            (
                "one, as Windows writes it, with remarks",
                format!("# ours\r\n{}", first.replace('\n', "\r\n")),
                None,
            ),
            (
                "nothing",
                String::new(),
                Some("there is no -----BEGIN CERTIFICATE----- in it"),
            ),
            (
                "something else",
                "{\"a\": 1}".to_owned(),
                Some("there is no -----BEGIN CERTIFICATE----- in it"),
            ),
            (
                "a key",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_owned(),
                Some("there is no -----BEGIN CERTIFICATE----- in it"),
            ),
            (
                "cut off",
                without(lines.len() - 1),
                Some("its last certificate does not end"),
            ),
            (
                "its beginning is missing",
                without(0),
                Some("a certificate ends that has not begun"),
            ),
            (
                "a line is missing",
                without(3),
                Some("the certificate that ends here cannot be read"),
            ),
            (
                "no base64",
                first.replacen("MII", "M*I", 1),
                Some("the certificate that ends here cannot be read"),
            ),
            (
                "not DER",
                format!("{BEGIN}\nAAAA\n{END}"),
                Some("line 3: the certificate that ends here cannot be read"),
            ),
            (
                "empty",
                format!("{BEGIN}\n{END}"),
                Some("line 2: the certificate that ends here cannot be read"),
            ),
            (
                "DER of something else",
                format!("{BEGIN}\nMAMCAQE=\n{END}"),
                Some("the certificate that ends here"),
            ),
            (
                "two run together",
                format!("{}\n{first}", without(lines.len() - 1)),
                Some("begins before the one before"),
            ),
        ];
        for (case, bundle, expected) in cases {
            let found = problem(bundle.as_bytes());
            match expected {
                None => assert_eq!(found, None, "{case}"),
                Some(expected) => assert!(
                    found.as_deref().is_some_and(|found| found.contains(expected)),
                    "{case}: {found:?}"
                ),
            }
        }
        assert_eq!(problem(&[0xff, 0xfe]).as_deref(), Some("it is not text"));
    }
}
