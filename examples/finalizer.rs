//! A finalizer: it runs once, before anything that the object refers to is taken apart, also in a cycle.

use tricycle::{Finalize, Gc, GcCell, Local, Trace};

type Log = Gc<GcCell<Vec<String>>>;

#[derive(Trace)]
#[trace(finalize)]
struct Connection {
    name: &'static str,
    peer: GcCell<Option<Gc<Connection>>>,
    log: Log,
}

impl Finalize for Connection {
    fn finalize(&self) {
        let peer = self.peer.take().map_or("nobody", |peer| peer.name);
        self.log.borrow_mut().push(format!("{} says goodbye to {peer}", self.name));
    }
}

fn main() {
    let log = Log::default();
    let connect = |name| Gc::new(Connection { name, peer: GcCell::new(None), log: log.clone() });

    drop(connect("alone")); // not in a cycle: its finalizer runs here
    assert_eq!(log.borrow().as_slice(), ["alone says goodbye to nobody"]);

    let (client, server) = (connect("client"), connect("server"));
    client.peer.set(Some(server.clone()));
    server.peer.set(Some(client.clone()));
    drop((client, server));
    assert_eq!(log.borrow().len(), 1); // a cycle: nothing has happened yet
    Local.collect();
    assert_eq!(log.borrow().len(), 3);
}
