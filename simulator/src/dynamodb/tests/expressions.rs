//! The expression language: what is taken, what is refused, and in which words.

use super::super::condition::Condition;
use super::super::lex::is_reserved;
use super::super::placeholders::Placeholders;
use super::super::update::Update;
use super::*;

/// Names and values that all expressions of this file may use.
fn request(member: &str, expression: &str) -> Value {
    json!({
        member: expression,
        "ExpressionAttributeNames": {"#n": "name", "#d": "a.b"},
        "ExpressionAttributeValues": {
            ":s": {"S": "abc"}, ":n": {"N": "5"}, ":one": {"N": "1"}, ":ten": {"N": "10"}, ":t": {"S": "SS"},
            ":l": {"L": [{"S": "x"}]}, ":set": {"SS": ["x"]}, ":yes": {"BOOL": true}, ":m": {"M": {}}, ":b": {"B": "YWI="},
        },
    })
}

fn item() -> Value {
    json!({
        "s": {"S": "abcdef"}, "n": {"N": "5"}, "ten": {"N": "10"}, "name": {"S": "abc"}, "a.b": {"S": "dotted"},
        "yes": {"BOOL": true}, "nothing": {"NULL": true}, "bin": {"B": "YWJj"},
        "li": {"L": [{"S": "x"}, {"M": {"deep": {"N": "1"}}}]},
        "set": {"SS": ["x", "y"]}, "nums": {"NS": ["1", "5"]},
        "doc": {"M": {"name": {"S": "abc"}, "kids": {"L": [{"N": "10"}]}}},
    })
}

fn condition(expression: &str) -> Result<Condition, String> {
    let request = request("ConditionExpression", expression);
    let mut placeholders = Placeholders::of(&request, &["ConditionExpression"]).unwrap();
    match Condition::read(&request, "ConditionExpression", &mut placeholders) {
        Ok(condition) => Ok(condition.unwrap()),
        Err(refusal) => Err(refusal.message),
    }
}

#[test]
fn conditions_hold_or_not_as_dynamodb_says() {
    let item = item();
    for (expression, holds) in [
        ("n = :n", true),
        ("n = :one", false),
        ("n <> :one", true),
        ("n <> :n", false),
        ("gone = :n", false),
        ("gone <> :n", true),
        ("gone = away", false),
        ("gone < :n", false),
        ("NOT gone < :n", true),
        ("n = :s", false),
        ("n <> :s", true),
        ("n < :s", false),
        ("n < ten", true),
        ("ten > n AND ten >= n AND n <= :n", true),
        (":n = n", true),
        ("(n) = (:n)", true),
        ("n BETWEEN :one AND :ten", true),
        ("ten BETWEEN :one AND :n", false),
        ("n BETWEEN :one AND ten AND s = :s", false),
        ("n IN (:one, :n)", true),
        ("n IN (:one, :ten)", false),
        ("#n = :s", true),
        ("#d <> :s AND attribute_exists(#d)", true),
        ("doc.#n = :s", true),
        ("doc.kids[0] = :ten", true),
        ("li[1].deep = :one", true),
        ("li[7].deep = :one", false),
        ("attribute_exists(n)", true),
        ("attribute_exists(nothing)", true),
        ("attribute_exists(gone)", false),
        ("attribute_not_exists(gone)", true),
        ("attribute_not_exists(doc.gone)", true),
        ("attribute_not_exists(n)", false),
        ("attribute_type(#set, :t)", false),
        ("begins_with(s, :s)", true),
        ("begins_with(:s, s)", false),
        ("begins_with(n, :s)", false),
        ("begins_with(bin, :b)", true),
        ("contains(s, :s)", true),
        ("contains(li, :s)", false),
        ("contains(nums, :n)", true),
        ("contains(nums, :ten)", false),
        ("contains(n, :n)", false),
        ("contains(bin, :b)", true),
        ("size(s) > :n", true),
        ("size(li) < :n", true),
        ("size(bin) < :n", true),
        ("size(n) < :n", false),
        ("size(gone) < :n", false),
        ("NOT n = :one", true),
        ("NOT (n = :n)", false),
        ("not n = :one aNd n = :n oR n = :one", true),
        ("n = :n OR n = :one AND n = :one", true),
        ("(n = :n OR n = :one) AND n = :one", false),
        ("NOT n = :one AND n = :one", false),
        ("(n = :n) AND (s = :s OR #n = :s)", true),
        ("attribute_exists(n) AND(n=:n)", true),
    ] {
        let expression = expression.replace("#set", "nums");
        let condition = condition(&expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(condition.holds(item.as_object().unwrap()), holds, "{expression}");
    }
}

#[test]
fn types_are_told_by_name() {
    for (name, path) in [
        ("S", "s"),
        ("N", "n"),
        ("BOOL", "yes"),
        ("NULL", "nothing"),
        ("B", "bin"),
        ("L", "li"),
        ("M", "doc"),
        ("SS", "set"),
        ("NS", "nums"),
    ] {
        let request = json!({
            "ConditionExpression": "attribute_type(#p, :t)",
            "ExpressionAttributeNames": {"#p": path}, "ExpressionAttributeValues": {":t": {"S": name}},
        });
        let mut placeholders = Placeholders::of(&request, &["ConditionExpression"]).unwrap();
        let condition = Condition::read(&request, "ConditionExpression", &mut placeholders)
            .unwrap()
            .unwrap();
        let all = item();
        assert!(condition.holds(all.as_object().unwrap()), "{path} is {name}");
        let mut others = all.clone();
        others[path] = if name == "S" {
            json!({"N": "1"})
        } else {
            json!({"S": "other"})
        };
        assert!(
            !condition.holds(others.as_object().unwrap()),
            "{path} is {name} no more"
        );
    }
}

#[test]
fn bad_conditions_are_refused_in_dynamodbs_words() {
    for (expression, text) in [
        ("", "The expression can not be empty;"),
        ("  ", "The expression can not be empty;"),
        ("n", "Syntax error; token: \"<EOF>\", near: \"n\""),
        ("n =", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("n = = :n", "Syntax error; token: \"=\", near: \"= = :n\""),
        ("n = 5", "Syntax error; token: \"5\", near: \"= 5\""),
        ("n = :n)", "Syntax error; token: \")\", near: \":n)\""),
        ("(n = :n", "Syntax error; token: \"<EOF>\", near: \":n\""),
        ("n = :n AND", "Syntax error; token: \"<EOF>\", near: \"AND\""),
        ("n == :n", "Syntax error; token: \"=\", near: \"== :n\""),
        ("_id = :n", "Syntax error; token: \"_\", near: \"_id\""),
        ("n & :n", "Syntax error; token: \"&\", near: \"n & :n\""),
        ("some-name = :n", "Syntax error; token: \"-\", near: \"some-name\""),
        ("li[n] = :n", "Syntax error; token: \"n\", near: \"[n]\""),
        ("n = :", "Syntax error; token: \":\", near: \"= :\""),
        ("((n = :n))", "The expression has redundant parentheses;"),
        ("((n)) = :n", "The expression has redundant parentheses;"),
        ("exists(n)", "Invalid function name; function: exists"),
        ("Size(n) = :n", "Invalid function name; function: Size"),
        (
            "if_not_exists(n, :n) = :n",
            "Invalid function name; function: if_not_exists",
        ),
        (
            "size(n)",
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "begins_with(s, :s) = :yes",
            "The function is not allowed to be used this way in an expression; function: begins_with",
        ),
        (
            "contains(s, contains(s, :s))",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        (
            "name = :s",
            "Attribute name is a reserved keyword; reserved keyword: name",
        ),
        (
            "doc.Status = :s",
            "Attribute name is a reserved keyword; reserved keyword: Status",
        ),
        (
            "n = :gone",
            "An expression attribute value used in expression is not defined; attribute value: :gone",
        ),
        (
            "#gone = :n",
            "An expression attribute name used in the document path is not defined; attribute name: #gone",
        ),
        (
            "attribute_exists(n, s)",
            "Incorrect number of operands for operator or function; \
             operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "attribute_exists(:n)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "n = n",
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: =, first operand: [n]",
        ),
        (
            "contains(li[0], li[0])",
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: contains, first operand: [li, [0]]",
        ),
        (
            "n BETWEEN :ten AND :n",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; \
             lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:5}",
        ),
        (
            "n BETWEEN :one AND :s",
            "The BETWEEN operator requires same data type for lower and upper bounds; \
             lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:abc}",
        ),
        (
            "begins_with(s, :n)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "size(:n) = :n",
            "Incorrect operand type for operator or function; operator or function: size, operand type: N",
        ),
        (
            "n < :yes",
            "Incorrect operand type for operator or function; operator: <, operand type: BOOL",
        ),
        (
            "attribute_type(n, :n)",
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N",
        ),
        (
            "attribute_type(n, :s)",
            "Invalid attribute type name found; type: abc, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        // Of several faults the gravest is told, wherever it is.
        ("name = :gone AND nope(n)", "Invalid function name; function: nope"),
        (
            "n = :gone AND name = :s",
            "Attribute name is a reserved keyword; reserved keyword: name",
        ),
    ] {
        let error = condition(expression).expect_err(expression);
        assert_eq!(error, format!("Invalid ConditionExpression: {text}"), "{expression}");
    }
}

#[test]
fn bad_updates_are_refused_in_dynamodbs_words() {
    for (expression, text) in [
        ("", "The expression can not be empty;"),
        ("n = :n", "Syntax error; token: \"n\", near: \"n =\""),
        ("SET", "Syntax error; token: \"<EOF>\", near: \"SET\""),
        ("SET n", "Syntax error; token: \"<EOF>\", near: \"n\""),
        ("SET n = :n,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("SET n = :n s = :s", "Syntax error; token: \"s\", near: \":n s =\""),
        ("SET n = :n + :n + :n", "Syntax error; token: \"+\", near: \":n + :n\""),
        ("SET n + :n", "Syntax error; token: \"+\", near: \"n + :n\""),
        ("REMOVE", "Syntax error; token: \"<EOF>\", near: \"REMOVE\""),
        ("REMOVE n = :n", "Syntax error; token: \"=\", near: \"n = :n\""),
        ("ADD n n", "Syntax error; token: \"n\", near: \"n n\""),
        ("DROP n", "Syntax error; token: \"DROP\", near: \"DROP n\""),
        (
            "SET n = :n SET s = :s",
            "The \"SET\" section can only be used once in an update expression;",
        ),
        (
            "SET name = :s",
            "Attribute name is a reserved keyword; reserved keyword: name",
        ),
        ("SET n = size(s)", "Invalid function name; function: size"),
        (
            "SET n = :gone",
            "An expression attribute value used in expression is not defined; attribute value: :gone",
        ),
        (
            "SET #gone = :n",
            "An expression attribute name used in the document path is not defined; attribute name: #gone",
        ),
        (
            "SET n = :n, n = :one",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; \
             path one: [n], path two: [n]",
        ),
        (
            "SET doc.kids = :l REMOVE doc",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; \
             path one: [doc, kids], path two: [doc]",
        ),
        (
            "SET li[0] = :n, li.x = :n",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; \
             path one: [li, [0]], path two: [li, x]",
        ),
        (
            "SET n = :s + :n",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        ),
        (
            "SET n = n - :l",
            "Incorrect operand type for operator or function; operator or function: -, operand type: L",
        ),
        (
            "SET li = list_append(li, :n)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
        ),
        (
            "SET n = if_not_exists(:n, :n)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET n = if_not_exists(n)",
            "Incorrect number of operands for operator or function; \
             operator or function: if_not_exists, number of operands: 1",
        ),
        (
            "ADD n :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING",
        ),
        (
            "ADD n :m",
            "Incorrect operand type for operator or function; operator: ADD, operand type: MAP",
        ),
        (
            "DELETE n :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER",
        ),
        (
            "DELETE n :yes",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: BOOLEAN",
        ),
    ] {
        let request = request("UpdateExpression", expression);
        let mut placeholders = Placeholders::of(&request, &["UpdateExpression"]).unwrap();
        let error = Update::read(&request, &mut placeholders).expect_err(expression);
        assert_eq!(
            error.message,
            format!("Invalid UpdateExpression: {text}"),
            "{expression}"
        );
    }
}

#[test]
fn placeholders_must_be_used_and_be_placeholders() {
    let a = json!({ "Key": key("a", "b") });
    for (names, values, condition, text) in [
        (
            json!({"#n": "n", "#x": "x", "#y": "y"}),
            json!(null),
            json!("attribute_exists(#n)"),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x, #y}",
        ),
        (
            json!(null),
            json!({":x": {"N": "1"}, ":y": {"N": "1"}}),
            json!("n = :y"),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}",
        ),
        (
            json!({"#n": "n"}),
            json!(null),
            json!(null),
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            json!(null),
            json!({":x": {"N": "1"}}),
            json!(null),
            "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
        ),
        (
            json!({}),
            json!(null),
            json!("n = s"),
            "ExpressionAttributeNames must not be empty",
        ),
        (
            json!(null),
            json!({}),
            json!("n = s"),
            "ExpressionAttributeValues must not be empty",
        ),
        (
            json!({"n": "n"}),
            json!(null),
            json!("n = s"),
            "ExpressionAttributeNames contains invalid key: Syntax error; key: \"n\"",
        ),
        (
            json!(null),
            json!({":a-b": {"N": "1"}}),
            json!("n = s"),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \":a-b\"",
        ),
        (
            json!(null),
            json!({":x": {"N": "one"}}),
            json!("n = :x"),
            "ExpressionAttributeValues contains invalid value: \
             The parameter cannot be converted to a numeric value: one for key :x",
        ),
    ] {
        let mut input = a.clone();
        input["ExpressionAttributeNames"] = names;
        input["ExpressionAttributeValues"] = values;
        input["ConditionExpression"] = condition;
        let (code, message) = refused(&mut world(), "DeleteItem", input);
        assert_eq!((code, message.as_str()), ("ValidationException", text));
    }
}

#[test]
fn an_expression_is_4096_bytes_long_at_most() {
    let long = |bytes: usize| format!("attribute_exists({})", "a".repeat(bytes - "attribute_exists()".len()));
    condition(&long(4096)).unwrap();
    assert_eq!(
        condition(&long(4097)).unwrap_err(),
        "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097"
    );
}

#[test]
fn no_expression_of_that_length_is_too_deep_to_read() {
    let nots = format!("{}n = :n", "NOT ".repeat(1000));
    let item = item();
    assert!(condition(&nots).unwrap().holds(item.as_object().unwrap()));
    let sizes = format!("{}n{} = :n", "size(".repeat(600), ")".repeat(600));
    assert!(condition(&sizes).unwrap_err().ends_with("operand type: N"));
    let ands = format!("{}n = :n{}", "(n=:n AND ".repeat(300), ")".repeat(300));
    assert!(condition(&ands).unwrap().holds(item.as_object().unwrap()));
    let open = "(".repeat(4096);
    assert_eq!(
        condition(&open).unwrap_err(),
        "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"(\"",
    );
}

#[test]
fn the_public_list_of_reserved_words_is_whole() {
    let words: Vec<&str> = include_str!("../reserved.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(words.len(), 573);
    assert_eq!((words[0], words[572]), ("ABORT", "ZONE"));
    assert!(words.is_sorted());
    for (word, reserved) in [
        ("name", true),
        ("Policy", false),
        ("phase", false),
        ("TTL", true),
        ("data", true),
    ] {
        assert_eq!(is_reserved(word), reserved, "{word}");
    }
}
