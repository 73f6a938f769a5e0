//! Metric data in and out: statistics, math, windows, pages.

use super::*;

/// `GetMetricData` over the ten minutes from the start, oldest first.
fn get(world: &mut World, queries: Value) -> Vec<Value> {
    let reply = ask(world, "GetMetricData", window(queries));
    assert_eq!(reply.get("NextToken"), None);
    reply["MetricDataResults"].as_array().expect("results").clone()
}

fn window(queries: Value) -> Value {
    json!({
        "MetricDataQueries": queries, "StartTime": At::START.seconds(), "EndTime": At::START.plus_seconds(600).seconds(),
        "ScanBy": "TimestampAscending",
    })
}

fn metric(id: &str, name: &str, stat: &str) -> Value {
    json!({
        "Id": id, "MetricStat": { "Metric": { "Namespace": NAMESPACE, "MetricName": name }, "Period": 60, "Stat": stat },
    })
}

/// Points of a result as `minute=value`.
fn points(result: &Value) -> String {
    let times = result["Timestamps"].as_array().expect("times").iter();
    let values = result["Values"].as_array().expect("values").iter();
    let pairs = times.zip(values).map(|(t, v)| {
        let minute = (t.as_f64().expect("time") - At::START.seconds()) / 60.0;
        format!("{minute}={}", v.as_f64().expect("value"))
    });
    pairs.collect::<Vec<_>>().join(" ")
}

/// A world ten minutes on, in which series are given as values per minute, `-` where there is none.
fn with_series(series: &[(&str, &str)]) -> World {
    let mut world = world();
    for (name, values) in series {
        for (minute, value) in (0..).zip(values.split_whitespace()) {
            if let Ok(value) = value.parse() {
                put(
                    &mut world,
                    NAMESPACE,
                    name,
                    &[],
                    At::START.plus_seconds(60 * minute),
                    value,
                );
            }
        }
    }
    minutes(&mut world, 10);
    world
}

#[test]
fn every_statistic_is_what_the_guide_says_it_is() {
    // 1 … 100, once each.
    let mut world = world();
    for n in 1..=100 {
        errors(&mut world, At::START, f64::from(n));
    }
    minutes(&mut world, 1);
    let table = [
        ("SampleCount", 100.0),
        ("Sum", 5050.0),
        ("Average", 50.5),
        ("Minimum", 1.0),
        ("Maximum", 100.0),
        ("p50", 50.0),
        ("p90", 90.0),
        ("p99", 99.0),
        ("p99.9", 100.0),
        ("p100", 100.0),
        ("tm90", 45.5),
        ("TM(90%:100%)", 95.5),
        ("TM(10%:90%)", 50.5),
        ("TM(:90%)", 45.5),
        ("TM(95%:)", 98.0),
        ("TM(10:20)", 15.5),
        ("TM(:10)", 5.5),
        ("IQM", 50.5),
        ("tc90", 90.0),
        ("TC(0.5:10)", 10.0),
        ("ts90", 4095.0),
        ("TS(98%:100%)", 199.0),
        ("PR(:30)", 30.0),
        ("PR(10:30)", 20.0),
        ("wm50", 37.75),
        ("WM(10:20)", 18.55),
    ];
    for (stat, expected) in table {
        let results = get(&mut world, json!([metric("m1", "Errors", stat)]));
        let found = results[0]["Values"][0].as_f64().expect("value");
        assert!((found - expected).abs() < 1e-9, "{stat}: {found}, not {expected}");
    }
    for stat in [
        "Median",
        "p101",
        "p",
        "TM(90%:10%)",
        "TM(:)",
        "PR(10%:20%)",
        "TM(10%:20)",
        "x90",
        "",
    ] {
        let refusal = refused(
            &mut world,
            "GetMetricData",
            window(json!([metric("m1", "Errors", stat)])),
        );
        assert_eq!(refusal.code, "ValidationException", "{stat}");
    }
}

/// Seven samples: a tenth of them is 0.7 of the slowest, two tenths are 1.4, and so on.
#[test]
fn a_sample_that_lies_across_a_bound_counts_in_part() {
    let mut world = world();
    for value in [0.1, 0.1, 0.2, 0.2, 0.4, 1.0, 5.0] {
        errors(&mut world, At::START, value);
    }
    minutes(&mut world, 1);
    let table = [
        ("p90", 5.0),
        ("p85", 1.0),
        ("TM(90%:100%)", 5.0),
        // (5.0 × 1 + 1.0 × 0.4) ÷ 1.4
        ("TM(80%:100%)", 5.4 / 1.4),
        ("TC(80%:100%)", 1.4),
        // Without the slowest 0.7: (0.1 × 2 + 0.2 × 2 + 0.4 + 1.0 + 5.0 × 0.3) ÷ 6.3
        ("tm90", 3.5 / 6.3),
    ];
    for (stat, expected) in table {
        let results = get(&mut world, json!([metric("m1", "Errors", stat)]));
        let found = results[0]["Values"][0].as_f64().expect("value");
        assert!((found - expected).abs() < 1e-9, "{stat}: {found}, not {expected}");
    }
}

#[test]
fn every_way_of_publishing_counts() {
    let mut world = world();
    let start = world.now.seconds();
    ask(
        &mut world,
        "PutMetricData",
        json!({ "Namespace": NAMESPACE, "MetricData": [
            { "MetricName": "Errors", "Value": 2.0 },
            { "MetricName": "Errors", "Timestamp": start + 1.0, "Values": [4.0, 6.0], "Counts": [3.0, 1.0] },
            { "MetricName": "Errors", "Timestamp": start + 2.0, "Values": [8.0] },
            { "MetricName": "Errors", "Timestamp": start + 60.0,
              "StatisticValues": { "SampleCount": 4.0, "Sum": 20.0, "Minimum": 1.0, "Maximum": 9.0 } },
            { "MetricName": "Errors", "Timestamp": start + 120.0,
              "StatisticValues": { "SampleCount": 4.0, "Sum": 20.0, "Minimum": 5.0, "Maximum": 5.0 } },
        ] }),
    );
    minutes(&mut world, 5);
    let table = [
        ("SampleCount", "0=6 1=4 2=4"),
        ("Sum", "0=28 1=20 2=20"),
        ("Minimum", "0=2 1=1 2=5"),
        ("Maximum", "0=8 1=9 2=5"),
        ("Average", "0=4.666666666666667 1=5 2=5"),
        // "CloudWatch needs raw data points to calculate percentile statistics", or a set that is as good.
        ("p50", "0=4 2=5"),
    ];
    for (stat, expected) in table {
        assert_eq!(
            points(&get(&mut world, json!([metric("m1", "Errors", stat)]))[0]),
            expected,
            "{stat}"
        );
    }
}

#[test]
fn what_cannot_be_published_is_refused_as_a_whole() {
    let mut world = world();
    let now = world.now.seconds();
    let table = [
        (json!([]), "MissingRequiredParameterException"),
        (json!([{ "MetricName": "a" }]), "InvalidParameterCombinationException"),
        (
            json!([{ "MetricName": "a", "Value": 1.0, "Values": [1.0] }]),
            "InvalidParameterCombinationException",
        ),
        (
            json!([{ "MetricName": "a", "Values": [1.0, 2.0], "Counts": [1.0] }]),
            "InvalidParameterValueException",
        ),
        (
            json!([{ "MetricName": "a", "Value": 1.0, "Timestamp": now - 15.0 * 86_400.0 }]),
            "InvalidParameterValueException",
        ),
        (
            json!([{ "MetricName": "a", "Value": 1.0, "Timestamp": now + 3.0 * 3600.0 }]),
            "InvalidParameterValueException",
        ),
        (
            json!([{ "MetricName": "a", "Value": 1.0 }, { "MetricName": "a" }]),
            "InvalidParameterCombinationException",
        ),
    ];
    for (data, code) in table {
        let request = json!({ "Namespace": NAMESPACE, "MetricData": data });
        assert_eq!(refused(&mut world, "PutMetricData", request).code, code, "{data}");
    }
    minutes(&mut world, 1);
    assert_eq!(points(&get(&mut world, json!([metric("m1", "a", "Sum")]))[0]), "");
}

#[test]
fn dimensions_and_units_tell_metrics_apart() {
    let mut world = world();
    let now = world.now;
    put(&mut world, NAMESPACE, "Errors", &[("A", "1"), ("B", "2")], now, 3.0);
    put(&mut world, NAMESPACE, "Errors", &[("A", "1")], now, 5.0);
    let request = json!({ "Namespace": NAMESPACE, "MetricData": [
        { "MetricName": "Errors", "Value": 7.0, "Unit": "Count", "Dimensions": [{ "Name": "A", "Value": "1" }] } ] });
    ask(&mut world, "PutMetricData", request);
    minutes(&mut world, 1);
    let query = |dimensions: Value, unit: Value| {
        let metric = json!({ "Namespace": NAMESPACE, "MetricName": "Errors", "Dimensions": dimensions });
        json!([{ "Id": "m1", "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Sum", "Unit": unit } }])
    };
    let (a, b) = (
        json!({ "Name": "A", "Value": "1" }),
        json!({ "Name": "B", "Value": "2" }),
    );
    let table = [
        (json!([b, a]), Value::Null, "0=3"),
        (json!([a]), Value::Null, "0=12"),
        (json!([a]), json!("Count"), "0=7"),
        (json!([a]), json!("Seconds"), ""),
        (json!([]), Value::Null, ""),
    ];
    for (dimensions, unit, expected) in table {
        assert_eq!(
            points(&get(&mut world, query(dimensions.clone(), unit))[0]),
            expected,
            "{dimensions}"
        );
    }
}

#[test]
fn the_end_is_exclusive_and_the_start_inclusive() {
    let mut world = with_series(&[("Errors", "1 2 3 4 5")]);
    let table = [
        (0, 300, "0=1 1=2 2=3 3=4 4=5"),
        (60, 240, "1=2 2=3 3=4"),
        // "Round down to the nearest whole minute."
        (90, 241, "1=2 2=3 3=4 4=5"),
        (240, 240 + 1, "4=5"),
    ];
    for (start, end, expected) in table {
        let mut input = window(json!([metric("m1", "Errors", "Sum")]));
        input["StartTime"] = json!(At::START.plus_seconds(start).seconds());
        input["EndTime"] = json!(At::START.plus_seconds(end).seconds());
        let reply = ask(&mut world, "GetMetricData", input.clone());
        assert_eq!(points(&reply["MetricDataResults"][0]), expected, "{start}..{end}");
        input["ScanBy"] = Value::Null;
        let reply = ask(&mut world, "GetMetricData", input);
        let newest_first: Vec<&str> = expected.split(' ').rev().collect();
        assert_eq!(points(&reply["MetricDataResults"][0]), newest_first.join(" "));
    }
}

#[test]
fn a_period_cut_by_the_end_holds_what_lies_before_it() {
    let mut world = with_series(&[("Errors", "1 2 3 4 5 6 7 8 9 10")]);
    let mut query = metric("m1", "Errors", "Sum");
    query["MetricStat"]["Period"] = json!(300);
    let mut input = window(json!([query]));
    input["EndTime"] = json!(At::START.plus_seconds(420).seconds());
    let reply = ask(&mut world, "GetMetricData", input);
    assert_eq!(points(&reply["MetricDataResults"][0]), "0=15 5=13");
}

#[test]
fn data_is_seen_only_after_its_lag() {
    let mut world = world();
    lag_seconds(&mut world, NAMESPACE, 90..=90);
    errors(&mut world, At::START, 1.0);
    let seen = |world: &mut World| points(&get(world, json!([metric("m1", "Errors", "Sum")]))[0]);
    world.advance_to(At::START.plus_seconds(89));
    assert_eq!(seen(&mut world), "");
    world.advance_to(At::START.plus_seconds(90));
    assert_eq!(seen(&mut world), "0=1");
}

#[test]
fn math_does_what_the_guide_s_tables_say() {
    let mut world = with_series(&[
        ("a", "30 20 0 0"),
        ("b", "20 - 20 -"),
        ("c", "1 1 0 0 -"),
        ("y", "30 - 0 0 30"),
        ("n", "0 0 20 - 20"),
        ("r", "- 4 - 6 -"),
    ]);
    let table = [
        // "Comparison and logical operators".
        ("a < b", "0=0 1=0 2=1 3=0"),
        ("a >= 30", "0=1 1=0 2=0 3=0"),
        ("a > 15 AND b > 15", "0=1 1=0 2=0 3=0"),
        ("a > 15 && b > 15 || a == 0", "0=1 1=0 2=1 3=1"),
        ("a != 0", "0=1 1=1 2=0 3=0"),
        // "Using IF expressions".
        ("IF(c, y, n)", "0=30 1=0 2=20"),
        ("IF(c, 5, n)", "0=5 1=5 2=20"),
        ("IF(c, y, 5)", "0=30 1=0 2=5 3=5"),
        ("IF(c, 5)", "0=5 1=5"),
        ("IF(a > 15, 1, 0)", "0=1 1=1 2=0 3=0"),
        ("IF(1, a, b)", "0=30 1=20 2=0 3=0"),
        ("IF(0, a)", ""),
        // Missing values are 0; what divides by zero is dropped.
        ("a + b", "0=50 1=20 2=20 3=0"),
        ("b - a", "0=-10 1=-20 2=20 3=0"),
        ("a / b", "0=1.5 2=0"),
        ("100 * a / (a + b)", "0=60 1=100 2=0"),
        ("2 + a * 3 - 4 / 2", "0=90 1=60 2=0 3=0"),
        ("(2 + a) * 3", "0=96 1=66 2=6 3=6"),
        ("-a", "0=-30 1=-20 2=0 3=0"),
        ("a ^ 2", "0=900 1=400 2=0 3=0"),
        ("8 - 4 - 2 + 0 * a", "0=2 1=2 2=2 3=2"),
        ("SUM([a, b])", "0=50 1=20 2=20 3=0"),
        ("AVG([a, b])", "0=25 1=10 2=10 3=0"),
        ("MAX([a, b])", "0=30 1=20 2=20 3=0"),
        ("MIN([a, b])", "0=20 1=20 2=0 3=0"),
        ("SUM(METRICS(\"b\"))", "0=20 2=20"),
        ("SUM(METRICS('b'))", "0=20 2=20"),
        ("a - SUM(b)", "0=-10 1=-20 2=-40 3=-40"),
        ("a / MAX(a)", "0=1 1=0.6666666666666666 2=0 3=0"),
        ("FILL(r, 0)", "0=0 1=4 2=0 3=6 4=0 5=0 6=0 7=0 8=0 9=0"),
        ("FILL(r, REPEAT)", "1=4 2=4 3=6 4=6 5=6 6=6 7=6 8=6 9=6"),
        ("ABS(b - a)", "0=10 1=20 2=20 3=0"),
        ("DIFF(r)", "3=2"),
        ("RATE(r) * 60", "3=1"),
        ("RUNNING_SUM(r)", "1=4 3=10"),
        ("CEIL(r / 4)", "1=1 3=2"),
        ("FLOOR(r / 4)", "1=1 3=1"),
        ("a / PERIOD(a)", "0=0.5 1=0.3333333333333333 2=0 3=0"),
        ("1.5 + r", "1=5.5 3=7.5"),
        ("e0 * 2", "0=100 1=40 2=40 3=0"),
    ];
    for (expression, expected) in table {
        let mut queries = vec![
            json!({ "Id": "e1", "Expression": expression }),
            json!({ "Id": "e0", "Expression": "a + b", "ReturnData": false }),
        ];
        for id in ["a", "b", "c", "y", "n", "r"] {
            let mut query = metric(id, id, "Sum");
            query["ReturnData"] = json!(false);
            queries.push(query);
        }
        let results = get(&mut world, json!(queries));
        assert_eq!(results.len(), 1, "{expression}");
        assert_eq!(points(&results[0]), expected, "{expression}");
    }
}

#[test]
fn metrics_of_all_are_summed_and_scaled_series_by_series() {
    let mut world = with_series(&[("a", "1 2"), ("b", "10 20")]);
    let queries = |expression: &str| {
        let (mut a, mut b) = (metric("a", "a", "Sum"), metric("b", "b", "Sum"));
        (a["ReturnData"], b["ReturnData"]) = (json!(false), json!(false));
        json!([{ "Id": "e1", "Expression": expression, "Label": "Total" }, a, b])
    };
    let results = get(&mut world, queries("SUM(METRICS())"));
    assert_eq!(
        (points(&results[0]).as_str(), &results[0]["Label"]),
        ("0=11 1=22", &json!("Total"))
    );
    let results = get(&mut world, queries("METRICS() * 100"));
    let found: Vec<String> = results.iter().map(points).collect();
    assert_eq!(found, ["0=100 1=200", "0=1000 1=2000"]);
}

#[test]
fn what_is_no_expression_is_refused() {
    let mut world = with_series(&[("a", "1")]);
    let table = [
        "",
        "a +",
        "(a",
        "a b",
        "[a",
        "SUM(a",
        "SUM(gone)",
        "gone",
        "1",
        "SUM(a)",
        "NONSENSE(a)",
        "e1",
        "'a'",
        "a ? 1",
        "METRICS() / METRICS()",
    ];
    for expression in table {
        let queries = json!([{ "Id": "e1", "Expression": expression }, metric("a", "a", "Sum")]);
        let refusal = refused(&mut world, "GetMetricData", window(queries));
        assert_eq!(refusal.code, "ValidationException", "{expression}");
    }
    let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    let queries = json!([{ "Id": "e1", "Expression": deep }, metric("a", "a", "Sum")]);
    refused(&mut world, "GetMetricData", window(queries));
}

#[test]
fn what_is_no_request_is_refused() {
    let mut world = world();
    let one = metric("m1", "Errors", "Sum");
    let many: Vec<Value> = (0..501).map(|n| metric(&format!("m{n}"), "Errors", "Sum")).collect();
    let table = [
        (json!(many), "size greater than 500"),
        (json!([one, one]), "not unique"),
        (json!([metric("M1", "Errors", "Sum")]), "expected pattern"),
        (json!([{ "Id": "m1" }]), "Exactly one of"),
    ];
    for (queries, text) in table {
        let refusal = refused(&mut world, "GetMetricData", window(queries));
        assert!(refusal.message.contains(text), "{refusal}");
    }
    let mut backwards = window(json!([one]));
    backwards["EndTime"] = backwards["StartTime"].clone();
    refused(&mut world, "GetMetricData", backwards);
    let mut unknown = window(json!([one]));
    for token in ["", "x", "datapoint/", "datapoint/99"] {
        unknown["NextToken"] = json!(token);
        assert_eq!(
            refused(&mut world, "GetMetricData", unknown.clone()).code,
            "InvalidNextToken"
        );
    }
    assert_eq!(
        ask(&mut world, "GetMetricData", window(json!(many[..500])))["MetricDataResults"]
            .as_array()
            .map(Vec::len),
        Some(500)
    );
}

#[test]
fn small_pages_hold_the_same_data_in_all() {
    for (page_size, max) in [(Some(2), None), (None, Some(3)), (Some(100), Some(1))] {
        let mut world = with_series(&[("a", "1 2 3 4 5"), ("b", ""), ("c", "6 7")]);
        world.page_size = page_size;
        let mut input = window(json!([
            metric("a", "a", "Sum"),
            metric("b", "b", "Sum"),
            metric("c", "c", "Sum")
        ]));
        if let Some(max) = max {
            input["MaxDatapoints"] = json!(max);
        }
        let limit = page_size.into_iter().chain(max).min().expect("limit");
        let mut values: std::collections::BTreeMap<String, Vec<f64>> = Default::default();
        let mut statuses = Vec::new();
        loop {
            let reply = ask(&mut world, "GetMetricData", input.clone());
            let mut count = 0;
            for result in reply["MetricDataResults"].as_array().expect("results") {
                let some = result["Values"]
                    .as_array()
                    .expect("values")
                    .iter()
                    .filter_map(Value::as_f64);
                let all = values.entry(result["Id"].as_str().expect("id").to_owned()).or_default();
                all.extend(some.inspect(|_| count += 1));
                let partial = result["Id"] == "a" && all.len() < 5;
                statuses.push((result["StatusCode"] == "PartialData", partial));
            }
            assert!(count <= limit);
            match reply.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(values["a"], [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(values["b"], [0.0; 0]);
        assert_eq!(values["c"], [6.0, 7.0]);
        assert!(statuses.iter().any(|(said, _)| *said));
        assert!(statuses.iter().all(|(said, partial)| *said || !*partial));
    }
}

#[test]
fn data_older_than_fifteen_days_is_gone() {
    let mut world = world();
    errors(&mut world, At::START, 1.0);
    world.now = At::START.plus_seconds(16 * 86_400);
    let now = world.now;
    errors(&mut world, now, 1.0);
    assert_eq!(points(&get(&mut world, json!([metric("m1", "Errors", "Sum")]))[0]), "");
}
