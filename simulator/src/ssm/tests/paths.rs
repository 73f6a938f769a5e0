use super::{get, refused, stage};
use crate::world::World;
use serde_json::{Value, json};

/// Every page of a listing, as the names on it.
fn pages(world: &mut World, mut input: Value) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let reply = get(world, "GetParametersByPath", input.clone());
        let names = reply["Parameters"].as_array().into_iter().flatten();
        pages.push(names.map(|found| found["Name"].as_str().unwrap().to_owned()).collect());
        match reply.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return pages,
        }
    }
}

fn shop() -> World {
    let mut world = World::new(1);
    for name in [
        "/serin/policies/b",
        "/serin/policies/a",
        "/serin/policies/a/deep",
        "/serin/policiesx/c",
        "/serin",
        "top",
    ] {
        stage::put(&mut world, name, name);
    }
    world
}

#[test]
fn a_path_lists_what_lies_below_it_and_nothing_else() {
    let below = ["/serin/policies/a", "/serin/policies/a/deep", "/serin/policies/b"];
    let all = ["/serin", below[0], below[1], below[2], "/serin/policiesx/c", "top"];
    let cases: [(&str, bool, &[&str]); 8] = [
        ("/serin/policies", false, &[below[0], below[2]]),
        ("/serin/policies/", false, &[below[0], below[2]]),
        ("/serin/policies", true, &below),
        ("/serin/policies/a", false, &[below[1]]),
        ("/serin", false, &[]),
        ("/", false, &["/serin", "top"]),
        ("/", true, &all),
        ("/nothing", true, &[]),
    ];
    for (path, recursive, wanted) in cases {
        let mut world = shop();
        let found = pages(&mut world, json!({ "Path": path, "Recursive": recursive }));
        assert_eq!(found, [wanted.to_vec()], "{path} {recursive}");
    }
}

#[test]
fn a_page_holds_ten_at_most_and_the_last_one_leads_nowhere() {
    let mut world = World::new(1);
    for number in 0..20 {
        stage::put(&mut world, &format!("/p/{number:02}"), "x");
    }
    let sizes = |pages: Vec<Vec<String>>| pages.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(pages(&mut world, json!({ "Path": "/p" }))), [10, 10]);
    assert_eq!(
        sizes(pages(&mut world, json!({ "Path": "/p", "MaxResults": 8 }))),
        [8, 8, 4]
    );
    let (code, message) = refused(
        &mut world,
        "GetParametersByPath",
        json!({ "Path": "/p", "MaxResults": 11 }),
    );
    assert_eq!(code, "ValidationException");
    assert!(message.contains("less than or equal to 10"), "{message}");
}

#[test]
fn a_page_may_be_empty_and_lead_on() {
    let mut world = shop();
    world.page_size = Some(2);
    let names = pages(&mut world, json!({ "Path": "/serin/policies", "Recursive": true }));
    let (a, deep, b) = ("/serin/policies/a", "/serin/policies/a/deep", "/serin/policies/b");
    assert_eq!(names, [vec![], vec![a, deep], vec![b]]);
    assert_eq!(pages(&mut world, json!({ "Path": "/nothing" })), [vec![""; 0], vec![]]);
}

#[test]
fn what_comes_and_goes_between_pages_shifts_nothing() {
    let mut world = shop();
    let input = json!({ "Path": "/serin/policies", "Recursive": true, "MaxResults": 1 });
    let first = get(&mut world, "GetParametersByPath", input.clone());
    get(&mut world, "DeleteParameter", json!({ "Name": "/serin/policies/a" }));
    stage::put(&mut world, "/serin/policies/0", "new");
    let mut next = input;
    next["NextToken"] = first["NextToken"].clone();
    let rest: Vec<String> = pages(&mut world, next).concat();
    assert_eq!(rest, ["/serin/policies/a/deep", "/serin/policies/b"]);
}

#[test]
fn a_listing_that_makes_no_sense_is_refused() {
    let cases = [
        (json!({ "Path": "serin" }), "ValidationException"),
        (json!({ "Path": "/se rin" }), "ValidationException"),
        (json!({ "Path": "/serin", "NextToken": "nonsense" }), "InvalidNextToken"),
        (json!({ "Path": "/serin", "NextToken": "start" }), "InvalidNextToken"),
        (
            json!({ "Path": "/serin", "ParameterFilters": [{ "Key": "Type", "Values": ["String"] }] }),
            "InvalidFilterKey",
        ),
    ];
    for (input, code) in cases {
        assert_eq!(
            refused(&mut shop(), "GetParametersByPath", input.clone()).0,
            code,
            "{input}"
        );
    }
}
