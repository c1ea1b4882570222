//! The workers example: that it runs on every heap, and what it does with broken messages and command lines.
//!
//! The example is compiled into this test and runs in its process.

#![forbid(unsafe_code)]

#[path = "../examples/workers/app/mod.rs"]
#[allow(dead_code, reason = "what only `main` uses")]
mod app;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::Exit;
use app::frame::{self, FrameError, LONGEST};
use app::objects::WorkHeap;
use app::problem::Problem;
use serde_json::Value;
use tricycle::{Atomic, Biased, Local, Locked};

/// The heaps are the process's: what one test leaves on them for a while, another would take for a leak.
fn take_turn() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the program and returns how it ended, its output and its error output.
fn run(args: &[&str]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["workers"].iter().chain(args).map(Into::into);
    let exit = app::run(args, &mut out, &mut err).unwrap();
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// Runs the program briefly on all heaps; its rows.
fn rows(workload: &str) -> Vec<Value> {
    let _turn = take_turn();
    let (exit, out, err) = run(&["--json", "--seconds", "0.05", "--threads", "3", "--workload", workload]);
    assert_eq!((exit, &*err), (Exit::Success, ""), "{out}");
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All heaps, with 1, 2 and 3 threads.
fn assert_rows(workload: &str, unit: &str) {
    let rows = rows(workload);
    let crews = |heap| [1, 2, 3].map(|threads| (Value::from(heap), Value::from(threads)));
    let expected: Vec<_> = ["local", "locked", "atomic", "biased"].into_iter().flat_map(crews).collect();
    let found: Vec<_> = rows.iter().map(|row| (row["heap"].clone(), row["threads"].clone())).collect();
    assert_eq!(found, expected);
    for row in rows {
        assert_eq!(row.as_object().unwrap().len(), 6);
        assert_eq!((&row["workload"], &row["unit"]), (&workload.into(), &unit.into()));
        assert!(row["throughput"].as_f64().unwrap() > 0.0 && row["speedup"].as_f64().unwrap() > 0.0, "{row}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "a matter of time")]
fn cpu_io_and_mixed_run_on_all_heaps() {
    for workload in ["cpu", "io", "mixed"] {
        assert_rows(workload, "requests/s");
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no network")]
fn the_echo_server_runs_on_all_heaps() {
    assert_rows("tcp", "MB/s");
}

#[test]
#[cfg_attr(miri, ignore = "millions of steps")]
fn the_race_is_lost_without_a_lock_and_won_with_one() {
    let rows = rows("race");
    assert_eq!(rows.len(), 6);
    for pair in rows.chunks(2) {
        assert_eq!(pair[0]["unit"], "lost, no lock held");
        // Whether it is lost is a matter of luck, and luck is not tested. With a lock it is not.
        assert_eq!((&pair[1]["unit"], &pair[1]["throughput"]), (&"lost, lock held".into(), &0.0.into()));
        assert!(pair.iter().all(|row| row["threads"] == 2 && row["speedup"].is_null()));
    }
}

#[test]
#[cfg_attr(miri, ignore = "a matter of time")]
fn the_table() {
    let _turn = take_turn();
    let args = ["--heap", "locked,biased", "--workload", "io", "--threads", "1", "--seconds", "0.01"];
    let (exit, table, err) = run(&args);
    assert_eq!((exit, &*err), (Exit::Success, ""));
    for word in ["workload", "speed-up", "locked", "biased", "requests/s", "1.00"] {
        assert!(table.contains(word), "{table}");
    }
    assert!(!table.contains("atomic") && !table.contains("cpu"), "{table}");
}

#[test]
fn the_command_line() {
    assert_eq!(run(&["--help"]).0, Exit::Success);
    assert_eq!(run(&["--version"]).0, Exit::Success);
    let wrong = [
        &["--heap", "global"][..],
        &["--workload", "gpu"],
        &["--threads", "0"],
        &["--threads", "100000"],
        &["--threads", "two"],
        &["--seconds", "0"],
        &["--seconds", "-1"],
        &["--seconds", "nan"],
        &["--seconds", "1e9"],
        &["--seconds", "x"],
        &["--quick"],
        &["file"],
    ];
    for args in wrong {
        let (exit, out, err) = run(args);
        assert_eq!((exit, &*out), (Exit::Usage, ""), "{args:?}");
        assert!(err.starts_with("error: ") && err.contains(args[0]), "{err}");
    }
}

#[test]
fn messages_come_out_as_they_went_in() {
    let mut stream = Vec::new();
    let messages = [&b""[..], b"x", b"a longer message", &[7; LONGEST as usize]];
    messages.iter().for_each(|message| frame::write(&mut stream, message).unwrap());
    let mut stream = &*stream;
    for message in messages {
        assert!(frame::read(&mut stream).unwrap().as_deref() == Some(message));
    }
    assert!(frame::read(&mut stream).unwrap().is_none());
    let too_long = vec![0; LONGEST as usize + 1];
    assert!(matches!(frame::write(&mut Vec::new(), &too_long), Err(FrameError::TooLong(n)) if n == LONGEST + 1));
}

#[test]
fn a_broken_length_is_an_error_and_not_an_allocation() {
    for length in [LONGEST + 1, u32::MAX] {
        // As many bytes as announced would follow for ever: whoever believed the length would read them.
        let announced = length.to_be_bytes();
        let mut stream = (&announced[..]).chain(std::io::repeat(0));
        assert!(matches!(frame::read(&mut stream), Err(FrameError::TooLong(n)) if n == length));
    }
    for whole in [&[0, 0, 0, 2, 1, 2][..], &[0, 0, 1, 0]] {
        for len in 1..whole.len() {
            assert!(matches!(frame::read(&mut &whole[..len]), Err(FrameError::CutShort)), "{len}");
        }
    }
}

/// A server that is sent one message and then nonsense: answers the message, and then says what is wrong.
fn serve_nonsense<H: WorkHeap>(heap: H) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    std::thread::scope(|scope| {
        let server = scope.spawn(move || heap.attach(|| app::echo::serve(stream, heap)));
        frame::write(&mut client, b"hello").unwrap();
        client.write_all(&u32::MAX.to_be_bytes()).unwrap();
        assert_eq!(frame::read(&mut client).unwrap().as_deref(), Some(&b"hello"[..]));
        let served = server.join().unwrap();
        assert!(matches!(served, Err(Problem::Frame(FrameError::TooLong(u32::MAX)))), "{served:?}");
    });
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "the server has closed the connection");
    heap.collect();
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no network")]
fn the_server_refuses_broken_lengths_on_every_heap() {
    let _turn = take_turn();
    serve_nonsense(Local);
    serve_nonsense(Locked);
    serve_nonsense(Atomic);
    serve_nonsense(Biased);
}
