//! What the live view looks like: figures, a map of the lines, operators, troubles.
//!
//! ```text
//!   hw-sim  512 lines, 512 open                                        0:12:34
//!   sent 90.5/s 1181   refused 10   silent 2   …            ▂▃▅▆▇█
//!      0 ····##··>· ··…             one sign a line; several lines share a sign where there is no room
//!     60 …
//!   · 410 idle  # 97 on air  …       what the signs mean, and how many there are
//!   operator  sims  on air  /s  refused  owed
//!   now: mute, 16 lines, 8 s left · errors 2 %
//! ```

use std::collections::VecDeque;

use hw_sim::{LineState, OperatorView};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline, Wrap};

use crate::state::FleetState;

/// The last states, as far as figures per second need them.
#[derive(Debug, Default)]
pub(super) struct Screen {
    state: FleetState,
    before: Option<FleetState>,
    /// Submissions per second, oldest first.
    rates: VecDeque<u64>,
}

impl Screen {
    /// Takes a newer state.
    pub(super) fn take(&mut self, state: FleetState) {
        if self.state.lines > 0 {
            self.before = Some(std::mem::take(&mut self.state));
        }
        self.state = state;
        let rate = self.per_second(|state| state.submissions);
        self.rates.push_back(rate.round() as u64);
        if self.rates.len() > RATES_MAX {
            self.rates.pop_front();
        }
    }

    /// Draws it; `hint` says how to leave.
    pub(super) fn draw(&self, frame: &mut Frame<'_>, hint: &str) {
        let area = frame.area();
        let operators = self.state.view.operators.len().min(OPERATORS_MAX) + 1;
        let [head, figures, map, legend, table, troubles] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(3),
            Constraint::Length(self.map_rows(area)),
            Constraint::Length(2),
            Constraint::Length(u16::try_from(operators).unwrap_or(u16::MAX)),
            Constraint::Min(1),
        ])
        .areas(area);
        frame.render_widget(self.head(head.width, hint), head);
        self.draw_figures(frame, figures);
        frame.render_widget(self.map(map), map);
        frame.render_widget(self.legend(legend.width), legend);
        frame.render_widget(self.operators(), table);
        frame.render_widget(self.troubles(), troubles);
    }

    /// How much a count grew since the last look, per second.
    fn per_second(&self, count: impl Fn(&FleetState) -> u64) -> f64 {
        // The first look knows the mean since the start.
        let (count_before, since) = match &self.before {
            Some(before) => (count(before), before.elapsed_s),
            None => (0, 0.0),
        };
        let grown = count(&self.state).saturating_sub(count_before);
        let span = self.state.elapsed_s - since;
        if span > 0.0 { grown as f64 / span } else { 0.0 }
    }

    fn head(&self, width: u16, hint: &str) -> Line<'static> {
        let state = &self.state;
        let elapsed = state.elapsed_s as u64;
        let name = format!("hw-sim  {} lines, {} open", state.lines, state.open_lines);
        let clock = format!(
            "{hint}  {}:{:02}:{:02}",
            elapsed / 3600,
            elapsed / 60 % 60,
            elapsed % 60
        );
        let gap = usize::from(width).saturating_sub(name.chars().count() + clock.chars().count());
        Line::from(vec![
            Span::styled(name, Style::new().add_modifier(Modifier::BOLD)),
            Span::raw(" ".repeat(gap)),
            Span::styled(clock, Style::new().fg(Color::DarkGray)),
        ])
    }

    fn draw_figures(&self, frame: &mut Frame<'_>, area: Rect) {
        let state = &self.state;
        let [words, curve] =
            Layout::horizontal([Constraint::Length(FIGURES_COLUMNS), Constraint::Min(0)])
                .areas(area);
        let row = |name, rate, count, [one, other]: [(&str, u64); 2]| {
            let (first, one) = one;
            let (second, other) = other;
            format!(
                "{name:<8}{rate:>8.1}/s{count:>10}   {first:<9}{one:>8}   {second:<8}{other:>7}"
            )
        };
        let text = [
            row(
                "sent",
                self.per_second(|state| state.submissions),
                state.submissions,
                [("refused", state.refused), ("silent", state.silent)],
            ),
            row(
                "reports",
                self.per_second(|state| state.reports),
                state.reports,
                [
                    ("owed", state.view.reports_owed),
                    ("waiting", state.reports_waiting),
                ],
            ),
            row(
                "shown",
                self.per_second(|state| state.shown),
                state.shown,
                [("in pieces", state.in_pieces), ("inbound", state.inbound)],
            ),
        ];
        frame.render_widget(Paragraph::new(text.map(Line::from).to_vec()), words);
        let room = usize::from(curve.width);
        let from = self.rates.len().saturating_sub(room);
        let rates: Vec<u64> = self.rates.iter().copied().skip(from).collect();
        let curve_style = Style::new().fg(Color::Cyan);
        frame.render_widget(Sparkline::default().data(rates).style(curve_style), curve);
    }

    /// Rows that the map of the lines takes, so that everything else has room.
    fn map_rows(&self, area: Rect) -> u16 {
        let columns = columns_of(area.width);
        let wanted = self.state.view.line_states.len().div_ceil(columns);
        let room = usize::from(area.height.saturating_sub(OTHER_ROWS)).max(1);
        u16::try_from(wanted.min(room)).unwrap_or(u16::MAX)
    }

    fn map(&self, area: Rect) -> Paragraph<'static> {
        let states = &self.state.view.line_states;
        let columns = columns_of(area.width);
        let cells = columns * usize::from(area.height.max(1));
        let per_cell = states.len().div_ceil(cells).max(1);
        let row = |(number, row): (usize, &[LineState])| {
            let first = number * columns * per_cell;
            let mut spans = vec![Span::styled(
                format!("{first:>4}"),
                Style::new().fg(Color::DarkGray),
            )];
            // The worst of those that share a sign.
            let worst = row.chunks(per_cell).filter_map(|lines| lines.iter().max());
            for (place, state) in worst.enumerate() {
                if place % GROUP_COLUMNS == 0 {
                    spans.push(Span::raw(" "));
                }
                spans.push(Span::styled(sign(*state), style(*state)));
            }
            Line::from(spans)
        };
        let rows = states.chunks(columns * per_cell).enumerate().map(row);
        Paragraph::new(rows.collect::<Vec<_>>())
    }

    /// What the signs on the map mean, and how often each is there; no entry is broken in two.
    fn legend(&self, width: u16) -> Paragraph<'static> {
        let states = &self.state.view.line_states;
        let mut rows = vec![Line::default()];
        for state in LineState::ALL {
            let count = states.iter().filter(|one| **one == state).count();
            if count == 0 {
                continue;
            }
            let words = format!(" {count} {}   ", name(state));
            let needed = 1 + words.trim_end().chars().count();
            if rows
                .last()
                .is_some_and(|row| row.width() + needed > usize::from(width))
            {
                rows.push(Line::default());
            }
            if let Some(row) = rows.last_mut() {
                row.push_span(Span::styled(sign(state), style(state)));
                row.push_span(Span::raw(words));
            }
        }
        Paragraph::new(rows)
    }

    fn operators(&self) -> Paragraph<'static> {
        let head = format!(
            "{:<14}{:>6}{:>8}{:>10}{:>10}{:>9}{:>9}",
            "operator", "SIMs", "on air", "accepted", "refused", "waiting", "barred"
        );
        let mut lines = vec![Line::styled(
            head,
            Style::new().add_modifier(Modifier::UNDERLINED),
        )];
        let operators = self.state.view.operators.iter().take(OPERATORS_MAX);
        lines.extend(operators.map(operator));
        Paragraph::new(lines)
    }

    fn troubles(&self) -> Paragraph<'static> {
        let view = &self.state.view;
        let troubles = view.troubles.iter().map(|trouble| {
            format!(
                "{} on {} lines, {:.0} s left",
                trouble.what, trouble.lines, trouble.left_s
            )
        });
        let words: Vec<String> = troubles.chain(view.faults.iter().cloned()).collect();
        let (text, color) = if words.is_empty() {
            ("none".to_owned(), Color::DarkGray)
        } else {
            (words.join(" · "), Color::Yellow)
        };
        Paragraph::new(Line::from(vec![
            Span::styled("faults  ", Style::new().add_modifier(Modifier::BOLD)),
            Span::styled(text, Style::new().fg(color)),
        ]))
        .wrap(Wrap { trim: true })
    }
}

fn operator(view: &OperatorView) -> Line<'static> {
    let name = if view.name.is_empty() {
        "(unnamed)"
    } else {
        &view.name
    };
    let name: String = name.chars().take(13).collect();
    let figures = format!(
        "{name:<14}{:>6}{:>8}{:>10}{:>10}{:>9}{:>9}",
        view.sims, view.on_air, view.accepted, view.refused, view.reports_waiting, view.barred
    );
    if view.is_down {
        Line::styled(format!("{figures}  DOWN"), Style::new().fg(Color::Red))
    } else {
        Line::from(figures)
    }
}

/// Lines in a row of the map: as many as fit, but a round number.
fn columns_of(width: u16) -> usize {
    let room = usize::from(width.saturating_sub(LABEL_COLUMNS));
    let needed = |columns: usize| columns + columns.div_ceil(GROUP_COLUMNS);
    COLUMNS
        .into_iter()
        .find(|columns| needed(*columns) <= room)
        .unwrap_or(1)
}

fn sign(state: LineState) -> &'static str {
    match state {
        LineState::Idle => "·",
        LineState::NoHost => "-",
        LineState::Entry => ">",
        LineState::OnAir => "#",
        LineState::NoNetwork => "?",
        LineState::NoSim => "s",
        LineState::Boots => "b",
        LineState::Mute => "m",
        LineState::Away => "x",
    }
}

fn name(state: LineState) -> &'static str {
    match state {
        LineState::Idle => "idle",
        LineState::NoHost => "no host",
        LineState::Entry => "entry",
        LineState::OnAir => "on air",
        LineState::NoNetwork => "no network",
        LineState::NoSim => "no SIM",
        LineState::Boots => "boots",
        LineState::Mute => "mute",
        LineState::Away => "away",
    }
}

fn style(state: LineState) -> Style {
    Style::new().fg(match state {
        LineState::Idle => Color::Gray,
        LineState::NoHost => Color::DarkGray,
        LineState::Entry => Color::LightGreen,
        LineState::OnAir => Color::Green,
        LineState::NoNetwork | LineState::NoSim | LineState::Boots => Color::Yellow,
        LineState::Mute | LineState::Away => Color::Red,
    })
}

/// Rates kept: more than a wide terminal shows.
const RATES_MAX: usize = 240;
/// Operators shown: a terminal of 24 rows has room for 512 lines and these.
const OPERATORS_MAX: usize = 5;
/// Rows of everything but the map: head, figures, legend, operators, and two of troubles.
const OTHER_ROWS: u16 = 1 + 3 + 2 + OPERATORS_MAX as u16 + 1 + 2;
const LABEL_COLUMNS: u16 = 4;
/// Columns of the figures; the curve has the rest.
const FIGURES_COLUMNS: u16 = 68;
/// Lines in a row of the map: numbers that people count in.
const COLUMNS: [usize; 5] = [200, 100, 60, 30, 10];
/// Signs that stand together, so that a line is found by its number.
const GROUP_COLUMNS: usize = 10;

#[cfg(test)]
mod tests;
