use super::{read, write};
use crate::Refusal;
use crate::model;
use serde_json::{Value, json};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let pair = |p: &[u8]| u8::from_str_radix(std::str::from_utf8(p).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

#[test]
fn bytes_read_as_what_they_say() {
    // Vectors of RFC 8949, appendix A, where they are of use here.
    let cases = [
        ("", json!({})),
        ("a0", json!({})),
        ("bfff", json!({})),
        ("a161611864", json!({ "a": 100 })),
        ("bf6161f5ff", json!({ "a": true })),
        ("a161619f0102ff", json!({ "a": [1, 2] })),
        ("a161618201f6", json!({ "a": [1, null] })),
        ("a16161fb4014000000000000", json!({ "a": 5.0 })),
        ("a16161fa47c35000", json!({ "a": 100_000.0 })),
        ("a161613b7fffffffffffffff", json!({ "a": i64::MIN })),
        ("a16161c11a514b67b0", json!({ "a": 1_363_896_240.0 })),
        ("a16161c1fb41d452d9ec200000", json!({ "a": 1_363_896_240.5 })),
        ("a1616144 01020304", json!({ "a": "AQIDBA==" })),
        ("a161617f 6173 6174 ff", json!({ "a": "st" })),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(read(&hex(bytes)).unwrap(), wanted, "{bytes}");
    }
}

#[test]
fn what_is_not_cbor_is_refused_and_never_panics() {
    let cases = [
        ("a1", "end of input"),
        ("a16161", "end of input"),
        ("bf6161", "end of input"),
        ("a000", "additional data"),
        ("a261610161 6102", "is there twice"),
        ("a16161fb7ff0000000000000", "not a finite number"),
        ("a16161fb7ff8000000000000", "not a finite number"),
        ("a16161c249010000000000000000", "expected timestamp tag"),
        ("a16161f7", "is not used here"),
        ("a10101", "unexpected type"),
        ("a161611bffffffffffffffff", "overflow"),
        ("9bffffffffffffffff", "end of input"),
        ("ff", "not used here"),
    ];
    for (bytes, wanted) in cases {
        let refusal = read(&hex(bytes)).unwrap_err();
        assert_eq!(refusal.code, "SerializationException", "{bytes}");
        assert!(refusal.message.contains(wanted), "{bytes}: {}", refusal.message);
    }
    assert!(read(&[0x81; 100_000]).unwrap_err().message.contains("too deeply"));
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut rng = fastrand::Rng::with_seed(3);
    let mut read_well = 0;
    for _ in 0..200_000 {
        let mut body: Vec<u8> = (0..rng.usize(1..24)).map(|_| rng.u8(..)).collect();
        body[0] = *rng.choice(&[0xa1, 0xbf, 0x81, 0x9f, 0xc1, 0xfb]).unwrap();
        read_well += usize::from(read(&body).is_ok());
    }
    assert!(
        read_well > 100,
        "the generator is too wild to mean anything: {read_well}"
    );
}

fn written(output: Option<&str>, outcome: &Result<Value, Refusal>) -> crate::wire::Reply {
    write(model::service("cloudwatch").unwrap(), output, outcome)
}

#[test]
fn numbers_are_written_as_the_model_types_them() {
    let alarm = |member: Value| Ok(json!({ "MetricAlarms": [member] }));
    // a1 6c "MetricAlarms" 81 a1 …
    let head = "a1 6c 4d6574726963416c61726d73 81 a1";
    let cases = [
        (json!({ "Threshold": 5 }), "69 5468726573686f6c64 fb4014000000000000"),
        (json!({ "Threshold": 5.5 }), "69 5468726573686f6c64 fb4016000000000000"),
        (json!({ "Period": 60 }), "66 506572696f64 183c"),
        (
            json!({ "StateUpdatedTimestamp": 1_363_896_240 }),
            "75 537461746555706461746564 54696d657374616d70 c1fb41d452d9ec000000",
        ),
    ];
    for (member, wanted) in cases {
        let reply = written(Some("DescribeAlarmsOutput"), &alarm(member.clone()));
        assert_eq!(reply.body, hex(&format!("{head}{wanted}")), "{member}");
    }
}

#[test]
fn an_operation_without_output_shape_answers_with_no_body_at_all() {
    let reply = written(None, &Ok(json!({})));
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(reply.headers, [("smithy-protocol", "rpc-v2-cbor".to_owned())]);
}

#[test]
fn an_error_carries_its_type_and_the_older_code() {
    let reply = written(None, &Err(Refusal::new("ResourceNotFound", "gone")));
    assert_eq!(reply.status, 404);
    assert_eq!(
        read(&reply.body).unwrap(),
        json!({ "__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "gone" })
    );
    let code = ("x-amzn-query-error", "ResourceNotFound;Sender".to_owned());
    assert!(reply.headers.contains(&code), "{:?}", reply.headers);
}

#[test]
fn what_is_written_reads_back() {
    let history = json!({ "AlarmHistoryItems": [
        { "AlarmName": "a", "AlarmType": "MetricAlarm", "Timestamp": 1_795_230_000.125, "HistoryItemType": "Action" },
    ] });
    let reply = written(Some("DescribeAlarmHistoryOutput"), &Ok(history.clone()));
    assert_eq!(read(&reply.body).unwrap(), history);
}
