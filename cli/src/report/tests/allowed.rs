//! What a person must be allowed, for a page of everything.

use super::super::Found;
use super::{Story, bad, latest};
use aws::review;
use serde_json::Value;
use simulator::iam::{self, Document};
use stories::template::permissions::access_key;

/// What docs/permissions.md says that a person needs.
fn needed() -> Document {
    let page = std::fs::read_to_string("../docs/permissions.md").expect("docs/permissions.md");
    let section = page
        .split("\n## What `serin report` needs\n")
        .nth(1)
        .expect("the section");
    let block = section
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let block = block.expect("a policy");
    let block = block
        .replace("REGION", "eu-central-1")
        .replace("ACCOUNT", "111122223333")
        .replace("LEDGER", "serin");
    let policy: Value = serde_json::from_str(&block).expect("JSON");
    Document::read(&policy).expect("a policy that is understood")
}

/// From now on whoever asks may do only this.
fn deny(story: &Story, may: Document) {
    let mut world = story.stage.sim.world();
    let role = "arn:aws:iam::111122223333:role/people";
    iam::stage::role(&mut world, role, vec![may]);
    iam::stage::signs(&mut world, &access_key(""), role, "ann");
}

#[test]
fn the_permissions_on_the_page_are_enough_and_none_of_them_is_too_much() {
    let story = bad();
    let serin = story.stage.serin("cli");
    let release = latest(&story);
    let unread = || {
        story.stage.sim.block_on(async {
            let found = Found::of(&serin.ledger, "orders", &release)
                .await
                .map_err(|error| error.to_string())?;
            let found = found.ok_or("no release")?;
            let (now, of) = (serin.now(), &found.of);
            let review = review::look(&serin.clients, &of.policy, &of.release, found.time(now), now).await;
            Ok::<_, String>(found.page(&review, None, now, String::new()).unread)
        })
    };
    let needed = needed();
    deny(&story, needed.clone());
    assert_eq!(unread(), Ok(Vec::new()), "too little");
    let mut taken = 0;
    for (number, statement) in needed.statements.iter().enumerate() {
        for action in statement.actions.listed() {
            let mut less = needed.clone();
            less.statements[number]
                .actions
                .listed_mut()
                .retain(|kept| kept != action);
            deny(&story, less);
            let is_missed = match unread() {
                Ok(unread) => unread.iter().any(|line| line.contains(&format!("need {action}"))),
                // Without the ledger there is no page.
                Err(why) => action.starts_with("dynamodb:") && why.contains("AccessDenied"),
            };
            assert!(is_missed, "without {action}: {:?}", unread());
            taken += 1;
        }
    }
    assert_eq!(taken, 7, "{needed:?}");
}
