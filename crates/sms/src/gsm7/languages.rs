//! A set of national languages: those whose tables may be used.

use super::Language;

/// Some of the languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Languages {
    /// Bit `n` for the language of identifier `n`.
    bits: u16,
}

impl Languages {
    /// None of them: the default tables alone.
    pub const NONE: Languages = Languages { bits: 0 };

    /// Whether a language is among them.
    pub fn contains(self, language: Language) -> bool {
        self.bits & 1 << language.id() != 0
    }

    /// Those that are in either set.
    #[must_use]
    pub fn or(self, other: Languages) -> Languages {
        Languages {
            bits: self.bits | other.bits,
        }
    }

    /// Each, by identifier.
    pub fn iter(self) -> impl Iterator<Item = Language> {
        Language::ALL
            .into_iter()
            .filter(move |language| self.contains(*language))
    }
}

impl FromIterator<Language> for Languages {
    fn from_iter<I: IntoIterator<Item = Language>>(languages: I) -> Languages {
        let bits = languages.into_iter().map(|language| 1 << language.id());
        Languages {
            bits: bits.fold(0, |all, bit: u16| all | bit),
        }
    }
}
