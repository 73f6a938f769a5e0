use super::{V1, V2, V3, get, image, refused, shop, stage, told};
use crate::world::World;
use serde_json::{Value, json};

fn of_shop(ids: Value) -> Value {
    json!({ "repositoryName": "team/shop", "imageIds": ids })
}

#[test]
fn an_image_that_is_missing_is_a_failure_among_those_that_are_there() {
    let (gone, odd) = ("sha256:dead", "sha256:no-hash");
    let cases = [
        (
            json!({ "imageTag": "one" }),
            Ok(json!({ "imageTag": "one", "imageDigest": V1 })),
        ),
        (json!({ "imageDigest": V3 }), Ok(json!({ "imageDigest": V3 }))),
        (
            json!({ "imageTag": "live", "imageDigest": V2 }),
            Ok(json!({ "imageTag": "live", "imageDigest": V2 })),
        ),
        (json!({ "imageTag": "three" }), Err("ImageNotFound")),
        (json!({ "imageDigest": gone }), Err("ImageNotFound")),
        (json!({ "imageTag": "three", "imageDigest": V1 }), Err("ImageNotFound")),
        (
            json!({ "imageTag": "live", "imageDigest": V1 }),
            Err("ImageTagDoesNotMatchDigest"),
        ),
        (json!({ "imageDigest": odd }), Err("InvalidImageDigest")),
        (json!({ "imageDigest": "latest" }), Err("InvalidImageDigest")),
        (json!({}), Err("MissingDigestAndTag")),
    ];
    let ids: Value = cases.iter().map(|(id, _)| id.clone()).collect();
    let reply = get(&mut shop(), "BatchGetImage", of_shop(ids));
    let found: Vec<_> = reply["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["imageId"])
        .collect();
    let wanted: Vec<_> = cases.iter().filter_map(|(_, wanted)| wanted.as_ref().ok()).collect();
    assert_eq!(found, wanted);
    let failed: Vec<_> = reply["failures"].as_array().unwrap().iter().collect();
    let wanted: Vec<_> = cases.iter().filter(|(_, wanted)| wanted.is_err()).collect();
    assert_eq!(failed.len(), wanted.len());
    for (failure, (id, code)) in failed.into_iter().zip(wanted) {
        assert_eq!(
            (&failure["imageId"], failure["failureCode"].as_str()),
            (id, code.as_ref().err().copied())
        );
    }
}

#[test]
fn an_image_comes_with_a_manifest_that_is_one() {
    let reply = get(&mut shop(), "BatchGetImage", of_shop(json!([{ "imageTag": "one" }])));
    let image = &reply["images"][0];
    assert_eq!(
        (&image["registryId"], &image["repositoryName"]),
        (&json!("111122223333"), &json!("team/shop"))
    );
    let manifest: Value = serde_json::from_str(image["imageManifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["mediaType"], image["imageManifestMediaType"]);
    assert_eq!(manifest["schemaVersion"], 2);
}

#[test]
fn one_missing_image_fails_a_description_of_many() {
    let (code, message) = refused(
        &mut shop(),
        "DescribeImages",
        of_shop(json!([{ "imageTag": "one" }, { "imageTag": "three" }])),
    );
    assert_eq!(code, "ImageNotFoundException");
    assert_eq!(
        message,
        "The image with imageId {imageDigest:'null', imageTag:'three'} does not exist within the repository with name \
         'team/shop' in the registry with id '111122223333'"
    );
    let cases = [
        (
            json!([{ "imageTag": "live", "imageDigest": V1 }]),
            "ImageNotFoundException",
        ),
        (json!([{ "imageDigest": "latest" }]), "InvalidParameterException"),
        (json!([{}]), "InvalidParameterException"),
    ];
    for (ids, code) in cases {
        assert_eq!(
            refused(&mut shop(), "DescribeImages", of_shop(ids.clone())).0,
            code,
            "{ids}"
        );
    }
}

#[test]
fn images_are_told_with_their_tags_as_the_filter_says() {
    let (one, two, three) = (image(V1, &["one"]), image(V2, &["live", "two"]), image(V3, &[]));
    let filter = |member: &str, value: &str| json!({ "filter": { member: value } });
    let all = vec![one.clone(), three.clone(), two.clone()];
    let cases = [
        (json!({}), all.clone()),
        (filter("tagStatus", "ANY"), all.clone()),
        (filter("tagStatus", "TAGGED"), vec![one.clone(), two.clone()]),
        (filter("tagStatus", "UNTAGGED"), vec![three.clone()]),
        (filter("imageStatus", "ACTIVE"), all.clone()),
        (filter("imageStatus", "ANY"), all),
        (filter("imageStatus", "ARCHIVED"), vec![]),
        (
            json!({ "imageIds": [{ "imageTag": "live" }, { "imageDigest": V1 }] }),
            vec![two, one.clone()],
        ),
        (
            json!({ "imageIds": [{ "imageDigest": V3 }, { "imageDigest": V1 }], "filter": { "tagStatus": "TAGGED" } }),
            vec![one],
        ),
    ];
    for (extra, wanted) in cases {
        assert_eq!(told(&mut shop(), extra.clone()), wanted, "{extra}");
    }
    let untagged = get(&mut shop(), "DescribeImages", of_shop(json!([{ "imageDigest": V3 }])));
    assert!(untagged["imageDetails"][0].get("imageTags").is_none(), "{untagged}");
}

#[test]
fn images_come_in_pages_that_a_deletion_does_not_shift() {
    let mut world = shop();
    let first = get(
        &mut world,
        "DescribeImages",
        json!({ "repositoryName": "team/shop", "maxResults": 1 }),
    );
    assert_eq!(first["imageDetails"].as_array().map(Vec::len), Some(1));
    stage::delete(&mut world, "team/shop", V1);
    world.page_size = Some(1);
    let second = told(&mut world, json!({ "nextToken": first["nextToken"] }));
    assert_eq!(second, [image(V3, &[])]);
    world.page_size = None;
    assert_eq!(told(&mut world, json!({ "nextToken": first["nextToken"] })).len(), 2);
    let last = json!({ "repositoryName": "team/shop", "nextToken": first["nextToken"] });
    assert!(get(&mut world, "DescribeImages", last).get("nextToken").is_none());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let ids = json!([{ "imageTag": "one" }]);
    let cases = [
        (
            "DescribeImages",
            json!({ "repositoryName": "shop" }),
            "RepositoryNotFoundException",
        ),
        (
            "BatchGetImage",
            json!({ "repositoryName": "shop", "imageIds": ids }),
            "RepositoryNotFoundException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "team/shop", "registryId": "999999999999" }),
            "RepositoryNotFoundException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "team/shop", "imageIds": ids, "maxResults": 1 }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "team/shop", "nextToken": "more" }),
            "InvalidParameterException",
        ),
        (
            "BatchGetImage",
            json!({ "repositoryName": "team/shop", "imageIds": ids, "acceptedMediaTypes": ["x/y"] }),
            "InvalidParameterException",
        ),
    ];
    for (operation, input, code) in cases {
        assert_eq!(
            refused(&mut shop(), operation, input.clone()).0,
            code,
            "{operation} {input}"
        );
    }
}

#[test]
fn an_image_is_told_with_the_moment_of_its_first_push() {
    let mut world = World::new(1);
    stage::push(&mut world, "shop", "one", V1);
    let pushed = world.now;
    world.advance_to(pushed.plus_seconds(60));
    stage::push(&mut world, "shop", "two", V1);
    let reply = get(&mut world, "DescribeImages", json!({ "repositoryName": "shop" }));
    assert_eq!(reply["imageDetails"].as_array().map(Vec::len), Some(1));
    assert_eq!(reply["imageDetails"][0]["imagePushedAt"], json!(pushed.seconds()));
}
