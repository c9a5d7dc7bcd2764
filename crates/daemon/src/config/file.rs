//! The keys of the configuration file: their defaults, ranges and relations. Those of lines, SIMs and routes are in `fleet`.
//!
//! Reading goes on after a fault, so that one run tells an operator everything.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway::{Class, ClassSettings, Settings};
use sms::Languages;
use toml::de::{DeTable, DeValue};

use super::faults::Fault;
use super::pins::Pins;
use super::section::{Found, Section, Source};
use super::{
    ApiConfig, Config, apps, causes, fleet, guards, hours, hubs, profiles, retention, tokens,
    webhooks,
};

/// The name under which the table `[sims.default]` is read. In TOML a name is either a table or an array of tables, and
/// the file has both `[sims.default]` and `[[sims]]`; so the header of the former names a table of its own.
pub(super) const SIMS_DEFAULT: &str = "sims_default";

/// Reads the whole file, or tells all its faults.
pub(super) fn read(text: &str, origin: &Path) -> Result<Config, Vec<Fault>> {
    let text = tables_of_their_own(text);
    let source = Source::new(&text);
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            source.fault(error.span().map(|span| span.start), "", error.message());
            return Err(source.into_faults());
        }
    };
    let config = read_root(Section::root(&source, &table), origin);
    let faults = source.into_faults();
    if faults.is_empty() {
        Ok(config)
    } else {
        Err(faults)
    }
}

fn read_root(mut root: Section<'_, '_>, origin: &Path) -> Config {
    let mut settings = Settings::default();
    let profiles = profiles::read(root.section("modems"));
    let (state_dir, min_free_disk_mib) = read_gateway(root.section("gateway"), &mut settings);
    let api = read_api(root.section("api"));
    let metrics_listen = read_metrics(root.section("metrics"));
    let texts = read_classes(root.section("class"), &mut settings);
    let retention = retention::read(root.section("retention"), texts);
    settings.apps = apps::read(&mut root);
    settings.zones = hours::read_zones(&mut root);
    let mut pins = Pins::default();
    let lines = fleet::read_lines(&mut root, &profiles, &mut pins);
    let hubs = hubs::read(&mut root, &lines, &mut settings);
    fleet::read_sims(&mut root, &mut settings, &mut pins);
    fleet::read_routes(&mut root, &mut settings);
    guards::read_limits(&mut root, &mut settings);
    let webhooks = webhooks::read(&mut root);
    root.finish(&[]);
    Config {
        origin: origin.to_owned(),
        state_dir,
        min_free_disk_mib,
        retention,
        api,
        metrics_listen,
        lines,
        hubs,
        webhooks,
        pins,
        settings,
    }
}

fn read_gateway(mut section: Section<'_, '_>, settings: &mut Settings) -> (PathBuf, u64) {
    let state_dir = read_path(&mut section, "state_dir").unwrap_or_else(|| STATE_DIR.into());
    if let Some(target) = section.count("target_per_minute", 1..=1_000_000, "parts per minute") {
        settings.target_per_minute = target;
    }
    if let Some(max) = section.count("max_queued", 1..=10_000_000, "messages") {
        settings.queued_max = usize::try_from(max).expect("10,000,000 fits");
    }
    if let Some(share) = section.count("otp_queue_percent", 0..=100, "percent") {
        settings.otp_queue_percent = u8::try_from(share).expect("the range fits 8 bits");
    }
    if let Some(max) = section.count("max_parts", 1..=255, "parts") {
        settings.parts_max = u8::try_from(max).expect("the range fits 8 bits");
    }
    settings.default_country = read_country(&mut section);
    settings.otp_reserve = read_reserve(&mut section);
    if let Some(max) = section.duration("schedule_max", SCHEDULE_MAX) {
        settings.schedule_max = max;
    }
    if let Some(share) = section.count("bulk_share_percent", 0..=100, "percent") {
        settings.bulk_share_percent = u8::try_from(share).expect("the range fits 8 bits");
    }
    settings.national_tables = read_languages(&mut section);
    if let Some(how) = section.word("transliterate") {
        settings.transliterate = how;
    }
    if let Some(seed) = section.integer("seed", 0..=u64::from(u32::MAX), "") {
        settings.seed = seed;
    }
    if let Some(found) = section.text("causes_file") {
        match causes::read(Path::new(found.value)) {
            Ok(causes) => settings.causes = causes,
            Err(what) => section.fault(Some(found.at), "causes_file", what),
        }
    }
    guards::read_recipients(&mut section, settings);
    let free = section.integer("min_free_disk_mib", 0..=1_048_576, "MiB");
    section.finish(&[]);
    (state_dir, free.unwrap_or(MIN_FREE_DISK_MIB))
}

fn read_country(section: &mut Section<'_, '_>) -> Option<Box<str>> {
    let found = section.text("default_country")?;
    let digits = found.value;
    let is_code = (1..=3).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if !is_code {
        let what = format!(
            "`{digits}` is not a country calling code: write its 1 to 3 digits, as in \"49\""
        );
        section.fault(Some(found.at), "default_country", what);
        return None;
    }
    Some(digits.into())
}

fn read_languages(section: &mut Section<'_, '_>) -> Languages {
    let mut languages = Languages::NONE;
    for found in section.texts("national_tables") {
        match gateway::languages([found.value]) {
            Ok(language) => languages = languages.or(language),
            Err(error) => section.fault(Some(found.at), "national_tables", error),
        }
    }
    languages
}

/// `"auto"`, or how many SIMs are kept free for codes.
fn read_reserve(section: &mut Section<'_, '_>) -> Option<usize> {
    let auto = matches!(
        section.value("otp_reserve")?.value,
        DeValue::String(text) if text == "auto"
    );
    if auto {
        return None;
    }
    let count = section.count("otp_reserve", 0..=512, "SIMs, or \"auto\"")?;
    usize::try_from(count).ok()
}

fn read_api(mut section: Section<'_, '_>) -> ApiConfig {
    let socket = read_socket(&mut section);
    let socket_mode = read_mode(&mut section).unwrap_or(SOCKET_MODE);
    let listen_found = section.text("listen");
    let listen = listen_found
        .as_ref()
        .and_then(|found| read_address(&section, "listen", found));
    let tokens_file = section.text("tokens_file");
    let tokens = tokens_file.as_ref().map_or_else(Vec::new, |found| {
        tokens::read(Path::new(found.value)).unwrap_or_else(|what| {
            section.fault(Some(found.at), "tokens_file", what);
            Vec::new()
        })
    });
    if listen.is_some_and(|address| !address.ip().is_loopback()) && tokens_file.is_none() {
        let at = listen_found.map(|found| found.at);
        section.fault(
            at,
            "listen",
            "other hosts could send messages: name a tokens_file too, or listen on a loopback address",
        );
    }
    section.finish(&[]);
    ApiConfig {
        socket,
        socket_mode,
        listen,
        tokens,
    }
}

fn read_socket(section: &mut Section<'_, '_>) -> PathBuf {
    let Some(found) = section.text("socket") else {
        return SOCKET.into();
    };
    let what = match found.value.len() {
        0 => "is empty: write a path".to_owned(),
        1..=SOCKET_BYTES_MAX => return found.value.into(),
        length => format!("the path has {length} bytes; allowed: {SOCKET_BYTES_MAX} at most"),
    };
    section.fault(Some(found.at), "socket", what);
    SOCKET.into()
}

fn read_mode(section: &mut Section<'_, '_>) -> Option<u32> {
    let found = section.text("socket_mode")?;
    match u32::from_str_radix(found.value, 8) {
        Ok(mode) if mode <= 0o777 => Some(mode),
        _ => {
            let what = format!(
                "`{}` is not a file mode: write octal digits, as in \"0660\"",
                found.value
            );
            section.fault(Some(found.at), "socket_mode", what);
            None
        }
    }
}

fn read_metrics(mut section: Section<'_, '_>) -> Option<SocketAddr> {
    let listen = match section.text("listen") {
        Some(found) => read_address(&section, "listen", &found),
        None => Some(METRICS_LISTEN),
    };
    section.finish(&[]);
    listen
}

/// An address and port; the empty text means not to listen.
fn read_address(section: &Section<'_, '_>, key: &str, found: &Found<&str>) -> Option<SocketAddr> {
    if found.value.is_empty() {
        return None;
    }
    match found.value.parse() {
        Ok(address) => Some(address),
        Err(_) => {
            let what = format!(
                "`{}` is not an address: write IP:PORT, as in \"127.0.0.1:9464\", or \"\" not to listen",
                found.value
            );
            section.fault(Some(found.at), key, what);
            None
        }
    }
}

/// Also tells how long texts are kept, by class.
fn read_classes(mut section: Section<'_, '_>, settings: &mut Settings) -> [Option<Duration>; 3] {
    let mut texts = retention::TEXTS_KEPT;
    for class in Class::ALL {
        let mut keys = section.section(class.as_str());
        let own: &mut ClassSettings = &mut settings.classes[class.index()];
        if let Some(expires_in) = keys.duration("expires_in", EXPIRES_IN) {
            own.expires_in = expires_in;
        }
        if let Some(in_doubt) = keys.word("in_doubt") {
            own.in_doubt = in_doubt;
        }
        retention::read_text(class, &mut keys, &mut texts);
        own.window = hours::read_window(&mut keys);
        keys.finish(&[]);
    }
    section.finish(&[]);
    texts
}

pub(super) fn read_path(section: &mut Section<'_, '_>, key: &'static str) -> Option<PathBuf> {
    let found = section.text(key)?;
    if found.value.is_empty() {
        section.fault(Some(found.at), key, "is empty: write a path");
        return None;
    }
    Some(PathBuf::from(found.value))
}

/// Gives the header `[sims.default]` a name that does not clash with `[[sims]]`. Keeps every byte in its place.
fn tables_of_their_own(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let is_header = line.trim_start().starts_with("[sims.default]");
        if is_header {
            kept.push_str(&line.replacen("sims.default", SIMS_DEFAULT, 1));
        } else {
            kept.push_str(line);
        }
    }
    kept
}

const _: () = assert!(SIMS_DEFAULT.len() == "sims.default".len());

const STATE_DIR: &str = "/var/lib/simfleet";
const SOCKET: &str = client::SOCKET_DEFAULT;
/// `sockaddr_un` has room for 107 bytes and a NUL; the socket is bound as `….new` first.
const SOCKET_BYTES_MAX: usize = 107 - ".new".len();
const SOCKET_MODE: u32 = 0o660;
const METRICS_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);
const MIN_FREE_DISK_MIB: u64 = 64;

/// Nothing at all, to a year.
const SCHEDULE_MAX: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(366 * 86_400);

/// From what a modem needs to send at all, to the longest validity a class can sensibly want.
const EXPIRES_IN: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(30 * 86_400);
