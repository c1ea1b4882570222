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
            let object = match plan.kind(node) {
                Kind::Leaf => {
                    let len = file.size(node).saturating_sub(CPYTHON_HEADER);
                    Object::Atom(Atom::Leaf(Gc::from(&zeros[..len as usize])))
                }
                Kind::Tuple => {
                    let atoms = objects.atoms(file, node);
                    Object::Atom(Atom::Tuple(Gc::new_in(Tuple { atoms }, heap)))
                }
                Kind::Container => {
                    let atoms = objects.atoms(file, node);
                    let container = Container { node, containers: GcCell::default(), atoms };
                    Object::Container(Gc::new_in(container, heap))
                }
            };
            objects.0[node as usize] = Some(object);
        }
        for object in objects.0.iter().flatten() {
            if let Object::Container(container) = object {
                let targets = file.edges(container.node).iter().map(|&target| objects.get(target));
                let containers = targets.filter_map(|target| match target {
                    Object::Container(container) => Some(container.clone()),
                    Object::Atom(_) => None,
                });
                container.containers.set(containers.collect());
            }
        }
        objects
    }

    /// A handle to each root, batch by batch.
    pub(crate) fn roots(&self, batches: &[Batch]) -> Vec<Vec<Object<H>>> {
        let handles = |batch: &Batch| batch.roots.iter().map(|&root| self.get(root).clone()).collect();
        batches.iter().map(handles).collect()
    }

    pub(crate) fn get(&self, node: u32) -> &Object<H> {
        self.0[node as usize].as_ref().expect("the plan makes every object, and what others hold before them")
    }

    fn atoms(&self, file: &HeapFile, node: u32) -> Atoms<H> {
        let atoms = |&target: &u32| match self.0[target as usize].as_ref() {
            Some(Object::Atom(atom)) => Some(atom.clone()),
            Some(Object::Container(_)) | None => None, // atoms come before what holds them
        };
        file.edges(node).iter().filter_map(atoms).collect()
    }
}

/// Enough zeros for the largest leaf.
pub(crate) fn zeros(file: &HeapFile) -> Vec<u8> {
    let largest = (0..file.nodes()).map(|node| file.size(node)).max();
    vec![0; largest.unwrap_or(0) as usize]
}
