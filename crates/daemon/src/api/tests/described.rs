//! Whether an answer is what `openapi.json` says: its path, method, status, media type, and every field of its body.
//!
//! The tests of the daemon hold each answer that they get against it, so that no field is served
//! that is not described, and no status comes that a program was not told of.

use serde_json::{Map, Value};

/// The description for programs.
pub(crate) struct Description(Value);

/// What was asked and what came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) status: u16,
    pub(crate) media_type: &'a str,
    /// As far as it came; a torn last line is not looked at.
    pub(crate) body: &'a str,
}

impl Description {
    pub(crate) fn read(text: &str) -> Description {
        Description(serde_json::from_str(text).expect("the description is JSON"))
    }

    /// Holds one answer against the description.
    ///
    /// # Errors
    /// What is not described, or not so.
    pub(crate) fn check(&self, exchange: Exchange<'_>) -> Result<(), String> {
        let Exchange { method, status, .. } = exchange;
        let path = exchange.target.split('?').next().unwrap_or_default();
        let problem = || self.check_body("Problem", exchange);
        let Some((template, operations)) = self.operations(path) else {
            return match status {
                401 | 403 | 404 => problem(),
                _ => Err(format!("{path} is not described and answers {status}")),
            };
        };
        let Some(operation) = operations.get(&method.to_ascii_lowercase()) else {
            return match status {
                401 | 403 | 405 => problem(),
                _ => Err(format!(
                    "{method} {template} is not described and answers {status}"
                )),
            };
        };
        let responses = &operation["responses"];
        let listed = responses.get(status.to_string());
        // What can come of every request is described once.
        let found = listed.or_else(|| {
            responses
                .get("default")
                .filter(|_| EVERYWHERE.contains(&status))
        });
        let Some(response) = found else {
            return Err(format!(
                "{method} {template} does not describe {status}: {}",
                exchange.body
            ));
        };
        self.check_response(self.resolved(response), exchange)
            .map_err(|what| format!("{method} {template}, {status}: {what}"))
    }

    /// The most literal path that fits, and what it takes.
    fn operations(&self, path: &str) -> Option<(&str, &Map<String, Value>)> {
        let paths = self.0["paths"].as_object()?;
        let fits = paths.iter().filter(|(template, operations)| {
            let (given, wanted) = (path.split('/'), template.split('/'));
            given.clone().count() == wanted.clone().count()
                && given
                    .zip(wanted)
                    .all(|(given, wanted)| given == wanted || is_open(wanted, operations, given))
        });
        let best = fits.min_by_key(|(template, _)| template.matches('{').count());
        best.and_then(|(template, operations)| Some((template.as_str(), operations.as_object()?)))
    }

    fn check_response(&self, response: &Value, exchange: Exchange<'_>) -> Result<(), String> {
        let Some(contents) = response.get("content").and_then(Value::as_object) else {
            return Ok(());
        };
        let media_type = exchange.media_type.split(';').next().unwrap_or_default();
        let Some(content) = contents.get(media_type) else {
            return Err(format!("`{media_type}` is not described"));
        };
        let schema = &content["schema"];
        match media_type {
            "application/json" | "application/problem+json" => {
                let value =
                    serde_json::from_str(exchange.body).map_err(|error| error.to_string())?;
                self.check_value(schema, &value, "")
            }
            "application/x-ndjson" => {
                // The end of a torn stream is nobody's fault.
                let whole = exchange
                    .body
                    .rsplit_once('\n')
                    .map_or("", |(whole, _)| whole);
                let mut lines = whole.lines().filter(|line| !line.trim().is_empty());
                lines.try_for_each(|line| {
                    let value = serde_json::from_str(line).map_err(|error| error.to_string())?;
                    self.check_value(schema, &value, "")
                })
            }
            _ => Ok(()),
        }
    }

    fn check_body(&self, schema: &str, exchange: Exchange<'_>) -> Result<(), String> {
        let value = serde_json::from_str(exchange.body).map_err(|error| error.to_string())?;
        self.check_value(&self.0["components"]["schemas"][schema], &value, "")
    }

    /// Holds a value against a schema, as far as our description uses JSON Schema.
    fn check_value(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            let fits = choices
                .iter()
                .filter(|of| self.check_value(of, value, at).is_ok());
            return match fits.count() {
                1 => Ok(()),
                count => Err(format!("`{at}` fits {count} of its descriptions: {value}")),
            };
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            return Err(format!("`{at}` is {value}, which is not described"));
        }
        if !has_type(&schema["type"], value) {
            return Err(format!(
                "`{at}` is {value} and has to be {}",
                schema["type"]
            ));
        }
        match value {
            Value::Object(fields) => self.check_fields(schema, fields, at),
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.check_value(&schema["items"], item, &format!("{at}[]"))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn check_fields(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        if schema.get("properties").is_none() && schema.get("additionalProperties").is_none() {
            return Ok(());
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            let name = required.as_str().unwrap_or_default();
            if !fields.contains_key(name) {
                return Err(format!("`{at}.{name}` is missing"));
            }
        }
        fields.iter().try_for_each(|(name, value)| {
            let described = schema["properties"]
                .get(name)
                .or_else(|| schema.get("additionalProperties"));
            match described {
                Some(described) => self.check_value(described, value, &format!("{at}.{name}")),
                None => Err(format!("`{at}.{name}` is not described")),
            }
        })
    }

    /// What a reference stands for.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value.get("$ref").and_then(Value::as_str);
        let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
        match pointer {
            Some(pointer) => self.0.pointer(pointer).expect("references lead somewhere"),
            None => value,
        }
    }
}

/// Whether a segment of a path is a parameter that may be `given`.
fn is_open(segment: &str, operations: &Value, given: &str) -> bool {
    let Some(name) = segment
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
    else {
        return false;
    };
    let operations = operations.as_object().into_iter().flatten();
    let parameters = operations
        .flat_map(|(_, operation)| operation["parameters"].as_array().into_iter().flatten());
    let mut named = parameters.filter(|parameter| parameter["name"] == name);
    named.all(|parameter| match parameter["schema"]["enum"].as_array() {
        Some(words) => words.iter().any(|word| word == given),
        None => true,
    })
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        // No type: any.
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// What can come of any request: no token, a browser, a fault, a daemon that stops.
const EVERYWHERE: [u16; 4] = [401, 403, 500, 503];
