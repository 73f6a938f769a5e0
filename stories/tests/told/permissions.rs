use super::played;
use std::collections::BTreeMap;
use stories::template::permissions::{self, Role};

#[test]
fn look() {
    let mut used: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for played in played::all() {
        for role in permissions::ours() {
            let Some(d) = played.demanded.get(&role.arn) else {
                continue;
            };
            for demand in d {
                for s in role.policy.statements.iter().filter(|s| s.covers(demand)) {
                    for p in s.resources.listed() {
                        let mut one = s.clone();
                        *one.resources.listed_mut() = vec![p.clone()];
                        if one.covers(demand) {
                            *used
                                .entry((
                                    role.resource.clone(),
                                    s.sid.clone().unwrap(),
                                    format!("{} {p}", demand.action),
                                ))
                                .or_default() += 1;
                        }
                    }
                }
            }
        }
    }
    for role in permissions::ours() {
        for s in &role.policy.statements {
            for a in s.actions.listed() {
                for p in s.resources.listed() {
                    let k = (role.resource.clone(), s.sid.clone().unwrap(), format!("{a} {p}"));
                    if !used.contains_key(&k) {
                        println!("UNUSED {k:?}");
                    }
                }
            }
        }
    }
}
