//! Characters that GSM 7-bit lacks, written as it can: what makes one part of a text that a typographic quote made two.
//!
//! Only for those who ask, since it changes what people read; whoever asks is told what was replaced. What is not in
//! the table stays as it is, and so does every character that GSM 7-bit has.

use std::borrow::Cow;

use crate::gsm7;

/// How far a text may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transliteration {
    /// Punctuation that word processors put in: quotation marks, dashes, ellipses, odd spaces.
    Punctuation,
    /// Punctuation, and Latin letters without the accents that GSM 7-bit lacks. It may change a word.
    Letters,
}

/// A text as it was made, and what was done for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transliterated<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// What was replaced, in the order in which it first occurs.
    pub replaced: Vec<Replaced>,
}

/// A character that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The character.
    pub ch: char,
    /// What stands in its place; nothing for marks without width.
    pub by: &'static str,
    /// How often it occurred.
    pub count: u32,
}

impl Transliteration {
    /// All, the gentlest first.
    pub const ALL: [Transliteration; 2] = [Transliteration::Punctuation, Transliteration::Letters];

    /// `"punctuation"` or `"letters"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Transliteration::Punctuation => "punctuation",
            Transliteration::Letters => "letters",
        }
    }

    /// What stands for a character; `None` if it stays.
    pub fn replacement(self, ch: char) -> Option<&'static str> {
        if gsm7::width(ch).is_some() {
            return None;
        }
        let of = |table: &[(&str, &'static str)]| {
            let mut rows = table.iter();
            rows.find(|(chars, _)| chars.contains(ch))
                .map(|(_, by)| *by)
        };
        match self {
            Transliteration::Punctuation => of(PUNCTUATION),
            Transliteration::Letters => of(PUNCTUATION).or_else(|| of(LETTERS)),
        }
    }
}

/// Replaces what can be replaced.
pub fn transliterate(text: &str, how: Transliteration) -> Transliterated<'_> {
    let mut replaced: Vec<Replaced> = Vec::new();
    if gsm7::outside(text).is_none() {
        return Transliterated {
            text: Cow::Borrowed(text),
            replaced,
        };
    }
    let mut plain = String::with_capacity(text.len());
    for ch in text.chars() {
        let Some(by) = how.replacement(ch) else {
            plain.push(ch);
            continue;
        };
        plain.push_str(by);
        match replaced.iter_mut().find(|before| before.ch == ch) {
            Some(before) => before.count += 1,
            None => replaced.push(Replaced { ch, by, count: 1 }),
        }
    }
    Transliterated {
        text: Cow::Owned(plain),
        replaced,
    }
}

/// All rows of both tables.
#[cfg(test)]
pub(crate) fn rows() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    PUNCTUATION.iter().chain(LETTERS)
}

/// Each character of the first column by the second.
const PUNCTUATION: &[(&str, &str)] = &[
    ("\u{2018}\u{2019}\u{201b}\u{2032}`\u{b4}\u{2bc}", "'"),
    ("\u{201a}", ","),
    ("\u{201c}\u{201d}\u{201e}\u{201f}\u{2033}\u{ab}\u{bb}", "\""),
    ("\u{2039}", "<"),
    ("\u{203a}", ">"),
    (
        "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}",
        "-",
    ),
    ("\u{2026}", "..."),
    ("\u{2022}\u{b7}\u{d7}", "*"),
    ("\u{2044}\u{f7}", "/"),
    (
        "\t\u{a0}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\
         \u{202f}\u{205f}\u{3000}",
        " ",
    ),
    // Soft hyphen, marks of direction and of joining, byte order mark.
    ("\u{ad}\u{200b}\u{200c}\u{200e}\u{200f}\u{2060}\u{feff}", ""),
];

/// Latin letters of Europe's and Vietnam's languages, each by its base letter; what has no such is by custom.
const LETTERS: &[(&str, &str)] = &[
    ("áâãāăąǎạảấầẩẫậắằẳẵặª", "a"),
    ("ÁÀÂÃĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ", "A"),
    ("çćĉċč", "c"),
    ("ĆĈĊČ", "C"),
    ("ďđð", "d"),
    ("ĎĐÐ", "D"),
    ("êëēĕėęěẹẻẽếềểễệ", "e"),
    ("ÈÊËĒĔĖĘĚẸẺẼẾỀỂỄỆ", "E"),
    ("ĝğġģ", "g"),
    ("ĜĞĠĢ", "G"),
    ("ĥħ", "h"),
    ("ĤĦ", "H"),
    ("íîïĩīĭįıǐỉị", "i"),
    ("ÍÌÎÏĨĪĬĮİǏỈỊ", "I"),
    ("ĵ", "j"),
    ("Ĵ", "J"),
    ("ķĸ", "k"),
    ("Ķ", "K"),
    ("ĺļľŀł", "l"),
    ("ĹĻĽĿŁ", "L"),
    ("ńņňŋ", "n"),
    ("ŃŅŇŊ", "N"),
    ("óôõōŏőơǒọỏốồổỗộớờởỡợº", "o"),
    ("ÓÒÔÕŌŎŐƠǑỌỎỐỒỔỖỘỚỜỞỠỢ", "O"),
    ("ŕŗř", "r"),
    ("ŔŖŘ", "R"),
    ("śŝşšș", "s"),
    ("ŚŜŞŠȘ", "S"),
    ("ţťŧț", "t"),
    ("ŢŤŦȚ", "T"),
    ("úûũūŭůűųưǔụủứừửữự", "u"),
    ("ÚÙÛŨŪŬŮŰŲƯǓỤỦỨỪỬỮỰ", "U"),
    ("ŵ", "w"),
    ("Ŵ", "W"),
    ("ýÿŷỳỵỷỹ", "y"),
    ("ÝŸŶỲỴỶỸ", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("œ", "oe"),
    ("Œ", "OE"),
    ("ĳ", "ij"),
    ("Ĳ", "IJ"),
    ("þ", "th"),
    ("Þ", "Th"),
    ("ẞ", "ß"),
    // Accents that stand behind their letter.
    (
        "\u{300}\u{301}\u{302}\u{303}\u{304}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{30b}\u{30c}\u{31b}\u{323}\u{327}\u{328}",
        "",
    ),
];
