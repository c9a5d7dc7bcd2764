//! How fast the simulator is: `cargo bench -p hw-sim`.
//!
//! Three loads: the machines alone in one thread; pseudo-terminals at the headline load; pseudo-terminals without radio
//! times. The host is a bare one, with reports but without recovery. Where there are ports, fleet and host run in this
//! process on a thread each, and CPU is read per thread. Asserts nothing about time: the numbers depend on the machine.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};

use hw_sim::{Driver, DriverSettings, Fleet, FleetSettings};

fn main() -> anyhow::Result<()> {
    in_process();
    through_ports(&PortLoad {
        name: "ports, headline",
        sms_time: Duration::from_millis(5_650),
        warm_up: Duration::from_secs(12),
        span: Duration::from_secs(30),
    })?;
    through_ports(&PortLoad {
        name: "ports, flat out",
        sms_time: Duration::ZERO,
        warm_up: Duration::from_secs(1),
        span: Duration::from_secs(10),
    })
}

/// Every line sends in turn; the clock moves a millisecond a round, so that reports come too.
fn in_process() {
    let report_delay = Duration::from_millis(100);
    let mut fleet = Driver::new(DriverSettings {
        lines: LINES,
        sms_time: Duration::ZERO,
        report_delay: report_delay..=report_delay,
        ..DriverSettings::default()
    });
    for line in 0..LINES {
        fleet.write(line, SET_UP);
        fleet.read(line);
    }
    let started = Instant::now();
    for _ in 0..ROUNDS {
        for line in 0..LINES {
            fleet.write(line, SEND);
            fleet.write(line, PDU);
            fleet.read(line);
        }
        fleet.advance(Duration::from_millis(1));
    }
    let elapsed = started.elapsed();
    let totals = fleet.rack().totals();
    println!(
        "in process: {:.0} submissions/s ({} accepted and {} reports in {:.1} s)\n    {LINES} lines, no radio time, from \
         AT+CMGS to +CMGS and OK, ledger entries in memory, one thread, wall time",
        totals.accepted as f64 / elapsed.as_secs_f64(),
        totals.accepted,
        totals.reports,
        elapsed.as_secs_f64(),
    );
}

struct PortLoad {
    name: &'static str,
    sms_time: Duration,
    /// Until the lines are out of step, as they are in a real fleet.
    warm_up: Duration,
    span: Duration,
}

/// Every line sends again as soon as it may.
fn through_ports(load: &PortLoad) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let fleet = Fleet::start(FleetSettings {
        dir: dir.path().join("lines"),
        lines: LINES,
        sms_time: load.sms_time,
        ledger: Some(dir.path().join("ledger.ndjson")),
        ..FleetSettings::default()
    })?;
    let mut host = Host::open(&fleet)?;
    host.send_for(load.warm_up, load.sms_time)?;
    let (before, cpu_before) = (fleet.stats(), cpu_of_simulator()?);
    let started = Instant::now();
    host.send_for(load.span, Duration::ZERO)?;
    let elapsed = started.elapsed().as_secs_f64();
    let (after, cpu) = (fleet.stats(), cpu_of_simulator()? - cpu_before);
    let accepted = after.network.accepted - before.network.accepted;
    println!(
        "{}: {:.0} submissions/s, {:.1} a minute and line; simulator {:.1} % of one core\n    {LINES} lines, {:.2} s of \
         radio time, {accepted} accepted and {} reports in {elapsed:.0} s after {:.0} s of warm-up, ledger in a file, {} \
         bytes dropped; user and system time of the simulator's thread",
        load.name,
        accepted as f64 / elapsed,
        accepted as f64 * 60.0 / elapsed / LINES as f64,
        100.0 * cpu.as_secs_f64() / elapsed,
        load.sms_time.as_secs_f64(),
        after.network.reports - before.network.reports,
        load.warm_up.as_secs_f64(),
        after.dropped_bytes,
    );
    fleet.stop();
    Ok(())
}

/// A gateway as bare as can be.
struct Host {
    lines: Vec<Line>,
    /// Lines that may send.
    free: VecDeque<usize>,
    epoll: OwnedFd,
}

struct Line {
    port: File,
    said: Vec<u8>,
}

impl Host {
    fn open(fleet: &Fleet) -> anyhow::Result<Host> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut lines = Vec::new();
        for (index, link) in fleet.links().iter().enumerate() {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let mut port = File::from(rustix::fs::open(link, flags, Mode::empty())?);
            let data = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, &port, data, epoll::EventFlags::IN)?;
            port.write_all(SET_UP)?;
            let said = Vec::new();
            lines.push(Line { port, said });
        }
        Ok(Host {
            lines,
            free: VecDeque::new(),
            epoll,
        })
    }

    /// Lets lines begin evenly over `stagger`, and from then on whenever they are free.
    fn send_for(&mut self, span: Duration, stagger: Duration) -> anyhow::Result<()> {
        let started = Instant::now();
        let pause = Timespec {
            tv_sec: 0,
            tv_nsec: 5_000_000,
        };
        let mut begun = 0;
        let mut events = Vec::with_capacity(LINES);
        while started.elapsed() < span {
            epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&pause),
            )?;
            for event in events.drain(..) {
                self.listen(usize::try_from(event.data.u64())?)?;
            }
            let passed = started.elapsed().as_secs_f64() / stagger.as_secs_f64();
            while (stagger.is_zero() || passed >= 1.0 || (begun as f64) < passed * LINES as f64)
                && let Some(index) = self.free.pop_front()
            {
                begun += 1;
                self.lines[index].port.write_all(SEND)?;
            }
        }
        Ok(())
    }

    fn listen(&mut self, index: usize) -> anyhow::Result<()> {
        let line = &mut self.lines[index];
        let mut buffer = [0; 1024];
        let count = line.port.read(&mut buffer).unwrap_or(0);
        line.said.extend_from_slice(&buffer[..count]);
        if line.said.ends_with(b"> ") {
            line.said.clear();
            line.port.write_all(PDU)?;
        } else if line.said.windows(OK.len()).any(|window| window == OK) {
            // A report may have come behind it; nothing else does.
            line.said.clear();
            self.free.push_back(index);
        }
        Ok(())
    }
}

/// User and system time of the thread named `hw-sim` (proc(5), fields 14 and 15 in ticks of 10 ms).
fn cpu_of_simulator() -> anyhow::Result<Duration> {
    let tasks = std::fs::read_dir("/proc/self/task")?;
    let stats = tasks
        .map(|task| std::fs::read_to_string(task?.path().join("stat")))
        .collect::<Result<Vec<_>, _>>()?;
    let fields = stats.iter().find_map(|stat| {
        let (head, fields) = stat.rsplit_once(") ")?;
        head.ends_with("(hw-sim").then_some(fields)
    });
    let fields = fields.context("no thread named hw-sim")?;
    let times = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
    let ticks: Vec<u64> = times.collect::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

/// The headline fleet.
const LINES: usize = 512;

/// Of the machines alone: some seconds.
const ROUNDS: usize = 400;

/// No echo, reports at once.
const SET_UP: &[u8] = b"ATE0;+CNMI=2,1,0,1,0\r";
const SEND: &[u8] = b"AT+CMGS=20\r";
/// A text of 7 letters, with a report asked for.
const PDU: &[u8] = b"0031000D91945111325476F80000A705E8329BFD06\x1a";
const OK: &[u8] = b"\r\nOK\r\n";
