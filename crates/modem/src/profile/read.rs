//! Reads one profile's file, and says of a fault where it is and what is allowed.

use std::fmt;

use super::Profile;

/// What is wrong with a profile's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// Line in the file, from 1; `None` if the file as a whole is at fault.
    pub line: Option<usize>,
    /// The key with its sections, as in `messages.storage`; empty if none is at fault.
    pub key: String,
    /// What is wrong, and what is allowed instead.
    pub what: String,
}

impl Profile {
    /// Reads a profile out of the text of its file.
    ///
    /// # Errors
    ///
    /// The first fault: the text is not TOML, a key is unknown or missing, or a value is not allowed.
    pub fn read(name: &str, text: &str) -> Result<Profile, ProfileError> {
        let fault = |key: String, error: &toml::de::Error| ProfileError {
            line: error
                .span()
                .map(|span| text[..span.start].matches('\n').count() + 1),
            key,
            what: error.message().replace('\n', " "),
        };
        let source =
            toml::Deserializer::parse(text).map_err(|error| fault(String::new(), &error))?;
        let mut profile: Profile = serde_path_to_error::deserialize(source).map_err(|error| {
            let key = error.path().to_string();
            fault(if key == "." { String::new() } else { key }, error.inner())
        })?;
        profile.name = name.into();
        Ok(profile)
    }
}

impl fmt::Display for ProfileError {
    /// `line: key: what`; who knows the file puts its name in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "{line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for ProfileError {}
