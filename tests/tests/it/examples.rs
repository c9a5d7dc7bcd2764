//! The examples of `docs/api.md` and of the crate `client`, run as they stand against a daemon: each is understood, and
//! answers with what is printed below it.

use std::process::{Command, Output};

use serde_json::{Deserializer, Value};
use tests::{Binary, Site, SiteSettings, Tree, binary, eventually};

use super::strangers::is_installed;

#[test]
fn the_examples_of_the_api_answer_as_printed() {
    if !["bash", "curl"].into_iter().all(is_installed) {
        return;
    }
    let site = Site::new(SiteSettings {
        sims_default: "per_minute = 1000\nper_day = 10000",
        sections:
            "[[routes]]\nname = \"home\"\nprefixes = [\"+49\"]\n[[routes]]\nname = \"abroad\"\n"
                .to_owned(),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let tree = Tree::read();
    let mut first_id = None;
    let examples = examples(tree.file("docs/api.md"));
    assert!(examples.len() >= 20, "only {} were found", examples.len());
    for Example { command, printed } in examples {
        // The id that the first example got; an event stream that ends.
        let id = first_id.as_deref().unwrap_or(PRINTED_ID);
        let command = command
            .replace(PRINTED_ID, id)
            .replace("events?after=0", "events?after=0&follow=false");
        let answers = eventually(&format!("the answer is as printed: {command}"), || {
            let answers = run(&site, &command);
            let is_there = |wanted: &Value| answers.iter().any(|answer| has_shape(wanted, answer));
            printed.iter().all(is_there).then_some(answers)
        });
        for answer in &answers {
            // One may be refused for the state that things are in, never for its form.
            let code = answer["code"].as_str().unwrap_or_default();
            let form = ["malformed", "no_such_path", "method_not_allowed"];
            assert!(!form.contains(&code), "{command}: {answer}");
        }
        if first_id.is_none() {
            first_id = answers[0]["id"].as_str().map(str::to_owned);
        }
    }
    daemon.stop();
}

#[test]
fn the_example_of_the_client_sends_and_follows() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let output = Command::new(binary(Binary::ClientExample))
        .arg(site.socket())
        .arg("+4915112345678")
        .output()
        .expect("it can be started");
    assert!(output.status.success(), "{}", said(&output));
    let printed = String::from_utf8(output.stdout).expect("it prints UTF-8");
    assert_eq!(printed.lines().last(), Some("delivered"), "{printed}");
    daemon.stop();
}

/// A command, and what the document says that it prints.
struct Example<'a> {
    command: &'a str,
    printed: Vec<Value>,
}

/// Blocks of commands, each with the block of JSON right below it.
fn examples(document: &str) -> Vec<Example<'_>> {
    let mut examples: Vec<Example<'_>> = Vec::new();
    let mut pieces = document.split("```");
    let mut is_after_command = false;
    while let (Some(prose), Some(block)) = (pieces.next(), pieces.next()) {
        let is_next = is_after_command && prose.trim().is_empty();
        let (language, content) = block.split_once('\n').unwrap_or_default();
        let is_command = ["sf ", "printf "]
            .iter()
            .any(|program| content.starts_with(program));
        match language {
            "" if is_command => {
                let command = content.split(METRICS).next().unwrap_or(content);
                examples.push(Example {
                    command,
                    printed: Vec::new(),
                });
            }
            "json" if is_next => {
                let values = Deserializer::from_str(content).into_iter();
                let values = values.map(|value| value.expect("what is printed is JSON"));
                let example = examples.last_mut().expect("a command came before");
                example.printed = values.collect();
            }
            _ => {}
        }
        is_after_command = is_command;
    }
    examples
}

fn run(site: &Site, command: &str) -> Vec<Value> {
    let script = format!(
        "sf() {{ curl -sS --unix-socket {:?} \"$@\"; }}\n{command}",
        site.socket()
    );
    let output = Command::new("bash").args(["-c", &script]).output();
    let output = output.expect("bash is there");
    assert!(output.status.success(), "{command}: {}", said(&output));
    let printed = String::from_utf8(output.stdout).expect("answers are UTF-8");
    // Of probes and metrics the answer is text.
    let values = Deserializer::from_str(&printed).into_iter();
    values.map_while(Result::ok).collect()
}

/// Whether everything that is printed is there: each field, and of each list something of the same shape.
fn has_shape(printed: &Value, answer: &Value) -> bool {
    match (printed, answer) {
        (Value::Object(wanted), Value::Object(found)) => wanted.iter().all(|(name, wanted)| {
            RARE.contains(&name.as_str())
                || found
                    .get(name)
                    .is_some_and(|found| has_shape(wanted, found))
        }),
        (Value::Array(wanted), Value::Array(found)) => {
            let has = |wanted: &Value| found.iter().any(|found| has_shape(wanted, found));
            found.is_empty() || wanted.iter().all(has)
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, _) => true,
        _ => false,
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The id in the document's examples.
const PRINTED_ID: &str = "01a207da-8f0c-7020-a448-d24c6cc79003";

/// Where this begins a document's line, the port is another one here.
const METRICS: &str = "curl -sS http://127.0.0.1:9464";

/// What is there only while a SIM is kept from sending, when a line has been up for a minute, or after some reports.
const RARE: [&str; 12] = [
    "excluded",
    "budget",
    "until",
    "binds",
    "binds_at",
    "for_codes",
    "network",
    "technology",
    "roaming",
    "ratio",
    "delay_ms_p50",
    "delay_ms_p90",
];
