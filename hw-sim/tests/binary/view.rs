//! The live view on a terminal of its own: it gives the terminal back, and ends with it.

use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::*;

/// A simulator's view, and the other end of the terminal that it is on.
fn shown(args: &[&str]) -> (Child, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).expect(TERMINAL);
    grantpt(&master).expect(TERMINAL);
    unlockpt(&master).expect(TERMINAL);
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&master, size).expect(TERMINAL);
    let slave: OwnedFd = ioctl_tiocgptpeer(&master, flags).expect(TERMINAL);
    let end = || Stdio::from(slave.try_clone().expect(TERMINAL));
    let mut command = Command::new(env!("CARGO_BIN_EXE_hw-sim"));
    command.args(args).stdin(end()).stdout(end()).stderr(end());
    let child = command.spawn().expect("the binary was built for this test");
    let mut terminal = File::from(master);
    read_until(&mut terminal, "operator");
    (child, terminal)
}

fn read_until(terminal: &mut File, wanted: &str) {
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(wanted) {
        let mut buffer = [0; 4096];
        match terminal.read(&mut buffer) {
            Ok(count) if count > 0 => said.extend_from_slice(&buffer[..count]),
            Ok(_) | Err(_) => panic!("{wanted:?} in {:?}", String::from_utf8_lossy(&said)),
        }
    }
}

#[test]
fn a_view_gives_its_terminal_back_and_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (lines, socket) = (path("lines"), path("control"));
    let run = ["run", "--lines", "1", "--dir", &lines, "--control", &socket];
    let (mut simulator, _stdout, _) = started(&run);
    let watch = ["watch", "--control", &socket];
    let own = path("own");
    let run_view = ["run", "--lines", "1", "--dir", &own, "--view"];
    for args in [&watch[..], &run_view] {
        for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
            let (mut child, mut terminal) = shown(args);
            kill_process(Pid::from_child(&child), signal).unwrap();
            read_until(&mut terminal, LEFT);
            assert!(child.wait().unwrap().success());
        }
        let (mut child, mut terminal) = shown(args);
        terminal.write_all(b"q").unwrap();
        read_until(&mut terminal, LEFT);
        assert!(child.wait().unwrap().success());
        let (mut child, terminal) = shown(args);
        drop(terminal);
        child.wait().unwrap();
    }
    assert!(!Path::new(&own).join("line000").exists());
    kill_process(Pid::from_child(&simulator), Signal::TERM).unwrap();
    assert!(simulator.wait().unwrap().success());
}

const TERMINAL: &str = "a test may use a terminal";
/// Leaves the alternate screen.
const LEFT: &str = "\x1b[?1049l";
