//! The entries that are built in, what replaces them, and what a wrong file is told.

use super::*;

fn class_of(cause: Cause) -> CauseClass {
    Causes::built_in().rule(cause, None, "").class
}

#[test]
fn every_code_has_a_rule() {
    let causes = Causes::built_in();
    for code in 0..=u16::MAX {
        assert!(!causes.rule(Cause::Cms(code), None, "").name.is_empty());
        assert!(!causes.rule(Cause::Cme(code), None, "").name.is_empty());
    }
    let classes: std::collections::BTreeSet<CauseClass> = causes
        .entries()
        .iter()
        .map(|entry| entry.rule.class)
        .collect();
    assert_eq!(classes.len(), CauseClass::ALL.len());
}

#[test]
fn what_the_codes_mean() {
    for (class, codes) in [
        (
            CauseClass::Permanent,
            &[1, 3, 27, 30, 88, 130, 160, 195, 196][..],
        ),
        (
            CauseClass::SimSick,
            &[29, 50, 193, 262, 310, 312, 313, 315, 316, 2051],
        ),
        (CauseClass::Barred, &[8, 10, 257]),
        (
            CauseClass::SameSim,
            &[0, 2, 4, 5, 6, 17, 38, 41, 42, 47, 98, 126, 192, 194, 213],
        ),
        (
            CauseClass::OtherSim,
            &[
                21, 28, 69, 97, 99, 127, 131, 240, 255, 307, 400, 500, 65_535,
            ],
        ),
        (
            CauseClass::Configuration,
            &[95, 96, 128, 144, 176, 198, 303, 304, 305, 330, 516],
        ),
        (
            CauseClass::Wait,
            &[208, 211, 212, 256, 302, 314, 322, 331, 515, 527, 535],
        ),
        (CauseClass::ModemSick, &[210, 263, 341, 769]),
        (CauseClass::Unknown, &[197, 332]),
    ] {
        for code in codes {
            assert_eq!(class_of(Cause::Cms(*code)), class, "+CMS ERROR: {code}");
        }
    }
    assert_eq!(class_of(Cause::NoPrompt), CauseClass::ModemSick);
    assert_eq!(class_of(Cause::Cme(31)), CauseClass::Unknown);
    assert_eq!(class_of(Cause::Cme(9_999)), CauseClass::OtherSim);
}

#[test]
fn the_same_number_means_other_things_in_other_modules() {
    let causes = Causes::built_in();
    for (modem, class) in [
        ("Wavecom Fastrack", CauseClass::Wait),
        ("SIMCOM SIM7600E-H", CauseClass::Wait),
        ("Cinterion BGS2", CauseClass::Configuration),
        ("nobody knows", CauseClass::Wait),
    ] {
        let rule = causes.rule(Cause::Cms(515), None, modem);
        assert_eq!(rule.class, class, "{modem}");
    }
    assert_eq!(
        causes
            .rule(Cause::Cms(529), None, "SIMCOM SIM7600E-H")
            .class,
        CauseClass::SimSick
    );
}

#[test]
fn an_operators_file_goes_over_what_is_built_in() {
    let own = "
        [cms]
        38 = { class = \"other_sim\", name = \"no credit\" }
        [operator.t2.cms]
        28 = { class = \"sim_sick\", name = \"no money\" }
        [module.wavecom.cms]
        515 = { class = \"modem_sick\", name = \"stuck\" }";
    let causes = Causes::built_in().with(Causes::parse(own).unwrap());
    let class = |code, operator, modem| causes.rule(Cause::Cms(code), operator, modem).class;
    assert_eq!(class(38, None, ""), CauseClass::OtherSim);
    assert_eq!(class(28, Some("t2"), ""), CauseClass::SimSick);
    assert_eq!(class(28, Some("other"), ""), CauseClass::OtherSim);
    assert_eq!(class(515, None, "WAVECOM"), CauseClass::ModemSick);
    assert_eq!(
        class(512, None, "WAVECOM"),
        CauseClass::Wait,
        "the rest stays"
    );
    assert_eq!(class(41, None, ""), CauseClass::SameSim, "the rest stays");
}

#[test]
fn codes_are_explained() {
    let causes = Causes::built_in();
    let shown = |code: &str| -> Vec<String> {
        let entries = causes.explain(code);
        let line = |entry: &CauseEntry| format!("{} {} {}", entry.scope, entry.family, entry.code);
        entries.iter().map(line).collect()
    };
    assert_eq!(shown("38"), ["general cms 38", "general cme default"]);
    assert_eq!(shown("cms_131"), ["general cms 128-255"]);
    assert_eq!(shown("CMS 41"), ["general cms 41"]);
    assert_eq!(shown("no_prompt"), ["general other no_prompt"]);
    assert_eq!(shown("cms_512").len(), 4);
    assert_eq!(shown("nonsense"), [""; 0]);
    assert_eq!(shown("65536"), [""; 0]);
}

#[test]
fn faults_are_told_with_their_line() {
    for (text, expected) in [
        ("[cms", "line 1: the file: unclosed table, expected `]`"),
        (
            "\n[sms]\n1 = 2",
            "line 2: sms: is unknown; allowed: cms, cme, other, operator, module",
        ),
        (
            "[cms]\n70000 = { class = \"wait\", name = \"n\" }",
            "line 2: cms.70000: is no code; allowed: 38, \"128-255\", default; codes from 0 to 65535",
        ),
        (
            "[cms]\n\"9-3\" = { class = \"wait\", name = \"n\" }",
            "line 2: cms.9-3: is no code; allowed: 38, \"128-255\", default; codes from 0 to 65535",
        ),
        (
            "[cms]\n1 = { name = \"n\" }",
            "line 2: cms.1.class: is missing; allowed: same_sim, other_sim, permanent, sim_sick, barred, modem_sick, wait, configuration, unknown",
        ),
        (
            "[cms]\n1 = { class = \"wait\" }",
            "line 2: cms.1.name: is missing: say what it is called",
        ),
        (
            "[cms]\n1 = { class = \"maybe\", name = \"n\" }",
            "line 2: cms.1.class: is no class; allowed: same_sim, other_sim, permanent, sim_sick, barred, modem_sick, wait, configuration, unknown",
        ),
        (
            "[cms]\n1 = { class = \"wait\", name = \"n\", wait = \"2h\" }",
            "line 2: cms.1.wait: is no such time; allowed: a number and s, m or h, from \"0s\" to \"1h\"",
        ),
        (
            "[cms]\n1 = { class = \"wait\", name = \"n\", count = 0 }",
            "line 2: cms.1.count: is no such count; allowed: 1 to 8",
        ),
        (
            "[cms]\n1 = { class = \"wait\", name = \"n\", suspect = \"me\" }",
            "line 2: cms.1.suspect: is nobody that can be suspected; allowed: \"recipient\", \"sim\"",
        ),
        (
            "[cms]\n1 = { class = \"wait\", name = \"n\", what = 1 }",
            "line 2: cms.1.what: is unknown; allowed: class, wait, count, then, suspect, name, note",
        ),
        (
            "[other]\nsilence = { class = \"wait\", name = \"n\" }",
            "line 2: other.silence: is no such cause; allowed: error, no_prompt, line_lost",
        ),
        (
            "[module.a]\nmatch = []",
            "line 2: module.a.match: is no list of words; allowed: [\"sim7\", …]",
        ),
        ("cms = 1", "line 1: cms: is no table"),
    ] {
        let faults = Causes::parse(text).unwrap_err();
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [expected], "{text}");
    }
}

#[test]
fn refusals_change_the_class_and_lengthen_the_wait() {
    let causes = Causes::built_in();
    let rule = causes.rule(Cause::Cms(41), None, "");
    let classes: Vec<CauseClass> = (1..=5).map(|refusals| rule.class_at(refusals)).collect();
    let (same, other) = (CauseClass::SameSim, CauseClass::OtherSim);
    assert_eq!(classes, [same, same, same, other, other]);
    let waits: Vec<u64> = [0, 1, 2, 3, 6, 7, 40, u16::MAX]
        .map(|refusals| rule.back_off(refusals).as_secs())
        .to_vec();
    assert_eq!(waits, [5, 5, 10, 20, 160, 300, 300, 300]);
}

#[test]
fn jitter_comes_from_the_seed_and_stays_within_a_fifth() {
    let wait = Duration::from_secs(100);
    let mut seen = std::collections::BTreeSet::new();
    for message in 0..1000 {
        let waited = jittered(wait, 7, message, 1);
        assert!((80..=120).contains(&waited.as_secs()), "{waited:?}");
        assert_eq!(waited, jittered(wait, 7, message, 1));
        seen.insert(waited);
    }
    assert_eq!(seen.len(), 41, "every percent occurs");
    assert_ne!(jittered(wait, 8, 1, 1), jittered(wait, 7, 1, 1));
}

#[test]
fn rests_double_and_are_bounded() {
    for (times, expected_s) in [
        (0, 5),
        (1, 5),
        (2, 10),
        (7, 320),
        (8, 600),
        (40, 600),
        (u16::MAX, 600),
    ] {
        assert_eq!(
            sim_rest(times),
            Duration::from_secs(expected_s),
            "after {times}"
        );
    }
}
