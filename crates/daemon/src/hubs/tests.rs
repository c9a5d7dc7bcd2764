//! How commands end: well, badly, too late, or not at all.

use super::*;

fn shell(script: &str, longest: Duration) -> Ended {
    let command = ["/bin/sh", "-c", script].map(str::to_owned);
    block_on(run(&command, longest))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_command_that_ends_well_has_done_it() {
    let ended = shell("exit 0", LONG);
    assert_eq!((ended.result, &*ended.said), (HubResult::Done, ""));
}

#[test]
fn a_command_that_fails_says_how_and_why() {
    let ended = shell("echo 'no such port' >&2; echo more >&2; exit 3", LONG);
    assert_eq!(ended.result, HubResult::Failed);
    assert_eq!(
        (&*ended.how, &*ended.said),
        ("exit status: 3", "no such port")
    );
}

#[test]
fn what_it_says_is_read_to_the_end_and_kept_in_part() {
    let ended = shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1", LONG);
    assert_eq!((ended.result, ended.said.len()), (HubResult::Failed, 512));
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_all_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
    // Long enough for the shell to get so far, on a busy machine too.
    let ended = shell(&script, Duration::from_secs(2));
    assert_eq!(ended.result, HubResult::TimedOut);
    assert!(ended.how.contains("2 s"), "{}", ended.how);
    let id: i32 = std::fs::read_to_string(file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let stat = || std::fs::read_to_string(format!("/proc/{id}/stat"));
    // Gone, or dead and not collected yet by whoever inherits it.
    while stat().is_ok_and(|stat| !stat.contains(") Z ")) {
        std::thread::yield_now();
    }
}

#[test]
fn a_command_that_leaves_something_behind_is_not_waited_for() {
    let ended = shell("sleep 3 & exit 0", LONG);
    assert_eq!(ended.result, HubResult::Done);
}

#[test]
fn a_command_that_can_not_be_run_has_failed() {
    let ended = block_on(run(&["/nowhere/to/be/found".to_owned()], LONG));
    assert_eq!(ended.result, HubResult::Failed);
    assert!(ended.how.contains("No such file"), "{}", ended.how);
}
