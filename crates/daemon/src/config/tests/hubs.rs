//! `[[hubs]]`: what is read, and what is said of what can't be.

use super::*;

const PORTS: &str = "[[lines]]\npath = \"/dev/rack1/*\"\n[[lines]]\npath = \"/dev/ttyUSB7\"\n";

fn hub(keys: &str) -> String {
    format!("{PORTS}[sims.default]\nper_minute = 10\n[[hubs]]\n{keys}")
}

#[test]
fn a_hub_has_lines_a_command_and_limits() {
    let text = hub(
        "name = \"rack1\"\nlines = [\"/dev/rack1/usb-?\", \"/dev/ttyUSB7\"]\nreset_command = [\"/bin/sh\", \"-c\", \"exit\"]\n",
    );
    let config = parse(&text).unwrap();
    let [hub] = config.hubs.as_slice() else {
        panic!("{:?}", config.hubs);
    };
    assert_eq!(
        (&*hub.name, hub.timeout),
        ("rack1", Duration::from_secs(30))
    );
    assert_eq!(hub.command, ["/bin/sh", "-c", "exit"]);
    for (port, covered) in [
        ("/dev/rack1/usb-1", true),
        ("/dev/ttyUSB7", true),
        ("/dev/rack1/usb-12", false),
        ("/dev/ttyUSB8", false),
    ] {
        assert_eq!(hub.covers(Path::new(port)), covered, "{port}");
    }
    let [declared] = config.settings().hubs.as_slice() else {
        panic!("{:?}", config.settings().hubs);
    };
    assert_eq!(
        (
            declared.resets_per_hour,
            declared.interval_min,
            declared.gone_for
        ),
        (2, Duration::from_secs(600), Duration::from_secs(60))
    );
}

#[test]
fn what_is_wrong_with_a_hub_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let plain = file.path().display();
    let command = "reset_command = [\"/bin/sh\"]\n";
    let lines = "lines = [\"/dev/ttyUSB7\"]\n";
    for (keys, expected) in [
        (
            format!("{lines}{command}"),
            "simfleet.toml:7: hubs[1].name: is missing: metrics and people call it so".to_owned(),
        ),
        (
            format!("name = \"a b\"\n{lines}{command}"),
            "simfleet.toml:8: hubs[1].name: `a b` is not a name: write 1 to 40 letters, digits and - _ .".to_owned(),
        ),
        (
            format!("name = \"a\"\n{command}"),
            "simfleet.toml:7: hubs[1].lines: is missing: write the paths or patterns of the ports that it powers".to_owned(),
        ),
        (
            format!("name = \"a\"\nlines = [\"/dev/ttyUSB8\"]\n{command}"),
            "simfleet.toml:9: hubs[1].lines: `/dev/ttyUSB8` is a port of none of the [[lines]]".to_owned(),
        ),
        (
            format!("name = \"a\"\nlines = [\"/dev/rack2/*\"]\n{command}"),
            "simfleet.toml:9: hubs[1].lines: `/dev/rack2/*` is a port of none of the [[lines]]".to_owned(),
        ),
        (
            format!("name = \"a\"\n{lines}"),
            "simfleet.toml:7: hubs[1].reset_command: is missing: write the program that cuts its power and turns it on, and its arguments".to_owned(),
        ),
        (
            format!("name = \"a\"\n{lines}reset_command = []\n"),
            "simfleet.toml:7: hubs[1].reset_command: is empty: write the program and its arguments, as in [\"/usr/bin/uhubctl\", \"-a\", \"cycle\"]".to_owned(),
        ),
        (
            format!("name = \"a\"\n{lines}reset_command = [\"true\"]\n"),
            "simfleet.toml:10: hubs[1].reset_command: `true` is not an absolute path: no shell looks for it".to_owned(),
        ),
        (
            format!("name = \"a\"\n{lines}reset_command = [\"/nowhere/cycle\"]\n"),
            "simfleet.toml:10: hubs[1].reset_command: `/nowhere/cycle` can't be run: No such file or directory (os error 2)".to_owned(),
        ),
        (
            format!("name = \"a\"\n{lines}reset_command = [\"{plain}\"]\n"),
            format!("simfleet.toml:10: hubs[1].reset_command: `{plain}` is not executable"),
        ),
        (
            format!("name = \"a\"\n{lines}{command}resets_per_hour = 0\n"),
            "simfleet.toml:11: hubs[1].resets_per_hour: 0 is out of range; allowed: 1 to 12 resets".to_owned(),
        ),
    ] {
        check_whole(&hub(&keys), &[&expected]);
    }
}

#[test]
fn two_hubs_share_neither_a_name_nor_a_port() {
    let keys = "name = \"a\"\nlines = [\"/dev/ttyUSB7\"]\nreset_command = [\"/bin/sh\"]\n";
    let twice = format!("{}[[hubs]]\n{keys}", hub(keys));
    check_whole(
        &twice,
        &[
            "simfleet.toml:12: hubs[2].name: `a` is taken",
            "simfleet.toml:13: hubs[2].lines: `/dev/ttyUSB7` is on two hubs",
        ],
    );
}
