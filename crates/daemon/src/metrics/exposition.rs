//! The text format of Prometheus, for values that are known when they are asked for.

use std::fmt::{Display, Write};

use super::PREFIX;

/// Text being written.
#[derive(Default)]
pub(super) struct Exposition {
    text: String,
    family: String,
}

/// A label's name and value.
pub(super) type Label<'a> = (&'static str, &'a str);

impl Exposition {
    pub(super) fn gauge(&mut self, name: &str, help: &str) {
        self.family(name, help, "gauge");
    }

    pub(super) fn counter(&mut self, name: &str, help: &str) {
        self.family(name, help, "counter");
    }

    /// One value of the family that was begun last.
    pub(super) fn sample(&mut self, labels: &[Label<'_>], value: impl Display) {
        self.text.push_str(&self.family);
        for (index, (name, value)) in labels.iter().enumerate() {
            self.text.push(if index == 0 { '{' } else { ',' });
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        writeln!(self.text, " {value}").expect("writing to a String never fails");
    }

    /// A family with one value.
    pub(super) fn single_gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.gauge(name, help);
        self.sample(&[], value);
    }

    /// A family with one value.
    pub(super) fn single_counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.counter(name, help);
        self.sample(&[], value);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn family(&mut self, name: &str, help: &str, kind: &str) {
        self.family = format!("{PREFIX}{name}");
        writeln!(
            self.text,
            "# HELP {0} {help}\n# TYPE {0} {kind}",
            self.family
        )
        .expect("writing to a String never fails");
    }
}

fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            _ => text.push(c),
        }
    }
}
