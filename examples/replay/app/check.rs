//! The second run: knows of every single object whether it is alive, and compares that with the oracle.

use tricycle::{Gc, Heap, Weak};

use super::build::Objects;
use super::census::Census;
use super::crew::Crew;
use super::difference::{Difference, What};
use super::experiment::Experiment;
use super::heap_file::HeapFile;
use super::objects::{Atom, Container, Object, ReplayHeap, Tuple};
use super::progress::Progress;

/// A weak handle to one object.
enum Witness<H: Heap> {
    Container(Weak<Container<H>, H>),
    Leaf(Weak<[u8], H>),
    Tuple(Weak<Tuple<H>, H>),
}

impl<H: Heap> Witness<H> {
    fn of(object: &Object<H>) -> Self {
        match object {
            Object::Container(container) => Self::Container(Gc::downgrade(container)),
            Object::Atom(Atom::Leaf(leaf)) => Self::Leaf(Gc::downgrade(leaf)),
            Object::Atom(Atom::Tuple(tuple)) => Self::Tuple(Gc::downgrade(tuple)),
        }
    }

    /// Asks without touching the object's count.
    fn alive(&self) -> bool {
        let count = match self {
            Self::Container(weak) => weak.strong_count(),
            Self::Leaf(weak) => weak.strong_count(),
            Self::Tuple(weak) => weak.strong_count(),
        };
        count > 0
    }
}

/// Builds the heap, takes it apart, and looks at every object at every step.
pub(crate) fn check<H: ReplayHeap>(
    experiment: &Experiment,
    heap: H,
    crew: &impl Crew<H>,
    progress: &mut Progress,
) -> Result<(), Difference> {
    let Experiment { file, batches, oracle, .. } = experiment;
    let before = Census::of(heap);

    progress.step("building again");
    let objects = crew.build(experiment, heap);
    if let Some(node) = (0..file.nodes()).find(|&node| !same_edges(file, &objects, node)) {
        return Err(experiment.difference(0, What::Edges { node, type_name: file.type_name(node).to_owned() }));
    }
    let witnesses: Vec<Witness<H>> = (0..file.nodes()).map(|node| Witness::of(objects.get(node))).collect();
    let mut roots = objects.roots(batches).into_iter();
    drop(objects);

    for step in 0..=batches.len() as u32 {
        progress.step("checking");
        if step > 0 {
            roots.next().into_iter().for_each(|roots| crew.drop(roots, heap));
        }
        heap.collect();
        for (node, witness) in (0..).zip(&witnesses) {
            let type_name = || file.type_name(node).to_owned();
            let what = match (witness.alive(), oracle.alive(node, step)) {
                (true, false) => What::Alive { node, type_name: type_name() },
                (false, true) => What::Freed { node, type_name: type_name() },
                _ => continue,
            };
            return Err(experiment.difference(step, what));
        }
    }
    drop(witnesses); // the memory of an object stays as long as its weak handles
    experiment.compare(batches.len() as u32, Census::of(heap).since(before))
}

/// Whether an object refers to just what its node refers to. Both of its lists are in the file's order.
fn same_edges<H: ReplayHeap>(file: &HeapFile, objects: &Objects<H>, node: u32) -> bool {
    let mut containers = file.edges(node).iter().filter_map(|&target| match objects.get(target) {
        Object::Container(container) => Some(container),
        Object::Atom(_) => None,
    });
    let mut atoms = file.edges(node).iter().filter_map(|&target| match objects.get(target) {
        Object::Atom(atom) => Some(atom),
        Object::Container(_) => None,
    });
    let same_atoms = |held: &[Atom<H>], atoms: &mut dyn Iterator<Item = &Atom<H>>| {
        held.iter().all(|atom| atoms.next().is_some_and(|expected| same(atom, expected))) && atoms.next().is_none()
    };
    match objects.get(node) {
        Object::Container(container) => {
            let held = container.containers.borrow();
            container.node == node
                && held.iter().all(|held| containers.next().is_some_and(|expected| Gc::ptr_eq(held, expected)))
                && containers.next().is_none()
                && same_atoms(&container.atoms, &mut atoms)
        }
        Object::Atom(Atom::Tuple(tuple)) => containers.next().is_none() && same_atoms(&tuple.atoms, &mut atoms),
        Object::Atom(Atom::Leaf(_)) => file.edges(node).is_empty(),
    }
}

fn same<H: ReplayHeap>(a: &Atom<H>, b: &Atom<H>) -> bool {
    match (a, b) {
        (Atom::Leaf(a), Atom::Leaf(b)) => Gc::ptr_eq(a, b),
        (Atom::Tuple(a), Atom::Tuple(b)) => Gc::ptr_eq(a, b),
        _ => false,
    }
}
