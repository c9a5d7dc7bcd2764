//! A modem behind a serial server: a line like any other, also after the connection broke.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use client::LineView;
use hw_sim::{Fleet, FleetSettings};
use tests::{Site, SiteSettings, eventually, numbered};

#[test]
fn a_line_behind_a_serial_server_sends_and_comes_back() {
    let site = Site::new(SiteSettings::default());
    let far = site.dir().join("far");
    let fleet = Fleet::start(FleetSettings {
        dir: far.clone(),
        lines: 1,
        seed: 2,
        ..FleetSettings::default()
    });
    let fleet = fleet.expect("a far modem starts");
    let server = SerialServer::start(&far.join("line000"));
    let config = site.config();
    let text = site.config_text(
        &site.state_dir(),
        &site.socket(),
        "",
        &format!(
            "[[lines]]\nname = \"far\"\npath = \"tcp://{}\"\n",
            server.address
        ),
    );
    // The near modems stay unused.
    let near = format!("path = {:?}", site.dir().join("modems/line*"));
    let nobody = format!("path = {:?}", site.dir().join("nobody*"));
    std::fs::write(&config, text.replace(&near, &nobody)).expect("the folder can be written to");
    let daemon = site.start();
    let api = site.api();
    api.lines_ready(1);
    let sent = api.send(&numbered(1));
    let story = api.ended(&sent.id);
    assert_eq!(
        (story.state.as_str(), story.attempts[0].line.as_str()),
        ("delivered", "far")
    );
    server.cut();
    eventually("the loss is seen", || {
        (far_line(&site).opens >= 2).then_some(())
    });
    api.lines_ready(1);
    let sent = api.send(&numbered(2));
    assert_eq!(api.ended(&sent.id).state, "delivered");
    server.stop();
    let gone = eventually("nobody answers", || {
        Some(far_line(&site)).filter(|line| {
            line.error
                .as_deref()
                .is_some_and(|error| error.contains("the serial server does not answer"))
        })
    });
    assert_eq!(gone.state, "closed");
    daemon.stop();
    fleet.stop();
}

fn far_line(site: &Site) -> LineView {
    let mut lines = site.api().lines().into_iter();
    lines
        .find(|line| line.name == "far")
        .expect("the line is there")
}

/// Serves one modem to one connection at a time.
struct SerialServer {
    address: SocketAddr,
    serving: Arc<Mutex<Serving>>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Serving {
    host: Option<TcpStream>,
    is_over: bool,
}

impl SerialServer {
    fn start(modem: &Path) -> SerialServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let serving = Arc::new(Mutex::new(Serving::default()));
        let (modem, shared) = (modem.to_owned(), Arc::clone(&serving));
        let thread = std::thread::spawn(move || {
            while let Ok((host, _)) = listener.accept() {
                let mut serving = shared.lock().expect("no holder panics");
                if serving.is_over {
                    return;
                }
                serving.host = host.try_clone().ok();
                drop(serving);
                serve(&modem, host);
            }
        });
        SerialServer {
            address,
            serving,
            thread,
        }
    }

    /// Breaks the connection.
    fn cut(&self) {
        let serving = self.serving.lock().expect("no holder panics");
        let host = serving.host.as_ref().expect("somebody is connected");
        // The other side may be gone already.
        let _ = host.shutdown(Shutdown::Both);
    }

    /// Ends the server: nobody listens any more.
    fn stop(self) {
        self.serving.lock().expect("no holder panics").is_over = true;
        self.cut();
        // Wakes it, if it is not awake.
        let _ = TcpStream::connect(self.address);
        self.thread.join().expect("the server does not panic");
    }
}

/// Passes bytes until the host hangs up.
fn serve(modem: &Path, mut host: TcpStream) {
    let open = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(modem);
    let mut port = open.expect("the modem is there");
    let mut to_modem = port.try_clone().expect("it is open");
    let mut from_host = host.try_clone().expect("it is open");
    let up = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_host.read(&mut bytes) {
            to_modem
                .write_all(&bytes[..count])
                .expect("the modem reads");
        }
    });
    rustix::io::ioctl_fionbio(&port, true).expect("it can be made non-blocking");
    let mut bytes = [0; 4096];
    while !up.is_finished() {
        match port.read(&mut bytes) {
            Ok(count @ 1..) => {
                // A host that hung up is noticed by the other thread.
                let _ = host.write_all(&bytes[..count]);
            }
            Ok(0) | Err(_) => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    }
    up.join().expect("the copy does not panic");
}
