use crate::policy::{Alb, Promotion, Traffic};
use crate::testing::policy;
use crate::{Policy, SeenForward};

fn swapping() -> Policy {
    Policy {
        traffic: Traffic::Alb(Alb {
            rule: "rule".to_owned(),
            stable_target_group: "blue".to_owned(),
            canary_target_group: "green".to_owned(),
            resting_share_permille: None,
        }),
        promotion: Promotion::Swap,
        ..policy()
    }
}

fn forward(canary: Option<u32>, stable: Option<u32>) -> SeenForward {
    SeenForward {
        canary,
        stable,
        others: 0,
        sticky_seconds: None,
        tagged: None,
    }
}

fn groups(policy: &Policy) -> (&str, &str) {
    let alb = policy.alb().unwrap();
    (&alb.stable_target_group, &alb.canary_target_group)
}

#[test]
fn who_carries_more_is_stable_and_equal_weights_say_nothing() {
    let cases = [
        (Some(0), Some(1), Ok("orders")),
        (None, Some(1), Ok("orders")),
        (Some(1), Some(0), Ok("orders-canary")),
        (Some(999), None, Ok("orders-canary")),
        (Some(30), Some(70), Ok("orders")),
        (Some(70), Some(30), Ok("orders-canary")),
        (Some(500), Some(500), Err("both have the weight 500")),
        (Some(0), Some(0), Err("neither has any weight")),
        (None, None, Err("neither has any weight")),
        (None, Some(0), Err("neither has any weight")),
    ];
    for (canary, stable, expected) in cases {
        let found = swapping().in_roles(Some(&forward(canary, stable)));
        match expected {
            Ok(name) => assert_eq!(found.unwrap().two_services.stable, name, "{canary:?} to {stable:?}"),
            Err(why) => {
                let said = found.unwrap_err();
                assert!(said.contains(why), "{said}");
                assert!(
                    said.ends_with("give the one that is to be stable all the weight"),
                    "{said}"
                );
            }
        }
    }
    assert!(swapping().in_roles(None).unwrap_err().contains("is not there"));
}

#[test]
fn services_and_target_groups_are_exchanged_together_and_twice_is_not_at_all() {
    let turned = swapping().turned();
    assert_eq!(
        (turned.two_services.stable.as_str(), turned.two_services.canary.as_str()),
        ("orders-canary", "orders")
    );
    assert_eq!(groups(&turned), ("green", "blue"));
    assert_eq!(turned.turned(), swapping());
}

#[test]
fn an_open_release_keeps_its_roles_whatever_the_weights_are_and_only_where_services_are_swapped() {
    let (plain, turned) = (swapping(), swapping().turned());
    let elsewhere = Policy {
        two_services: crate::policy::TwoServices {
            cluster: "test".to_owned(),
            ..turned.two_services.clone()
        },
        ..turned.clone()
    };
    let rolled = Policy {
        promotion: Promotion::RollStable,
        ..swapping()
    };
    assert_eq!(plain.in_roles_of(&turned), turned);
    assert_eq!(plain.in_roles_of(&plain), plain);
    assert_eq!(plain.in_roles_of(&elsewhere), plain);
    assert_eq!(rolled.in_roles_of(&turned), rolled);
    assert_eq!(rolled.in_roles(Some(&forward(Some(1), Some(0)))).unwrap(), rolled);
}
