//! Paths, templates, intrinsic functions.

use super::*;
use crate::stepfunctions::path::{Path, Scope};
use crate::stepfunctions::timestamp::Timestamp;

/// What a Pass state makes of these parameters.
fn filled(parameters: Value, input: &Value) -> Result<Value, (String, String)> {
    through(&json!({ "Type": "Pass", "Parameters": parameters, "End": true }), input)
}

fn expression(text: &str, input: &Value) -> Result<Value, (String, String)> {
    filled(json!({ "x.$": text }), input).map(|filled| filled["x"].clone())
}

#[test]
fn a_path_finds_its_place() {
    let data = json!({ "a": { "b": [10, { "c d": 11 }], "e-f": 12, "": 13 }, "n": null });
    let context = json!({ "State": { "Name": "A" } });
    let scope = Scope {
        data: &data,
        context: &context,
    };
    for (text, wanted) in [
        ("$", Some(data.clone())),
        ("$.a.b[0]", Some(json!(10))),
        ("$.a.b[1]['c d']", Some(json!(11))),
        ("$['a'][\"e-f\"]", Some(json!(12))),
        ("$.a.e-f", Some(json!(12))),
        ("$.n", Some(json!(null))),
        ("$.n.x", None),
        ("$.a.b[2]", None),
        ("$.a[0]", None),
        ("$$.State.Name", Some(json!("A"))),
        ("$$.a", None),
    ] {
        let path = Path::read(text).unwrap_or_else(|what| panic!("{text}: {what}"));
        assert_eq!(path.find(scope).cloned(), wanted, "{text}");
    }
    for text in [
        "",
        "a",
        "$a",
        "$.",
        "$..a",
        "$.*",
        "$.a[*]",
        "$.a[0:2]",
        "$.a[?(@.b)]",
        "$.a[-1]",
        "$.a b",
        "$['a",
        "$$$",
    ] {
        assert!(Path::read(text).is_err(), "{text} was read");
    }
}

#[test]
fn a_result_is_put_in_its_place() {
    let result = || json!(1);
    for (path, input, wanted) in [
        ("$", json!({ "a": 0 }), Some(json!(1))),
        ("$.a", json!({ "a": 0, "b": 2 }), Some(json!({ "a": 1, "b": 2 }))),
        ("$.c.d", json!({ "b": 2 }), Some(json!({ "b": 2, "c": { "d": 1 } }))),
        ("$.a[1]", json!({ "a": [7, 8] }), Some(json!({ "a": [7, 1] }))),
        ("$.a[2]", json!({ "a": [7, 8] }), None),
        ("$.a.b", json!({ "a": "text" }), None),
        ("$.a", json!([]), None),
    ] {
        let put = Path::read(path).unwrap().put(input.clone(), result());
        assert_eq!(put.as_ref().ok(), wanted.as_ref(), "{path} of {input}");
        if let Err(fault) = put {
            assert_eq!(fault.error, "States.ResultPathMatchFailure");
        }
    }
}

#[test]
fn templates_are_filled_at_every_depth() {
    let input = json!({ "id": "r-1", "n": 4, "list": [1, 2] });
    let parameters = json!({
        "plain": "$.id", "id.$": "$.id", "deep": { "list.$": "$.list", "entries": [{ "n.$": "$.n" }, "$.n", null] },
        "name.$": "$$.Execution.Name", "sum.$": "States.MathAdd($.n, 1)",
    });
    let wanted = json!({
        "plain": "$.id", "id": "r-1", "deep": { "list": [1, 2], "entries": [{ "n": 4 }, "$.n", null] },
        "name": "one", "sum": 5,
    });
    assert_eq!(filled(parameters, &input), Ok(wanted));
    let text = "An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$.none' specified for the field 'x.$' could not be found in the input '{\"a\":1}'";
    let refusal = ("States.Runtime".to_owned(), text.to_owned());
    assert_eq!(expression("$.none", &json!({ "a": 1 })), Err(refusal));
}

#[test]
fn every_intrinsic_function_computes() {
    let input = json!({ "id": "r", "n": 4, "list": [1, [2]], "json": "{\"a\":[1]}", "t": "{}!", "half": 1.6 });
    for (text, wanted) in [
        ("States.Format('{}-{}', $.id, $.n)", json!("r-4")),
        (
            "States.Format('it\\'s \\{{}\\} of {}', null, $.list)",
            json!("it's {null} of [1,[2]]"),
        ),
        ("States.Format($.t, true)", json!("true!")),
        ("States.Format('none')", json!("none")),
        ("States.MathAdd($.n, -6)", json!(-2)),
        ("States.MathAdd($.half, 1)", json!(3)),
        (
            "States.MathAdd(States.MathAdd($.n, 1), States.ArrayLength($.list))",
            json!(7),
        ),
        ("States.StringToJson($.json)", json!({ "a": [1] })),
        ("States.JsonToString($.list)", json!("[1,[2]]")),
        ("States.StringSplit('a-b--c+d', '-+')", json!(["a", "b", "c", "d"])),
        (
            "States.Array($.n, 'a, (b)', null, 1.5)",
            json!([4, "a, (b)", null, 1.5]),
        ),
        ("States.Array()", json!([])),
        ("States.ArrayGetItem($.list, 1)", json!([2])),
        ("States.ArrayContains($.list, 1)", json!(true)),
        ("States.ArrayContains($.list, 2)", json!(false)),
        ("States.Format('{}', $['id'])", json!("r")),
    ] {
        assert_eq!(expression(text, &input), Ok(wanted), "{text}");
    }
    let [first, second] = [0, 1].map(|_| words(&expression("States.UUID()", &input).unwrap()));
    let (left, right) = first.split_at(14);
    assert!(
        left.len() == 14 && right.starts_with('4') && first.len() == 36,
        "{first}"
    );
    assert_eq!(first, second, "chance comes from the world's seed");
}

#[test]
fn a_function_that_cannot_be_computed_fails_by_name() {
    let input = json!({ "id": "r", "list": [1] });
    for (text, name) in [
        ("States.Format('{} {}', $.id)", "States.IntrinsicFailure"),
        ("States.Format('{}', $.id, 1)", "States.IntrinsicFailure"),
        ("States.MathAdd($.id, 1)", "States.IntrinsicFailure"),
        ("States.StringToJson($.id)", "States.IntrinsicFailure"),
        ("States.StringToJson($.list)", "States.IntrinsicFailure"),
        ("States.ArrayGetItem($.list, 1)", "States.IntrinsicFailure"),
        ("States.ArrayLength($.id)", "States.IntrinsicFailure"),
        ("States.MathAdd($.none, 1)", "States.Runtime"),
    ] {
        let (error, cause) = expression(text, &input).expect_err(text);
        assert_eq!(error, name, "{text}");
        assert!(cause.contains(text), "{cause} does not name {text}");
    }
}

#[test]
fn timestamps_are_moments() {
    for (text, wanted) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2026-11-21T03:00:00Z", Some(At::START.0)),
        ("2026-11-21T04:30:00+01:30", Some(At::START.0)),
        ("2026-11-20T22:00:00.000000001-05:00", Some(At::START.0 + 1)),
        ("2026-11-21T03:00:00.5Z", Some(At::START.0 + 500)),
        ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
        ("1900-02-29T00:00:00Z", None),
        ("2026-11-21T24:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-11-21 03:00:00Z", None),
        ("2026-11-21T03:00Z", None),
        ("2026-11-21T03:00:00z", None),
    ] {
        assert_eq!(Timestamp::read(text).map(|moment| moment.at().0), wanted, "{text}");
    }
}
