//! What `/proc` says is read right.

use super::{cpu_of, peak_of};

#[test]
fn cpu_time_is_found_behind_any_name() {
    let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 123 77 0 0 20 0 4 0 99 1000 50";
    assert_eq!(cpu_of(stat), Some(2.0));
    assert_eq!(cpu_of("42 (a"), None);
    assert_eq!(cpu_of("42 (a) S 1"), None);
}

#[test]
fn peak_memory_is_in_megabytes() {
    assert_eq!(
        peak_of("Name:\tx\nVmHWM:\t  100000 kB\nVmRSS:\t 5 kB\n"),
        Some(102.4)
    );
    assert_eq!(peak_of("Name:\tx\n"), None);
}
