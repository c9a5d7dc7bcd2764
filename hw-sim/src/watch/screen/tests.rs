//! Pages of the live view, drawn without a terminal.

use hw_sim::{TroubleView, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;

fn fleet(lines: usize) -> FleetState {
    FleetState {
        elapsed_s: 3_723.0,
        lines,
        open_lines: lines,
        submissions: 1_000,
        accepted: 990,
        refused: 10,
        reports: 700,
        reports_waiting: 3,
        view: View {
            line_states: vec![LineState::Idle; lines],
            operators: vec![OperatorView {
                name: "red".to_owned(),
                sims: lines as u64,
                ..OperatorView::default()
            }],
            reports_owed: 290,
            ..View::default()
        },
        ..FleetState::default()
    }
}

/// The page of 80 columns that these states come to.
fn page(rows: u16, states: impl IntoIterator<Item = FleetState>) -> Vec<String> {
    let mut screen = Screen::default();
    for state in states {
        screen.take(state);
    }
    let mut terminal = Terminal::new(TestBackend::new(80, rows)).unwrap();
    terminal.draw(|frame| screen.draw(frame, "q ends")).unwrap();
    let buffer = terminal.backend().buffer().clone();
    buffer
        .content()
        .chunks(80)
        .map(|cells| cells.iter().map(|cell| cell.symbol()).collect::<String>())
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn has(page: &[String], wanted: &str) {
    assert!(
        page.iter().any(|line| line.contains(wanted)),
        "{wanted:?} in\n{}",
        page.join("\n")
    );
}

#[test]
fn every_line_of_512_has_its_sign_in_24_rows() {
    let mut state = fleet(512);
    state.view.line_states[0] = LineState::OnAir;
    state.view.line_states[511] = LineState::Away;
    state.view.operators = vec![state.view.operators[0].clone(); 7];
    state.view.operators[4].is_down = true;
    let page = page(24, [state]);
    let map: Vec<&String> = page
        .iter()
        .filter(|line| line.contains("········"))
        .collect();
    assert_eq!(map.len(), 9, "{}", page.join("\n"));
    assert!(map[0].starts_with("   0 #"), "{map:?}");
    assert!(
        map[8].starts_with(" 480 ·") && map[8].ends_with('x'),
        "{map:?}"
    );
    has(&page, "hw-sim  512 lines, 512 open");
    has(&page, "1:02:03");
    has(&page, "510 idle");
    has(&page, "1 on air");
    has(&page, "1 away");
    has(&page, "owed          290");
    has(&page, "DOWN");
    has(&page, "faults  none");
}

#[test]
fn rates_are_those_since_the_last_look() {
    let later = FleetState {
        elapsed_s: 3_725.0,
        submissions: 1_181,
        reports: 710,
        ..fleet(16)
    };
    let page = page(24, [fleet(16), later]);
    has(&page, "sent        90.5/s      1181");
    has(&page, "reports      5.0/s       710");
}

#[test]
fn what_goes_wrong_is_told_with_its_end() {
    let mut state = fleet(32);
    state.view.troubles = vec![TroubleView {
        what: "power_cut".to_owned(),
        lines: 16,
        left_s: 12.4,
    }];
    state.view.faults = vec!["errors 2 %".to_owned()];
    has(
        &page(24, [state]),
        "faults  power_cut on 16 lines, 12 s left · errors 2 %",
    );
}

#[test]
fn where_there_is_no_room_the_worst_line_shows() {
    let mut state = fleet(4096);
    state.view.line_states[4095] = LineState::Mute;
    let crowded = page(24, [state.clone()]);
    let map: Vec<&String> = crowded
        .iter()
        .filter(|line| line.contains("········"))
        .collect();
    assert!(
        map.len() <= 10 && map[map.len() - 1].ends_with('m'),
        "{map:?}"
    );
    has(&crowded, "1 mute");
    // A terminal that is much too small shows what it can and does not fall over.
    for rows in 1..24 {
        page(rows, [state.clone()]);
    }
}
