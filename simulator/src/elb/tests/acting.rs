use super::{get, refused, shop};
use crate::elb::stage;
use serde_json::{Value, json};

#[test]
fn new_actions_replace_all_and_conditions_that_are_not_sent_stay() {
    let mut shop = shop("HTTPS");
    let sticky = stage::forward_sticky(&[(&shop.stable, 99), (&shop.canary, 1)], 3600);
    stage::act(&mut shop.world, &shop.rule, &sticky);
    let plain = stage::forward(&[(&shop.stable, 98), (&shop.canary, 2)]);
    let input = json!({ "RuleArn": shop.rule, "Actions": plain });
    let rule = get(&mut shop.world, "ModifyRule", input)["Rules"][0].clone();
    assert_eq!(
        rule["Actions"][0]["ForwardConfig"],
        json!({
            "TargetGroups": [
                { "TargetGroupArn": shop.stable, "Weight": 98 }, { "TargetGroupArn": shop.canary, "Weight": 2 },
            ],
            "TargetGroupStickinessConfig": { "Enabled": false },
        })
    );
    assert_eq!(rule["Conditions"][0]["PathPatternConfig"]["Values"], json!(["/shop/*"]));
    assert_eq!(rule["Actions"], shop.actions());
}

#[test]
fn a_single_group_is_told_in_both_ways_and_several_in_one() {
    let mut shop = shop("HTTP");
    assert_eq!(shop.actions()[0]["TargetGroupArn"], json!(shop.stable));
    let both = stage::forward(&[(&shop.stable, 1), (&shop.canary, 0)]);
    stage::act(&mut shop.world, &shop.rule, &both);
    assert_eq!(shop.actions()[0]["TargetGroupArn"], Value::Null);
}

#[test]
fn what_is_told_can_be_sent_back_but_for_a_secret() {
    let mut shop = shop("HTTPS");
    let mut oidc = json!({ "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
        "Issuer": "i", "AuthorizationEndpoint": "a", "TokenEndpoint": "t", "UserInfoEndpoint": "u", "ClientId": "c",
        "ClientSecret": "s3cr3t",
    } });
    let forward = |weight: u32| {
        json!({ "Type": "forward", "Order": 2, "ForwardConfig": { "TargetGroups": [
        { "TargetGroupArn": shop.stable, "Weight": 9 }, { "TargetGroupArn": shop.canary, "Weight": weight },
    ] } })
    };
    let send = |oidc: &Value, weight: u32| json!({ "RuleArn": shop.rule, "Actions": [oidc, forward(weight)] });
    let (first, second) = (send(&oidc, 0), send(&Value::Null, 1));
    get(&mut shop.world, "ModifyRule", first);
    let told = shop_oidc(&mut shop);
    assert_eq!(told["AuthenticateOidcConfig"]["ClientSecret"], Value::Null);
    assert_eq!(told["AuthenticateOidcConfig"]["SessionTimeout"], 604_800);
    let mut again = second;
    again["Actions"][0] = told.clone();
    let (code, _) = refused(&mut shop.world, "ModifyRule", again.clone());
    assert_eq!(code, "InvalidLoadBalancerActionException");
    again["Actions"][0]["AuthenticateOidcConfig"]["UseExistingClientSecret"] = json!(true);
    get(&mut shop.world, "ModifyRule", again.clone());
    // The secret is still there, however often this is done.
    get(&mut shop.world, "ModifyRule", again.clone());
    assert_eq!(shop_oidc(&mut shop), told);
    // A rule that forwards without asking who it is has none to keep.
    let plain = stage::forward(&[(&shop.stable, 1)]);
    stage::act(&mut shop.world, &shop.rule, &plain);
    let (code, message) = refused(&mut shop.world, "ModifyRule", again);
    assert_eq!(
        (code, message.as_str()),
        (
            "InvalidLoadBalancerActionException",
            "There is no existing client secret to use"
        )
    );
    oidc["AuthenticateOidcConfig"]["UseExistingClientSecret"] = json!(true);
    let input = json!({ "RuleArn": shop.rule, "Actions": [oidc, plain[0]] });
    let (code, _) = refused(&mut shop.world, "ModifyRule", input);
    assert_eq!(code, "InvalidLoadBalancerActionException");
}

fn shop_oidc(shop: &mut super::Shop) -> Value {
    shop.actions()[0].clone()
}

#[test]
fn actions_that_aws_would_not_take_change_nothing() {
    let mut shop = shop("HTTP");
    let before = shop.actions();
    let (stable, canary) = (shop.stable.clone(), shop.canary.clone());
    let other = stage::load_balancer(&mut shop.world, "other");
    let foreign = stage::target_group(&mut shop.world, "foreign");
    stage::listener(&mut shop.world, &other, 80, "HTTP", &stage::forward(&[(&foreign, 1)]));
    let answer = json!({ "Type": "fixed-response", "Order": 1, "FixedResponseConfig": { "StatusCode": "200" } });
    let cognito = json!({ "Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": {
        "UserPoolArn": "a", "UserPoolClientId": "b", "UserPoolDomain": "c",
    } });
    let ordered = |order: i64| {
        let mut action = stage::forward(&[(&stable, 1)])[0].clone();
        action["Order"] = json!(order);
        action
    };
    let with = |config: Value| {
        let mut action = stage::forward(&[(&stable, 1)]);
        action[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = config;
        action
    };
    let (invalid, wrong) = ("ValidationException", "InvalidLoadBalancerActionException");
    let cases = [
        ("none at all", json!([]), invalid),
        ("a forward to nowhere", json!([{ "Type": "forward" }]), wrong),
        ("a forward to an empty list", stage::forward(&[]), wrong),
        ("the heaviest", stage::forward(&[(&stable, 1000)]), invalid),
        ("a group twice", stage::forward(&[(&stable, 1), (&stable, 2)]), wrong),
        ("no ARN of a group", stage::forward(&[("stable", 1)]), invalid),
        (
            "a group that is not there",
            stage::forward(&[(&format!("{stable}x"), 1)]),
            "TargetGroupNotFoundException",
        ),
        (
            "another load balancer's group",
            stage::forward(&[(&stable, 1), (&foreign, 1)]),
            "TargetGroupAssociationLimitException",
        ),
        ("sticky for ever", with(json!({ "Enabled": true })), invalid),
        (
            "sticky for no time",
            with(json!({ "Enabled": true, "DurationSeconds": 0 })),
            invalid,
        ),
        (
            "sticky for too long",
            with(json!({ "Enabled": true, "DurationSeconds": 604_801 })),
            invalid,
        ),
        (
            "two without an order",
            json!([answer, stage::forward(&[(&canary, 1)])[0]]),
            wrong,
        ),
        ("two of one order", json!([answer, ordered(1)]), wrong),
        ("two answers", json!([answer, ordered(2)]), wrong),
        ("authentication on HTTP", json!([cognito, ordered(2)]), wrong),
        ("authentication alone", json!([cognito]), wrong),
        (
            "what is not here",
            json!([{ "Type": "jwt-validation", "JwtValidationConfig": { "JwksEndpoint": "j", "Issuer": "i" } }]),
            wrong,
        ),
    ];
    for (what, actions, wanted) in cases {
        let input = json!({ "RuleArn": shop.rule, "Actions": actions });
        let (code, message) = refused(&mut shop.world, "ModifyRule", input);
        assert_eq!(code, wanted, "{what}: {message}");
        assert_eq!(shop.actions(), before, "{what}");
    }
}

#[test]
fn weights_from_nothing_to_the_heaviest_are_taken() {
    let mut shop = shop("HTTP");
    for (stable, canary) in [(0, 999), (999, 0), (0, 0), (99, 1)] {
        let actions = stage::forward(&[(&shop.stable, stable), (&shop.canary, canary)]);
        stage::act(&mut shop.world, &shop.rule, &actions);
        let forward = shop.world.elb.forward(&shop.rule).unwrap();
        assert_eq!(
            forward.groups,
            vec![(shop.stable.clone(), stable), (shop.canary.clone(), canary)]
        );
    }
}

#[test]
fn the_default_rule_changes_with_its_listener_only() {
    let mut shop = shop("HTTP");
    let input = json!({ "ListenerArn": shop.listener });
    let default = get(&mut shop.world, "DescribeRules", input)["Rules"][1]["RuleArn"].clone();
    let actions = stage::forward(&[(&shop.stable, 1), (&shop.canary, 1)]);
    let input = json!({ "RuleArn": default, "Actions": actions });
    assert_eq!(
        refused(&mut shop.world, "ModifyRule", input),
        (
            "OperationNotPermittedException",
            format!("Default rule '{}' cannot be modified", default.as_str().unwrap())
        )
    );
    stage::act(&mut shop.world, &shop.listener, &actions);
    let told = get(&mut shop.world, "DescribeRules", json!({ "RuleArns": [default] }));
    let listener = get(
        &mut shop.world,
        "DescribeListeners",
        json!({ "ListenerArns": [shop.listener] }),
    );
    assert_eq!(told["Rules"][0]["Actions"], listener["Listeners"][0]["DefaultActions"]);
    let forward = shop.world.elb.default_forward(&shop.listener).unwrap();
    assert_eq!(forward.groups.len(), 2);
}

#[test]
fn pages_are_as_small_as_a_test_wants_them() {
    let mut shop = shop("HTTP");
    shop.world.page_size = Some(1);
    let first = get(
        &mut shop.world,
        "DescribeRules",
        json!({ "ListenerArn": shop.listener }),
    );
    assert_eq!(first["Rules"].as_array().unwrap().len(), 1);
    let input = json!({ "ListenerArn": shop.listener, "Marker": first["NextMarker"] });
    let second = get(&mut shop.world, "DescribeRules", input);
    assert_eq!(second["Rules"][0]["IsDefault"], true);
    assert_eq!(second["NextMarker"], Value::Null);
    // What is asked for by name is not cut.
    let named = json!({ "TargetGroupArns": [shop.stable, shop.canary] });
    let groups = get(&mut shop.world, "DescribeTargetGroups", named);
    assert_eq!(groups["TargetGroups"].as_array().unwrap().len(), 2);
}

#[test]
fn a_rule_that_is_deleted_is_gone() {
    let mut shop = shop("HTTP");
    stage::delete_rule(&mut shop.world, &shop.rule);
    let input = json!({ "RuleArn": shop.rule, "Actions": stage::forward(&[(&shop.stable, 1)]) });
    let (code, _) = refused(&mut shop.world, "ModifyRule", input);
    assert_eq!(code, "RuleNotFoundException");
}
