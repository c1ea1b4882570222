//! Builds the objects of a file.

use tricycle::{Gc, GcCell, Heap};

use super::batches::Batch;
use super::heap_file::HeapFile;
use super::objects::{Atom, Atoms, Container, Object, ReplayHeap, Tuple};
use super::plan::{Kind, Plan};

/// What CPython 3.11 puts in front of every object: reference count and type. Our header takes its place.
const CPYTHON_HEADER: u32 = 16;

/// Every object of a file, by node.
pub(crate) struct Objects<H: Heap>(Vec<Option<Object<H>>>);

impl<H: ReplayHeap> Objects<H> {
    /// Makes all objects and then closes the cycles.
    pub(crate) fn build(file: &HeapFile, plan: &Plan, zeros: &[u8], heap: H) -> Self {
        let mut objects = Self(vec![None; file.nodes() as usize]);
        for &node in plan.order() {
            let atom = |target: u32| match objects.0[target as usize].as_ref() {
                Some(Object::Atom(atom)) => Some(atom.clone()),
                Some(Object::Container(_)) | None => None, // atoms come before what holds them
            };
            let object = make(file, plan, zeros, node, atom, heap);
            objects.0[node as usize] = Some(object);
        }
        objects.0.iter().flatten().for_each(|object| close_cycles(file, object, |target| objects.get(target)));
        objects
    }

    /// Objects that somebody else has made, by node.
    pub(crate) fn new(objects: Vec<Option<Object<H>>>) -> Self {
        Self(objects)
    }

    /// A handle to each root, batch by batch.
    pub(crate) fn roots(&self, batches: &[Batch]) -> Vec<Vec<Object<H>>> {
        let handles = |batch: &Batch| batch.roots.iter().map(|&root| self.get(root).clone()).collect();
        batches.iter().map(handles).collect()
    }

    pub(crate) fn get(&self, node: u32) -> &Object<H> {
        self.0[node as usize].as_ref().expect("the plan makes every object, and what others hold before them")
    }
}

/// Makes the object of a node. `atom` has those that it refers to and that are atoms.
#[inline]
pub(crate) fn make<H: ReplayHeap>(
    file: &HeapFile,
    plan: &Plan,
    zeros: &[u8],
    node: u32,
    atom: impl Fn(u32) -> Option<Atom<H>>,
    heap: H,
) -> Object<H> {
    let atoms = || -> Atoms<H> { file.edges(node).iter().filter_map(|&target| atom(target)).collect() };
    match plan.kind(node) {
        Kind::Leaf => {
            let len = file.size(node).saturating_sub(CPYTHON_HEADER);
            Object::Atom(Atom::Leaf(Gc::from(&zeros[..len as usize])))
        }
        Kind::Tuple => Object::Atom(Atom::Tuple(Gc::new_in(Tuple { atoms: atoms() }, heap))),
        Kind::Container => {
            let container = Container { node, containers: GcCell::default(), atoms: atoms() };
            Object::Container(Gc::new_in(container, heap))
        }
    }
}

/// Gives a container its edges to others, which exist by now.
#[inline]
pub(crate) fn close_cycles<'a, H: ReplayHeap>(file: &HeapFile, object: &Object<H>, get: impl Fn(u32) -> &'a Object<H>) {
    if let Object::Container(container) = object {
        let targets = file.edges(container.node).iter().map(|&target| get(target));
        let containers = targets.filter_map(|target| match target {
            Object::Container(container) => Some(container.clone()),
            Object::Atom(_) => None,
        });
        container.containers.set(containers.collect());
    }
}

/// Enough zeros for the largest leaf.
pub(crate) fn zeros(file: &HeapFile) -> Vec<u8> {
    let largest = (0..file.nodes()).map(|node| file.size(node)).max();
    vec![0; largest.unwrap_or(0) as usize]
}
