//! Clients that behave badly: whatever one of them writes, the other lines answer.

use super::*;

/// A fleet of a line for somebody rude and one for somebody polite, who has switched the echo off.
fn both(dir: &Path) -> (Fleet, Host, Host) {
    let fleet = Fleet::start(settings(dir)).unwrap();
    let rude = Host::open(&fleet.links()[0]);
    let mut polite = Host::open(&fleet.links()[1]);
    polite.ask("ATE0");
    (fleet, rude, polite)
}

/// What a modem still has to say to a host that did not listen.
fn drain(host: &mut Host) {
    let mut buffer = [0; 4096];
    while host.port.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// Neither the other lines nor the fleet have noticed anything, and the rude one is served once it behaves.
fn all_are_well(fleet: &Fleet, mut rude: Host, mut polite: Host) {
    assert!(polite.send().starts_with("\r\n+CMGS: "));
    assert_eq!(fleet.failure(), None);
    drain(&mut rude);
    rude.write(b"\x1b\x1b\rATE0V1Q0\r");
    rude.read_until("OK\r\n");
    assert!(rude.send().contains("+CMGS: "));
}

#[test]
fn every_byte_and_pieces_of_commands() {
    let dir = tempfile::tempdir().unwrap();
    let (fleet, mut rude, mut polite) = both(dir.path());
    // Line ends, ESC and Ctrl-Z among them, again and again.
    let garbage: Vec<u8> = (0..=255_u8)
        .flat_map(|byte| [byte, b'A', b'T', byte ^ 0x5a])
        .chain(*b"\rAT+CMGS=20\r00\x1aAT+CMGW=9\r\xff\x1b")
        .collect();
    for _ in 0..300 {
        let _ = rude.port.write(&garbage);
        assert_eq!(polite.ask("AT"), "\r\nOK\r\n");
    }
    all_are_well(&fleet, rude, polite);
}

/// Whether a command line or a PDU, a megabyte of it costs nobody a megabyte, and it is refused when it ends.
#[test]
fn a_megabyte_without_a_line_end() {
    for (begin, end, refusal) in [
        ("", "\r", "\r\nERROR\r\n"),
        ("AT", "\r", "\r\nERROR\r\n"),
        ("AT+CMGS=20\r", "\x1a", "\r\n+CMS ERROR: 304\r\n"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (fleet, mut rude, mut polite) = both(dir.path());
        rude.ask("ATE0");
        rude.write(begin.as_bytes());
        let piece = [b'0'; 1024];
        let mut left = 1 << 20;
        while left > 0 {
            left -= rude.port.write(&piece).unwrap_or(0).min(left);
            if left % 16 == 0 {
                assert_eq!(polite.ask("AT"), "\r\nOK\r\n");
            }
        }
        wait_for("room for the end", || {
            rude.port.write_all(end.as_bytes()).is_ok()
        });
        rude.read_until(refusal);
        all_are_well(&fleet, rude, polite);
    }
}

#[test]
fn half_a_command_and_silence() {
    for half in [
        "A",
        "AT+CMGS=",
        "AT+CMGS=20\r",
        "AT+CMGS=20\r0031",
        "AT+CMGW=20\r00",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (fleet, mut rude, mut polite) = both(dir.path());
        rude.write(half.as_bytes());
        for _ in 0..50 {
            assert_eq!(polite.ask("AT"), "\r\nOK\r\n");
        }
        all_are_well(&fleet, rude, polite);
    }
}

#[test]
fn a_port_that_is_closed_and_opened_without_pause() {
    let dir = tempfile::tempdir().unwrap();
    let (fleet, rude, mut polite) = both(dir.path());
    drop(rude);
    for time in 0..500 {
        let half: &[u8] = [&b"AT+CMGS=20\r00"[..], b"AT", b"", b"AT+CGMI\r"][time % 4];
        let mut rude = Host::open(&fleet.links()[0]);
        let _ = rude.port.write(half);
        drop(rude);
        if time % 10 == 0 {
            assert_eq!(polite.ask("AT"), "\r\nOK\r\n");
        }
    }
    all_are_well(&fleet, Host::open(&fleet.links()[0]), polite);
}

/// Who never reads loses what does not fit, and nobody else waits for it.
#[test]
fn a_reader_that_stops_reading() {
    let dir = tempfile::tempdir().unwrap();
    let (fleet, mut lazy, mut polite) = both(dir.path());
    let long = format!("AT{}\r", ";+CGMI;+CGMM;+CGMR;+CGSN;+COPS=?".repeat(15));
    wait_for("dropped bytes", || {
        let _ = lazy.port.write(long.as_bytes());
        fleet.stats().dropped_bytes > 0
    });
    assert_eq!(polite.ask("AT"), "\r\nOK\r\n");
    all_are_well(&fleet, lazy, polite);
}
