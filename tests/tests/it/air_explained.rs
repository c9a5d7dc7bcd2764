//! `simfleet pdu` as operators use it: no daemon, one object a PDU, and a bad one does not hide the others.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tests::{Binary, binary};

#[test]
fn what_is_encoded_decodes_to_the_same() {
    let cases: [(&[&str], Value, Value); 5] = [
        (
            &["--to", "+4915112345678", "--text", "hello [€]"],
            json!({"part": 1, "parts": 1, "alphabet": "gsm7"}),
            json!({"type": "submit", "address": "+4915112345678", "address_type": "international",
                "text": "hello [€]", "alphabet": "gsm7", "mr": 0, "pid": 0, "dcs": 0}),
        ),
        (
            &["--to", "12345", "--text", "привет"],
            json!({"alphabet": "ucs2"}),
            json!({"address": "12345", "address_type": "unknown", "text": "привет",
                "alphabet": "ucs2", "dcs": 8}),
        ),
        (
            &["--to", "+49151", "--text", "hi", "--encoding", "ucs2"],
            json!({"alphabet": "ucs2"}),
            json!({"text": "hi", "alphabet": "ucs2"}),
        ),
        (
            &["--to", "+49151", "--text", "now", "--flash", "--no-report"],
            json!({"alphabet": "gsm7"}),
            json!({"text": "now", "class": 0}),
        ),
        (
            &["--to", "+49151", "--text", "soon", "--validity", "1h"],
            json!({"alphabet": "gsm7"}),
            json!({"text": "soon", "validity": "3600s"}),
        ),
    ];
    for (arguments, encoded, decoded) in cases {
        let parts = objects(&pdu("encode", arguments, ""), 0);
        assert_eq!(parts.len(), 1, "{arguments:?}");
        assert_has(&parts[0], &encoded);
        let hex = parts[0]["pdu"].as_str().expect("digits");
        assert_eq!(
            parts[0]["tpdu_length"],
            json!(hex.len() / 2 - 1),
            "{arguments:?}"
        );
        for options in [&[][..], &["--smsc", "yes", "--direction", "mo"]] {
            let told = objects(&pdu("decode", &[&[hex][..], options].concat(), ""), 0);
            assert_has(&told[0], &decoded);
        }
    }
}

#[test]
fn a_report_is_asked_for_unless_it_is_not_wanted() {
    let first_octet = |more: &[&str]| {
        let arguments = [&["--to", "+49151", "--text", "x"], more].concat();
        let part = objects(&pdu("encode", &arguments, ""), 0).remove(0);
        u8::from_str_radix(&part["pdu"].as_str().expect("digits")[2..4], 16).expect("an octet")
    };
    assert_eq!(first_octet(&[]) & 0x20, 0x20);
    assert_eq!(first_octet(&["--no-report"]) & 0x20, 0);
}

#[test]
fn a_long_text_is_numbered_with_the_given_reference() {
    let text = "x".repeat(161);
    let arguments = ["--to", "+49151", "--text", &text, "--ref", "200"];
    let parts = objects(&pdu("encode", &arguments, ""), 0);
    let given: String = parts
        .iter()
        .map(|part| format!("{}\n\n", part["pdu"].as_str().expect("digits")))
        .collect();
    let told = objects(&pdu("decode", &["-"], &given), 0);
    assert_eq!(told.len(), 2, "one object a line, empty lines none");
    for (part, told) in (1..).zip(&told) {
        let concat = json!({"ref": 200, "part": part, "parts": 2, "bits": 8});
        assert_has(
            told,
            &json!({"concat": concat, "udh": [{"id": 0, "data": format!("C8020{part}")}]}),
        );
    }
    let whole: String = told
        .iter()
        .filter_map(|part| part["text"].as_str())
        .collect();
    assert_eq!(whole, text);
}

#[test]
fn data_is_decoded_as_it_was_encoded() {
    let data = "0B5A00".repeat(60);
    let arguments = ["--to", "+49151", "--data", &data, "--ref", "9"];
    let with_ports = [&arguments[..], &["--port", "16000", "--source-port", "7"]].concat();
    let ports = json!({"destination": 16000, "source": 7});
    for (arguments, octets, ports) in [
        (&arguments[..], [134, 46], Value::Null),
        (&with_ports[..], [128, 52], ports),
    ] {
        let parts = objects(&pdu("encode", arguments, ""), 0);
        let told: Vec<Value> = parts
            .iter()
            .map(|part| {
                let hex = part["pdu"].as_str().expect("digits");
                objects(&pdu("decode", &[hex], ""), 0).remove(0)
            })
            .collect();
        let pieces = [&data[..octets[0] * 2], &data[octets[0] * 2..]];
        for ((part, told), (number, piece)) in parts.iter().zip(&told).zip((1..).zip(pieces)) {
            assert_has(
                part,
                &json!({"alphabet": "8bit", "part": number, "parts": 2}),
            );
            let concat = json!({"ref": 9, "part": number, "parts": 2, "bits": 8});
            assert_has(
                told,
                &json!({"alphabet": "8bit", "data": piece, "concat": concat}),
            );
            assert_eq!(told["ports"], ports);
        }
        assert_eq!(told.len(), 2);
    }
    for (arguments, said) in [
        (&["--data", "0B5"][..], "--data is not hexadecimal"),
        (&["--data", ""], "--data can't be sent"),
        (&["--data", "00", "--text", "x"], "cannot be used with"),
        (&["--text", "x", "--port", "1"], "cannot be used with"),
    ] {
        let out = pdu("encode", &[&["--to", "+49151"], arguments].concat(), "");
        let error = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && error.contains(said), "{error}");
    }
}

#[test]
fn a_bad_pdu_is_told_and_the_rest_goes_on() {
    let part = objects(&pdu("encode", &["--to", "+49151", "--text", "x"], ""), 0).remove(0);
    let good = part["pdu"].as_str().expect("digits");
    let out = pdu("decode", &["zz", good, "-", "0", good], "07\nFFFFFF\n");
    let told = objects(&out, 1);
    let errors: Vec<bool> = told
        .iter()
        .map(|object| object["error"].is_string())
        .collect();
    assert_eq!(errors, [true, false, true, true, true, false], "{told:?}");
}

#[test]
fn what_can_not_be_encoded_is_refused_with_the_reason() {
    let cases: [(&[&str], i32, &str); 6] = [
        (&["--to", "mum", "--text", "x"], 1, "--to"),
        (&["--to", "+49151", "--text", ""], 1, "--text"),
        (
            &["--to", "+49151", "--text", "я", "--encoding", "gsm7"],
            1,
            "--text",
        ),
        (
            &["--to", "+49151", "--text", "x", "--validity", "soon"],
            2,
            "--validity",
        ),
        (
            &["--to", "+49151", "--text", "x", "--ref", "256"],
            2,
            "--ref",
        ),
        (&["--to", "+49151"], 2, "--text"),
    ];
    for (arguments, code, reason) in cases {
        let out = pdu("encode", arguments, "");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
        assert!(out.stdout.is_empty(), "{arguments:?}");
    }
}

fn pdu(command: &str, arguments: &[&str], given: &str) -> Output {
    let mut child = Command::new(binary(Binary::Simfleet))
        .args(["--json", "pdu", command])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A command that refuses its arguments may be gone already.
    let _ = stdin.write_all(given.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

/// Nothing but JSON on stdout, one object a line.
fn objects(out: &Output, code: i32) -> Vec<Value> {
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{said}");
    let text = String::from_utf8(out.stdout.clone()).expect("output is UTF-8");
    let object = |line| serde_json::from_str(line).expect("nothing but JSON on stdout");
    text.lines().map(object).collect()
}

fn assert_has(object: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&object[name], value, "{name} of {object}");
    }
}
