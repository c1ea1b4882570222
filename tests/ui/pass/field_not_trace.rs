use std::collections::HashMap;

use tricycle::Trace;

struct Socket;

#[derive(Trace)]
struct Session {
    id: u64,
    #[trace(skip)]
    socket: Socket,
}

#[derive(Trace)]
enum Event {
    Tick,
    Open(u8, #[trace(skip)] Option<Socket>),
    #[trace(skip)]
    Many {
        sockets: HashMap<String, Vec<Socket>>,
    },
}
