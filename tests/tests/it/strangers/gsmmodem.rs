//! python-gsmmodem-new, in an environment of its own that the first run makes.

use super::*;

#[test]
fn gsmmodem_identifies_sends_asks_and_receives() {
    let Some(python) = python() else {
        eprintln!("SKIPPED: python-gsmmodem-new is not installed and cannot be");
        return;
    };
    let bench = Bench::new();
    let script = bench.write("script.py", SCRIPT);
    let _service = Service::start(
        Command::new("timeout")
            .arg("40")
            .arg(python)
            .arg(script)
            .arg(bench.line())
            .arg(bench.path("said"))
            .arg(long_text()),
    );
    let said = bench.await_words("said", "waiting");
    for wanted in [
        "identity SimFleet HW-SIM 867000060000009 262010000000000",
        "balance Balance: 10.00",
        "reported 0",
    ] {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    bench.await_sent(&["hello from gsmmodem", &long_text()]);
    // The package loses an indication that comes between its command and the answer, so it is told again.
    let mut asked = 0;
    eventually("the received text", || {
        if asked % 300 == 0 {
            bench.fleet.inbound(0, "+491700", "to gsmmodem").unwrap();
        }
        asked += 1;
        let said = std::fs::read_to_string(bench.path("said")).ok()?;
        said.contains("received to gsmmodem from +491700")
            .then_some(())
    });
}

/// A Python that has the package, made if need be; nothing where that cannot be.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gsmmodem");
    let python = home.join("bin/python");
    let has_package = || succeeds(Command::new(&python).args(["-c", "import gsmmodem.modem"]));
    if !has_package() {
        let _ = succeeds(
            Command::new("timeout")
                .args(["20", "python3", "-m", "venv"])
                .arg(&home),
        ) && succeeds(Command::new("timeout").arg("40").arg(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "python-gsmmodem-new==0.13.0",
        ]));
    }
    has_package().then_some(python)
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

const SCRIPT: &str = r#"
import queue, sys
from gsmmodem.modem import GsmModem

said = open(sys.argv[2], "w", buffering=1, encoding="utf-8")
received = queue.Queue()
modem = GsmModem(sys.argv[1], 115200, smsReceivedCallbackFunc=received.put)
modem.smsTextMode = False
modem.connect()
modem.waitForNetworkCoverage(10)
print("identity", modem.manufacturer, modem.model, modem.imei, modem.imsi, file=said)
print("balance", modem.sendUssd("*100#").message, file=said)
sent = modem.sendSms("+4915112345678", "hello from gsmmodem", waitForDeliveryReport=True, deliveryTimeout=20)
print("reported", sent.report.deliveryStatus, file=said)
modem.sendSms("+4915112345678", sys.argv[3])
print("waiting", file=said)
message = received.get(timeout=30)
print("received", message.text, "from", message.number, file=said)
modem.close()
"#;
