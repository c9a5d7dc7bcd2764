//! Entries survive the file; a torn end does not hurt, a damaged middle is named.

use super::*;

fn entry(t_ms: u64) -> LedgerEntry {
    LedgerEntry {
        t_ms,
        event: LedgerEvent::Submit,
        line: 3,
        iccid: "8949200000000000039".into(),
        imsi: "262010000000003".into(),
        to: "+4915550000001".into(),
        from: None,
        mr: Some(7),
        tpdu: "0100".into(),
        text: Some("grüße \"😀\"\n".into()),
        reference: Some(9),
        part: 2,
        parts: 3,
        status: None,
        cause: None,
        busy_ms: Some(5650.125),
        data: None,
    }
}

#[test]
fn entries_survive_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.ndjson");
    let mut writer = LedgerWriter::create(&path).unwrap();
    let single = LedgerEntry {
        text: None,
        reference: None,
        part: 1,
        parts: 1,
        ..entry(2)
    };
    writer.push(&entry(1));
    writer.push(&single);
    assert_eq!(read(&path).unwrap(), vec![]);
    writer.flush().unwrap();
    writer.flush().unwrap();
    assert_eq!(read(&path).unwrap(), vec![entry(1), single]);
}

#[test]
fn torn_last_line_is_left_out_and_a_damaged_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.ndjson");
    let line = serde_json::to_string(&entry(1)).unwrap();
    std::fs::write(&path, format!("{line}\n\n{}", &line[..40])).unwrap();
    assert_eq!(read(&path).unwrap().len(), 1);
    std::fs::write(&path, format!("{line}\n{}\n{line}\n", &line[..40])).unwrap();
    assert!(matches!(
        read(&path),
        Err(LedgerError::Malformed { line: 2, .. })
    ));
    assert!(matches!(
        read(&dir.path().join("no")),
        Err(LedgerError::Unreadable { .. })
    ));
}

#[test]
fn names_are_the_published_ones() {
    let json: serde_json::Value = serde_json::to_value(entry(1)).unwrap();
    let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    names.sort();
    let expected = [
        "busy_ms", "event", "iccid", "imsi", "line", "mr", "part", "parts", "ref", "t_ms", "text",
        "to", "tpdu",
    ];
    assert_eq!(names, expected);
    assert_eq!(json["event"], "submit");
}
