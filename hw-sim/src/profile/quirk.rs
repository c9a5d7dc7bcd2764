//! What real modems do against the standards or against expectation, each under the number it has in the project's
//! catalogue: Q01 to Q100.
//!
//! A quirk is a word with a rate; what it changes stands where the modem does the thing. Quirks that no single modem
//! can show (hosts, hubs, SIM banks, the network) are listed in [`ELSEWHERE`] with where they are shown instead.

macro_rules! quirks {
    ($($variant:ident = $number:literal, $name:literal, $shows:literal;)*) => {
        /// One oddity of a modem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Quirk {
            $(#[doc = $shows] $variant = $number,)*
        }

        impl Quirk {
            /// All of them, by number.
            pub(crate) const ALL: &[Quirk] = &[$(Quirk::$variant,)*];

            /// Its name in profiles.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Quirk::$variant => $name,)*
                }
            }
        }
    };
}

quirks! {
    PromptNospace = 1, "prompt_nospace", "the prompt is `>` and a line end, without space";
    PromptEchoGlued = 2, "prompt_echo_glued", "echo stays on whatever `ATE0` says";
    UrcBeforePrompt = 3, "urc_before_prompt", "`+CMTI` comes right after `AT+CMGS`, the prompt 1.2 s later";
    Stuck515 = 4, "stuck_515", "a line end while a PDU is entered: every command answers 515 until ESC";
    OkWithPrompt = 5, "ok_with_prompt", "`OK` follows the prompt; the message goes, no `+CMGS` comes";
    PromptLate = 6, "prompt_late", "the prompt comes after 3 to 9 s";
    ErrorInsteadPrompt = 7, "error_instead_prompt", "302, 304, 310 or 500 in place of the prompt";
    Cme58UntilCscs = 8, "cms58_until_cscs", "CME 58 to message commands until `+CSCS` is set";
    NoResultThenBusy = 9, "no_result_then_busy", "no answer to Ctrl-Z, and 515 to `AT+CMGS` for 30 s";
    PortFreezeAfterCtrlz = 10, "port_freeze_after_ctrlz", "mute after Ctrl-Z until power is cut";
    StuckPrompt = 11, "stuck_prompt", "Ctrl-Z is taken for text; only the second ESC leads out";
    EscOkLate = 12, "esc_ok_late", "the `OK` to ESC comes after 1.5 s";
    PduEcho = 13, "pdu_echo", "the PDU and its Ctrl-Z are echoed even with `ATE0`";
    ChunkedPdu = 14, "chunked_pdu", "of a PDU written at once only 18 bytes arrive";
    CmgsNoOk = 15, "cmgs_no_ok", "no `OK` after `+CMGS`";
    LateCmgs = 16, "late_cmgs_after_timeout", "the answer to Ctrl-Z comes 31 s late";
    CmgsTextError = 17, "cmgs_text_error", "`+CMS ERROR` in words whatever `+CMEE` says";
    NoSmscField = 18, "no_smsc_field", "PDUs come without SMSC octets; with them they are refused";
    LenLimit160 = 19, "len_limit_160", "TPDUs over 160 octets are refused";
    LeadingNul = 20, "leading_nul", "NUL bytes before the first line after power-up";
    DoubleCr = 21, "double_cr", "`\\r\\r\\n` and an empty line around every line";
    DoubleEcho = 22, "double_echo", "every command is echoed twice";
    ErrorGlued = 23, "error_glued", "`ERROR+CNUM: …` in one line";
    CpinNoOk = 24, "cpin_no_ok", "no `OK` after `+CPIN:`";
    CpmsNoOk = 25, "cpms_no_ok", "no `OK` after `+CPMS:`";
    PppGarbage = 26, "ppp_garbage", "PPP frames between answers";
    CregZoo = 27, "creg_zoo", "a different layout of `+CREG` each time";
    CmtExtraCrlf = 28, "cmt_extra_crlf", "an empty line between `+CMT`/`+CDS` and the PDU";
    CdsComma = 29, "cds_comma", "`+CDS: ,25`";
    CdsNoSca = 30, "cds_no_sca", "routed reports without SMSC octets";
    CsqSwallowed = 31, "csq_swallowed", "`+CSQ` unasked every few seconds until `AT+AUTOCSQ=0,0`";
    SpontaneousNoCarrier = 32, "spontaneous_no_carrier", "`NO CARRIER` out of nowhere before an answer";
    NotSupportText = 33, "not_support_text", "`COMMAND NOT SUPPORT` and `TOO MANY PARAMETERS`";
    CmeOnSms = 34, "cme_on_sms", "`+CME ERROR` where `+CMS ERROR` belongs";
    UrcFirstLine = 35, "urc_first_line", "an unsolicited line between the command and its answer";
    Ds2WrongMem = 36, "ds2_wrong_mem", "stored reports are announced as `\"SM\",0`";
    SrUnreadable = 37, "sr_unreadable", "stored reports are announced, `SR` stays empty";
    SrNoCmgl = 38, "sr_no_cmgl", "no list and no bulk delete in `SR`";
    Ds1Rejected = 39, "ds1_rejected", "`+CNMI` offers `<ds>` 1 and refuses it with 303";
    CnmiMode2Rejected = 40, "cnmi_mode2_rejected", "`+CNMI` offers `<mode>` 2 and refuses it";
    Cnma340 = 42, "cnma_340", "every `+CNMA` is answered 340, though it counts";
    CnmaMissingHangs = 43, "cnma_missing_hangs", "mute when a `+CNMA` did not come";
    CsmsLies = 44, "csms_lies", "`+CSMS?` tells the other service";
    UrcOtherPort = 45, "urc_other_port", "unsolicited lines go elsewhere until `AT+QURCCFG`";
    CmtiMinus1 = 46, "cmti_minus1", "`+CMTI: \"SM\",-1` when the memory is full";
    ReportMrMinus1 = 49, "report_mr_minus1", "reports with TP-MR 0 and no number";
    WavecomSr = 51, "wavecom_sr_000000FF00", "a stored report begins with `000000FF00`";
    ZteUrcFlood = 52, "zte_urc_flood", "`+ZUSIMR:2` every 2 s until `AT+CPMS?`";
    HuaweiRssiFlood = 53, "huawei_rssi_flood", "`^RSSI` and `^HCSQ` every few seconds until `AT^CURC=0`";
    BootBannerFlood = 54, "boot_banner_flood", "`^BOOT:…` every few seconds";
    SimBusyAfterPin = 55, "sim_busy_after_pin", "CMS 314 and CME 14 for 7 to 15 s after power-up or PIN";
    EarlyCpinReady = 56, "early_cpin_ready", "`READY` long before `#QSS: 3`, when messages work";
    Cfun4Error = 57, "cfun4_error_until_cpin", "`AT+CFUN=4` fails until the first `+CPIN` after power-up";
    NeedsSmsdone = 58, "needs_smsdone", "plain `ERROR` to message commands before `SMS DONE`";
    NeedsAtf = 59, "needs_atf", "sending fails with 500 until `AT&F`";
    NoSgs500 = 60, "no_sgs_500", "`+CREG` 3, `+CEREG` 1, sending ends with 500, until `AT+CNMP`";
    Stat11 = 61, "stat_11", "registered as 11: message commands answer `ERROR`";
    Cmms500 = 62, "cmms_500", "sends fail with 500 while `+CMMS` is 2";
    Collision512 = 63, "collision_512", "a message that arrives while a PDU is entered ends the send with 512";
    RrmmBusy527 = 64, "rrmm_busy_527", "527 to sends while a call is there";
    Persistent41 = 65, "persistent_41", "after the first 41 every send ends with 41, for this SIM";
    Persistent515 = 66, "persistent_515_536", "message commands answer 536 until `AT+WOPEN=0`, restart";
    ResetUnderLoad = 67, "reset_under_load", "restarts and leaves the bus every 13 to 40 min of sending";
    Cfun11UsbGone = 68, "cfun11_usb_gone", "`AT+CFUN=1,1`: gone from the bus for an hour";
    NoReenumerate = 69, "no_reenumerate", "a restart takes it off the bus for 55 min";
    SlowFleetRecovery = 70, "slow_fleet_recovery", "registration takes up to 50 min after a restart";
    SimAbsentBoot = 71, "sim_absent_boot", "a SIM inserted after power-up is not seen until the next";
    RadioOffMute = 72, "radio_off_mute", "mute when the radio is off";
    ResetCmdNoop = 73, "reset_cmd_noop", "`AT^RESET` and `AT+CFUN=1,1` do nothing; `AT+CFUN=16` does";
    AutosuspendReset = 77, "autosuspend_reset", "restarts when nothing is written for 5 min";
    Undervoltage = 79, "undervoltage", "`UNDER-VOLTAGE WARNNING` and a restart when sending begins";
    StoreCorrupt = 80, "store_corrupt", "reading commands hang until all messages are deleted";
    FullBlocksSend = 81, "full_blocks_send", "a full memory refuses sends with 322";
    IndexZero = 82, "index_zero", "memory indexes begin at 0";
    CmgdZoo = 83, "cmgd_zoo", "`+CMGD: (1,2,3,)` and no `<delflag>`";
    CpmsOneParam = 84, "cpms_one_param", "`+CPMS` knows one or two memories, not three";
    CpmsNoparens = 85, "cpms_noparens", "`+CPMS: \"ME\",\"SM\",\"SR\"` to the test command";
    FalsePin = 86, "false_pin", "`+CPIN: SIM PIN` though none is set and everything works";
    PinCounterLow = 87, "pin_counter_low", "one PIN try left from the start";
    BadContact262 = 91, "bad_contact_262", "CME 262 to SIM commands now and then";
    UssdPackedHex = 92, "ussd_packed_hex", "USSD in packed septets as hex, both ways";
    UssdUcs2Dcs15 = 93, "ussd_ucs2_dcs15", "USSD answers in UCS2 hex under dcs 15";
    UssdPieces = 94, "ussd_pieces", "USSD answers break off and go on";
    CrlfNeeded = 95, "crlf_needed", "only a line feed ends a command";
    WakeAt = 96, "wake_at", "the first command after 5 s of quiet only wakes it";
    NoUrcAutobaud = 97, "no_urc_autobaud", "no boot lines; the first two commands come back as garbage";
    MemoryFullUrc = 98, "memory_full_urc", "`^SMMEMFULL: \"SM\"` when a memory has become full";
    MultiPartDelete = 99, "multi_part_delete", "deleting one part deletes its siblings";
    BogusLac = 100, "reregister_bogus_lac", "a place of noughts and Fs in `+CREG` when not registered";
}

/// Quirks a modem of this simulator does not switch, with the reason or the place that shows them.
pub(crate) const ELSEWHERE: [(u8, &str, &str); 11] = [
    (
        41,
        "cnmi_reset_after_cnma_miss",
        "the standard's own rule: every modem does it with +CSMS 1",
    ),
    (
        47,
        "report_before_cmgs",
        "the network's timing: `early` of the reports fault",
    ),
    (
        48,
        "report_national_ton",
        "the service centre writes the number, not the modem",
    ),
    (
        50,
        "report_dup_late",
        "the network's doing: `twice` and the delay of reports",
    ),
    (
        74,
        "port_needs_other_at",
        "a line of the simulator has one port",
    ),
    (
        75,
        "dup_usb_serial",
        "pseudo-terminals have no USB descriptors",
    ),
    (
        76,
        "ch344_iface0",
        "pseudo-terminals have no USB interfaces",
    ),
    (
        78,
        "mm_probing",
        "another program on the same port, not the modem",
    ),
    (
        88,
        "simbank_no_reply",
        "a SIM bank's controller, not a modem",
    ),
    (
        89,
        "simbank_dropped_switch",
        "a SIM bank's controller, not a modem",
    ),
    (
        90,
        "simbank_dup_iccid",
        "two lines with one SIM: give both the same card",
    ),
];

impl Quirk {
    /// The quirk of a name (`prompt_nospace`) or a number (`Q01`).
    pub(crate) fn of(word: &str) -> Option<Quirk> {
        let number = word
            .strip_prefix('Q')
            .and_then(|digits| digits.parse().ok());
        Quirk::ALL
            .iter()
            .copied()
            .find(|quirk| quirk.name() == word || number == Some(*quirk as u8))
    }
}

/// How often each quirk shows, by number: never, always, or a share of the occasions.
#[derive(Clone, PartialEq)]
pub(crate) struct Quirks {
    rates: [f32; QUIRK_NUMBERS],
}

impl Quirks {
    /// The share of the occasions on which it shows, 0 to 1.
    pub(crate) fn rate(&self, quirk: Quirk) -> f64 {
        f64::from(self.rates[quirk as usize])
    }

    pub(super) fn set(&mut self, quirk: Quirk, rate: f64) {
        // Rates are shares with few digits; nothing is lost that anybody could measure.
        self.rates[quirk as usize] = rate as f32;
    }

    /// Those that ever show.
    pub(crate) fn shown(&self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL
            .iter()
            .copied()
            .filter(|quirk| self.rate(*quirk) > 0.0)
    }
}

impl Default for Quirks {
    fn default() -> Quirks {
        Quirks {
            rates: [0.0; QUIRK_NUMBERS],
        }
    }
}

impl std::fmt::Debug for Quirks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.shown().map(Quirk::name))
            .finish()
    }
}

/// Q01 to Q100, and an unused nought.
const QUIRK_NUMBERS: usize = 101;
