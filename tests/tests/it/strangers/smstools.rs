//! smstools3: a daemon that lives in folders and polls.

use super::*;

#[test]
fn smstools_sends_with_report_asks_and_receives() {
    if !is_installed("smsd") {
        return;
    }
    let bench = Bench::new();
    let config = configured(&bench);
    let outgoing = |name: &str, text: &str| {
        let message = format!("To: 4915112345678\nReport: yes\n\n{text}");
        bench.write(&format!("outgoing/{name}"), &message);
    };
    outgoing("1", "hello from smstools");
    let _service = Service::start(
        Command::new("/usr/sbin/smsd")
            .arg("-t")
            .arg(format!("-c{}", config.display())),
    );
    bench.await_sent(&["hello from smstools"]);
    let identity = bench.await_words("log", "IMSI: 262010000000000");
    assert!(identity.contains("IMEI: 867000060000009"), "{identity}");
    bench.fleet.inbound(0, "+491700", "to smstools").unwrap();
    outgoing("2", &long_text());
    bench.await_sent(&["hello from smstools", &long_text()]);
    let balance = bench.await_words("ussd", "+CUSD: 0");
    assert!(balance.contains("Balance: 10.00"), "{balance}");
    let sent = await_file(&bench, "sent", "hello from smstools");
    assert!(sent.contains("Message_id: "), "{sent}");
    let report = await_file(&bench, "report", "SMS STATUS REPORT");
    assert!(report.contains("Status: 0,Ok"), "{report}");
    let received = await_file(&bench, "incoming", "to smstools");
    assert!(received.contains("From: 491700"), "{received}");
}

fn await_file(bench: &Bench, folder: &str, wanted: &str) -> String {
    eventually(&format!("{wanted} in {folder}"), || {
        file_with(&bench.path(folder), wanted)
    })
}

/// The configuration for one modem that hands status reports to the host.
fn configured(bench: &Bench) -> PathBuf {
    let mut config = String::from("devices = GSM1\nloglevel = 7\ndelaytime = 1\n");
    for folder in [
        "outgoing", "checked", "failed", "incoming", "sent", "report",
    ] {
        config += &format!("{folder} = {}\n", bench.folder(folder));
    }
    for file in ["logfile", "infofile", "pidfile"] {
        let name = file.trim_end_matches("file");
        config += &format!("{file} = {}\n", bench.path(name).display());
    }
    config += &format!(
        "[GSM1]\ndevice = {}\nincoming = yes\nreport = yes\nbaudrate = 115200\ninit = AT+CNMI=2,1,0,1,0\n\
         regular_run_interval = 2\nregular_run_cmd = AT+CUSD=1,\"*100#\",15\nregular_run_logfile = {}\n",
        bench.line(),
        bench.path("ussd").display(),
    );
    bench.write("smsd.conf", &config)
}
