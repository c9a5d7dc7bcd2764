//! Documents say what is true: crates, links, commands, configuration keys and routes are held against the real ones.
//!
//! Whether a document says it well is for people to judge.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tests::{Binary, Site, SiteSettings, Tree, binary, numbered, repository};
use toml::Table;

use crate::tidy::{ARROWS, is_test};

#[test]
fn architecture_places_every_crate() {
    let tree = Tree::read();
    let architecture = tree.file("ARCHITECTURE.md");
    let members = tree
        .file("Cargo.toml")
        .parse::<Table>()
        .expect("Cargo.toml is TOML");
    for member in members["workspace"]["members"]
        .as_array()
        .expect("members are a list")
    {
        let folder = member.as_str().expect("members are paths");
        let heading = format!("**`{folder}`**");
        assert!(
            architecture.contains(&heading),
            "the code map lacks {heading}"
        );
    }
    for (name, _) in ARROWS {
        let drawn = architecture.split("```").any(|block| block.contains(name));
        assert!(drawn, "the picture lacks {name}");
    }
}

#[test]
fn links_in_documents_lead_somewhere() {
    let tree = Tree::read();
    let root = repository();
    for (path, text) in tree.with_ending("md") {
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let folder = path.parent().unwrap_or(Path::new(""));
            let there = root.join(folder).join(file).exists();
            assert!(there, "{}: nothing is at {target}", path.display());
        }
    }
}

#[test]
fn the_two_commands_of_the_readme_are_the_real_ones() {
    let tree = Tree::read();
    let readme = tree.file("README.md");
    let commands = section_of(readme, "## Two commands");
    for command in ["cargo run --release -- demo", "cargo test --workspace"] {
        assert!(
            commands.contains(&format!("```\n{command}\n```")),
            "README lacks `{command}`"
        );
    }
    // `cargo run` without a package runs the one binary of the one default member.
    let workspace = tree
        .file("Cargo.toml")
        .parse::<Table>()
        .expect("Cargo.toml is TOML");
    let default = workspace["workspace"]["default-members"]
        .as_array()
        .expect("it is a list");
    assert_eq!(default.len(), 1);
    assert_eq!(default[0].as_str(), Some("crates/cli"));
    assert!(
        help(Binary::Simfleet, &["demo"]).contains("--messages"),
        "`simfleet demo` is there"
    );
}

#[test]
fn commands_in_documents_are_understood() {
    let tree = Tree::read();
    let mut checked = 0;
    for (path, text) in tree.with_ending("md") {
        for line in text.split("```").skip(1).step_by(2).flat_map(str::lines) {
            if let Some((program, words)) = our_command(line) {
                check_command(program, &words, path, line);
                checked += 1;
            }
        }
    }
    assert!(
        checked >= 5,
        "only {checked} commands were found in the documents"
    );
}

#[test]
fn the_configuration_files_are_valid() {
    for file in ["config/simfleet.toml", "config/demo.toml"] {
        let output = Command::new(binary(Binary::Simfleet))
            .args(["check", "--config", file])
            .current_dir(repository())
            .output()
            .expect("the binary can be started");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{file}: {said}");
    }
}

#[test]
fn every_configuration_key_is_documented() {
    let documented = Tree::read().file("config/simfleet.toml").to_owned();
    // An unknown key in each section makes the daemon tell the keys that it knows there.
    let wrong = "x = 1\n[gateway]\nx = 1\n[api]\nx = 1\n[metrics]\nx = 1\n[class.otp]\nx = 1\n\
                 [sims.default]\nper_day = 1\nx = 1\n[[lines]]\npath = \"/dev/null\"\nx = 1\n\
                 [[sims]]\niccid = \"8949200000000000001\"\nx = 1\n[[routes]]\nname = \"r\"\nx = 1\n";
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let config = folder.path().join("wrong.toml");
    std::fs::write(&config, wrong).expect("the folder can be written to");
    let output = Command::new(binary(Binary::Simfleet))
        .args(["check", "--config"])
        .arg(&config)
        .output()
        .expect("the binary can be started");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).expect("errors are UTF-8");
    let sections: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("allowed: "))
        .collect();
    assert!(
        sections.len() >= 9,
        "an unknown key in each of nine sections:\n{said}"
    );
    for section in sections {
        let keys = section.rsplit("allowed: ").next().unwrap_or_default();
        for key in keys.split(", ") {
            let is_there = documented.lines().any(|line| {
                let line = line.trim_start_matches(['#', ' ', '[']);
                line.starts_with(&format!("{key} ="))
                    || line.starts_with(&format!("{key}]"))
                    || line.starts_with(&format!("{key}."))
            });
            assert!(
                is_there,
                "config/simfleet.toml lacks `{key}`, which is allowed: {section}"
            );
        }
    }
}

#[test]
fn every_route_of_the_api_is_described() {
    let tree = Tree::read();
    let documented = tree.file("docs/api.md");
    let mut routes = BTreeSet::new();
    for (path, text) in tree.with_ending("rs") {
        if path.starts_with("crates/daemon/src") && !is_test(path) {
            let found = text.split(".route(").skip(1);
            routes.extend(found.filter_map(|rest| rest.split('"').nth(1)));
        }
    }
    assert!(
        routes.len() >= 12,
        "the daemon's routes were not found: {routes:?}"
    );
    let site = Site::new(SiteSettings::default());
    let daemon = site.start();
    let description: serde_json::Value = site.api().fetch("/openapi.json");
    let described = description["paths"]
        .as_object()
        .expect("OpenAPI lists paths");
    for route in &routes {
        // Actions are listed one by one, for people and for programs.
        let (path, is_prefix) = match route.split_once("{action}") {
            Some((path, _)) => (path, true),
            None => (*route, false),
        };
        assert!(documented.contains(path), "docs/api.md lacks {path}");
        let is_described = described
            .keys()
            .any(|found| found == path || is_prefix && found.starts_with(path));
        assert!(is_described, "openapi.json lacks {path}");
    }
    for path in described.keys() {
        let is_served = routes.iter().any(|route| {
            let prefix = route.split("{action}").next().unwrap_or(route);
            path == route || prefix != *route && path.starts_with(prefix)
        });
        assert!(is_served, "openapi.json has {path}, which is not served");
    }
    daemon.stop();
}

#[test]
fn every_code_of_a_refusal_is_documented() {
    let tree = Tree::read();
    let documented = tree.file("docs/api.md");
    let arms = tree.file("crates/daemon/src/api/problem.rs").lines();
    let codes: Vec<&str> = arms
        .filter(|line| line.contains("\" => \""))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(codes.len() >= 15, "the codes were not found: {codes:?}");
    for code in codes {
        let named = format!("`{code}`");
        assert!(documented.contains(&named), "docs/api.md lacks {named}");
    }
}

#[test]
fn metrics_and_documents_name_each_other() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let sent = site.api().send(&numbered(1));
    site.api().ended(&sent.id);
    let families = families(&site);
    let reference = Tree::read();
    let reference = reference.file("docs/metrics.md");
    for family in &families {
        let named = format!("| `{family}` |");
        assert!(reference.contains(&named), "docs/metrics.md lacks {family}");
    }
    for (path, text) in Tree::read().files() {
        let is_document = ["md", "yml", "yaml", "json"]
            .iter()
            .any(|ending| path.extension().is_some_and(|found| found == *ending));
        if !is_document {
            continue;
        }
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for word in words.filter(|word| word.len() > 9 && word.starts_with("simfleet_")) {
            let stem = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|ending| word.strip_suffix(ending))
                .unwrap_or(word);
            let is_there = families.contains(word) || families.contains(stem);
            assert!(
                is_there,
                "{} names {word}, which there is not",
                path.display()
            );
        }
    }
    daemon.stop();
}

fn families(site: &Site) -> BTreeSet<String> {
    let text = site
        .api()
        .get("/metrics")
        .expect("the daemon answers")
        .text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .filter_map(|rest| Some(rest.split(' ').next()?.to_owned()))
        .collect()
}

fn section_of<'a>(document: &'a str, heading: &str) -> &'a str {
    let rest = document.split(&format!("{heading}\n")).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("`{heading}` is missing"));
    rest.split("\n## ").next().unwrap_or(rest)
}

/// The program and its words, if a line of a document runs one of ours.
fn our_command(line: &str) -> Option<(Binary, Vec<&str>)> {
    let words: Vec<&str> = line
        .split_whitespace()
        .take_while(|word| !["#", "&", "|", "\\"].contains(word))
        .collect();
    let first = words.first()?;
    let is_command = |word: &&str| word.starts_with(|c: char| c == '-' || c.is_ascii_lowercase());
    words.get(1).filter(|word| is_command(word))?;
    let program = match first.rsplit('/').next()? {
        "simfleet" => Binary::Simfleet,
        "hw-sim" => Binary::HwSim,
        _ => return None,
    };
    Some((program, words[1..].to_vec()))
}

/// Every option of a documented command must be in the help of its subcommand.
fn check_command(program: Binary, words: &[&str], document: &Path, line: &str) {
    let command = words.first().filter(|word| !word.starts_with('-'));
    let help = help(program, &command.copied().into_iter().collect::<Vec<_>>());
    for option in words.iter().filter(|word| word.starts_with("--")) {
        let name = option.split('=').next().unwrap_or(option);
        let is_known = name == "--help" || help.contains(name);
        assert!(
            is_known,
            "{}: `{line}`: {name} is not known",
            document.display()
        );
    }
}

fn help(program: Binary, command: &[&str]) -> String {
    let output = Command::new(binary(program))
        .args(command)
        .arg("--help")
        .output()
        .expect("the binary can be started");
    assert!(output.status.success(), "{program:?} {command:?} --help");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}
