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
fn gammu_smsd_sends_and_receives() {
    if !is_installed("gammu-smsd") {
        return;
    }
    let bench = Bench::new();
    let mut config = format!(
        "[gammu]\ndevice = {}\nconnection = at115200\n[smsd]\nservice = files\nlogfile = {}\ncommtimeout = 1\n\
         sendtimeout = 20\nchecksecurity = 0\ndeliveryreport = sms\n",
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
    bench.write("outbox/OUT+4915112345678.txt", "hello from gammu-smsd");
    let _service = Service::start(Command::new("gammu-smsd").arg("-c").arg(config));
    bench.await_sent(&["hello from gammu-smsd"]);
    bench.fleet.inbound(0, "+491700", "to gammu-smsd").unwrap();
    eventually("the inbox file", || {
        file_with(&bench.path("inbox"), "to gammu-smsd")
    });
}
