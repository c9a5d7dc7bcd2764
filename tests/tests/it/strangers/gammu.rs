//! gammu on the command line, and gammu-smsd with folders.

use super::*;

impl Bench {
    fn gammu(&self, args: &[&str]) -> String {
        let config = self.write(
            "gammurc",
            &format!("[gammu]\ndevice = {}\nconnection = at115200\n", self.line()),
        );
        let output = Command::new("timeout")
            .args(["20", "gammu", "-c"])
            .arg(config)
            .args(args)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .expect("gammu can be started");
        said(&output)
    }
}

#[test]
fn gammu_identifies_sends_asks_and_receives() {
    if !is_installed("gammu") {
        return;
    }
    let bench = Bench::new();
    let identity = bench.gammu(&["identify"]);
    for part in ["SimFleet", "HW-SIM", "867000060000009", "262010000000000"] {
        assert!(identity.contains(part), "{part} in {identity}");
    }
    bench.gammu(&["sendsms", "TEXT", "+4915112345678", "-text", "hello"]);
    let long = long_text();
    bench.gammu(&[
        "sendsms",
        "TEXT",
        "+4915112345678",
        "-autolen",
        "450",
        "-text",
        &long,
    ]);
    bench.await_sent(&["hello", &long]);
    let balance = bench.gammu(&["getussd", "*100#"]);
    assert!(balance.contains("Balance: 10.00"), "{balance}");
    let to = ["sendsms", "TEXT", "+4915112345678", "-report"];
    bench.gammu(&[&to[..], &["-text", "reported"]].concat());
    // It asks for reports only while it watches, and leaves with an error since a modem cannot be switched off.
    let watched = Command::new("timeout")
        .args(["20", "gammu", "-c"])
        .arg(bench.path("gammurc"))
        .args(["monitor", "1"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .expect("gammu can be started");
    let watched = String::from_utf8_lossy(&watched.stdout).into_owned();
    for part in ["SMS status report", "\"+4915112345678\"", "Delivered"] {
        assert!(watched.contains(part), "{part} in {watched}");
    }
    bench.fleet.inbound(0, "+491700", "good day").unwrap();
    bench
        .fleet
        .inbound(0, "+491700", &"wörter ".repeat(40))
        .unwrap();
    let received = eventually("a message", || {
        let all = bench.gammu(&["geteachsms"]);
        (all.matches("wörter").count() >= 39).then_some(all)
    });
    assert!(received.contains("good day"), "{received}");
}

#[test]
fn gammu_smsd_sends_with_report_and_receives() {
    if !is_installed("gammu-smsd") {
        return;
    }
    has_none("gammu-smsd", "USSD");
    // It reads a report only when the modem passes it on; it prefers to have them stored, where a modem can.
    let model = tempfile::NamedTempFile::new().expect("a test may use its own files and programs");
    std::fs::write(
        model.path(),
        "cnmi = [[0, 1, 2], [0, 1, 2, 3], [0, 2], [0, 1], [0, 1]]\n",
    )
    .expect("a test may use its own files and programs");
    let bench = Bench::with(&model.path().display().to_string());
    let mut config = format!(
        "[gammu]\ndevice = {}\nconnection = at115200\n[smsd]\nservice = files\nlogfile = {}\ncommtimeout = 1\n\
         sendtimeout = 20\nchecksecurity = 0\ndeliveryreport = sms\nreceivefrequency = 1\n",
        bench.line(),
        bench.path("log").display(),
    );
    for (key, folder) in [
        ("inboxpath", "inbox"),
        ("outboxpath", "outbox"),
        ("sentsmspath", "sent"),
        ("errorsmspath", "error"),
    ] {
        config += &format!("{key} = {}/\n", bench.folder(folder));
    }
    let config = bench.write("smsdrc", &config);
    // The letter behind the name asks for a report.
    bench.write("outbox/OUT+4915112345678.txtd", "hello from gammu-smsd");
    let _service = Service::start(Command::new("gammu-smsd").arg("-c").arg(&config));
    bench.await_sent(&["hello from gammu-smsd"]);
    let report = eventually("the report's file", || {
        file_named(&bench.path("inbox"), "+4915112345678")
    });
    assert_eq!(report, "Delivered");
    bench.write("outbox/OUT+4915112345678.txt", &long_text());
    bench.await_sent(&["hello from gammu-smsd", &long_text()]);
    let identity = eventually("its monitor knows the modem", || {
        let asked = Command::new("gammu-smsd-monitor")
            .args(["-C", "-n", "1", "-d", "1", "-c"])
            .arg(&config)
            .stdin(Stdio::null())
            .output()
            .expect("gammu-smsd-monitor can be started");
        let said = String::from_utf8_lossy(&asked.stdout).into_owned();
        said.contains(";867000060000009;262010000000000;")
            .then_some(said)
    });
    assert!(identity.contains(";867000060000009;"), "{identity}");
    bench.fleet.inbound(0, "+491700", "to gammu-smsd").unwrap();
    eventually("the inbox file", || {
        file_with(&bench.path("inbox"), "to gammu-smsd")
    });
}
