//! `/proc` as Linux writes it.

use super::{cpu_seconds, resident_bytes, usage};

#[test]
fn cpu_time_is_found_whatever_the_command_is_called() {
    let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1 1 1";
    assert_eq!(cpu_seconds(stat), Some(3.0));
    assert_eq!(cpu_seconds("garbage"), None);
}

#[test]
fn resident_memory_is_in_bytes() {
    assert_eq!(
        resident_bytes("VmPeak:\t  9 kB\nVmRSS:\t    2048 kB\n"),
        Some(2_097_152)
    );
    assert_eq!(resident_bytes("VmRSS: lots"), None);
}

#[test]
fn this_process_uses_something() {
    let usage = usage();
    assert!(usage.resident_bytes > 0 && usage.open_fds > 0 && usage.max_fds > 0);
}
