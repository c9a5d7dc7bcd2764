//! Who has a lane of its own, and who shares one.

use super::*;

#[test]
fn declared_apps_always_have_a_lane() {
    let mut apps = Apps::new(["shop", "bank"].into_iter());
    let strangers: Vec<AppIdx> = (0..UNDECLARED_MAX)
        .map(|number| apps.join(Some(&format!("stranger {number}"))))
        .collect();
    let shop = apps.join(Some("shop"));
    assert_eq!(apps.name(shop), "shop");
    assert!(!strangers.contains(&shop));
    assert_eq!(apps.join(Some("shop")), shop);
    assert_eq!(apps.join(None), AppIdx::NAMELESS);
}

#[test]
fn the_rest_share_one_until_a_lane_is_vacant() {
    let mut apps = Apps::new(std::iter::empty());
    let first = apps.join(Some("first"));
    for number in 1..UNDECLARED_MAX {
        assert_ne!(
            apps.join(Some(&format!("stranger {number}"))),
            AppIdx::REST,
            "{number}"
        );
    }
    assert_eq!(apps.join(Some("late")), AppIdx::REST);
    assert_eq!(apps.join(Some("later")), AppIdx::REST);
    // A lane with a message is not given away, one without is.
    apps.join(Some("first"));
    apps.leave(first);
    assert_eq!(apps.join(Some("later")), AppIdx::REST);
    apps.leave(first);
    assert_eq!(apps.join(Some("later")), first);
    assert_eq!(apps.name(first), "later");
    assert_eq!(apps.join(Some("first")), AppIdx::REST);
}
