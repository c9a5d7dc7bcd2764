//! Rows become requests, faults keep their line number, and keys are the same every time.

use std::io::Cursor;

use client::MessageRequest;

use super::columns::COLUMNS;
use super::{Format, Row, derived_key, read_rows};

fn rows(format: Format, file: &[u8], defaults: &MessageRequest, batch: Option<&str>) -> Vec<Row> {
    let mut rows = Vec::new();
    read_rows(Cursor::new(file), format, defaults, batch, |row| {
        rows.push(row);
        true
    })
    .unwrap();
    rows
}

/// Checks `line: to|text|class` or `line: !fault` of every row.
fn check(format: Format, file: impl AsRef<[u8]>, expected: &[&str]) {
    let shown: Vec<String> = rows(format, file.as_ref(), &MessageRequest::default(), None)
        .into_iter()
        .map(|row| match row.content {
            Ok(request) => format!(
                "{}: {}|{}|{}",
                row.line,
                request.to,
                request.text,
                request.class.unwrap_or_default()
            ),
            Err(fault) => format!("{}: !{fault}", row.line),
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn csv_rows_become_requests() {
    check(Format::Csv, "to,text\n", &[]);
    check(
        Format::Csv,
        "to,text\n+491,hi\n+492,ho",
        &["2: +491|hi|", "3: +492|ho|"],
    );
    check(
        Format::Csv,
        "TEXT; To ;class\nhi, you;+491;otp\n",
        &["2: +491|hi, you|otp"],
    );
    check(
        Format::Csv,
        "\u{feff}to,text,class\r\n+491,\"two\nlines\",\r\n\r\n+492,x,bulk\r\n",
        &["2: +491|two\nlines|", "5: +492|x|bulk"],
    );
    check(
        Format::Csv,
        "to,text\n+491,a 5\" pipe\n+492,\"say \"\"hi\"\"\"\n+493,\"a\"\"\n\"\"b\"\n+494,d",
        &[
            "2: +491|a 5\" pipe|",
            "3: +492|say \"hi\"|",
            "4: +493|a\"\n\"b|",
            "6: +494|d|",
        ],
    );
}

#[test]
fn a_bad_csv_row_does_not_stop_the_rest() {
    check(
        Format::Csv,
        b"to,text,report\n+491,a,no\n+492,b\n+493,c,perhaps\n+494,\xFF,\n,,\n+496,f,1\n".as_slice(),
        &[
            "2: +491|a|",
            "3: !it has 2 of the header's 3 fields",
            "4: !report: \"perhaps\" is neither true nor false",
            "5: !not UTF-8",
            "6: ||",
            "7: +496|f|",
        ],
    );
}

#[test]
fn ndjson_rows_become_requests() {
    check(
        Format::Ndjson,
        "\u{feff}{\"to\":\"+491\",\"text\":\"a\"}\n\n  {\"to\":\"+492\",\"text\":\"b\",\"class\":\"otp\"}\r\n",
        &["1: +491|a|", "3: +492|b|otp"],
    );
}

#[test]
fn a_bad_ndjson_line_does_not_stop_the_rest() {
    let long = format!(
        "{{\"to\":\"+491\",\"text\":\"{}\"}}",
        "x".repeat(10_000_000)
    );
    let file = format!(
        "nonsense\n{{\"to\":\"+492\"}}\n{{\"to\":\"+493\",\"text\":\"c\",\"txet\":1}}\n{long}\n{{\"to\":\"+495\",\"text\":\"e\"}}"
    );
    check(
        Format::Ndjson,
        file,
        &[
            "1: !not JSON: expected ident (column 2)",
            "2: +492||",
            "3: !unknown field `txet`, expected one of `to`, `text`, `class`, `expires_in`, `key`, `app`, `route`, `report`, `in_doubt`, `encoding`, `national_tables`, `transliterate`, `flash`, `replace`, `dry_run`, `send_at`, `data`, `destination_port`, `source_port` (column 30)",
            "4: !10000023 bytes long, 65536 are allowed",
            "5: +495|e|",
        ],
    );
}

#[test]
fn a_csv_that_makes_no_sense_is_refused_whole() {
    let unclosed = format!("to,text\n+491,\"{}", "x".repeat(3_000_000));
    let cases = [
        ("to,message\n", "unknown column \"message\""),
        ("", "the file is empty"),
        ("text\n", "line 1: column \"to\" is missing"),
        (
            "to\n",
            "line 1: columns \"text\" and \"data\" are missing, one is needed",
        ),
        ("to,text,to\n", "column \"to\" is there twice"),
        (unclosed.as_str(), "line 2: a quote is never closed"),
    ];
    for (file, expected) in cases {
        let error = read_rows(
            Cursor::new(file.as_bytes()),
            Format::Csv,
            &MessageRequest::default(),
            None,
            |_| true,
        )
        .unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[test]
fn a_file_of_any_length_is_read_row_by_row() {
    let row = format!("+491,{}\n", "x".repeat(100));
    let file = format!("to,text\n{}", row.repeat(30_000));
    assert_eq!(
        rows(
            Format::Csv,
            file.as_bytes(),
            &MessageRequest::default(),
            None
        )
        .len(),
        30_000
    );
}

#[test]
fn the_format_is_known_by_name_or_beginning() {
    let cases = [
        ("a.csv", "{", Format::Csv),
        ("a.CSV", "", Format::Csv),
        ("a.ndjson", "to,text", Format::Ndjson),
        ("a.jsonl", "", Format::Ndjson),
        ("-", "to,text\n", Format::Csv),
        ("-", " {\"to\"", Format::Ndjson),
        ("list.txt", "\u{feff}{\"to\"", Format::Ndjson),
        ("", "", Format::Csv),
    ];
    for (name, beginning, expected) in cases {
        let format = Format::of(name, &mut Cursor::new(beginning)).unwrap();
        assert_eq!(format, expected, "{name} {beginning}");
    }
}

#[test]
fn defaults_fill_what_a_row_leaves_open() {
    let defaults = MessageRequest {
        class: Some("bulk".into()),
        report: Some(false),
        ..MessageRequest::default()
    };
    let file = "to,text,class\n+491,a,\n+492,b,otp\n";
    let requests: Vec<_> = rows(Format::Csv, file.as_bytes(), &defaults, None)
        .into_iter()
        .map(|row| row.content.unwrap())
        .map(|request| (request.class.unwrap(), request.report, request.key))
        .collect();
    assert_eq!(
        requests,
        [
            ("bulk".to_owned(), Some(false), None),
            ("otp".to_owned(), Some(false), None)
        ]
    );
}

/// Reads one row and compares what the API would get, without recipient and text.
#[track_caller]
fn check_cells(header: &str, row: &str, expected: Result<serde_json::Value, &str>) {
    let file = format!("to,text,{header}\n+491,a,{row}\n");
    let mut rows = rows(
        Format::Csv,
        file.as_bytes(),
        &MessageRequest::default(),
        None,
    );
    assert_eq!(rows.len(), 1, "{row}");
    let content = rows.remove(0).content.map(|request| {
        let mut json = serde_json::to_value(request).unwrap();
        let fields = json.as_object_mut().unwrap();
        fields.remove("to");
        fields.remove("text");
        json
    });
    assert_eq!(content, expected.map_err(str::to_owned), "{row}");
}

#[test]
fn cells_mean_what_fields_of_the_api_mean() {
    use serde_json::json;
    check_cells(
        "flash,replace,encoding,national_tables,transliterate",
        "TRUE,3,ucs2,turkish,letters",
        Ok(
            json!({"flash": true, "replace": 3, "encoding": "ucs2", "national_tables": ["turkish"],
            "transliterate": "letters"}),
        ),
    );
    let tables = |cell: &str, names: &[&str]| {
        check_cells(
            "national_tables",
            cell,
            Ok(json!({"national_tables": names})),
        );
    };
    tables("\"turkish, urdu\"", &["turkish", "urdu"]);
    tables("hindi;tamil urdu", &["hindi", "tamil", "urdu"]);
    tables("none", &[]);
    check_cells(
        "data,destination_port,source_port",
        "00ff, 16000 ,0",
        Ok(json!({"data": "00ff", "destination_port": 16000, "source_port": 0})),
    );
    check_cells("flash,replace,national_tables", ",,", Ok(json!({})));
}

#[test]
fn hostile_cells_are_faults_of_their_row_alone() {
    let hostile = [
        "-1",
        "65536",
        "4294967297",
        "1e3",
        "3.0",
        "0x10",
        "１",
        "\u{0}",
        "=1+1",
        "\u{202e}7",
        "\"7\n\"\"\"",
        "nan",
    ];
    for cell in hostile {
        for column in [
            "replace",
            "destination_port",
            "source_port",
            "flash",
            "report",
        ] {
            let file = format!("to,text,{column}\n+491,a,{cell}\n+492,b,1\n");
            let rows = rows(
                Format::Csv,
                file.as_bytes(),
                &MessageRequest::default(),
                None,
            );
            let fault = rows[0].content.as_ref().unwrap_err();
            assert!(fault.starts_with(&format!("{column}: ")), "{cell}: {fault}");
            let last = rows.last().unwrap().content.as_ref().unwrap();
            assert_eq!(last.to, "+492", "{cell}");
        }
    }
}

#[test]
fn a_file_can_say_all_that_the_api_takes() {
    let full = MessageRequest {
        to: "+491".into(),
        text: "a".into(),
        data: Some("00".into()),
        ..every_option()
    };
    let json = serde_json::to_value(&full).unwrap();
    let mut fields: Vec<&str> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut columns: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    columns.push("dry_run");
    fields.sort_unstable();
    columns.sort_unstable();
    assert_eq!(fields, columns);
    let header = "to,data,destination_port\n+491,00,\n";
    let row = rows(Format::Csv, header.as_bytes(), &full, None).remove(0);
    let of_data = MessageRequest {
        to: "+491".into(),
        data: Some("00".into()),
        key: None,
        dry_run: None,
        encoding: None,
        national_tables: None,
        transliterate: None,
        ..every_option()
    };
    assert_eq!(row.content, Ok(of_data));
}

/// Every field that a row may leave open. No `..`: a new one is to be thought of.
fn every_option() -> MessageRequest {
    MessageRequest {
        to: String::new(),
        text: String::new(),
        data: None,
        class: Some("bulk".into()),
        expires_in: Some("5m".into()),
        key: Some("k".into()),
        app: Some("shop".into()),
        route: Some("home".into()),
        report: Some(false),
        in_doubt: Some("hold".into()),
        encoding: Some("gsm7".into()),
        national_tables: Some(vec!["urdu".into()]),
        transliterate: Some("off".into()),
        flash: Some(true),
        replace: Some(7),
        dry_run: Some(true),
        send_at: Some("2026-12-01T08:00:00Z".into()),
        destination_port: Some(1),
        source_port: Some(2),
    }
}

#[test]
fn derived_keys_are_stable_and_differ_with_batch_line_and_row() {
    let request = MessageRequest {
        to: "+491".into(),
        text: "a".into(),
        ..MessageRequest::default()
    };
    // Pinned: a new version must recognise what an old one sent.
    let key = derived_key("list.csv", 2, &request);
    assert_eq!(key, "list.csv/2/9e6910bd753141a7");
    let other = MessageRequest {
        text: "b".into(),
        ..request.clone()
    };
    assert_ne!(derived_key("list.csv", 2, &other), key);
    assert_ne!(derived_key("list.csv", 3, &request), key);
    assert_ne!(derived_key("list2.csv", 2, &request), key);
    assert!(derived_key(&"ü".repeat(500), 2, &request).chars().count() < 100);
}

#[test]
fn a_key_in_the_row_is_kept_and_others_are_derived() {
    let file = "to,text,key\n+491,a,order-7\n+492,b,\n";
    let keys: Vec<String> = rows(
        Format::Csv,
        file.as_bytes(),
        &MessageRequest::default(),
        Some("list.csv"),
    )
    .into_iter()
    .map(|row| row.content.unwrap().key.unwrap())
    .collect();
    assert_eq!(keys[0], "order-7");
    assert!(keys[1].starts_with("list.csv/3/"), "{keys:?}");
}
