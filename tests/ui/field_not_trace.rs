use std::collections::HashMap;

use tricycle::Trace;

struct Socket;

#[derive(Trace)]
struct Session {
    id: u64,
    socket: Socket,
}

#[derive(Trace)]
enum Event {
    Tick,
    Open(u8, Option<Socket>),
    Many { sockets: HashMap<String, Vec<Socket>> },
}

fn main() {}
