//! The bearer tokens that the API asks for over TCP.
//!
//! They are never shown: not in logs, not in errors, not in `Debug`.

use std::fmt;
use std::path::Path;

use super::files::read_secret;

/// A secret that opens the API over TCP.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<str>);

impl Token {
    /// Whether `given` is this token. Takes the same time wherever they differ.
    pub fn is(&self, given: &str) -> bool {
        let (ours, given) = (self.0.as_bytes(), given.as_bytes());
        let mut difference = usize::from(ours.len() != given.len());
        for (index, byte) in given.iter().enumerate() {
            difference |= usize::from(byte ^ ours[index % ours.len()]);
        }
        difference == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Reads a tokens file: one token a line, `#` begins a comment line.
///
/// # Errors
/// What is wrong with the file, without its contents.
pub(super) fn read(path: &Path) -> Result<Vec<Token>, String> {
    let text = read_secret(path)?;
    let mut tokens = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let token = line.trim();
        if token.is_empty() || token.starts_with('#') {
            continue;
        }
        let printable = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || token.len() < TOKEN_CHARS_MIN || tokens.len() == TOKENS_MAX {
            return Err(format!(
                "{} line {}: a token has at least {TOKEN_CHARS_MIN} printable ASCII characters without blanks, and \
                 there are at most {TOKENS_MAX}",
                path.display(),
                index + 1
            ));
        }
        tokens.push(Token(token.into()));
    }
    if tokens.is_empty() {
        return Err(format!(
            "{} holds no token: write one on a line",
            path.display()
        ));
    }
    Ok(tokens)
}

/// Shorter ones can be guessed.
const TOKEN_CHARS_MIN: usize = 16;

/// Each request over TCP is compared with all of them.
const TOKENS_MAX: usize = 64;
