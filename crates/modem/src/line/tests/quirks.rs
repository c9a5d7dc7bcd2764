//! The catalogue of quirks Q01 to Q100 and the byte traces T1 to T20: what covers each.
//!
//! A quirk that can be seen from the host has a transcript or a test; of the others it is said where they are handled, or
//! why they can't be seen. The table is printed with `--nocapture`.

use std::path::Path;

use Coverage::{Elsewhere, Outside, Test, Transcript};

/// What covers a quirk.
enum Coverage {
    /// A dialogue under `transcripts/`, without its ending.
    Transcript(&'static str),
    /// A test of this crate: its file below `src/`, and its function.
    Test(&'static str, &'static str),
    /// Another crate decides what follows: its file from the repository's root, and a word in it.
    Elsewhere(&'static str, &'static str),
    /// It can't be seen on a line's bytes; why.
    Outside(&'static str),
}

#[test]
fn every_quirk_is_accounted_for() {
    let numbers: Vec<u8> = QUIRKS.iter().map(|(number, _, _)| *number).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<u8>>());
    let rows = QUIRKS
        .iter()
        .map(|(number, name, coverage)| (format!("Q{number:02}"), *name, coverage));
    let (covered, all) = print(rows);
    println!("{covered} of {all} quirks are covered by a transcript or a test of this crate");
    assert!(covered >= COVERED_MIN, "only {covered}");
}

#[test]
fn every_byte_trace_is_replayed() {
    let rows = TRACES
        .iter()
        .map(|(number, coverage)| (format!("T{number}"), "", coverage));
    let (covered, all) = print(rows);
    assert_eq!((covered, all), (20, 20));
}

/// Prints the rows and looks whether what they name is there; how many are covered here, and how many there are.
fn print<'a>(rows: impl Iterator<Item = (String, &'a str, &'a Coverage)>) -> (usize, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut covered, mut all) = (0, 0);
    for (id, name, coverage) in rows {
        all += 1;
        let (is_here, what) = match coverage {
            Transcript(file) => {
                let path = root.join("transcripts").join(format!("{file}.txt"));
                assert!(path.exists(), "{id}: there is no transcript {file}");
                (true, format!("transcript {file}"))
            }
            Test(file, function) => {
                let text = std::fs::read_to_string(root.join("src").join(file))
                    .unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
                let is_there = text.contains(&format!("fn {function}("));
                assert!(is_there, "{id}: {file} has no test {function}");
                (true, format!("test {function}"))
            }
            Elsewhere(file, word) => {
                let text = std::fs::read_to_string(root.join("../..").join(file))
                    .unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
                assert!(text.contains(word), "{id}: {file} has no {word}");
                (false, format!("elsewhere: {file}, {word}"))
            }
            Outside(why) => (false, format!("not on the line: {why}")),
        };
        covered += usize::from(is_here);
        println!("{id:4} {name:26} {what}");
    }
    (covered, all)
}

/// Fewer than this means that coverage was lost.
const COVERED_MIN: usize = 94;

const TRACES: &[(u8, Coverage)] = &[
    (1, Transcript("generic/t01_happy")),
    (2, Transcript("generic/t02_echo_on")),
    (3, Transcript("generic/t03_split_prompt")),
    (4, Transcript("sim7670g/t04_prompt_without_space")),
    (5, Transcript("fastrack/t05_urc_before_prompt")),
    (6, Transcript("generic/t06_report_before_result")),
    (7, Transcript("generic/t07_report_between")),
    (8, Transcript("generic/t08_soft_timeout")),
    (9, Transcript("generic/t09_hard_timeout")),
    (10, Transcript("generic/t10_no_prompt")),
    (11, Transcript("generic/t11_error_codes")),
    (12, Transcript("generic/t11_error_codes")),
    (13, Transcript("generic/t11_error_codes")),
    (14, Transcript("huawei/t14_glued_error")),
    (15, Transcript("generic/t15_registration_bounce")),
    (16, Transcript("generic/t16_indications_lost")),
    (17, Transcript("sim800/t17_reboot_after_ctrl_z")),
    (18, Transcript("generic/t18_port_lost_after_ctrl_z")),
    (19, Transcript("fastrack/t19_busy_until_escape")),
    (20, Transcript("zte/t20_no_carrier_noise")),
];

const NOISE: &str = "line/tests/noise.rs";
const EVERY_BYTE: &str = "unsolicited_results_at_every_byte_change_nothing";
const MANNERS: &str = "line/tests/manners.rs";
/// Two sticks may have one serial number: the path tells them apart.
const NAMES: &str = "config/simfleet.toml";
/// A port that can't be opened is tried again, more and more seldom.
const PORTS: &str = "crates/daemon/src/line_task.rs";

const QUIRKS: &[(u8, &str, Coverage)] = &[
    (
        1,
        "prompt_nospace",
        Transcript("sim7670g/t04_prompt_without_space"),
    ),
    (2, "prompt_echo_glued", Transcript("generic/t02_echo_on")),
    (
        3,
        "urc_before_prompt",
        Transcript("fastrack/t05_urc_before_prompt"),
    ),
    (4, "stuck_515", Transcript("fastrack/t19_busy_until_escape")),
    (5, "ok_with_prompt", Transcript("mc7455/ok_with_prompt")),
    (6, "prompt_late", Transcript("generic/prompt_late")),
    (
        7,
        "error_instead_prompt",
        Transcript("generic/error_in_place_of_prompt"),
    ),
    (8, "cms58_until_cscs", Transcript("ec200u/alphabet_first")),
    (9, "no_result_then_busy", Transcript("sim300d/silent_twice")),
    (
        10,
        "port_freeze_after_ctrlz",
        Transcript("mc7455/port_frozen_after_ctrl_z"),
    ),
    (11, "stuck_prompt", Transcript("sim7600/stuck_prompt")),
    (12, "esc_ok_late", Transcript("ec25/escape_answered_late")),
    (13, "pdu_echo", Test(NOISE, EVERY_BYTE)),
    (
        14,
        "chunked_pdu",
        Test(MANNERS, "a_pdu_is_written_in_pieces"),
    ),
    (
        15,
        "cmgs_no_ok",
        Transcript("generic/no_ok_after_reference"),
    ),
    (
        16,
        "late_cmgs_after_timeout",
        Transcript("generic/t09_hard_timeout"),
    ),
    (17, "cmgs_text_error", Transcript("sim7600/error_in_words")),
    (
        18,
        "no_smsc_field",
        Test(MANNERS, "a_pdu_can_begin_without_a_service_centre"),
    ),
    (19, "len_limit_160", Transcript("sim800/length_refused")),
    (20, "leading_nul", Transcript("generic/noise_at_start")),
    (21, "double_cr", Transcript("generic/doubled_line_ends")),
    (22, "double_echo", Test(NOISE, EVERY_BYTE)),
    (23, "error_glued", Transcript("huawei/t14_glued_error")),
    (24, "cpin_no_ok", Transcript("wavecom/cpin_without_ok")),
    (25, "cpms_no_ok", Transcript("generic/stores_without_ok")),
    (26, "ppp_garbage", Transcript("generic/ppp_garbage")),
    (
        27,
        "creg_zoo",
        Test(
            "registration/tests.rs",
            "registration_lines_in_all_spellings",
        ),
    ),
    (
        28,
        "cmt_extra_crlf",
        Transcript("generic/message_after_blank_line"),
    ),
    (29, "cds_comma", Transcript("zte/report_with_comma")),
    (
        30,
        "cds_no_sca",
        Transcript("generic/report_without_service_centre"),
    ),
    (31, "csq_swallowed", Transcript("sim7600/signal_by_itself")),
    (
        32,
        "spontaneous_no_carrier",
        Transcript("zte/t20_no_carrier_noise"),
    ),
    (
        33,
        "not_support_text",
        Transcript("huawei/not_supported_in_words"),
    ),
    (34, "cme_on_sms", Transcript("ec200u/cme_on_sms")),
    (
        35,
        "urc_first_line",
        Transcript("ublox/result_before_the_command_is_taken"),
    ),
    (
        36,
        "ds2_wrong_mem",
        Transcript("ec25/report_in_wrong_store"),
    ),
    (
        37,
        "sr_unreadable",
        Transcript("sim7600/reports_unreadable"),
    ),
    (38, "sr_no_cmgl", Transcript("dwm156/reports_by_index")),
    (39, "ds1_rejected", Transcript("sierra/ds1_refused")),
    (
        40,
        "cnmi_mode2_rejected",
        Transcript("huawei/indications_ladder"),
    ),
    (
        41,
        "cnmi_reset_after_cnma_miss",
        Transcript("cinterion/reports_are_acknowledged"),
    ),
    (
        42,
        "cnma_340",
        Transcript("cinterion/reports_are_acknowledged"),
    ),
    (
        43,
        "cnma_missing_hangs",
        Transcript("cinterion/phase_two_only"),
    ),
    (44, "csms_lies", Transcript("generic/init")),
    (45, "urc_other_port", Transcript("ec25/init")),
    (46, "cmti_minus1", Transcript("huawei/index_minus_one")),
    (
        47,
        "report_before_cmgs",
        Transcript("generic/t06_report_before_result"),
    ),
    (
        48,
        "report_national_ton",
        Transcript("generic/report_in_national_form"),
    ),
    (
        49,
        "report_mr_minus1",
        Transcript("generic/report_without_recipient"),
    ),
    (
        50,
        "report_dup_late",
        Transcript("generic/report_twice_and_late"),
    ),
    (
        51,
        "wavecom_sr_000000FF00",
        Transcript("wavecom/garbage_record_of_reports"),
    ),
    (52, "zte_urc_flood", Transcript("zte/flood_at_start")),
    (53, "huawei_rssi_flood", Test(NOISE, EVERY_BYTE)),
    (
        54,
        "boot_banner_flood",
        Transcript("huawei/boot_banner_flood"),
    ),
    (
        55,
        "sim_busy_after_pin",
        Transcript("telit/sim_busy_at_start"),
    ),
    (
        56,
        "early_cpin_ready",
        Transcript("telit/ready_when_qss_says_so"),
    ),
    (
        57,
        "cfun4_error_until_cpin",
        Transcript("ec25/radio_off_refused"),
    ),
    (
        58,
        "needs_smsdone",
        Transcript("a7670/pdu_mode_refused_until_sms_done"),
    ),
    (
        59,
        "needs_atf",
        Transcript("sim7600/factory_settings_after_failure"),
    ),
    (60, "no_sgs_500", Transcript("generic/lte_without_sms")),
    (61, "stat_11", Transcript("a7670/registration_only_in_lte")),
    (62, "cmms_500", Transcript("m95/link_breaks_sends")),
    (
        63,
        "collision_512",
        Transcript("fastrack/collision_with_incoming"),
    ),
    (
        64,
        "rrmm_busy_527",
        Transcript("fastrack/collision_with_incoming"),
    ),
    (65, "persistent_41", Transcript("generic/refused_for_ever")),
    (
        66,
        "persistent_515_536",
        Transcript("generic/recovery_budget"),
    ),
    (
        67,
        "reset_under_load",
        Transcript("sim800/t17_reboot_after_ctrl_z"),
    ),
    (68, "cfun11_usb_gone", Transcript("qualcomm/never_reset")),
    (69, "no_reenumerate", Elsewhere(PORTS, "BACKOFF_MAX")),
    (70, "slow_fleet_recovery", Elsewhere(PORTS, "BACKOFF_MAX")),
    (
        71,
        "sim_absent_boot",
        Transcript("generic/sim_missing_for_long"),
    ),
    (72, "radio_off_mute", Transcript("generic/radio_off_mute")),
    (
        73,
        "reset_cmd_noop",
        Transcript("huawei/reset_without_effect"),
    ),
    (
        74,
        "port_needs_other_at",
        Transcript("sim7000/mute_until_another_port_is_used"),
    ),
    (
        75,
        "dup_usb_serial",
        Elsewhere(NAMES, "/dev/serial/by-path/"),
    ),
    (
        76,
        "ch344_iface0",
        Outside(
            "`by-path` has one link for all of its ports: they are named by their device nodes, and no byte tells",
        ),
    ),
    (77, "autosuspend_reset", Transcript("ec25/reset_while_idle")),
    (
        78,
        "mm_probing",
        Transcript("generic/another_program_on_the_port"),
    ),
    (79, "undervoltage", Transcript("sim800/under_voltage")),
    (
        80,
        "store_corrupt",
        Transcript("generic/chore_without_answer"),
    ),
    (81, "full_blocks_send", Transcript("huawei/store_full")),
    (82, "index_zero", Transcript("sim7600/index_zero")),
    (83, "cmgd_zoo", Transcript("dwm156/reports_by_index")),
    (84, "cpms_one_param", Transcript("wavecom/one_store")),
    (
        85,
        "cpms_noparens",
        Outside(
            "the odd list answers `+CPMS=?`, which is never asked: stores are tried, and `+CPMS?` tells which are in use",
        ),
    ),
    (86, "false_pin", Transcript("generic/sim_locked")),
    (87, "pin_counter_low", Transcript("generic/pin_last_try")),
    (
        88,
        "simbank_no_reply",
        Transcript("generic/sim_swapped_unheard"),
    ),
    (
        89,
        "simbank_dropped_switch",
        Outside(
            "a switch that did not happen leaves the same SIM, and its bank's control port is not ours",
        ),
    ),
    (
        90,
        "simbank_dup_iccid",
        Transcript("generic/same_sim_in_two_lines"),
    ),
    (91, "bad_contact_262", Transcript("generic/sim_blocked")),
    (92, "ussd_packed_hex", Transcript("huawei/ussd_packed_hex")),
    (
        93,
        "ussd_ucs2_dcs15",
        Transcript("zte/ussd_ucs2_under_dcs_15"),
    ),
    (
        94,
        "ussd_pieces",
        Test("ussd/tests.rs", "a_string_is_gathered_until_it_is_whole"),
    ),
    (
        95,
        "crlf_needed",
        Test(MANNERS, "commands_can_end_with_a_line_feed"),
    ),
    (96, "wake_at", Transcript("sim800/init")),
    (97, "no_urc_autobaud", Transcript("sim800/init")),
    (98, "memory_full_urc", Transcript("huawei/store_full")),
    (
        99,
        "multi_part_delete",
        Transcript("sim600/sibling_deleted"),
    ),
    (
        100,
        "reregister_bogus_lac",
        Test(
            "registration/tests.rs",
            "registration_lines_in_all_spellings",
        ),
    ),
];
