//! What an app may wish of how its text goes on the air. What it leaves open, the settings say.

use std::str::FromStr;

use sms::{EncodingChoice, Language, Languages, Transliteration};

use crate::settings::Settings;
use crate::words::{UnknownWord, unknown};

/// An app's wishes for one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextWish {
    /// The encoding; the cheapest that has every character if absent.
    pub encoding: Option<EncodingWish>,
    /// Languages whose national tables may be used.
    pub national_tables: Option<Languages>,
    /// How far the text may be changed to fit the GSM 7-bit alphabet.
    pub transliterate: Option<Transliterate>,
    /// Shown at once and not stored (3GPP TS 23.038 §4, class 0).
    pub flash: bool,
    /// Takes the place of this sender's last message of the same type, 1 to 7 (3GPP TS 23.040 §9.2.3.9).
    pub replace: Option<u8>,
}

/// Which encoding is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingWish {
    /// The cheapest.
    Auto,
    /// The default GSM 7-bit alphabet or nothing.
    Gsm7,
    /// UCS-2, come what may.
    Ucs2,
}

/// How far a text may be changed to fit the GSM 7-bit alphabet; only where that makes the message cheaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transliterate {
    /// Not at all.
    #[default]
    Off,
    /// Typographic punctuation.
    Punctuation,
    /// Punctuation, and Latin letters without their accents.
    Letters,
}

impl TextWish {
    /// What is asked of the codec.
    pub(crate) fn choice(&self, settings: &Settings) -> EncodingChoice {
        let languages = self.national_tables.unwrap_or(settings.national_tables);
        match self.encoding.unwrap_or(EncodingWish::Auto) {
            EncodingWish::Auto if languages == Languages::NONE => EncodingChoice::Auto,
            EncodingWish::Auto => EncodingChoice::AutoNational(languages),
            EncodingWish::Gsm7 => EncodingChoice::Gsm7,
            EncodingWish::Ucs2 => EncodingChoice::Ucs2,
        }
    }

    /// How far the text may be changed.
    pub(crate) fn transliteration(&self, settings: &Settings) -> Option<Transliteration> {
        match self.transliterate.unwrap_or(settings.transliterate) {
            Transliterate::Off => None,
            Transliterate::Punctuation => Some(Transliteration::Punctuation),
            Transliterate::Letters => Some(Transliteration::Letters),
        }
    }

    /// The wishes as one text, for digests; nothing if there are none.
    pub(crate) fn written(&self) -> Option<String> {
        if *self == TextWish::default() {
            return None;
        }
        let languages = self.national_tables.map(|languages| {
            let names = languages.iter().map(Language::as_str);
            names.collect::<Vec<_>>().join("+")
        });
        Some(format!(
            "{} {} {} {} {}",
            self.encoding.map_or("-", EncodingWish::as_str),
            languages.as_deref().unwrap_or("-"),
            self.transliterate.map_or("-", Transliterate::as_str),
            self.flash,
            self.replace.unwrap_or(0),
        ))
    }
}

impl EncodingWish {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            EncodingWish::Auto => "auto",
            EncodingWish::Gsm7 => "gsm7",
            EncodingWish::Ucs2 => "ucs2",
        }
    }
}

impl Transliterate {
    /// The word of the API and the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Transliterate::Off => "off",
            Transliterate::Punctuation => "punctuation",
            Transliterate::Letters => "letters",
        }
    }
}

/// The languages of these names.
///
/// # Errors
/// The first name that no language with national tables has.
pub fn languages<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Languages, UnknownWord> {
    let named = names.into_iter().map(|name| {
        Language::from_name(name).ok_or_else(|| {
            unknown(
                name,
                "turkish, spanish, portuguese, bengali, gujarati, hindi, kannada, malayalam, oriya, punjabi, tamil, \
                 telugu, urdu",
            )
        })
    });
    named.collect()
}

impl FromStr for EncodingWish {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [EncodingWish::Auto, EncodingWish::Gsm7, EncodingWish::Ucs2];
        let found = all.into_iter().find(|wish| wish.as_str() == text);
        found.ok_or_else(|| unknown(text, "auto, gsm7, ucs2"))
    }
}

impl FromStr for Transliterate {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [
            Transliterate::Off,
            Transliterate::Punctuation,
            Transliterate::Letters,
        ];
        let found = all.into_iter().find(|wish| wish.as_str() == text);
        found.ok_or_else(|| unknown(text, "off, punctuation, letters"))
    }
}
