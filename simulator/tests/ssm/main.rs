//! Parameters, told once by AWS's own SDK and held against two Parameter Stores: what Serin reads policies by, and what
//! people write and delete them by.
//!
//! Where `SERIN_SSM` names an address (`http://127.0.0.1:5000`, a moto server), they run there; else against the
//! simulator. `tools/contract` runs both. What moto does not do as AWS documents it is held against the simulator alone.

mod bench;
#[path = "../contract/mod.rs"]
mod contract;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::{Parameter, ParameterTier, ParameterType, Tag};
use bench::{Bench, on_simulator_only, on_ssm};

/// What this name is refused with when it is read.
async fn unread(bench: &Bench, name: &str) -> Option<String> {
    let reply = bench.client.get_parameter().name(name).send().await;
    reply.err().and_then(|refused| refused.code().map(str::to_owned))
}

/// What a new parameter of this name and value is refused with; nothing where it is written.
async fn unwritten(bench: &Bench, name: &str, value: &str) -> Option<(String, String)> {
    let put = bench.client.put_parameter().name(name).value(value);
    let refused = put.r#type(ParameterType::String).send().await.err()?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some((text(refused.code()), text(refused.message())))
}

#[test]
fn a_parameter_is_told_as_it_was_written() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        let written = bench.put("orders", r#"{"name":"orders","§":"ü"}"#).await;
        assert_eq!((written.version(), written.tier()), (1, Some(&ParameterTier::Standard)));
        let told = bench.told(&name).await;
        assert_eq!(told.name(), Some(name.as_str()));
        assert_eq!(told.value(), Some(r#"{"name":"orders","§":"ü"}"#));
        assert_eq!(
            (told.r#type(), told.data_type(), told.version()),
            (Some(&ParameterType::String), Some("text"), 1)
        );
        let arn = told.arn().unwrap_or_default();
        assert!(arn.starts_with("arn:aws:ssm:eu-central-1:"), "{arn}");
        assert!(arn.ends_with(&format!(":parameter{name}")), "{arn}");
    });
}

#[test]
fn every_writing_is_a_version_of_its_own_and_the_newest_is_told() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        let mut modified = None;
        for (version, value) in [(1, "one"), (2, "two"), (3, "two")] {
            assert_eq!(bench.put("orders", value).await.version(), version);
            let told = bench.told(&name).await;
            assert_eq!((told.version(), told.value()), (version, Some(value)));
            let at = told.last_modified_date().map(|at| at.as_secs_f64());
            assert!(at.is_some() && at >= modified, "{at:?} after {modified:?}");
            modified = at;
        }
    });
}

#[test]
fn a_value_is_not_replaced_unasked() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        bench.put("orders", "one").await;
        for overwrite in [None, Some(false)] {
            let put = bench.client.put_parameter().name(&name).value("two");
            let put = put.r#type(ParameterType::String).set_overwrite(overwrite);
            let refused = put.send().await.unwrap_err().into_service_error();
            assert!(refused.is_parameter_already_exists(), "{refused:?}");
            let message = refused.message().unwrap_or_default();
            assert!(
                message.contains("set the overwrite option in the request to true"),
                "{message}"
            );
        }
        let told = bench.told(&name).await;
        assert_eq!((told.version(), told.value()), (1, Some("one")));
    });
}

#[test]
fn an_earlier_version_is_told_by_its_number_and_by_the_parameters_arn() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        bench.put("orders", "one").await;
        bench.put("orders", "two").await;
        let arn = bench.told(&name).await.arn.expect("an ARN");
        let cases = [
            (name.clone(), 2, "two"),
            (format!("{name}:1"), 1, "one"),
            (format!("{name}:2"), 2, "two"),
            (arn.clone(), 2, "two"),
            (format!("{arn}:1"), 1, "one"),
        ];
        for (reference, version, value) in cases {
            let told = bench.told(&reference).await;
            assert_eq!((told.version(), told.value()), (version, Some(value)), "{reference}");
            assert_eq!(told.name(), Some(name.as_str()), "{reference}");
        }
    });
}

#[test]
fn what_is_not_there_is_said_to_be_so() {
    on_ssm(async |bench| {
        bench.put("orders", "one").await;
        let cases = [
            (bench.name("order"), "ParameterNotFound"),
            (bench.name("Orders"), "ParameterNotFound"),
            (bench.name("orders/deep"), "ParameterNotFound"),
            (bench.path.trim_end_matches('/').to_owned(), "ParameterNotFound"),
            (bench.name("order:1"), "ParameterNotFound"),
            (bench.name("orders:2"), "ParameterVersionNotFound"),
        ];
        for (name, code) in cases {
            assert_eq!(unread(bench, &name).await.as_deref(), Some(code), "{name}");
        }
        let get = bench.client.get_parameter().name(bench.name("order")).send().await;
        let refused = get.unwrap_err().into_service_error();
        assert!(refused.is_parameter_not_found(), "{refused:?}");
        let delete = bench.client.delete_parameter().name(bench.name("order")).send().await;
        let refused = delete.unwrap_err().into_service_error();
        assert!(refused.is_parameter_not_found(), "{refused:?}");
    });
}

#[test]
fn what_is_deleted_is_gone_and_begins_again_at_version_1() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        bench.put("orders", "one").await;
        bench.put("orders", "two").await;
        bench
            .client
            .delete_parameter()
            .name(&name)
            .send()
            .await
            .expect("deleted");
        assert_eq!(unread(bench, &name).await.as_deref(), Some("ParameterNotFound"));
        assert_eq!(bench.pages(None, None).await.concat(), [""; 0]);
        let again = bench.client.delete_parameter().name(&name).send().await.unwrap_err();
        assert_eq!(again.code(), Some("ParameterNotFound"));
        assert_eq!(bench.put("orders", "three").await.version(), 1);
        assert_eq!(bench.told(&name).await.value(), Some("three"));
    });
}

#[test]
fn a_path_tells_what_lies_below_it_and_nothing_else() {
    on_ssm(async |bench| {
        for last in ["b", "a", "a/deep"] {
            bench.put(last, last).await;
        }
        // Beside the path, and only so named.
        let beside = format!("{}x/c", bench.path.trim_end_matches('/'));
        assert_eq!(unwritten(bench, &beside, "c").await, None);
        let cases: [(Option<bool>, &[&str]); 3] = [
            (None, &["a", "b"]),
            (Some(false), &["a", "b"]),
            (Some(true), &["a", "a/deep", "b"]),
        ];
        for (recursive, wanted) in cases {
            let mut found = bench.pages(None, recursive).await.concat();
            found.sort();
            assert_eq!(found, wanted, "{recursive:?}");
        }
        for (path, wanted) in [
            (bench.path.trim_end_matches('/').to_owned(), 2),
            (bench.name("a"), 1),
            (bench.name("nothing"), 0),
        ] {
            let reply = bench.client.get_parameters_by_path().path(&path).send().await;
            assert_eq!(reply.expect("a page").parameters().len(), wanted, "{path}");
        }
    });
}

#[test]
fn what_lies_below_a_path_is_told_as_each_by_itself() {
    on_ssm(async |bench| {
        bench.put("orders", "one").await;
        bench.put("orders", "two").await;
        let reply = bench.client.get_parameters_by_path().path(&bench.path).send().await;
        let reply = reply.expect("a page");
        let [found] = reply.parameters() else {
            panic!("{reply:?}");
        };
        let told = bench.told(&bench.name("orders")).await;
        let members = |parameter: &Parameter| {
            let modified = parameter.last_modified_date().copied();
            (
                parameter.name.clone(),
                parameter.value.clone(),
                parameter.version,
                modified,
                parameter.arn.clone(),
            )
        };
        assert_eq!(members(found), members(&told));
        assert_eq!(found.version(), 2);
    });
}

#[test]
fn a_page_holds_ten_at_most_and_the_pages_hold_each_parameter_once() {
    on_ssm(async |bench| {
        let wanted: Vec<String> = (0..23).map(|number| format!("policy-{number:02}")).collect();
        for last in &wanted {
            bench.put(last, "x").await;
        }
        for (page, most) in [(None, 10), (Some(10), 10), (Some(7), 7), (Some(1), 1)] {
            let pages = bench.pages(page, None).await;
            let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
            assert!(sizes.iter().all(|size| *size <= most), "{page:?}: {sizes:?}");
            let mut found = pages.concat();
            found.sort();
            assert_eq!(found, wanted, "{page:?}");
        }
        let wide = bench.client.get_parameters_by_path().path(&bench.path).max_results(11);
        let refused = wide.send().await.unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
        let message = refused.message().unwrap_or_default().to_owned();
        assert!(message.contains("less than or equal to 10"), "{message}");
    });
}

#[test]
fn a_value_may_be_as_long_as_a_standard_parameter_holds_and_not_empty() {
    on_ssm(async |bench| {
        let full = "x".repeat(4096);
        let written = bench.put("full", &full).await;
        assert_eq!(written.tier(), Some(&ParameterTier::Standard));
        assert_eq!(bench.told(&bench.name("full")).await.value(), Some(full.as_str()));
        let (code, message) = unwritten(bench, &bench.name("empty"), "").await.expect("refused");
        assert_eq!(code, "ValidationException");
        assert!(message.contains("length greater than or equal to 1"), "{message}");
        assert_eq!(
            unread(bench, &bench.name("empty")).await.as_deref(),
            Some("ParameterNotFound")
        );
    });
}

#[test]
fn a_longer_value_needs_the_advanced_tier() {
    on_ssm(async |bench| {
        for (last, size) in [("short", 1), ("long", 4097), ("full", 8192)] {
            let put = bench
                .client
                .put_parameter()
                .name(bench.name(last))
                .value("x".repeat(size));
            let put = put.r#type(ParameterType::String).tier(ParameterTier::Advanced);
            let written = put.send().await.expect("written");
            assert_eq!(written.tier(), Some(&ParameterTier::Advanced), "{size}");
            let told = bench.told(&bench.name(last)).await;
            assert_eq!(told.value().map(str::len), Some(size), "{size}");
        }
    });
}

#[test]
fn names_of_aws_and_ssm_are_refused() {
    on_ssm(async |bench| {
        let cases = [
            ("aws-orders", "ValidationException"),
            ("AWSorders", "ValidationException"),
            ("ssmorders", "ValidationException"),
            ("/ssm/orders/deep", "ValidationException"),
            ("/aws/orders", "AccessDeniedException"),
        ];
        for (name, code) in cases {
            let refused = unwritten(bench, name, "x").await.map(|(code, _)| code);
            assert_eq!(refused.as_deref(), Some(code), "{name}");
        }
    });
}

#[test]
fn a_new_parameter_needs_a_type_and_an_update_keeps_it() {
    on_ssm(async |bench| {
        let name = bench.name("orders");
        let untyped = || bench.client.put_parameter().name(&name).value("a,b");
        let refused = untyped().send().await.unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
        let message = refused.message().unwrap_or_default().to_owned();
        assert!(message.contains("type is required"), "{message}");
        let typed = untyped().r#type(ParameterType::StringList).send().await;
        assert_eq!(typed.expect("written").version(), 1);
        let update = untyped().overwrite(true).send().await;
        assert_eq!(update.expect("written").version(), 2);
        assert_eq!(bench.told(&name).await.r#type(), Some(&ParameterType::StringList));
    });
}

#[test]
fn tags_are_given_at_birth_only() {
    on_ssm(async |bench| {
        let tag = || {
            Tag::builder()
                .key("serin:policy")
                .value("orders")
                .build()
                .expect("a tag")
        };
        let put = || {
            let put = bench.client.put_parameter().name(bench.name("orders")).value("x");
            put.r#type(ParameterType::String).tags(tag())
        };
        put().send().await.expect("written");
        let refused = put().overwrite(true).send().await.unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
        let message = refused.message().unwrap_or_default().to_owned();
        assert!(
            message.contains("tags and overwrite can't be used together"),
            "{message}"
        );
    });
}

#[test]
fn a_secret_is_told_only_decrypted() {
    on_ssm(async |bench| {
        let name = bench.name("secret");
        let put = bench.client.put_parameter().name(&name).value("hush");
        put.r#type(ParameterType::SecureString).send().await.expect("written");
        for (decrypted, plain) in [(None, false), (Some(false), false), (Some(true), true)] {
            let get = bench.client.get_parameter().name(&name).set_with_decryption(decrypted);
            let told = get.send().await.expect("told").parameter.expect("a parameter");
            assert_eq!(told.value() == Some("hush"), plain, "{decrypted:?}");
        }
    });
}

#[test]
fn the_oldest_of_a_hundred_versions_makes_room() {
    on_ssm(async |bench| {
        for version in 1..=101 {
            assert_eq!(bench.put("orders", &version.to_string()).await.version(), version);
        }
        let name = bench.name("orders");
        let first = unread(bench, &format!("{name}:1")).await;
        assert_eq!(first.as_deref(), Some("ParameterVersionNotFound"));
        assert_eq!(bench.told(&format!("{name}:2")).await.value(), Some("2"));
        assert_eq!(bench.told(&name).await.value(), Some("101"));
    });
}

#[test]
fn a_value_beyond_its_tier_is_refused() {
    on_simulator_only("moto keeps values of any length", async |bench| {
        let cases = [
            (None, 4097, "maximum parameter value of 4096 characters"),
            (Some(ParameterTier::Standard), 4097, "upgrade the parameter"),
            // Two bytes each: the limit is 4 KB.
            (None, 0, "maximum parameter value of 4096 characters"),
            (
                Some(ParameterTier::Advanced),
                8193,
                "maximum parameter value of 8192 characters",
            ),
        ];
        for (tier, size, text) in cases {
            let value = if size == 0 { "ü".repeat(2049) } else { "x".repeat(size) };
            let put = bench.client.put_parameter().name(bench.name("orders")).value(value);
            let put = put.r#type(ParameterType::String).set_tier(tier);
            let refused = put.send().await.unwrap_err();
            assert_eq!(refused.code(), Some("ValidationException"), "{size}");
            let message = refused.message().unwrap_or_default().to_owned();
            assert!(message.contains(text), "{size}: {message}");
        }
        assert_eq!(
            unread(bench, &bench.name("orders")).await.as_deref(),
            Some("ParameterNotFound")
        );
    });
}

#[test]
fn the_tier_of_what_fits_is_chosen_where_that_is_left_to_aws() {
    on_simulator_only("moto answers with the tier that was asked for", async |bench| {
        for (last, size, tier) in [
            ("short", 4096, ParameterTier::Standard),
            ("long", 4097, ParameterTier::Advanced),
        ] {
            let put = bench
                .client
                .put_parameter()
                .name(bench.name(last))
                .value("x".repeat(size));
            let put = put
                .r#type(ParameterType::String)
                .tier(ParameterTier::IntelligentTiering);
            assert_eq!(put.send().await.expect("written").tier(), Some(&tier), "{size}");
        }
    });
}

#[test]
fn an_advanced_parameter_is_not_made_a_standard_one() {
    on_simulator_only("moto lets it be", async |bench| {
        let put = || {
            let put = bench.client.put_parameter().name(bench.name("orders")).value("x");
            put.r#type(ParameterType::String)
        };
        put().tier(ParameterTier::Advanced).send().await.expect("written");
        let refused = put()
            .tier(ParameterTier::Standard)
            .overwrite(true)
            .send()
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
        let message = refused.message().unwrap_or_default().to_owned();
        assert!(message.contains("can't downgrade"), "{message}");
    });
}

#[test]
fn a_parameters_type_stays_what_it_was() {
    on_simulator_only("moto lets it change", async |bench| {
        bench.put("orders", "x").await;
        let put = bench.client.put_parameter().name(bench.name("orders")).value("y");
        let put = put.r#type(ParameterType::SecureString).overwrite(true);
        let refused = put.send().await.unwrap_err().into_service_error();
        assert!(refused.is_hierarchy_type_mismatch_exception(), "{refused:?}");
        assert_eq!(bench.told(&bench.name("orders")).await.value(), Some("x"));
    });
}

#[test]
fn what_overwrites_nothing_needs_a_type_too() {
    on_simulator_only("moto writes one without a type", async |bench| {
        let put = bench.client.put_parameter().name(bench.name("orders")).value("x");
        let refused = put.overwrite(true).send().await.unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
    });
}

#[test]
fn names_that_are_no_path_are_refused() {
    on_simulator_only("moto looks at none of this", async |bench| {
        let deep = "/a".repeat(16);
        let cases = [
            ("serin/orders", "ValidationException"),
            ("/serin//orders", "ValidationException"),
            ("/serin/orders/", "ValidationException"),
            ("/serin/or ders", "ValidationException"),
            (&deep, "HierarchyLevelLimitExceededException"),
        ];
        for (name, code) in cases {
            let refused = unwritten(bench, name, "x").await.map(|(code, _)| code);
            assert_eq!(refused.as_deref(), Some(code), "{name}");
        }
    });
}

#[test]
fn a_value_names_no_other_parameter() {
    on_simulator_only("moto writes it", async |bench| {
        let refused = unwritten(bench, &bench.name("orders"), "{{ssm:other}}").await;
        assert_eq!(refused.map(|(code, _)| code).as_deref(), Some("ValidationException"));
        // Braces of JSON that close apart are none of that.
        assert_eq!(unwritten(bench, &bench.name("orders"), r#"{"a":{"b":{}}}"#).await, None);
    });
}

#[test]
fn a_label_that_no_version_has_is_a_version_that_is_not_there() {
    on_simulator_only("moto says that there is no such parameter", async |bench| {
        bench.put("orders", "x").await;
        let refused = unread(bench, &bench.name("orders:live")).await;
        assert_eq!(refused.as_deref(), Some("ParameterVersionNotFound"));
    });
}

#[test]
fn a_reply_says_which_version_was_asked_for() {
    on_simulator_only("moto tells no selector", async |bench| {
        bench.put("orders", "x").await;
        let name = bench.name("orders");
        assert_eq!(bench.told(&name).await.selector(), None);
        assert_eq!(bench.told(&format!("{name}:1")).await.selector(), Some(":1"));
    });
}

#[test]
fn a_listing_that_makes_no_sense_is_refused() {
    on_simulator_only(
        "moto takes any path, and a token that it did not give ends in an error of its own",
        async |bench| {
            let client = &bench.client;
            let refused = client.get_parameters_by_path().path("serin").send().await.unwrap_err();
            assert_eq!(refused.code(), Some("ValidationException"));
            let request = client.get_parameters_by_path().path(&bench.path).next_token("nonsense");
            let refused = request.send().await.unwrap_err().into_service_error();
            assert!(refused.is_invalid_next_token(), "{refused:?}");
        },
    );
}
