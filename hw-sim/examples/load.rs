//! How fast the simulator is: keeps every line sending for a while and prints submissions per second and CPU use.
//!
//! `cargo run --release -p hw-sim --example load -- LINES SMS_TIME SECONDS [SENDS_PER_SECOND]`. The fleet and the host
//! run in this process, on a thread each; CPU is read per thread. It is a bare host: no recovery, no reports asked for.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};
use rustix::fs::{Mode, OFlags};

use hw_sim::{Fleet, FleetSettings};

const PDU: &[u8] = b"0031000D91945111325476F80000A705E8329BFD06\x1a";

struct Line {
    port: File,
    said: Vec<u8>,
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg =
        |place: usize, fallback: &str| args.get(place).map_or(fallback.to_owned(), Clone::clone);
    let lines: usize = arg(0, "512").parse()?;
    let sms_time = hw_sim::duration::duration(&arg(1, "0s"))?;
    let span = Duration::from_secs(arg(2, "5").parse()?);
    let per_second: f64 = arg(3, "inf").parse()?;
    let dir = tempfile::tempdir()?;
    let fleet = Fleet::start(FleetSettings {
        dir: dir.path().join("lines"),
        lines,
        sms_time,
        ledger: Some(dir.path().join("ledger.ndjson")),
        ..FleetSettings::default()
    })?;
    let answers = drive(&fleet, span, per_second)?;
    let cpu = cpu_of_simulator()?;
    let stats = fleet.stats();
    println!(
        "{lines} lines: {:.0} submissions/s ({answers} answers), simulator thread {:.1} % of a core, {} bytes dropped",
        stats.network.accepted as f64 / span.as_secs_f64(),
        100.0 * cpu.as_secs_f64() / span.as_secs_f64(),
        stats.dropped_bytes,
    );
    fleet.stop();
    Ok(())
}

fn drive(fleet: &Fleet, span: Duration, per_second: f64) -> anyhow::Result<u64> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut lines = Vec::new();
    let mut free = VecDeque::new();
    for (index, link) in fleet.links().iter().enumerate() {
        let port = File::from(rustix::fs::open(
            link,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC,
            Mode::empty(),
        )?);
        epoll::add(
            &epoll,
            &port,
            epoll::EventData::new_u64(index as u64),
            epoll::EventFlags::IN,
        )?;
        lines.push(Line {
            port,
            said: Vec::new(),
        });
        lines[index].port.write_all(b"ATE0\r")?;
    }
    let started = Instant::now();
    let (mut answers, mut begun) = (0, 0_u64);
    let mut events = Vec::with_capacity(512);
    let pause = Timespec {
        tv_sec: 0,
        tv_nsec: 5_000_000,
    };
    while started.elapsed() < span {
        epoll::wait(
            &epoll,
            rustix::buffer::spare_capacity(&mut events),
            Some(&pause),
        )?;
        for event in events.drain(..) {
            let index = usize::try_from(event.data.u64())?;
            let line = &mut lines[index];
            let mut buffer = [0; 1024];
            let count = line.port.read(&mut buffer).unwrap_or(0);
            line.said.extend_from_slice(&buffer[..count]);
            if line.said.ends_with(b"> ") {
                line.said.clear();
                line.port.write_all(PDU)?;
            } else if line.said.ends_with(b"OK\r\n") {
                line.said.clear();
                answers += 1;
                free.push_back(index);
            }
        }
        while (begun as f64) < per_second * started.elapsed().as_secs_f64()
            && let Some(index) = free.pop_front()
        {
            begun += 1;
            lines[index].port.write_all(b"AT+CMGS=20\r")?;
        }
    }
    Ok(answers)
}

/// User and system time of the thread named `hw-sim` (proc(5), fields 14 and 15 in ticks of 10 ms).
fn cpu_of_simulator() -> anyhow::Result<Duration> {
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        if let Some((head, fields)) = stat.rsplit_once(") ")
            && head.ends_with("(hw-sim")
        {
            let ticks: u64 = fields
                .split(' ')
                .skip(11)
                .take(2)
                .filter_map(|field| field.parse::<u64>().ok())
                .sum();
            return Ok(Duration::from_millis(ticks * 10));
        }
    }
    anyhow::bail!("no thread named hw-sim")
}
