//! Every file in the binary is read, every modem finds its file, and every fault is told with its place.

use super::catalogue::FILES;
use super::*;
use crate::ModemIdentity;

#[test]
fn every_file_is_read_and_in_the_binary() {
    let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    for (name, text) in FILES {
        let profile = Profile::read(name, text).unwrap_or_else(|error| panic!("{name}:{error}"));
        assert!(!profile.about.is_empty(), "{name}");
        let is_chosen = profile.matches != Matches::default();
        assert_eq!(is_chosen, *name != "generic", "{name}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/profiles");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(names.contains(&name), "{name}.toml is not in the binary");
    }
}

#[test]
fn the_generic_file_shows_every_key_with_its_default() {
    let written = Profiles::builtin().generic();
    let bare = Profile::read("generic", &format!("about = \"{}\"", written.about)).unwrap();
    assert_eq!(*written, bare);
}

#[test]
fn each_modem_finds_its_file() {
    let modem = |manufacturer: &str, model: &str| ModemIdentity {
        manufacturer: manufacturer.into(),
        model: model.into(),
        ..ModemIdentity::default()
    };
    for (manufacturer, model, expected) in [
        ("Quectel", "EC25", "quectel-ec2x"),
        ("Quectel", "EC20F", "quectel-ec2x"),
        ("Quectel", "EG25", "quectel-ec2x"),
        ("Quectel", "EC200U", "quectel-ec200"),
        ("Quectel", "EG915U", "quectel-ec200"),
        ("Quectel_Ltd", "Quectel_M35", "quectel-2g"),
        ("Quectel", "M95", "quectel-2g"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "simcom-2g"),
        ("SIMCOM_Ltd", "SIMCOM_SIM900", "simcom-2g"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simcom-sim7600"),
        ("SIMCOM INCORPORATED", "A7670E-LASE", "simcom-a76xx"),
        ("SIMCOM INCORPORATED", "SIM7670G", "simcom-a76xx"),
        ("huawei", "E173", "huawei"),
        ("Huawei Technologies Co., Ltd.", "MU609", "huawei"),
        ("ZTE INCORPORATED", "MF190", "zte"),
        ("Telit", "LE910-EUG", "telit"),
        ("u-blox", "SARA-U270", "ublox-sara"),
        ("Cinterion", "BGS2-W", "cinterion"),
        ("SIEMENS", "TC35i", "cinterion"),
        ("WAVECOM MODEM", "MULTIBAND  900E  1800", "wavecom"),
        ("Sierra Wireless, Incorporated", "MC7455", "sierra"),
        ("Sierra Wireless", "QUALCOMM MDM9230", "sierra"),
        ("Sierra Wireless (Qualcomm)", "EM7565", "sierra"),
        ("QUALCOMM INCORPORATED", "HSPA MODEM", "qualcomm"),
        ("QUALCOMM INCORPORATED", "A7670E", "simcom-a76xx"),
        ("Qualcomm", "0", "qualcomm"),
        ("ACME", "M1", "generic"),
        ("", "", "generic"),
    ] {
        let chosen = Profiles::builtin().choose(&modem(manufacturer, model));
        assert_eq!(&*chosen.name, expected, "{manufacturer} {model}");
    }
}

#[test]
fn a_file_of_the_operator_comes_before_ours() {
    let mut profiles = (*Profiles::builtin()).clone();
    let own = "about = \"mine\"\n[match]\nmanufacturer = [\"telit\"]\n";
    profiles.insert(Profile::read("telit", own).unwrap());
    let modem = ModemIdentity {
        manufacturer: "Telit".into(),
        ..ModemIdentity::default()
    };
    assert_eq!(profiles.choose(&modem).about, "mine");
}

#[test]
fn every_fault_is_told_with_its_place() {
    for (text, expected) in [
        (
            "about = \"a\"\n[wire]\ngap = 3\n",
            "3: wire.gap: unknown field `gap`, expected one of `gap_ms`, `prompt_gap_ms`, `pdu_chunk_bytes`, \
             `pdu_chunk_gap_ms`, `line_end`",
        ),
        (
            "about = \"a\"\n\n[messages]\nresult_s = 5\n",
            "4: messages.result_s: 5 is out of range; allowed: 45 to 600",
        ),
        (
            "about = \"a\"\n[messages]\nstorage = [\"SM\", \"XX\"]\n",
            "3: messages.storage[1]: unknown variant `XX`, expected one of `SM`, `ME`, `MT`, `SR`",
        ),
        (
            "about = \"a\"\n[messages]\nindications = [\"2,1\"]\n",
            "3: messages.indications[0]: `2,1` is not a +CNMI value: write mode,mt,bm,ds,bfr, as in \"2,1,0,1,0\"",
        ),
        (
            "about = \"a\"\n[setup]\ncommands = [\"+CMGS=20\"]\n",
            "3: setup.commands[0]: `+CMGS` must not be set here: it sends, deletes, locks or restarts",
        ),
        (
            "about = \"a\"\n[setup]\ncommands = [\"+X;+CMGD=1,4\"]\n",
            "3: setup.commands[0]: `+X;+CMGD=1,4` is not a command: write one command of 2 to 56 characters without its \
             AT, as in \"^CURC=0\"",
        ),
        (
            "about = \"a\"\n[recovery]\nreset = [\"+X\"]\n",
            "3: recovery.reset: `+X` is unknown; allowed: +CFUN=1,1, +CFUN=16, +CRESET, #REBOOT, !RESET, ^RESET, ^SMSO, \
             +CFUN=1",
        ),
    ] {
        let error = Profile::read("x", text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(Profile::read("x", "").is_err());
    assert!(Profile::read("x", "about = ").is_err());
}

#[test]
fn a_profile_can_forbid_every_reset() {
    let text = "about = \"stays\"\n[recovery]\nradio_off = \"never\"\nreset = []\n";
    let profile = Profile::read("x", text).unwrap();
    assert_eq!(profile.recovery.radio_off, RadioOff::Never);
    assert_eq!(profile.recovery.reset.iter().count(), 0);
}

#[test]
fn huawei_has_a_second_reset() {
    let profiles = Profiles::builtin();
    let huawei = profiles.named("huawei").unwrap();
    let resets: Vec<&str> = huawei.recovery.reset.iter().collect();
    assert_eq!(resets, ["^RESET", "+CFUN=16", "+CFUN=1,1"]);
}
