//! A small disk of a test's own: a tmpfs in a mount namespace, on machines that let the test have one.
//!
//! A process holds the namespace; daemons enter it one after another, and the disk outlives them. It is gone with the
//! process.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::geteuid;

/// A disk that is mounted at a folder, for those who enter.
#[derive(Debug)]
pub struct Volume {
    holder: Child,
    folder: PathBuf,
}

impl Volume {
    /// Mounts a disk of so many MiB at a folder, which is made; `None`, with a word on stderr, where the machine lets
    /// nobody mount.
    ///
    /// # Panics
    /// When the folder can't be made.
    pub fn mount(folder: &Path, mib: u32) -> Option<Volume> {
        std::fs::create_dir_all(folder).expect("the folder can be made");
        let script = format!(
            "mount -t tmpfs -o size={mib}m,mode=700 none \"$0\" && echo mounted && read end"
        );
        let mut namespace = Command::new("unshare");
        if !geteuid().is_root() {
            namespace.args(["--user", "--map-root-user"]);
        }
        let holder = namespace
            .args(["--mount", "sh", "-c", &script])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut volume = Volume {
            holder: holder.ok()?,
            folder: folder.to_owned(),
        };
        let mut said = [0; 7];
        let stdout = volume.holder.stdout.as_mut().expect("it is piped");
        if stdout.read_exact(&mut said).is_ok() {
            return Some(volume);
        }
        eprintln!("skipped: this machine lets nobody mount a tmpfs in a namespace of their own");
        None
    }

    /// The words that begin a command which is to see the disk.
    pub fn entrance(&self) -> Vec<OsString> {
        let pid = self.holder.id().to_string();
        let mut words: Vec<OsString> = ["nsenter", "--target", &pid, "--mount"]
            .map(Into::into)
            .into();
        if !geteuid().is_root() {
            words.extend(["--user", "--preserve-credentials"].map(Into::into));
        }
        words
    }

    /// Takes all the room that is left, to the last page.
    ///
    /// # Panics
    /// When something else than the lack of room is in the way.
    pub fn fill(&self) {
        let mut options = OpenOptions::new();
        let opened = options.create(true).append(true).open(self.filler());
        let mut filler = opened.expect("an inode is left");
        for size in [64 << 10, 4 << 10] {
            let block = vec![0; size];
            loop {
                match filler.write_all(&block) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("the filler: {error}"),
                }
            }
        }
    }

    /// Takes all the room but so many octets.
    ///
    /// # Panics
    /// When something else than the lack of room is in the way.
    pub fn fill_but(&self, octets: u64) {
        let filler = File::create(self.filler()).expect("there is room for a file");
        let disk = rustix::fs::fstatvfs(&filler).expect("a disk tells of its room");
        let free = disk.f_bavail * disk.f_frsize;
        let taken = io::copy(
            &mut io::repeat(0).take(free.saturating_sub(octets)),
            &mut &filler,
        );
        taken.expect("there is room for so much");
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// When nothing was taken.
    pub fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("it is there");
    }

    /// Makes it a disk that can only be read, or one that can be written again. Nobody may have a file open to write.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn remount(&self, mode: &str) {
        let entrance = self.entrance();
        let status = Command::new(&entrance[0])
            .args(&entrance[1..])
            .args(["mount", "-o", &format!("remount,{mode}")])
            .arg(&self.folder)
            .status();
        assert!(status.expect("it can be started").success(), "{mode}");
    }

    /// As this process, which has not entered, sees it.
    fn filler(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        let folder = self.folder.strip_prefix("/").expect("an absolute path");
        root.join(folder).join("filler")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // It ends when its input does; both fail if it has ended.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
