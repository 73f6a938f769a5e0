//! What is said of steps that are shorter than what is measured.

use super::*;
use Weight::Warning;

fn said(change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut document = document();
    document["checks"] = json!([{"kind": "metric", "metric": {
        "namespace": "Orders", "name": "Errors", "statistic": "Sum", "period_minutes": 10, "periods": 1, "max": 40,
    }}]);
    change(&mut document);
    let report = judge(&read(&document), &found(), &BTreeSet::new());
    let lasting = report.of(Warning).filter(|finding| finding.text.contains("measures"));
    lasting
        .map(|finding| (finding.field.clone(), finding.text.clone()))
        .collect()
}

#[test]
fn a_step_that_bakes_for_less_than_a_check_measures_is_told_what_it_is_passed_on() {
    let steps = |bakes: &'static [u32]| {
        said(move |document| {
            let steps = bakes.iter().enumerate();
            let steps =
                steps.map(|(place, minutes)| json!({"share_permille": 300 + 100 * place, "bake_minutes": minutes}));
            document["steps"] = steps.collect();
        })
    };
    assert_eq!(said(|_| {}), [], "nothing bakes");
    assert_eq!(steps(&[1]), [], "one step alone is measured since the tasks ran");
    assert_eq!(steps(&[10, 30]), []);
    let short = "is 3, and checks[0] measures 10 min: such a step is passed on 2 min of its own, and takes up to 6 min; what \
                 fails the release is all 10 min, of whichever steps";
    let expected = ("steps[1].bake_minutes".to_owned(), short.to_owned());
    assert_eq!(steps(&[10, 3]), [expected]);
    let linear = said(|document| {
        document["linear"] = json!({"step_permille": 100, "every_minutes": 1, "until_permille": 500});
    });
    let fields: Vec<&str> = linear.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["linear.every_minutes"], "all of these steps are alike");
    assert!(
        linear[0]
            .1
            .contains("passed on 1 min of its own, and takes up to 4 min"),
        "{linear:?}"
    );
}
