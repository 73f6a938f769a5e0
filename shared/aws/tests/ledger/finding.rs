//! Whom does an alarm concern, and what is open?

use crate::bench::{on_dynamodb, on_simulator_only};
use crate::made::{arn, bake, end, fact, policy, release};
use aws_sdk_dynamodb::types::AttributeValue;

/// Policies that one alarm guards in the laws about pages.
const POLICIES: usize = 300;

#[test]
fn policies_whose_names_begin_alike_never_touch_each_other() {
    on_dynamodb(async |bench| {
        let names = ["a", "a-", "a-b", "ab", "abc"];
        for name in names {
            bench.open(&policy(name, &[name]), &release(&format!("r-{name}"))).await;
        }
        assert_eq!(bench.ledger.open_policies().await.unwrap(), names);
        let before = bench.rows().await;
        for name in names {
            assert_eq!(bench.ledger.guarded_by(&arn(name)).await.unwrap(), [name]);
        }

        let held = crate::bench::new(
            bench
                .ledger
                .merge("a", &fact(1), "rollback#1", crate::made::at(2))
                .await,
        );
        let held = bench.commit(&held, &bake(&held.release, 0)).await;
        bench.commit(&held, &end(&held.release)).await;
        let mut after = bench.rows().await;
        // Of the others nothing has changed, whatever begins like them.
        after.retain(|(pk, sk), _| pk != "policy#a" && sk != "policy#a" && pk != "release#r-a");
        let mut others = before.clone();
        others.retain(|(pk, sk), _| pk != "policy#a" && sk != "policy#a" && pk != "release#r-a");
        assert_eq!(after, others);
        assert_eq!(others.len(), 16, "four policies of four rows");
        assert_eq!(bench.ledger.open_policies().await.unwrap(), names[1..]);
    });
}

/// Alarm names with every kind of character that CloudWatch takes: UTF-8 without ASCII control
/// characters, 1 to 255 of them.
///
/// # Source
/// `PutMetricAlarm` in the Amazon CloudWatch API reference, `AlarmName`.
fn odd_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "orders dlq depth",
        "orders/dlq/depth",
        "orders#dlq#depth",
        "orders:dlq:depth",
        "orders-dlq",
        "orders-dlq-depth",
        "Orders-DLQ-Depth",
        " orders",
        "orders ",
        "orders",
        "policy#orders",
        "alarm#orders",
        "{\"orders\": [\\n]}",
        "'orders' = :pk AND #pk",
        "%6frders",
        "*",
        "Bestellungen für Fische 🐟",
        // The same to the eye: one code point, then two.
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{202e}sredro",
        "注文キュー",
        "orders\u{a0}dlq",
        "\u{85}next line, no ASCII",
    ]
    .map(str::to_owned)
    .into();
    names.extend(['x', 'ß', '注', '🐟'].map(|c| c.to_string().repeat(255)));
    let printable: String = (' '..='~').collect();
    names.push(printable);
    names
}

#[test]
fn alarms_with_every_legal_odd_character_are_found_exactly() {
    on_dynamodb(async |bench| {
        let names = odd_names();
        let policies: Vec<String> = (0..names.len()).map(|n| format!("p{n}")).collect();
        for (policy_name, alarm) in policies.iter().zip(&names) {
            bench
                .open(&policy(policy_name, &[alarm]), &release(&format!("r-{policy_name}")))
                .await;
        }
        for (policy_name, alarm) in policies.iter().zip(&names) {
            let found = bench.ledger.guarded_by(&arn(alarm)).await.unwrap();
            assert_eq!(found, [policy_name.as_str()], "{alarm:?}");
        }
    });
}

#[test]
fn an_alarm_that_guards_nothing_leads_nowhere() {
    on_dynamodb(async |bench| {
        bench.open(&policy("orders", &["orders-dlq"]), &release("r1")).await;
        let found = arn("orders-dlq");
        let elsewhere = [
            arn("orders-dl"),
            arn("orders-dlq-depth"),
            arn("ORDERS-DLQ"),
            arn("orders-dlq "),
            arn(""),
            found.replace("eu-central-1", "eu-west-1"),
            found.replace("111122223333", "111122223334"),
            "orders-dlq".to_owned(),
            String::new(),
        ];
        for alarm in elsewhere {
            assert_eq!(
                bench.ledger.guarded_by(&alarm).await.unwrap(),
                Vec::<String>::new(),
                "{alarm:?}"
            );
        }
        assert_eq!(bench.ledger.guarded_by(&found).await.unwrap(), ["orders"]);
    });
}

#[test]
fn an_alarm_leads_to_its_policy_after_the_release_too() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        bench.commit(&held, &end(&held.release)).await;
        // The pointer belongs to the policy: the next release is found by it at once.
        assert_eq!(bench.ledger.guarded_by(&arn("a")).await.unwrap(), ["orders"]);
    });
}

fn names() -> Vec<String> {
    (0..POLICIES).map(|n| format!("p{n:03}")).collect()
}

#[test]
fn an_alarm_of_300_policies_finds_them_all_page_by_page() {
    on_simulator_only(async |bench, sim| {
        for name in names() {
            bench.open(&policy(&name, &["shared"]), &release(&name)).await;
        }
        sim.world().page_size = Some(2);
        let before = sim.world().calls.len();
        assert_eq!(bench.ledger.guarded_by(&arn("shared")).await.unwrap(), names());
        assert_eq!(bench.ledger.open_policies().await.unwrap(), names());
        let asked = sim.world().calls.len() - before;
        assert!(
            asked >= POLICIES,
            "two listings of {POLICIES} in pages of two took {asked} calls"
        );
    });
}

#[test]
fn an_alarm_of_300_policies_finds_them_all_beyond_a_megabyte() {
    on_dynamodb(async |bench| {
        let first = &names()[0];
        bench.open(&policy(first, &["shared"]), &release("r1")).await;
        // A page ends after 1 MB. Rows of a later Serin may well be longer than ours; and moto copies
        // its whole table for each transaction, so that 300 openings would take it minutes.
        let padding = AttributeValue::S("x".repeat(4_000));
        let mut rows = bench.rows().await;
        rows.retain(|(pk, sk), _| pk != "release#r1" && sk != "release");
        assert_eq!(rows.len(), 2, "the pointers of the open list and of the alarm");
        for mut row in rows.into_values() {
            row.insert("padding".to_owned(), padding.clone());
            for name in names() {
                row.insert("sk".to_owned(), AttributeValue::S(format!("policy#{name}")));
                bench.put(&row).await;
            }
        }
        let request = bench
            .client
            .query()
            .table_name(&bench.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S("open".to_owned()));
        let page = request.send().await.unwrap();
        assert!(page.last_evaluated_key.is_some(), "{} rows on one page", page.count);

        assert_eq!(bench.ledger.guarded_by(&arn("shared")).await.unwrap(), names());
        assert_eq!(bench.ledger.open_policies().await.unwrap(), names());
    });
}
