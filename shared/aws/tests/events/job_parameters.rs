//! `UserParameters` of a Lambda action.

use super::*;
use aws::event::{BadParameters, JobEvent, Parameters, ParametersMistake, job, parameters};

const EXECUTION: &str = "734e5d0c-15ae-4865-a03b-a4c832adec5e";

fn written(parameters: Option<&str>) -> JobEvent {
    JobEvent {
        parameters: parameters.map(str::to_owned),
        ..job(&jobs::jobs()["job-first.json"]).expect("a job")
    }
}

fn read(written: &str) -> Result<Parameters, BadParameters> {
    parameters(&self::written(Some(written)))
}

#[test]
fn policy_and_execution_are_read_from_the_jobs_that_have_them() {
    let expected = Parameters {
        policy: "orders".to_owned(),
        execution: EXECUTION.to_owned(),
    };
    for file in ["job-first.json", "job-continuation.json", "job-kms.json"] {
        let job = job(&jobs::jobs()[file]).expect(file);
        assert_eq!(parameters(&job), Ok(expected.clone()), "{file}");
    }
    let spaced = format!(" {{ \"execution\" : \"{EXECUTION}\",\n \"policy\" : \"orders\" }} ");
    assert_eq!(read(&spaced), Ok(expected));
}

#[test]
fn the_names_of_policies_are_those_the_policies_themselves_may_have() {
    let longest = "a".repeat(32);
    let name = |name: &str| read(&json!({"policy": name, "execution": EXECUTION}).to_string());
    for good in ["a", "orders-2", "a-", &longest] {
        assert_eq!(name(good).map(|read| read.policy), Ok(good.to_owned()));
    }
    let too_long = "a".repeat(33);
    for bad in [
        "Orders", "2orders", "-orders", "or_ders", "or/ders", "örders", "orders ", &too_long,
    ] {
        let mistake = name(bad).expect_err(bad).mistake;
        assert!(
            matches!(mistake, ParametersMistake::NotAPolicy { .. }),
            "{bad}: {mistake:?}"
        );
    }
}

#[test]
fn every_mistake_is_one_sentence_that_says_what_to_write_where() {
    let with = |policy: Value, execution: Value| json!({"policy": policy, "execution": execution}).to_string();
    let variable = "#{codepipeline.PipelineExecutionId}";
    let cases: Vec<String> = vec![
        String::new(),
        "  \n".to_owned(),
        "orders".to_owned(),
        r#"{"policy":"orders""#.to_owned(),
        "null".to_owned(),
        r#""orders""#.to_owned(),
        r#"["orders"]"#.to_owned(),
        "7".to_owned(),
        "{}".to_owned(),
        json!({"policy": "orders"}).to_string(),
        json!({"execution": EXECUTION}).to_string(),
        json!({"policy": "orders", "execution": EXECUTION, "polciy": "orders"}).to_string(),
        json!({"policy": "orders", "execution": EXECUTION, "\u{1b}[2J\u{202e}": 1}).to_string(),
        format!(r#"{{"policy":"orders","policy":"payments","execution":"{EXECUTION}"}}"#),
        with(json!(""), json!(EXECUTION)),
        with(json!("orders"), json!("  ")),
        with(json!(null), json!(EXECUTION)),
        with(json!(["orders"]), json!(EXECUTION)),
        with(json!("orders"), json!(7)),
        with(json!("orders"), json!(variable)),
        with(json!("#{variables.policy}"), json!(EXECUTION)),
        with(json!("Orders"), json!(EXECUTION)),
        with(json!("orders"), json!("734e5d0c")),
        with(json!("orders"), json!(EXECUTION.to_uppercase())),
        with(json!("x".repeat(5_000)), json!(EXECUTION)),
    ];
    let mut report = String::new();
    for case in &cases {
        let text = read(case).expect_err(case).to_string();
        assert!(text.chars().count() <= 400, "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        let shown: String = case.chars().take(100).collect();
        report.push_str(&format!("{shown:?}\n    {text}\n"));
    }
    expect![[r##"
        ""
            `UserParameters` of the Lambda action that calls `serin-approve` is missing: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "  \n"
            `UserParameters` of the Lambda action that calls `serin-approve` is missing: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "orders"
            `UserParameters` of the Lambda action that calls `serin-approve` is not JSON (expected value at line 1 column 1): write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"policy\":\"orders\""
            `UserParameters` of the Lambda action that calls `serin-approve` is not JSON (EOF while parsing an object at line 1 column 18): write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "null"
            `UserParameters` of the Lambda action that calls `serin-approve` is null instead of an object: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "\"orders\""
            `UserParameters` of the Lambda action that calls `serin-approve` is a text instead of an object: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "[\"orders\"]"
            `UserParameters` of the Lambda action that calls `serin-approve` is a list of 1 instead of an object: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "7"
            `UserParameters` of the Lambda action that calls `serin-approve` is a number instead of an object: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{}"
            `UserParameters` of the Lambda action that calls `serin-approve` has no `policy`: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has no `execution`: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has no `policy`: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"polciy\":\"orders\",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has the unknown field `polciy`: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"\\u001b[2J\u{202e}\":1,\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has the unknown field `[2J`: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"policy\":\"orders\",\"policy\":\"payments\",\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has a field twice: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":\"\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has an empty `policy`: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"  \",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has an empty `execution`: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":null}"
            `UserParameters` of the Lambda action that calls `serin-approve` has no `policy`: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":[\"orders\"]}"
            `UserParameters` of the Lambda action that calls `serin-approve` has a list of 1 in `policy` instead of a text: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":7,\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has a number in `execution` instead of a text: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"#{codepipeline.PipelineExecutionId}\",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has `#{codepipeline.PipelineExecutionId}` in `execution`, which CodePipeline has not replaced by a value: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":\"#{variables.policy}\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has `#{variables.policy}` in `policy`, which CodePipeline has not replaced by a value: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":\"Orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has `Orders` in `policy`, which is not 1 to 32 of a-z 0-9 - beginning with a letter: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c\",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has `734e5d0c` in `execution`, which is not the id of a pipeline's execution: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734E5D0C-15AE-4865-A03B-A4C832ADEC5E\",\"policy\":\"orders\"}"
            `UserParameters` of the Lambda action that calls `serin-approve` has `734E5D0C-15AE-4865-A03B-A4C832ADEC5E` in `execution`, which is not the id of a pipeline's execution: write `{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}` there
        "{\"execution\":\"734e5d0c-15ae-4865-a03b-a4c832adec5e\",\"policy\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            `UserParameters` of the Lambda action that calls `serin-approve` has `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` in `policy`, which is not 1 to 32 of a-z 0-9 - beginning with a letter: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there
    "##]].assert_eq(&report);
}

#[test]
fn a_job_without_parameters_or_with_hostile_ones_is_told_what_to_write() {
    let refusal = |file: &str| {
        parameters(&job(&jobs::jobs()[file]).expect(file))
            .expect_err(file)
            .to_string()
    };
    expect![[r##"`UserParameters` of the Lambda action that calls `serin-promote` is missing: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there"##]].assert_eq(&refusal("job-no-parameters.json"));
    expect![[r##"`UserParameters` of the Lambda action that calls `serin-approve` has `orders[2J {"level":"INFO","message":"release promoted"}<script>` in `policy`, which is not 1 to 32 of a-z 0-9 - beginning with a letter: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there"##]].assert_eq(&refusal("job-hostile-parameters.json"));
    let nameless = JobEvent {
        function: None,
        ..written(None)
    };
    expect![[r##"`UserParameters` of the Lambda action is missing: write `{"policy":"<name of the policy>","execution":"#{codepipeline.PipelineExecutionId}"}` there"##]].assert_eq(&parameters(&nameless).expect_err("nothing is written").to_string());
}

#[test]
fn what_a_refusal_tells_to_write_is_taken_once_codepipeline_has_put_the_id_in() {
    for mistaken in [r#"{"policy":"orders"}"#, r#"{"policy":"orders","execution":"x"}"#] {
        let text = read(mistaken).expect_err(mistaken).to_string();
        let (_, told) = text.split_once(": write `").expect("what to write");
        let (told, _) = told.split_once("` there").expect("what to write");
        let resolved = told.replace("#{codepipeline.PipelineExecutionId}", EXECUTION);
        assert_eq!(read(&resolved).expect(told).policy, "orders");
    }
}

#[test]
fn parameters_of_any_kind_and_cut_anywhere_are_read_or_refused_but_never_a_panic() {
    let whole = json!({"policy": "orders", "execution": EXECUTION}).to_string();
    for (cut, _) in whole.char_indices() {
        let refusal = read(&whole[..cut]).expect_err("half of it").mistake;
        assert!(
            matches!(refusal, ParametersMistake::Missing | ParametersMistake::NotJson { .. }),
            "{cut}: {refusal:?}"
        );
    }
    let deep = "[".repeat(10_000);
    let long = "x".repeat(200_000);
    for odd in [deep.as_str(), long.as_str(), "\u{0}", "{\"\u{202e}\":1}", "1e999"] {
        let text = read(odd).expect_err("nonsense").to_string();
        assert!(
            text.chars().count() <= 400 && !text.chars().any(char::is_control),
            "{text:?}"
        );
    }
}
