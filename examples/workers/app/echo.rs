//! The echo server, and its clients.
//!
//! Each thread of the server answers one connection. It is attached to the heap while it handles messages, and detached
//! while it reads and writes. Clients are threads of their own that know nothing of the heap.

use std::io::{BufReader, BufWriter};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell, Heap, Trace};

use super::crew::{nothing_leaked, together};
use super::frame;
use super::objects::WorkHeap;
use super::problem::Problem;

/// Bytes in a message.
const MESSAGE: usize = 64 << 10;
/// Whoever waits longer for the other side gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server knows of a connection. The last message and its connection lead to each other: a cycle, which is
/// broken by each message that comes, except for the last.
#[derive(Trace)]
#[trace(bound = "")]
pub(crate) struct Connection<H: Heap> {
    last: GcCell<Option<Gc<Message<H>, H>>, H>,
}

/// A message from a client.
#[derive(Trace)]
#[trace(bound = "")]
pub(crate) struct Message<H: Heap> {
    bytes: Vec<u8>,
    _from: Gc<Connection<H>, H>,
}

/// Megabytes per second that come back to the clients, from a server with so many threads.
///
/// # Errors
///
/// If the loopback interface does not work, a message comes back changed, or objects are left over.
pub(crate) fn throughput<H: WorkHeap>(heap: H, threads: usize, time: Duration) -> Result<f64, Problem> {
    let before = heap.live_allocations();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    // They wait in the listener's queue until the server accepts them: so it never waits for somebody who does not come.
    let clients = (0..threads).map(|_| TcpStream::connect(address)).collect::<Result<Vec<_>, _>>()?;
    let rates = thread::scope(|scope| {
        let clients: Vec<_> = clients.into_iter().map(|stream| scope.spawn(move || client(stream, time))).collect();
        let served = together(heap, threads, |_, _| {
            let (stream, _) = heap.detach(|| listener.accept())?;
            serve(stream, heap)
        });
        let rates = clients.into_iter().map(|client| client.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let rates: Vec<_> = rates.collect();
        served.and_then(|_| rates.into_iter().collect::<Result<Vec<f64>, Problem>>())
    })?;
    nothing_leaked(heap, before)?;
    Ok(rates.iter().sum())
}

/// Sends back what comes, until the client has gone.
///
/// # Errors
///
/// If what comes is not a message.
pub(crate) fn serve<H: WorkHeap>(stream: TcpStream, heap: H) -> Result<(), Problem> {
    prepare(&stream)?;
    let (mut from, mut to) = (BufReader::new(&stream), BufWriter::new(&stream));
    let connection = Gc::new_in(Connection { last: GcCell::default() }, heap);
    while let Some(bytes) = heap.detach(|| frame::read(&mut from))? {
        let message = Gc::new_in(Message { bytes, _from: connection.clone() }, heap);
        // The heap does not see what is behind a `Vec`.
        Gc::external_bytes(&message, message.bytes.len());
        connection.last.set(Some(message.clone()));
        heap.detach(|| frame::write(&mut to, &message.bytes))?;
    }
    Ok(())
}

/// Sends a message, waits for its echo, and so on, once at least. Returns megabytes per second.
fn client(stream: TcpStream, time: Duration) -> Result<f64, Problem> {
    prepare(&stream)?;
    let (mut from, mut to) = (BufReader::new(&stream), BufWriter::new(&stream));
    let mut message: Vec<u8> = (0..MESSAGE).map(|i| i as u8).collect();
    let (mut bytes, start) = (0, Instant::now());
    loop {
        frame::write(&mut to, &message)?;
        if frame::read(&mut from)?.as_deref() != Some(&*message) {
            return Err(Problem::WrongEcho);
        }
        message[bytes % MESSAGE] ^= 0x55;
        bytes += MESSAGE;
        if start.elapsed() >= time {
            return Ok(bytes as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
    }
}

fn prepare(stream: &TcpStream) -> Result<(), Problem> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream.set_write_timeout(Some(PATIENCE))?)
}
