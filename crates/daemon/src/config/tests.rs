//! Configurations and what is said about them.

use std::path::Path;
use std::time::Duration;

use gateway::{Class, InDoubt, Rotation};
use modem::Iccid;

use super::Config;

mod api;
mod budgets;
mod documented;
mod hubs;
mod retention;
mod webhooks;

/// The least that a daemon can work with.
const LEAST: &str = "[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_minute = 10\n";

fn parse(text: &str) -> Result<Config, super::ConfigErrors> {
    Config::parse(text, Path::new("simfleet.toml"))
}

/// `text` after the least configuration has exactly these faults; lines count from the first line of `text`.
fn check(text: &str, expected: &[&str]) {
    let errors = match parse(&format!("{text}\n{LEAST}")) {
        Ok(_) => String::new(),
        Err(errors) => errors.to_string(),
    };
    assert_eq!(errors.lines().collect::<Vec<_>>(), expected, "in:\n{text}");
}

/// As [`check`], without anything added.
fn check_whole(text: &str, expected: &[&str]) {
    let errors = parse(text).map_or_else(|errors| errors.to_string(), |_| String::new());
    assert_eq!(errors.lines().collect::<Vec<_>>(), expected, "in:\n{text}");
}

#[test]
fn the_least_configuration_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.state_dir, Path::new("/var/lib/simfleet"));
    assert_eq!(config.min_free_disk_mib, 64);
    assert_eq!(config.api.socket, Path::new("/run/simfleet/simfleet.sock"));
    assert_eq!(config.api.socket_mode, 0o660);
    assert_eq!(config.api.listen, None);
    assert_eq!(
        config.metrics_listen,
        Some("127.0.0.1:9464".parse().unwrap())
    );
    assert_eq!(config.lines[0].baud, 115_200);
    let settings = config.settings();
    assert_eq!(settings.target_per_minute, 5440);
    assert_eq!(settings.queued_max, 1_000_000);
    assert_eq!(settings.parts_max, 10);
    assert_eq!(settings.otp_reserve, None);
    assert_eq!(
        settings.class(Class::Otp).expires_in,
        Duration::from_secs(300)
    );
    assert_eq!(
        settings.sims_default.budget.limits,
        [Some(10), None, None, None]
    );
}

#[test]
fn every_key_reaches_the_settings() {
    let text = r#"
[gateway]
state_dir = "/tmp/state"
target_per_minute = 100
max_queued = 1_000
max_parts = 3
default_country = "49"
otp_reserve = 2
min_free_disk_mib = 1
[api]
socket = "/tmp/s.sock"
socket_mode = "0600"
listen = "127.0.0.1:8080"
[metrics]
listen = ""
[class.bulk]
expires_in = "1h30m"
in_doubt = "fail"
[[lines]]
path = "/tmp/line*"
name = "rack"
baud = 9600
profile = "generic"
[sims.default]
per_hour = 100
min_interval = "2s"
[[sims]]
iccid = "8949020000001234567"
label = "north 1"
operator = "examplenet"
per_hour = 50
per_month = 3000
[[routes]]
name = "home"
prefixes = ["+49"]
classes = ["otp", "bulk"]
apps = ["shop"]
sims = { operators = ["examplenet"], networks = ["262", "26201"] }
fallback = ["abroad"]
rotation = "round_robin"
[[routes]]
name = "abroad"
"#;
    let config = parse(text).unwrap();
    assert_eq!(config.state_dir, Path::new("/tmp/state"));
    assert_eq!(config.api.socket_mode, 0o600);
    assert_eq!(config.api.listen, Some("127.0.0.1:8080".parse().unwrap()));
    assert_eq!(config.metrics_listen, None);
    assert_eq!(
        (config.lines[0].baud, config.lines[0].name.as_deref()),
        (9600, Some("rack"))
    );
    let settings = config.settings();
    assert_eq!(settings.target_per_minute, 100);
    assert_eq!(settings.queued_max, 1000);
    assert_eq!(settings.parts_max, 3);
    assert_eq!(settings.default_country.as_deref(), Some("49"));
    assert_eq!(settings.otp_reserve, Some(2));
    assert_eq!(
        settings.class(Class::Bulk).expires_in,
        Duration::from_secs(5400)
    );
    assert_eq!(settings.class(Class::Bulk).in_doubt, InDoubt::Fail);
    let sim = &settings.sims[&Iccid("8949020000001234567".into())];
    assert_eq!(sim.label.as_deref(), Some("north 1"));
    assert_eq!(sim.budget.limits, [None, Some(50), None, Some(3000)]);
    assert_eq!(sim.budget.interval_min, Duration::from_secs(2));
    check_home(&settings.routes[0]);
}

fn check_home(route: &gateway::Route) {
    assert_eq!(&*route.name, "home");
    assert_eq!(route.classes, [Class::Otp, Class::Bulk]);
    assert_eq!(route.rotation, Rotation::RoundRobin);
    assert_eq!(route.apps, ["shop".into()]);
    assert_eq!(route.sims.operators, ["examplenet".into()]);
    assert_eq!(route.sims.networks, ["262".into(), "26201".into()]);
    assert_eq!(route.fallback, ["abroad".into()]);
}

#[test]
fn both_orders_of_sims_mean_the_same() {
    let default = "[sims.default]\nper_day = 9\n";
    let card = "[[sims]]\niccid = \"8949020000001234567\"\n";
    let lines = "[[lines]]\npath = \"/dev/null\"\n";
    let before = parse(&format!("{lines}{default}{card}")).unwrap();
    let after = parse(&format!("{lines}{card}{default}")).unwrap();
    assert_eq!(before, after);
    let dotted = parse(&format!("sims.default.per_day = 9\n{lines}")).unwrap();
    assert_eq!(dotted.settings().sims_default.budget.limits[2], Some(9));
}

#[test]
fn causes_come_from_their_file_or_its_faults_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("causes.toml");
    let text = format!(
        "[gateway]\nseed = 7\ncauses_file = {:?}\n[[lines]]\npath = \"/tmp/a\"\n[sims.default]\nper_day = 9",
        file.display().to_string()
    );
    std::fs::write(
        &file,
        "[cms]\n38 = { class = \"other_sim\", name = \"no credit\" }",
    )
    .unwrap();
    let config = parse(&text).unwrap();
    assert_eq!(config.settings().seed, 7);
    let shown = &config.settings().causes.explain("cms_38")[0];
    assert_eq!(&*shown.rule.name, "no credit");

    std::fs::write(&file, "[cms]\n38 = { class = \"perhaps\", name = \"n\" }").unwrap();
    let said = parse(&text).unwrap_err().to_string();
    for part in [
        "simfleet.toml:3: gateway.causes_file",
        "causes.toml: line 2: cms.38.class: is no class; allowed: same_sim",
    ] {
        assert!(said.contains(part), "{said}");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(
        parse(&text)
            .unwrap_err()
            .to_string()
            .contains("can't be read")
    );
}

#[test]
fn texts_follow_the_operators_wishes() {
    let parsed = |gateway: &str| {
        let text = format!(
            "[gateway]\n{gateway}\n[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_day = 1\n"
        );
        parse(&text)
    };
    let config = parsed("national_tables = [\"turkish\", \"hindi\"]\ntransliterate = \"letters\"");
    let config = config.unwrap();
    let settings = config.settings();
    let named: Vec<_> = settings.national_tables.iter().collect();
    assert_eq!(named, [sms::Language::Turkish, sms::Language::Hindi]);
    assert_eq!(settings.transliterate, gateway::Transliterate::Letters);
    let said = parsed("national_tables = [\"klingon\"]\ntransliterate = \"some\"")
        .unwrap_err()
        .to_string();
    for part in [
        "2: gateway.national_tables: ",
        "klingon",
        "turkish, spanish",
        "3: gateway.transliterate: `some` is unknown; allowed: off, punctuation",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn an_unknown_key_is_named_with_what_is_allowed() {
    check(
        "[gateway]\ntarget_per_minut = 5",
        &[
            "simfleet.toml:2: gateway.target_per_minut: unknown key; allowed: state_dir, target_per_minute, max_queued, \
           otp_queue_percent, max_parts, default_country, otp_reserve, schedule_max, bulk_share_percent, national_tables, transliterate, \
           seed, causes_file, allow_file, deny_file, min_free_disk_mib",
        ],
    );
    check(
        "[metric]\nlisten = \"\"",
        &[
            "simfleet.toml:1: metric: unknown key; allowed: modems, gateway, api, metrics, class, retention, apps, zones, \
             lines, hubs, sims.default, sims, routes, limits, webhooks",
        ],
    );
    check(
        "[class.urgent]\nexpires_in = \"5m\"",
        &["simfleet.toml:1: class.urgent: unknown key; allowed: otp, notification, bulk"],
    );
}

#[test]
fn a_rotation_that_is_none_is_named_with_those_that_are() {
    check(
        "[[routes]]\nname = \"a\"\nrotation = \"random\"\nsticky_wait = \"5s\"",
        &[
            "simfleet.toml:3: routes[1].rotation: `random` is unknown; allowed: headroom, round_robin, least_used, \
             sticky, cost",
            "simfleet.toml:4: routes[1].sticky_wait: only a recipient with a SIM of its own waits for it: add rotation = \
             \"sticky\"",
        ],
    );
}

#[test]
fn a_line_names_a_profile_or_lets_the_modem_choose() {
    let config = |profile: &str| {
        let text = format!(
            "[[lines]]\npath = \"/dev/null\"\nprofile = \"{profile}\"\n[sims.default]\nper_day = 1\n"
        );
        Config::parse(&text, Path::new("simfleet.toml"))
    };
    let choice = |profile: &str| config(profile).unwrap().lines.remove(0).profile;
    assert_eq!(choice("auto"), modem::ProfileChoice::default());
    let modem::ProfileChoice::Fixed(profile) = choice("quectel-ec2x") else {
        panic!("not fixed");
    };
    assert_eq!(&*profile.name, "quectel-ec2x");
    let error = config("ec25").unwrap_err().to_string();
    assert!(
        error.starts_with(
            "simfleet.toml:3: lines[1].profile: `ec25` is unknown; allowed: auto, cinterion, generic, huawei"
        ),
        "{error}"
    );
}

#[test]
fn profiles_of_the_operator_are_read_and_their_faults_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let config = || {
        let text = format!(
            "[modems]\nprofiles_dir = \"{}\"\n[[lines]]\npath = \"/dev/null\"\nprofile = \"rack\"\n[sims.default]\n\
             per_day = 1\n",
            folder.path().display()
        );
        Config::parse(&text, Path::new("simfleet.toml"))
    };
    write("rack.toml", "about = \"ours\"\n[wire]\ngap_ms = 100\n");
    write("notes.txt", "no profile");
    let profile = config().unwrap().lines.remove(0).profile.first();
    assert_eq!(profile.wire.gap_ms.get(), 100);
    write("rack.toml", "about = \"ours\"\n[wire]\ngap_ms = 5000\n");
    let error = config().unwrap_err().to_string();
    let file = folder.path().join("rack.toml");
    let expected = format!(
        "simfleet.toml:1: modems.profiles_dir: {}:3: wire.gap_ms: 5000 is out of range; allowed: 0 to 1000",
        file.display()
    );
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_file() {
    check(
        "[gateway]\ntarget_per_minute = 0\nmax_parts = \"ten\"\ndefault_country = \"+49\"\n[class.otp]\nexpires_in = \"soon\"\nin_doubt = \"maybe\"",
        &[
            "simfleet.toml:2: gateway.target_per_minute: 0 is out of range; allowed: 1 to 1000000 parts per minute",
            "simfleet.toml:3: gateway.max_parts: is a string, and must be a whole number, 1 to 255 parts",
            "simfleet.toml:4: gateway.default_country: `+49` is not a country calling code: write its 1 to 3 digits, \
             as in \"49\"",
            "simfleet.toml:6: class.otp.expires_in: `soon` is not a duration: write a number and a unit (ms, s, m, h, \
             d), such as 90s, 5m or 1h30m; allowed: 1s to 30d",
            "simfleet.toml:7: class.otp.in_doubt: `maybe` is unknown; allowed: resend, hold, fail",
        ],
    );
}

#[test]
fn text_that_is_no_toml_is_placed() {
    check_whole(
        "[gateway]\nstate_dir = \n",
        &["simfleet.toml:2: string values must be quoted, expected literal string"],
    );
}

#[test]
fn a_sim_without_a_budget_sends_nothing_so_it_is_a_fault() {
    let no_budget = "no budget, no sending: set at least one of per_minute, per_hour, per_day, per_month, \
                     per_life to what the contract allows";
    let line = "[[lines]]\npath = \"/dev/null\"\n";
    check_whole(
        &format!("{line}[sims.default]\nmin_interval = \"1s\"\n"),
        &[&format!("simfleet.toml:3: sims.default: {no_budget}")],
    );
    check_whole(
        line,
        &[&format!("simfleet.toml: sims.default: {no_budget}")],
    );
    check_whole(
        &format!("{line}[[sims]]\niccid = \"8949020000001234567\"\n"),
        &[&format!("simfleet.toml:3: sims[1]: {no_budget}")],
    );
}

#[test]
fn lines_are_checked() {
    check_whole(
        "[sims.default]\nper_day = 1\n",
        &["simfleet.toml: lines: no port is named: write at least one [[lines]] with a path"],
    );
    check(
        "[[lines]]\nbaud = 1",
        &[
            "simfleet.toml:1: lines[1].path: is missing: write the path of a port, or a pattern",
            "simfleet.toml:2: lines[1].baud: 1 is out of range; allowed: 300 to 4000000 bits per second",
        ],
    );
    check(
        "[[lines]]\npath = \"tcp://modem\"\n[[lines]]\npath = \"ttyUSB0\"\n[[lines]]\npath = \"/dev/tty[\"",
        &[
            "simfleet.toml:2: lines[1].path: `tcp://modem` has no port: write tcp://host:port",
            "simfleet.toml:4: lines[2].path: `ttyUSB0` is not an absolute path: it must begin with /",
            "simfleet.toml:6: lines[3].path: `/dev/tty[` is not a pattern: Pattern syntax error near position 8: \
             invalid range pattern",
        ],
    );
    check(
        "[[lines]]\npath = \"/tmp/a/null\"",
        &[
            "simfleet.toml:3: lines[2]: lines[1] is called `null` too: give one of them another `name`",
        ],
    );
}

#[test]
fn routes_and_cards_are_checked() {
    check(
        "[[sims]]\niccid = \"12\"\nlabel = \"4915112345678\"\n[[sims]]\nlabel = \"x\"\n[[routes]]\nprefixes = [\"49 1\", 5]\nsims = { operators = [\"nobody\"], cards = [] }",
        &[
            "simfleet.toml:2: sims[1].iccid: `12` is not an ICCID: it has 18 to 20 digits",
            "simfleet.toml:3: sims[1].label: must have 1 to 40 characters and no more than 6 digits in a row: it is \
             shown in metrics",
            "simfleet.toml:4: sims[2].iccid: is missing: write the card's 18 to 20 digits",
            "simfleet.toml:6: routes[1].name: is missing: apps ask for a route by its name",
            "simfleet.toml:7: routes[1].prefixes: is an integer, and must be text in quotes",
            "simfleet.toml:7: routes[1].prefixes: `49 1` is not a prefix: write + and digits, or the digits of a short \
             code",
            "simfleet.toml:8: routes[1].sims.operators: no [[sims]] has the operator `nobody`",
            "simfleet.toml:8: routes[1].sims.cards: unknown key; allowed: operators, labels, iccids, networks",
        ],
    );
    check(
        "[[routes]]\nname = \"a\"\nsims = { networks = [\"2620\", \"de\"] }\nfallback = [\"b\", \"gone\"]\n[[routes]]\nname = \"b\"",
        &[
            "simfleet.toml:3: routes[1].sims.networks: `2620` is not a network: write the 3 digits of the country, or \
             its 5 or 6 with those of the network",
            "simfleet.toml:3: routes[1].sims.networks: `de` is not a network: write the 3 digits of the country, or \
             its 5 or 6 with those of the network",
            "simfleet.toml:4: routes[1].fallback: no [[routes]] is called `gone`",
        ],
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let errors = Config::load(Path::new("/nowhere/simfleet.toml")).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "/nowhere/simfleet.toml: can't be read: No such file or directory (os error 2)"
    );
}

#[test]
fn a_line_is_called_by_what_is_below_the_folder_of_its_pattern() {
    let name = |pattern: &str, own: Option<&str>, port: &str| {
        let line = super::LineConfig {
            path: pattern.to_owned(),
            name: own.map(str::to_owned),
            baud: 115_200,
            profile: modem::ProfileChoice::default(),
        };
        line.line_name(Path::new(port))
    };
    assert_eq!(name("/dev/ttyUSB0", None, "/dev/ttyUSB0"), "ttyUSB0");
    assert_eq!(name("/dev/ttyUSB0", Some("left"), "/dev/ttyUSB0"), "left");
    assert_eq!(name("/tmp/d/line*", None, "/tmp/d/line007"), "line007");
    assert_eq!(
        name("/tmp/*/line0", None, "/tmp/rack1/line0"),
        "rack1/line0"
    );
    assert_eq!(name("/tmp/d/*", Some("rack"), "/tmp/d/line7"), "rack/line7");
}

#[test]
fn what_can_not_change_while_running_is_refused_by_name() {
    let old = parse(LEAST).unwrap();
    let new = parse(&format!(
        "[gateway]\nstate_dir = \"/other\"\nmax_parts = 2\n{LEAST}"
    ))
    .unwrap();
    assert_eq!(
        old.reload_to(&new).unwrap_err().to_string(),
        "simfleet.toml: gateway.state_dir: can't change while the daemon runs: restart it"
    );
    let new = parse(&format!("[gateway]\nmax_parts = 2\n{LEAST}")).unwrap();
    assert!(old.reload_to(&new).is_ok());
}

#[test]
fn apps_are_named_by_the_file() {
    let text = "[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_day = 1\n[apps.shop]\nweight = 3\n[apps.\"the bank\"]\n";
    let config = parse(text).unwrap();
    let weights = ["shop", "the bank", "other"].map(|app| config.settings().weight(app));
    assert_eq!(weights, [3, 1, 1]);
    check(
        "[apps]\nshop = 5\n[apps.bank]\nweight = 0\nwait = 1",
        &[
            "simfleet.toml:2: apps.shop: is an integer, and must be a table",
            "simfleet.toml:4: apps.bank.weight: 0 is out of range; allowed: 1 to 1000 ",
            "simfleet.toml:5: apps.bank.wait: unknown key; allowed: weight",
        ],
    );
}

#[test]
fn send_windows_and_zones_are_checked() {
    check(
        "[class.bulk]\nsend_window = \"8-20\"\nsend_days = [\"monday\"]\n[class.otp]\nsend_days = []\n\
         [zones]\ndefault = \"Berlin\"\n\"+12x\" = [\"UTC\"]\n\"+33\" = []\n\"+34\" = [\"Spain/Madrid\"]\n\"34\" = [\"UTC\"]",
        &[
            "simfleet.toml:2: class.bulk.send_window: `8-20` is not one of opening and closing time of day, as in \
             08:00-20:00; up to 24:00",
            "simfleet.toml:3: class.bulk.send_days: `monday` is unknown; allowed: mon, tue, wed, thu, fri, sat, sun",
            "simfleet.toml:5: class.otp.send_days: names no day: nothing would ever be sent",
            "simfleet.toml:7: zones.default: `Berlin` is not a time zone: write its IANA name, as in \"Europe/Berlin\"",
            "simfleet.toml:8: zones.+12x: is not a prefix: write + and the first 1 to 15 digits of numbers",
            "simfleet.toml:9: zones.+33: names no zone",
            "simfleet.toml:10: zones.+34: `Spain/Madrid` is not a time zone: write its IANA name, as in \
             \"Europe/Berlin\"",
            "simfleet.toml:11: zones.34: unknown key; allowed: default",
        ],
    );
}

#[test]
fn pin_files_are_read_if_they_are_private_and_never_shown() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let text = |path: &Path| {
        format!(
            "[[lines]]\npath = \"/dev/null\"\npin_file = {path:?}\n[[sims]]\niccid = \"8949020000012345678\"\n\
             per_day = 1\npin_file = {path:?}\n"
        )
    };
    let good = file("good", "9137\n", 0o600);
    let config = Config::parse(&text(&good), Path::new("simfleet.toml")).unwrap();
    assert_eq!((config.pins.lines.len(), config.pins.sims.len()), (1, 1));
    assert!(!format!("{config:?}").contains("9137"));
    for (path, what) in [
        (file("open", "9137\n", 0o640), "chmod 600"),
        (file("empty", "", 0o600), "holds no PIN"),
        (file("words", "9137 secret", 0o600), "holds no PIN"),
        (file("long", &"1".repeat(4096), 0o600), "holds no PIN"),
        (dir.path().to_owned(), "is no file"),
        (dir.path().join("none"), "can't be read"),
        ("relative".into(), "absolute"),
    ] {
        let faults = Config::parse(&text(&path), Path::new("simfleet.toml")).unwrap_err();
        let told = faults.to_string();
        assert_eq!(told.matches(what).count(), 2, "{told}");
        assert!(!told.contains("9137"), "{told}");
    }
}
