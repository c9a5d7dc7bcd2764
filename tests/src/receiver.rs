//! An app's HTTP server, as a webhook sees it: takes POSTs, keeps them, answers as it is told.
//!
//! It checks nothing; what came is judged by the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use client::EventView;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde::Deserialize;

/// A server on a port of this host, until the process ends.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    posts: Vec<Post>,
    answer: Answerer,
}

/// Chooses the status of an answer; 0 never answers.
type Answerer = Box<dyn Fn(&Post) -> u16 + Send>;

/// One POST.
#[derive(Clone, Debug)]
pub struct Post {
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status it was answered with.
    pub answered: u16,
}

#[derive(Deserialize)]
struct Batch {
    events: Vec<EventView>,
}

impl Receiver {
    /// Starts a server that answers 200.
    ///
    /// # Panics
    /// When the system gives no port.
    pub fn start() -> Receiver {
        Receiver::serving(None)
    }

    /// Starts a server that answers 200 over TLS, with the certificate `tests/certificates/server.pem`.
    ///
    /// # Panics
    /// When the system gives no port.
    pub fn start_tls() -> Receiver {
        let certificates = CertificateDer::pem_slice_iter(SERVER_PEM);
        let certificates = certificates.map(|certificate| certificate.expect("it is PEM"));
        let key = PrivateKeyDer::from_pem_slice(SERVER_KEY).expect("it is PEM");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions of TLS")
            .with_no_client_auth()
            .with_single_cert(certificates.collect(), key)
            .expect("the key is the certificate's");
        Receiver::serving(Some(Arc::new(config)))
    }

    fn serving(tls: Option<Arc<ServerConfig>>) -> Receiver {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let shared = Shared {
            posts: Vec::new(),
            answer: Box::new(|_| 200),
        };
        let receiver = Receiver {
            address,
            tls,
            shared: Arc::new(Mutex::new(shared)),
        };
        let server = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.greet(stream));
            }
        });
        receiver
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/sms?token=hidden", self.address)
    }

    /// Answers as `answer` says from now on.
    pub fn answer(&self, answer: impl Fn(&Post) -> u16 + Send + 'static) {
        self.shared().answer = Box::new(answer);
    }

    /// What has come so far.
    pub fn posts(&self) -> Vec<Post> {
        self.shared().posts.clone()
    }

    /// The events of all POSTs that were answered with 200, in the order in which they came.
    pub fn taken(&self) -> Vec<EventView> {
        let posts = self.posts();
        let taken = posts.iter().filter(|post| post.answered == 200);
        taken.flat_map(Post::events).collect()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn greet(&self, stream: TcpStream) {
        let Some(tls) = &self.tls else {
            return self.serve(stream);
        };
        let session = ServerConnection::new(Arc::clone(tls)).expect("the configuration is good");
        self.serve(StreamOwned::new(session, stream));
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut reader = BufReader::new(stream);
        while let Some(mut post) = read(&mut reader) {
            let mut shared = self.shared();
            let status = (shared.answer)(&post);
            post.answered = status;
            shared.posts.push(post);
            drop(shared);
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
            if status == 0 {
                thread::park();
                continue;
            }
            let stream = reader.get_mut();
            let written = stream.write_all(answer.as_bytes());
            if written.and_then(|()| stream.flush()).is_err() {
                return;
            }
        }
    }
}

impl Post {
    /// A header field, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value)
    }

    /// The events it carries.
    ///
    /// # Panics
    /// When the body is no batch.
    pub fn events(&self) -> Vec<EventView> {
        let batch: Batch = serde_json::from_slice(&self.body).expect("a batch of events");
        batch.events
    }
}

fn read(reader: &mut impl BufRead) -> Option<Post> {
    let mut headers = Vec::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?;
    let mut body = vec![0; length.1.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Post {
        headers,
        body,
        answered: 0,
    })
}

const SERVER_PEM: &[u8] = include_bytes!("../certificates/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../certificates/server.key");
