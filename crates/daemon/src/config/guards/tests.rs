//! Limits and files of recipients, as they are written.

use super::super::Config;
use super::*;

#[test]
fn limits_are_read() {
    let config = parse(
        "",
        "[[limits]]\nname = \"codes\"\neach = \"recipient\"\nmessages = 5\nper = \"1h\"\nclasses = [\"otp\"]\n\
         [[limits]]\nname = \"benin\"\neach = \"range\"\nprefixes = [\"+229\"]\napps = [\"shop\"]\nmessages = 10\n\
         per = \"10m\"\n",
    );
    let config = config.unwrap();
    let [codes, benin] = config.settings().limits.as_slice() else {
        panic!("two limits");
    };
    assert_eq!((codes.each, codes.messages), (Each::Recipient, 5));
    assert_eq!((&*benin.prefixes[0], &*benin.apps[0]), ("+229", "shop"));
    assert_eq!(
        (benin.each, benin.per),
        (Each::Range, Duration::from_secs(600))
    );
}

#[test]
fn faults_are_told() {
    let check = |section: &str, expected: &[&str]| {
        let said = parse("", section).unwrap_err().to_string();
        for part in expected {
            assert!(said.contains(part), "{section}: {said}");
        }
    };
    check(
        "[[limits]]\n",
        &[
            "name: is missing",
            "each: is missing",
            "messages: is missing",
            "per: is missing",
        ],
    );
    check(
        "[[limits]]\nname = \"a\"\neach = \"sim\"\nmessages = 1\nper = \"2d\"\n",
        &[
            "`sim` is unknown; allowed: recipient, range, app, all",
            "`2d` is out of range",
        ],
    );
    let one = "[[limits]]\nname = \"a\"\neach = \"all\"\nmessages = 1\nper = \"1m\"\n";
    check(&one.repeat(2), &["`a` is taken"]);
}

#[test]
fn files_of_recipients_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deny");
    let key = format!("deny_file = {:?}", file.to_str().unwrap());
    std::fs::write(
        &file,
        "# pumped\n+229*\n\n+4915112345678  # asked to stop\n80808\n",
    )
    .unwrap();
    let config = parse(&key, "").unwrap();
    let deny = &config.settings().recipients.deny;
    assert_eq!(deny.len(), 3);
    assert!(deny.contains("+22912345678") && deny.contains("+4915112345678"));
    assert!(config.settings().recipients.allow.is_none());
    for wrong in ["0151 2345", "+49 151", "+*1", "+49151123456789012", "mum"] {
        std::fs::write(&file, format!("+1*\n{wrong}\n")).unwrap();
        let said = parse(&key, "").unwrap_err().to_string();
        assert!(
            said.contains("gateway.deny_file") && said.contains("line 2"),
            "{said}"
        );
        assert!(!said.contains(wrong), "numbers are private: {said}");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(
        parse(&key, "")
            .unwrap_err()
            .to_string()
            .contains("can't be read")
    );
}

fn parse(gateway: &str, sections: &str) -> Result<Config, crate::config::ConfigErrors> {
    let text = format!(
        "[gateway]\n{gateway}\n[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_day = 1\n{sections}"
    );
    Config::parse(&text, Path::new("simfleet.toml"))
}
