//! Every kind of recipient and text, and what the digest takes notice of.

use std::time::Duration;

use sms::{Encoding, Language, Languages, Shifts};
use uuid::Uuid;

use super::*;
use crate::settings::{Route, SimFilter};
use crate::wish::{EncodingWish, Transliterate};
use crate::words::Rotation;

const NUMBER: &str = "+4915112345678";

#[test]
fn recipients_in_canonical_form() {
    let check = |country: Option<&str>, given: &str, expected: &str| {
        let settings = with(country, &[]);
        let address = canonical_recipient(&settings, given).unwrap();
        assert_eq!(address.text(), expected, "{given}");
    };
    check(None, "+4915112345678", "+4915112345678");
    check(None, "004915112345678", "+4915112345678");
    // Bounds of E.164, with this gateway's lower one.
    check(None, "+12345678", "+12345678");
    check(None, "+123456789012345", "+123456789012345");
    // Separators, wherever people put them.
    check(None, "+49 (151) 123-456.78", "+4915112345678");
    check(None, " 00 49/151/12345678 ", "+4915112345678");
    check(None, "+49\u{a0}151\u{a0}12345678", "+4915112345678");
    // National numbers.
    check(Some("49"), "015112345678", "+4915112345678");
    check(Some("49"), "0151 1234-5678", "+4915112345678");
    check(Some("49"), "+33612345678", "+33612345678");
    check(Some("49"), "0033612345678", "+33612345678");
    check(Some("1"), "02025550123", "+12025550123");
}

#[test]
fn recipients_that_are_none() {
    let check = |country: Option<&str>, given: &str| {
        let refusal = canonical_recipient(&with(country, &[]), given).unwrap_err();
        assert!(
            matches!(refusal, Refusal::InvalidRecipient(_)),
            "{given}: {refusal}"
        );
        assert_eq!(refusal.code(), "invalid_recipient");
        let digits: String = given.chars().filter(char::is_ascii_digit).collect();
        assert!(
            digits.len() < 5 || !refusal.to_string().contains(&digits),
            "the number is private"
        );
    };
    for given in [
        "",
        " ",
        "+",
        "00",
        "-",
        "++4917698765432",
        "+49+17698765432",
        // Too short, too long.
        "+9876543",
        "+1234567890123456",
        "009876543",
        "00123456789012345678901234567890",
        // No country code begins with 0.
        "+04917698765432",
        "0004917698765432",
        // Not digits, or digits of another script.
        "+4917698765a32",
        "alice",
        "+49176x",
        "+٤٩١٥١١٢٣٤٥٦٧٨",
        "+4917698765432#",
        "*100#",
        "tel:+4917698765432",
        "+49\n17698765432",
        "+4917698765432\0",
    ] {
        check(None, given);
        check(Some("49"), given);
    }
    // National without a default country; with one, but without the leading 0.
    check(None, "017698765432");
    check(Some("49"), "17698765432");
    check(Some("49"), "0");
    check(Some("49"), "0176");
    check(Some("49"), "0123456789012345");
}

#[test]
fn short_codes_by_route() {
    let check = |prefixes: &[&str], given: &str, expected: Option<&str>| {
        let found = canonical_recipient(&with(None, prefixes), given);
        assert_eq!(
            found.ok().map(|address| address.text()).as_deref(),
            expected,
            "{given} by {prefixes:?}"
        );
    };
    check(&["70"], "70123", Some("70123"));
    check(&["70"], "70 123", Some("70123"));
    check(&["70123"], "70123", Some("70123"));
    check(&["112", "70"], "7012345", Some("7012345"));
    check(&["70"], "701", Some("701"));
    check(&["0"], "0800", Some("0800"));
    // Not named, too short, too long, not a number, no route at all.
    check(&["70"], "71123", None);
    check(&["7"], "70", None);
    check(&["7"], "70123456", None);
    check(&["70"], "7012a", None);
    check(&["+70"], "70123", None);
    check(&[], "70123", None);
    // A number is a number, whatever routes say.
    check(&["49"], "+4915112345678", Some("+4915112345678"));
}

#[test]
fn texts() {
    let check = |text: &str, expected: Result<(Encoding, u8), Refusal>| {
        let settings = Settings::default();
        let admitted =
            admit(&settings, id(), &raw(text)).map(|request| (request.form, request.parts));
        let expected = expected.map(|(encoding, parts)| (Form::Text(encoding), parts));
        assert_eq!(admitted, expected, "{} characters", text.chars().count());
    };
    let too_long = |parts| {
        Err(Refusal::TextTooLong {
            parts,
            parts_max: 10,
        })
    };
    check("hello", Ok((Encoding::Gsm7, 1)));
    check("Привет", Ok((Encoding::Ucs2, 1)));
    check(&"a".repeat(160), Ok((Encoding::Gsm7, 1)));
    check(&"a".repeat(161), Ok((Encoding::Gsm7, 2)));
    check(&"€".repeat(80), Ok((Encoding::Gsm7, 1)));
    check(&"я".repeat(71), Ok((Encoding::Ucs2, 2)));
    check("😀", Ok((Encoding::Ucs2, 1)));
    check(" ", Ok((Encoding::Gsm7, 1)));
    check("", Err(Refusal::EmptyText));
    check(&"a".repeat(1530), Ok((Encoding::Gsm7, 10)));
    check(&"a".repeat(1531), too_long(11));
    check(&"a".repeat(153 * 255), too_long(255));
    check(&"a".repeat(153 * 300), too_long(300));
    check(&"я".repeat(67 * 300), too_long(300));
}

#[test]
fn data() {
    let ports = Some(sms::Ports {
        destination: 16000,
        source: 9,
    });
    let admitted = |octets: &[u8], ports| {
        let data = Some(Data { octets, ports });
        let raw = RawRequest { data, ..raw("") };
        admit(&Settings::default(), id(), &raw)
    };
    let found = admitted(&[0, 0x5a, 0xff], ports).unwrap();
    assert_eq!((&*found.text, found.form), ("005AFF", Form::Data(ports)));
    let parts = |octets, ports| admitted(&vec![7; octets], ports).map(|found| found.parts);
    assert_eq!([parts(133, ports), parts(134, ports)], [Ok(1), Ok(2)]);
    assert_eq!(parts(1340, None), Ok(10));
    assert_eq!(parts(0, None), Err(Refusal::EmptyText));
    let too_long = Refusal::TextTooLong {
        parts: 11,
        parts_max: 10,
    };
    assert_eq!(parts(1341, None), Err(too_long));
    // What the app gives again goes on the air again, cut the same way.
    let long: Vec<u8> = (0..=255).collect();
    let found = admitted(&long, ports).unwrap();
    let cut = (1..=found.parts).map(|part| found.form.part(&found.text, 3, part));
    assert!(cut.eq(sms::segment_data(&long, ports, 3).unwrap()));
}

#[test]
fn the_configured_number_of_parts_decides() {
    let settings = Settings {
        parts_max: 255,
        ..Settings::default()
    };
    let parts = |count: usize| {
        admit(&settings, id(), &raw(&"a".repeat(153 * count))).map(|request| request.parts)
    };
    assert_eq!(parts(255), Ok(255));
    assert_eq!(
        parts(256),
        Err(Refusal::TextTooLong {
            parts: 256,
            parts_max: 255
        })
    );
}

#[test]
fn faults_of_a_text_have_their_refusals() {
    let settings = Settings::default();
    let fault = SegmentError::Unencodable {
        ch: 'я',
        position: 17,
    };
    let refusal = refusal_of(&fault, &settings);
    assert_eq!(refusal, Refusal::Unencodable { position: 17 });
    assert_eq!(refusal.code(), "unencodable");
}

#[test]
fn what_a_message_does_not_say_its_class_does() {
    let settings = Settings::default();
    for class in Class::ALL {
        let request = admit(
            &settings,
            id(),
            &RawRequest {
                class: Some(class),
                ..raw("hi")
            },
        )
        .unwrap();
        assert_eq!(request.expires_in, settings.class(class).expires_in);
        assert_eq!(request.in_doubt, settings.class(class).in_doubt);
        assert!(request.report);
    }
    let plain = admit(&settings, id(), &raw("hi")).unwrap();
    assert_eq!(plain.class, Class::Notification);
    let own = RawRequest {
        expires_in: Some(Duration::from_secs(7)),
        in_doubt: Some(InDoubt::Fail),
        report: Some(false),
        ..raw("hi")
    };
    let own = admit(&settings, id(), &own).unwrap();
    assert_eq!(
        (own.expires_in, own.in_doubt, own.report),
        (Duration::from_secs(7), InDoubt::Fail, false)
    );
}

#[test]
fn a_route_has_to_be_known() {
    let mut settings = with(None, &["+49"]);
    let asked = RawRequest {
        route: Some("route"),
        ..raw("hi")
    };
    assert_eq!(
        admit(&settings, id(), &asked).unwrap().route.as_deref(),
        Some("route")
    );
    settings.routes.clear();
    assert_eq!(
        admit(&settings, id(), &asked),
        Err(Refusal::UnknownRoute("route".into()))
    );
}

#[test]
fn the_digest_notices_every_field_of_the_body_and_nothing_else() {
    let settings = with(Some("49"), &["+49"]);
    let digest = |raw: &RawRequest<'_>| admit(&settings, id(), raw).unwrap().digest;
    let base = raw("hello");
    let others = others(&base);
    let policies = [InDoubt::Hold, InDoubt::Fail].map(|in_doubt| RawRequest {
        in_doubt: Some(in_doubt),
        ..base.clone()
    });
    let others: Vec<_> = others.into_iter().chain(policies).collect();
    let mut seen: Vec<u64> = others.iter().map(digest).collect();
    seen.push(digest(&base));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), others.len() + 1);
    // The same number in another form, another key, another id: the same body.
    let same = [
        RawRequest {
            to: "0151 12345678",
            ..base.clone()
        },
        RawRequest {
            key: Some("k"),
            ..base.clone()
        },
    ];
    for raw in &same {
        assert_eq!(digest(raw), digest(&base));
    }
}

#[test]
fn the_digest_is_the_same_in_every_build() {
    let request = admit(&Settings::default(), id(), &raw("hello")).unwrap();
    assert_eq!(request.digest, KNOWN_DIGEST);
}

#[test]
fn wishes_decide_how_a_text_goes_on_the_air() {
    use Encoding::{Gsm7, Ucs2};
    use Transliterate::{Letters, Off, Punctuation};
    let none = TextWish::default();
    let encoding = |encoding| TextWish {
        encoding: Some(encoding),
        ..none
    };
    let to = |transliterate| TextWish {
        transliterate: Some(transliterate),
        ..none
    };
    check_wish("It’s", (&[], Off), none, ("It’s", Ucs2, 1));
    check_wish("It’s", (&[], Punctuation), none, ("It's", Gsm7, 1));
    check_wish("It’s", (&[], Punctuation), to(Off), ("It’s", Ucs2, 1));
    check_wish("It’s", (&[], Off), to(Letters), ("It's", Gsm7, 1));
    // Nothing is gained while another character needs UCS-2, so nothing is changed.
    check_wish("It’s 👍", (&[], Letters), none, ("It’s 👍", Ucs2, 1));
    check_wish(
        "It’s",
        (&[], Punctuation),
        encoding(EncodingWish::Ucs2),
        ("It’s", Ucs2, 1),
    );
    check_wish(
        "hi",
        (&[], Off),
        encoding(EncodingWish::Ucs2),
        ("hi", Ucs2, 1),
    );
    check_wish(
        "It’s",
        (&[], Punctuation),
        encoding(EncodingWish::Gsm7),
        ("It's", Gsm7, 1),
    );
    // What is transliterated to nothing stays.
    check_wish("\u{200b}", (&[], Letters), none, ("\u{200b}", Ucs2, 1));
    let error = |text, wish| {
        let asked = RawRequest { wish, ..raw(text) };
        admit(&Settings::default(), id(), &asked).unwrap_err()
    };
    assert_eq!(
        error("aж", encoding(EncodingWish::Gsm7)),
        Refusal::Unencodable { position: 1 }
    );
    assert!(crate::languages(["klingon"]).is_err());
}

#[test]
fn tables_are_used_where_they_are_allowed_and_cheaper() {
    use Encoding::Ucs2;
    use Transliterate::Off;
    let none = TextWish::default();
    let tables = |names: &[&str]| TextWish {
        national_tables: Some(crate::languages(names.iter().copied()).unwrap()),
        ..none
    };
    let turkish = Encoding::National(Shifts {
        locking: Some(Language::Turkish),
        single: None,
    });
    let ucs2_of_two = "ş".repeat(71);
    check_wish(&ucs2_of_two, (&[], Off), none, (&ucs2_of_two, Ucs2, 2));
    check_wish(
        &ucs2_of_two,
        (&["turkish"], Off),
        none,
        (&ucs2_of_two, turkish, 1),
    );
    check_wish(
        &ucs2_of_two,
        (&["hindi"], Off),
        none,
        (&ucs2_of_two, Ucs2, 2),
    );
    check_wish(
        &ucs2_of_two,
        (&["turkish"], Off),
        tables(&[]),
        (&ucs2_of_two, Ucs2, 2),
    );
    check_wish(
        &ucs2_of_two,
        (&[], Off),
        tables(&["turkish"]),
        (&ucs2_of_two, turkish, 1),
    );
}

/// A text, the operator's languages and transliteration, the app's wishes; the text sent, its encoding and parts.
#[track_caller]
fn check_wish(
    text: &str,
    settings: (&[&str], Transliterate),
    wish: TextWish,
    expected: (&str, Encoding, u8),
) {
    let settings = Settings {
        national_tables: crate::languages(settings.0.iter().copied()).unwrap(),
        transliterate: settings.1,
        ..Settings::default()
    };
    let asked = RawRequest { wish, ..raw(text) };
    let found = admit(&settings, id(), &asked).unwrap();
    let (sent, encoding, parts) = expected;
    let expected = (sent, Form::Text(encoding), parts);
    assert_eq!((&*found.text, found.form, found.parts), expected);
    let changed = found.text != text.into();
    assert_eq!(changed, !found.replaced.is_empty());
}

/// Requests that differ from one another and from `base` in one field each.
fn others<'a>(base: &RawRequest<'a>) -> Vec<RawRequest<'a>> {
    let fields = [
        RawRequest {
            to: "+4915112345679",
            ..base.clone()
        },
        RawRequest {
            text: "hello ",
            ..base.clone()
        },
        RawRequest {
            class: Some(Class::Notification),
            ..base.clone()
        },
        RawRequest {
            class: Some(Class::Otp),
            ..base.clone()
        },
        RawRequest {
            expires_in: Some(Duration::ZERO),
            ..base.clone()
        },
        RawRequest {
            expires_in: Some(Duration::from_secs(1)),
            ..base.clone()
        },
        RawRequest {
            app: Some("shop"),
            ..base.clone()
        },
        RawRequest {
            route: Some("route"),
            ..base.clone()
        },
        RawRequest {
            report: Some(true),
            ..base.clone()
        },
        RawRequest {
            report: Some(false),
            ..base.clone()
        },
        RawRequest {
            app: Some("gsm7 - - false 0"),
            ..base.clone()
        },
    ];
    let wishing = |wish| RawRequest {
        wish,
        ..base.clone()
    };
    let wishing = wishes().map(wishing);
    fields
        .into_iter()
        .chain(wishing)
        .chain(carriers(base))
        .collect()
}

/// Requests with data instead of the text of `base`.
fn carriers<'a>(base: &RawRequest<'a>) -> [RawRequest<'a>; 5] {
    let ports = |source, destination| {
        Some(sms::Ports {
            destination,
            source,
        })
    };
    let data = [
        (&b"hello"[..], None),
        (b"hell", None),
        (b"hello", ports(0, 1)),
        (b"hello", ports(1, 0)),
        (b"hello", ports(1, 1)),
    ];
    data.map(|(octets, ports)| RawRequest {
        text: "",
        data: Some(Data { octets, ports }),
        ..base.clone()
    })
}

fn wishes() -> [TextWish; 6] {
    let none = TextWish::default();
    [
        TextWish {
            flash: true,
            ..none
        },
        TextWish {
            replace: Some(1),
            ..none
        },
        TextWish {
            encoding: Some(EncodingWish::Gsm7),
            ..none
        },
        TextWish {
            transliterate: Some(Transliterate::Letters),
            ..none
        },
        TextWish {
            national_tables: Some(Languages::NONE),
            ..none
        },
        TextWish {
            national_tables: crate::languages(["turkish"]).ok(),
            ..none
        },
    ]
}

fn raw(text: &str) -> RawRequest<'_> {
    RawRequest {
        to: NUMBER,
        text,
        ..RawRequest::default()
    }
}

fn id() -> MessageId {
    MessageId(Uuid::nil())
}

fn with(country: Option<&str>, prefixes: &[&str]) -> Settings {
    let route = Route {
        name: "route".into(),
        prefixes: prefixes.iter().map(|prefix| (*prefix).into()).collect(),
        classes: Vec::new(),
        sims: SimFilter::default(),
        rotation: Rotation::Headroom,
        ..Route::default()
    };
    Settings {
        default_country: country.map(Into::into),
        routes: vec![route],
        ..Settings::default()
    }
}

/// It is stored for days and compared after upgrades.
const KNOWN_DIGEST: u64 = 5_300_700_251_079_815_533;
