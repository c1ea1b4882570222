//! Benchmarks of tricycle and std's `Rc` side by side, one module per group of rows of `benches/README.md`.
//!
//! `cargo bench`, or one group: `cargo bench -- tree`. The comparison with other collectors is `benches/rivals`.

mod alloc;
mod collect;
#[path = "../common/mod.rs"]
mod common;
mod cycles;
mod gcbench;
mod handles;
mod pauses;
mod threads;
mod timing;
mod tree;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    handles::all(&mut criterion);
    alloc::all(&mut criterion);
    tree::all(&mut criterion);
    cycles::all(&mut criterion);
    collect::all(&mut criterion);
    pauses::all(&mut criterion);
    gcbench::all(&mut criterion);
    threads::all(&mut criterion);
    criterion.final_summary();
}
