//! What a troubled wire does to bytes, and when it is calm again.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn carried(wire: &mut Wire, now: Instant, said: &str) -> String {
    let mut host = Vec::new();
    wire.carry(now, &mut said.as_bytes().to_vec(), &mut host);
    String::from_utf8_lossy(&host).into_owned()
}

fn arrived(wire: &mut Wire, now: Instant) -> String {
    let mut host = Vec::new();
    wire.arrive(now, &mut host);
    String::from_utf8_lossy(&host).into_owned()
}

#[test]
fn mute_swallows_both_directions_until_it_ends() {
    let now = Instant::now();
    let mut wire = Wire::new(1, 0);
    wire.mute(now + SECOND);
    assert!(!wire.takes(now) && !wire.is_calm());
    assert_eq!(carried(&mut wire, now, "OK"), "");
    assert_eq!(carried(&mut wire, now + SECOND, "OK"), "OK");
    assert!(wire.takes(now + SECOND) && wire.is_calm());
}

#[test]
fn late_bytes_keep_their_order() {
    let now = Instant::now();
    let mut wire = Wire::new(1, 0);
    wire.delay(now + SECOND, SECOND * 3);
    assert_eq!(carried(&mut wire, now, "a"), "");
    // The trouble is over, but what came before is still on its way.
    assert_eq!(carried(&mut wire, now + SECOND, "b"), "");
    assert_eq!(wire.deadline(), Some(now + SECOND * 3));
    assert_eq!(arrived(&mut wire, now + SECOND * 2), "");
    assert_eq!(arrived(&mut wire, now + SECOND * 3), "ab");
    assert_eq!(carried(&mut wire, now + SECOND * 4, "c"), "c");
    wire.delay(now + SECOND * 9, SECOND);
    assert_eq!(carried(&mut wire, now + SECOND * 5, "d"), "");
    wire.drop_late();
    assert_eq!(wire.deadline(), None);
}

#[test]
fn cut_pieces_lose_their_end_and_garbled_ones_bits() {
    let now = Instant::now();
    let mut wire = Wire::new(1, 0);
    wire.cut(now + SECOND, 1.0);
    for _ in 0..20 {
        let said = carried(&mut wire, now, "+CMGS: 42");
        assert!("+CMGS: 42".starts_with(&said) && said.len() < 9, "{said}");
    }
    assert_eq!(carried(&mut wire, now, ""), "");
    let mut wire = Wire::new(1, 0);
    wire.garble(now + SECOND, 1.0);
    let said = carried(&mut wire, now, "OK");
    assert!(said != "OK" && !said.is_empty());
    assert_eq!(carried(&mut wire, now + SECOND, "OK"), "OK");
}

#[test]
fn flood_ends() {
    let now = Instant::now();
    let mut wire = Wire::new(1, 0);
    wire.flood(now, now + SECOND, Duration::from_millis(100));
    let mut lines = 0;
    while let Some(at) = wire.deadline() {
        assert!(at <= now + SECOND);
        let said = arrived(&mut wire, at);
        assert!(said.starts_with("\r\n^RSSI: ") && said.ends_with("\r\n"));
        lines += 1;
    }
    assert_eq!(lines, 11);
}
