//! The values that a profile's keys may have: words out of fixed lists, numbers in ranges, commands that cannot do harm.
//!
//! Every value is checked while the file is read, so that nothing of a file has to be doubted later.

use serde::{Deserialize, Deserializer, de};

use crate::timing::{RADIO, RESULT_HARD};

/// A whole number between `MIN` and `MAX`, both included; `UNSET` if the file has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranged<const MIN: u16, const MAX: u16, const UNSET: u16>(u16);

/// A pause in milliseconds, up to a second: longer ones would cost throughput.
pub type Millis = Ranged<0, 1000, 0>;

/// Bytes of a piece of a PDU; a whole one has 352 digits.
pub type ChunkBytes = Ranged<0, 512, 0>;

/// Seconds that the result of `+CMGS` may take: from TR1M's 45 s (3GPP TS 24.011 §10.1) to NB-IoT with its 360 s more.
pub type ResultSeconds = Ranged<45, 600, { RESULT_HARD.as_secs() as u16 }>;

/// Seconds that `+CFUN=1` may take; u-blox says three minutes.
pub type RadioSeconds = Ranged<5, 300, { RADIO.as_secs() as u16 }>;

/// A `+CGSMS` value.
pub type Transport = Ranged<0, 3, 3>;

/// A `+CSMS` value.
pub type ServiceLevel = Ranged<0, 1, 0>;

/// A vendor's command without its `AT`, as `^CURC=0`. It is ASCII, one command, and none that sends, deletes, dials,
/// locks or restarts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorCommand(Box<str>);

/// The five numbers of `+CNMI`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indications(Box<str>);

/// Commands that restart the modem, without their `AT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetCommands(Box<[Box<str>]>);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
        pub enum $name {
            $($(#[$value_doc])* #[serde(rename = $word)] $value,)+
        }
    };
}

words! {
    /// What ends a command.
    LineEnd {
        /// CR alone (ITU-T V.250 §5.2.1).
        #[default]
        Cr = "cr",
        /// CR and LF, for interpreters that wait for the second (Ericsson R320).
        CrLf = "crlf",
    }
}

words! {
    /// What restores a sick modem's settings.
    Restore {
        /// `ATZ`: the stored profile.
        #[default]
        Stored = "Z",
        /// `AT&F`: the factory's (SIM7600).
        Factory = "&F",
    }
}

words! {
    /// What tells that messages can be used.
    Readiness {
        /// The first success of `+CPMS?` or `+CSMS?`.
        #[default]
        Storage = "storage",
        /// Telit's `#QSS?` says 3; its `+CPIN: READY` comes too early.
        Qss = "qss",
    }
}

words! {
    /// The command that tells how many tries the PIN has left.
    PinCounter {
        /// `+CPINR` (3GPP TS 27.007 §8.65).
        #[default]
        Cpinr = "cpinr",
        /// Quectel `+QPINC?`.
        Qpinc = "qpinc",
        /// SIMCom `+SPIC`.
        Spic = "spic",
        /// Huawei `^CPIN?`.
        HuaweiCpin = "^cpin",
        /// Telit `#PCT`.
        Pct = "#pct",
        /// u-blox `+UPINCNT`.
        Upincnt = "upincnt",
        /// ZTE `+ZPINPUK=?`.
        Zpinpuk = "zpinpuk",
        /// Ericsson `*EPIN?`.
        Epin = "*epin",
        /// The modem does not tell.
        Untold = "none",
    }
}

words! {
    /// A registration of its own (3GPP TS 27.007 §7.2, §10.1.20, §10.1.22, §10.1.47).
    Domain {
        /// `+CREG`: circuit switched, and LTE with SGs.
        #[default]
        Circuit = "creg",
        /// `+CGREG`: GPRS and UMTS packet.
        Packet = "cgreg",
        /// `+CEREG`: LTE.
        Eps = "cereg",
        /// `+C5GREG`: 5G.
        FiveG = "c5greg",
    }
}

words! {
    /// Whether registration in LTE or 5G alone is enough to send.
    LteAlone {
        /// No: short messages need a circuit-switched registration (SGs).
        #[default]
        Refuse = "refuse",
        /// Yes: the modem sends over IMS or NAS.
        Send = "send",
    }
}

words! {
    /// A message store (3GPP TS 27.005 §3.2.2).
    Memory {
        /// The SIM.
        #[default]
        Sim = "SM",
        /// The modem.
        Phone = "ME",
        /// Both.
        Both = "MT",
        /// Status reports.
        Reports = "SR",
    }
}

words! {
    /// How many stores `+CPMS` takes.
    StorageParameters {
        /// Three, or one if that is refused.
        #[default]
        Three = "3",
        /// One (Wavecom Q2).
        One = "1",
    }
}

words! {
    /// Whether the PDU begins with the service centre's address.
    SmscInPdu {
        /// It does (3GPP TS 27.005 §4.3).
        #[default]
        Present = "present",
        /// It does not (Nokia Premicell).
        Absent = "absent",
    }
}

words! {
    /// Whether `+CMMS` (3GPP TS 27.005 §4.6) keeps the link up between the parts of a message.
    MoreMessages {
        /// It is left at 0.
        #[default]
        Off = "off",
        /// `+CMMS=1` before each part that another one follows.
        BetweenParts = "between_parts",
    }
}

words! {
    /// The `+CFUN` value that turns the radio off.
    RadioOff {
        /// 4: flight mode.
        #[default]
        Flight = "4",
        /// 0: minimum.
        Minimum = "0",
        /// None may be used: the modem drops off the bus, or falls silent.
        Never = "never",
    }
}

words! {
    /// How a call that comes in is rejected.
    HangUp {
        /// `ATH` (ITU-T V.250 §6.3.6).
        #[default]
        Hook = "H",
        /// `AT+CHUP` (3GPP TS 27.007 §6.5), where `ATH` ends data calls alone.
        Chup = "+CHUP",
        /// Not at all: it rings until the caller gives up.
        Never = "never",
    }
}

words! {
    /// How a USSD request is written.
    UssdText {
        /// As it is.
        #[default]
        Plain = "plain",
        /// As packed septets in hexadecimal (Huawei).
        PackedHex = "packed_hex",
        /// As UCS-2 in hexadecimal (modems whose character set is set to it).
        Ucs2Hex = "ucs2_hex",
    }
}

impl<const MIN: u16, const MAX: u16, const UNSET: u16> Ranged<MIN, MAX, UNSET> {
    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// As a pause of milliseconds.
    pub const fn millis(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0 as u64)
    }
}

impl<const MIN: u16, const MAX: u16, const UNSET: u16> Default for Ranged<MIN, MAX, UNSET> {
    fn default() -> Self {
        const { assert!(MIN <= UNSET && UNSET <= MAX) };
        Ranged(UNSET)
    }
}

impl<'de, const MIN: u16, const MAX: u16, const UNSET: u16> Deserialize<'de>
    for Ranged<MIN, MAX, UNSET>
{
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(source)?;
        match u16::try_from(number) {
            Ok(fits) if (MIN..=MAX).contains(&fits) => Ok(Ranged(fits)),
            _ => Err(de::Error::custom(format!(
                "{number} is out of range; allowed: {MIN} to {MAX}"
            ))),
        }
    }
}

impl VendorCommand {
    /// The command without its `AT`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<VendorCommand, String> {
        let begins = text.starts_with(['+', '^', '#', '*', '%', '$', '!', '_', '&']);
        let name = text.split(['=', '?']).next().unwrap_or_default();
        if !begins || !is_one_command(text) {
            return Err(format!(
                "`{text}` is not a command: write one command of 2 to {VENDOR_BYTES_MAX} characters without its AT, as in \"^CURC=0\""
            ));
        }
        if HARMFUL.contains(&name.to_ascii_uppercase().as_str()) {
            return Err(format!(
                "`{name}` must not be set here: it sends, deletes, locks or restarts"
            ));
        }
        Ok(VendorCommand(text.into()))
    }
}

impl Indications {
    /// The numbers with commas between them.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether reports are stored and only announced (`<ds>` 2).
    pub fn stores_reports(&self) -> bool {
        self.0.split(',').nth(3) == Some("2")
    }

    /// What works on most: reports shown at once (`ds` 1) before stored ones (`ds` 2, announced at the wrong place by EC25
    /// and SIM7600) before none.
    pub(super) fn portable() -> Vec<Indications> {
        PORTABLE_INDICATIONS
            .iter()
            .map(|&text| Indications(text.into()))
            .collect()
    }

    fn parse(text: &str) -> Result<Indications, String> {
        let fields: Vec<&str> = text.split(',').collect();
        let is_digit = |field: &&str| matches!(field.as_bytes(), [b'0'..=b'3']);
        if fields.len() == 5 && fields.iter().all(is_digit) {
            return Ok(Indications(text.into()));
        }
        Err(format!(
            "`{text}` is not a +CNMI value: write mode,mt,bm,ds,bfr, as in \"2,1,0,1,0\""
        ))
    }
}

impl ResetCommands {
    /// The commands, the best first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|command| &**command)
    }
}

impl Default for ResetCommands {
    fn default() -> ResetCommands {
        ResetCommands(Box::new(["+CFUN=1,1".into()]))
    }
}

impl<'de> Deserialize<'de> for VendorCommand {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        VendorCommand::parse(&String::deserialize(source)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Indications {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Indications::parse(&String::deserialize(source)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ResetCommands {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let commands = Vec::<String>::deserialize(source)?;
        match commands
            .iter()
            .find(|command| !RESETS.contains(&command.as_str()))
        {
            Some(unknown) => Err(de::Error::custom(format!(
                "`{unknown}` is unknown; allowed: {}",
                RESETS.join(", ")
            ))),
            None => Ok(ResetCommands(
                commands.into_iter().map(String::into_boxed_str).collect(),
            )),
        }
    }
}

/// Printable ASCII without anything that would begin another command.
fn is_one_command(text: &str) -> bool {
    (2..=VENDOR_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !text.contains(';')
}

/// It must fit the command buffer with its `AT`.
const VENDOR_BYTES_MAX: usize = 56;

/// Commands that a file must not run at every start.
const HARMFUL: &[&str] = &[
    "+CMGS", "+CMSS", "+CMGW", "+CMGC", "+CMGD", "+CMGDA", "+CPIN", "+CLCK", "+CPWD", "+CFUN",
    "+CUSD", "+CRESET", "+QPOWD", "+CPOF", "#REBOOT", "^RESET", "^SMSO", "!RESET", "+CGMS",
];

/// All that restarts a modem, by vendor: any, SIMCom, Telit, Sierra, Huawei, Cinterion, Wavecom.
const RESETS: &[&str] = &[
    "+CFUN=1,1",
    "+CFUN=16",
    "+CRESET",
    "#REBOOT",
    "!RESET",
    "^RESET",
    "^SMSO",
    "+CFUN=1",
];

const PORTABLE_INDICATIONS: &[&str] = &[
    "2,1,0,1,0",
    "1,1,0,1,0",
    "3,1,0,1,0",
    "2,1,0,1,1",
    "2,1,0,2,0",
    "1,1,0,2,0",
    "2,1,0,0,0",
];
