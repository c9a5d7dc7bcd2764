//! Kannel: its AT2 driver in bearerbox, with smsbox for HTTP and for the answer to a message.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;

#[test]
fn kannel_sends_with_report_receives_and_answers() {
    if !is_installed("bearerbox") || !is_installed("smsbox") {
        return;
    }
    has_none("Kannel's AT2 driver", "USSD");
    let bench = Bench::new();
    let [admin, boxes, http] = free_ports();
    let config = bench.write("kannel.conf", &configured(&bench, [admin, boxes, http]));
    let _bearerbox = Service::start(Command::new("/usr/sbin/bearerbox").arg(&config));
    bench.await_words("bearerbox.log", "AT SMSC successfully opened");
    bench.await_words(
        "bearerbox.log",
        "found string <HW-SIM>, using modem definition <sim>",
    );
    let _smsbox = Service::start(Command::new("/usr/sbin/smsbox").arg(&config));
    bench.await_words("bearerbox.log", "Client connected from <127.0.0.1>");
    let send = |text: &str| {
        let path = format!(
            "/cgi-bin/sendsms?username=tester&password=secret&to=%2B4915112345678&text={}&dlr-mask=31\
             &dlr-url=http://127.0.0.1:1/",
            text.replace(' ', "+").replace(',', "%2C")
        );
        eventually("smsbox takes a message", || ask(http, &path))
    };
    send("hello from kannel");
    bench.await_sent(&["hello from kannel"]);
    let log = bench.await_words("bearerbox.log", "got STATUS-REPORT for message <");
    assert!(log.contains("Looking for DLR smsc=sim"), "{log}");
    send(&long_text());
    bench.await_sent(&["hello from kannel", &long_text()]);
    bench.fleet.inbound(0, "+491700", "question").unwrap();
    bench.await_sent(&["hello from kannel", &long_text(), "you said: question"]);
}

/// Ports nobody has just now.
fn free_ports() -> [u16; 3] {
    let listeners =
        [(); 3].map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port"));
    listeners.map(|listener| listener.local_addr().expect("there is a free port").port())
}

/// Asks smsbox over HTTP; nothing unless it took the message.
fn ask(port: u16, path: &str) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.contains("Accepted for delivery").then_some(())
}

fn configured(bench: &Bench, [admin, boxes, http]: [u16; 3]) -> String {
    let line = bench.line();
    let [bearerbox, smsbox] = ["bearerbox.log", "smsbox.log"].map(|name| bench.path(name));
    let [bearerbox, smsbox] = [bearerbox.display(), smsbox.display()];
    format!(
        "group = core\nadmin-port = {admin}\nadmin-password = secret\nsmsbox-port = {boxes}\n\
         box-allow-ip = 127.0.0.1\nlog-file = {bearerbox}\nlog-level = 0\ndlr-storage = internal\n\n\
         group = modems\nid = sim\nname = sim\ndetect-string = HW-SIM\ninit-string = \"AT+CNMI=2,2,0,1,0\"\n\n\
         group = smsc\nsmsc = at\nsmsc-id = sim\nmodemtype = auto\ndevice = {line}\nspeed = 115200\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {http}\nglobal-sender = 13013\n\
         log-file = {smsbox}\nlog-level = 0\n\n\
         group = sendsms-user\nusername = tester\npassword = secret\nconcatenation = true\nmax-messages = 9\n\n\
         group = sms-service\nkeyword = default\ncatch-all = yes\ntext = \"you said: %a\"\n"
    )
}
