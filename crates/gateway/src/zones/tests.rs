//! Where a number is.

use super::*;

#[test]
fn the_longest_prefix_decides() {
    let mut zones = Zones::clone(&Zones::built_in());
    zones.set_default("Europe/Vienna").unwrap();
    zones.insert("1212", &["America/New_York"]).unwrap();
    let check = |recipient: &str, expected: &[&str]| {
        let clocks = zones.clocks(zones.of(recipient));
        let names: Vec<&str> = clocks.iter().filter_map(TimeZone::iana_name).collect();
        assert_eq!(names, expected, "{recipient}");
    };
    check("+4915112345678", &["Europe/Berlin"]);
    check("+12125550123", &["America/New_York"]);
    check("+18765550123", &["America/Jamaica"]);
    check("+77015550123", &["Asia/Almaty"]);
    check("+34600000000", &["Europe/Madrid", "Atlantic/Canary"]);
    check("+3", &["Europe/Vienna"]);
    check("+88213000000", &["Europe/Vienna"]);
    check("12345", &["Europe/Vienna"]);
    assert_eq!(zones.clocks(zones.of("+13105550123")).len(), 10);
    assert_eq!(zones.clocks(zones.of("+79161234567")).len(), 11);
}

#[test]
fn what_is_built_in_covers_every_country_and_needs_no_file_of_the_system() {
    let zones = Zones::built_in();
    // ITU-T E.164, annex: codes that no country has.
    let unassigned = |code: u32| {
        matches!(code, 210 | 214 | 215 | 217 | 219 | 259 | 280..=289 | 292..=296 | 379 | 384 | 388)
            || matches!(code, 422 | 424..=429 | 671)
            || matches!(code, 684 | 693..=699 | 800..=809 | 830..=839 | 851 | 854 | 857..=859)
            || matches!(code, 870..=879 | 881..=885 | 887..=899 | 969 | 978..=979 | 990 | 991 | 997 | 999)
    };
    let missing: Vec<u32> = (100..1000)
        .filter(|code| !unassigned(*code))
        .filter(|code| zones.of(&format!("+{code}5550123")) == ZoneIdx::DEFAULT)
        .collect();
    assert_eq!(missing, []);
    let error = Zones::clone(&zones).insert("49", &["Berlin"]).unwrap_err();
    assert_eq!(error, UnknownZone("Berlin".to_owned()));
}
