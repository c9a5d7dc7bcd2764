//! Text mode: numbers, texts and states in words (3GPP TS 27.005 §3).

use super::*;

const TEXT: Say<'_> = Host("AT+CMGF=1\r");

#[test]
fn text_is_sent_and_stored_and_sent_from_the_store() {
    let driver = check(&[
        TEXT,
        OK,
        Host("AT+CSMP=49,167,0,0;+CMGF?;+CSMP?\r"),
        Modem("\r\n+CMGF: 1\r\n\r\n+CSMP: 49,167,0,0\r\n\r\nOK\r\n"),
        Host("AT+CMGS=\"+4915112345678\"\r"),
        PROMPT,
        Host("hello\x1a"),
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        Host("AT+CMGW=\"+4915112345678\"\r"),
        PROMPT,
        Host("for later\x1a"),
        Modem("\r\n+CMGW: 1\r\n\r\nOK\r\n"),
        Host("AT+CMGL=\"STO UNSENT\"\r"),
        Modem("\r\n+CMGL: 1,\"STO UNSENT\",\"+4915112345678\",,\r\nfor later\r\n\r\nOK\r\n"),
        Host("AT+CMSS=1\r"),
        Pass(3_000),
        Modem("\r\n+CMSS: 43\r\n\r\nOK\r\n"),
        // Again, and to another number: what was sent once may be sent again.
        Host("AT+CMSS=1,\"+4917000000000\"\r"),
        Pass(3_000),
        Modem("\r\n+CMSS: 44\r\n\r\nOK\r\n"),
        Host("AT+CMGL=\"STO SENT\"\r"),
        Modem("\r\n+CMGL: 1,\"STO SENT\",\"+4915112345678\",,\r\nfor later\r\n\r\nOK\r\n"),
        Host("AT+CMSS=2\r"),
        Modem("\r\n+CMS ERROR: 321\r\n"),
        Host("AT+CMGD=1;+CMGL=\"ALL\"\r"),
        OK,
    ]);
    let aired: Vec<_> = driver
        .ledger()
        .iter()
        .map(|entry| (entry.to.as_str(), entry.text.as_deref().unwrap()))
        .collect();
    assert_eq!(
        aired,
        [
            ("+4915112345678", "hello"),
            ("+4915112345678", "for later"),
            ("+4917000000000", "for later")
        ]
    );
}

#[test]
fn each_line_end_asks_for_more() {
    let driver = check(&[
        TEXT,
        OK,
        Host("AT+CMGS=\"+4915112345678\"\r"),
        PROMPT,
        Host("one\r"),
        PROMPT,
        Host("two\x1a"),
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        Host("AT+CMGS=\"+4915112345678\"\r"),
        PROMPT,
        Host("given up\x1b"),
        OK,
    ]);
    let texts: Vec<_> = driver
        .ledger()
        .iter()
        .map(|entry| entry.text.as_deref())
        .collect();
    assert_eq!(texts, [Some("one\ntwo")]);
}

#[test]
fn what_arrives_is_shown_as_text() {
    check(&[
        TEXT,
        OK,
        Host("AT+CNMI=2,1,0,1,0\r"),
        OK,
        Inbound("STOP"),
        Modem("\r\n+CMTI: \"ME\",1\r\n"),
        Host("AT+CMGR=1\r"),
        Modem(
            "\r\n+CMGR: \"REC UNREAD\",\"+491700\",,\"25/11/01,01:00:00+04\"\r\nSTOP\r\n\r\nOK\r\n",
        ),
        Host("AT+CSDH=1;+CMGR=1\r"),
        Modem(
            "\r\n+CMGR: \"REC READ\",\"+491700\",,\"25/11/01,01:00:00+04\",145,4,0,0,\"+491555999999\",145,4\r\nSTOP\r\n\r\nOK\r\n",
        ),
        Host("AT+CNMI=2,2\r"),
        OK,
        Inbound("again"),
        Modem(
            "\r\n+CMT: \"+491700\",,\"25/11/01,01:00:00+04\",145,4,0,0,\"+491555999999\",145,5\r\nagain\r\n",
        ),
        Host("AT+CSMP=49,167,0,0\r"),
        OK,
        Host("AT+CMGS=\"+4915112345678\"\r"),
        PROMPT,
        Host("hello\x1a"),
        Pass(5_000),
        Modem(
            "\r\n+CMGS: 42\r\n\r\nOK\r\n\r\n+CDS: 6,42,\"+4915112345678\",145,\"25/11/01,01:00:03+04\",\"25/11/01,01:00:05+04\",0\r\n",
        ),
    ]);
}

#[test]
fn numbers_and_texts_are_in_the_chosen_set() {
    let driver = check(&[
        Host("AT+CMGF=1;+CSCS=\"UCS2\";+CSMP=17,167,0,8\r"),
        OK,
        Host("AT+CMGS=\"002B0034003900310035003100310032003300340035003600370038\"\r"),
        PROMPT,
        Host("0416\x1a"),
        Pass(3_000),
        Modem("\r\n+CMGS: 42\r\n\r\nOK\r\n"),
        Host("AT+CMGS=\"hello\"\r"),
        Modem("\r\n+CMS ERROR: 305\r\n"),
    ]);
    let [entry] = driver.ledger() else {
        panic!("{:?}", driver.ledger())
    };
    assert_eq!(
        (entry.to.as_str(), entry.text.as_deref()),
        ("+4915112345678", Some("Ж"))
    );
}
