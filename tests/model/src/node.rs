//! The values that programs allocate.

use std::sync::Arc;

use super::ModelHeap;
use super::handles::{Ref, WeakRef};
use super::op::{Kind, Reaction};
use super::shadow::Id;
use super::world::World;
use tricycle::{Finalize, GcCell, Trace, Visitor};

/// The first field of every value: its number, and what happens when it is dropped.
pub struct Probe<H: ModelHeap> {
    pub(crate) world: Arc<World<H>>,
    pub(crate) id: Id,
    reaction: Reaction,
    /// `!id`, as long as the value lives.
    seal: Id,
}

impl<H: ModelHeap> Probe<H> {
    fn new(world: &Arc<World<H>>, id: Id, reaction: Reaction) -> Self {
        Probe { world: Arc::clone(world), id, reaction, seal: !id }
    }

    /// The number, if the value is what it seems to be.
    pub(crate) fn checked_id(&self) -> Id {
        assert!(self.seal == !self.id, "the value of object {} is damaged", self.id);
        self.id
    }

    /// The value was moved out of its object.
    pub(crate) fn renumber(&mut self, id: Id) {
        (self.id, self.seal) = (id, !id);
    }
}

impl<H: ModelHeap> Drop for Probe<H> {
    fn drop(&mut self) {
        self.world.shadow().begin_drop(self.checked_id());
        self.seal = 0;
        World::perform(&self.world, self.reaction, None);
    }
}

// SAFETY: clauses 1, 2, 4 and 5: there is no handle that is traced; 3: it panics, which is allowed.
#[expect(unsafe_code, reason = "tracing that panics")]
unsafe impl<H: ModelHeap> Trace for Probe<H> {
    const CONTAINER: bool = false;
    // So that it is traced at all: fields without handles of any kind are passed over.
    const WEAK: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        self.world.burn_fuse();
    }
}

/// The last field of every value.
#[derive(Trace)]
#[trace(acyclic)]
pub struct Tail<H: ModelHeap> {
    world: Arc<World<H>>,
    id: Id,
}

impl<H: ModelHeap> Drop for Tail<H> {
    fn drop(&mut self) {
        self.world.shadow().end_drop(self.id);
    }
}

/// A value without handles.
#[derive(Trace)]
#[trace(bound = "")]
pub struct Leaf<H: ModelHeap> {
    probe: Probe<H>,
    tail: Tail<H>,
}

/// What makes the following larger than a [`Final`].
const PADDING: usize = 14;

/// A value without handles, with a finalizer.
#[derive(Trace)]
#[trace(finalize, bound = "")]
pub struct FinalLeaf<H: ModelHeap> {
    leaf: Leaf<H>,
    finalize: Finalizer,
    /// With the header it is no multiple of 16 bytes: the two share pages, of whose slots not each would do for the other.
    _padding: [usize; PADDING],
}

/// The same as `Leaf`, aligned more than its header.
#[derive(Trace)]
#[trace(bound = "")]
#[repr(align(16))]
pub struct Leaf16<H: ModelHeap>(pub(crate) Leaf<H>);

/// The same, aligned as a line of the cache.
#[derive(Trace)]
#[trace(bound = "")]
#[repr(align(64))]
pub struct Leaf64<H: ModelHeap>(pub(crate) Leaf<H>);

/// A value with handles.
#[derive(Trace)]
#[trace(bound = "")]
pub struct Plain<H: ModelHeap> {
    probe: Probe<H>,
    pub(crate) edges: GcCell<Vec<Ref<H>>, H>,
    pub(crate) weaks: GcCell<Vec<WeakRef<H>>, H>,
    /// A weak handle to the object itself.
    pub(crate) me: GcCell<Option<WeakRef<H>>, H>,
    tail: Tail<H>,
}

/// A value with handles and a finalizer.
#[derive(Trace)]
#[repr(align(16))]
#[trace(finalize, bound = "")]
pub struct Final<H: ModelHeap> {
    plain: Plain<H>,
    finalize: Finalizer,
}

/// What a finalizer does. A leaf.
#[derive(Clone, Copy, Debug, Trace)]
#[trace(acyclic)]
struct Finalizer(#[trace(skip)] Reaction);

/// A value with handles that is too large for the pool.
#[derive(Trace)]
#[trace(bound = "")]
pub struct Big<H: ModelHeap> {
    plain: Plain<H>,
    _padding: [u64; 600],
}

/// What all values have in common.
pub trait Face<H: ModelHeap>: 'static {
    /// Who it is.
    fn probe(&self) -> &Probe<H>;
    /// Access to the number.
    fn ends_mut(&mut self) -> (&mut Probe<H>, &mut Tail<H>);
    /// The part with the handles.
    fn plain(&self) -> Option<&Plain<H>>;
}

impl<H: ModelHeap> Face<H> for Leaf<H> {
    fn probe(&self) -> &Probe<H> {
        &self.probe
    }
    fn ends_mut(&mut self) -> (&mut Probe<H>, &mut Tail<H>) {
        (&mut self.probe, &mut self.tail)
    }
    fn plain(&self) -> Option<&Plain<H>> {
        None
    }
}

impl<H: ModelHeap> Face<H> for Plain<H> {
    fn probe(&self) -> &Probe<H> {
        &self.probe
    }
    fn ends_mut(&mut self) -> (&mut Probe<H>, &mut Tail<H>) {
        (&mut self.probe, &mut self.tail)
    }
    fn plain(&self) -> Option<&Plain<H>> {
        Some(self)
    }
}

macro_rules! faces {
    ($($ty:ty => $inner:tt),*) => {$(
        impl<H: ModelHeap> Face<H> for $ty {
            fn probe(&self) -> &Probe<H> {
                self.$inner.probe()
            }
            fn ends_mut(&mut self) -> (&mut Probe<H>, &mut Tail<H>) {
                self.$inner.ends_mut()
            }
            fn plain(&self) -> Option<&Plain<H>> {
                self.$inner.plain()
            }
        }
    )*};
}

faces!(FinalLeaf<H> => leaf, Leaf16<H> => 0, Leaf64<H> => 0, Final<H> => plain, Big<H> => plain);

impl<H: ModelHeap> Face<H> for [Plain<H>] {
    fn probe(&self) -> &Probe<H> {
        &self[0].probe
    }
    fn ends_mut(&mut self) -> (&mut Probe<H>, &mut Tail<H>) {
        self[0].ends_mut()
    }
    fn plain(&self) -> Option<&Plain<H>> {
        self.first()
    }
}

impl<H: ModelHeap> Finalize for Final<H> {
    fn finalize(&self) {
        World::finalize(self, self.finalize.0);
    }
}

impl<H: ModelHeap> Finalize for FinalLeaf<H> {
    fn finalize(&self) {
        World::finalize(self, self.finalize.0);
    }
}

impl<H: ModelHeap> Leaf<H> {
    pub(crate) fn new(world: &Arc<World<H>>, kind: Kind, reaction: Reaction) -> Self {
        let id = world.shadow().create(kind, Vec::new());
        Leaf { probe: Probe::new(world, id, reaction), tail: Tail { world: Arc::clone(world), id } }
    }
}

impl<H: ModelHeap> Plain<H> {
    pub(crate) fn new(world: &Arc<World<H>>, kind: Kind, edges: Vec<Ref<H>>, reaction: Reaction) -> Self {
        let id = world.shadow().create(kind, edges.iter().map(Ref::id).collect());
        Plain {
            probe: Probe::new(world, id, reaction),
            edges: GcCell::new(edges),
            weaks: GcCell::default(),
            me: GcCell::default(),
            tail: Tail { world: Arc::clone(world), id },
        }
    }
}

impl<H: ModelHeap> Tail<H> {
    pub(crate) fn renumber(&mut self, id: Id) {
        self.id = id;
    }
}

impl<H: ModelHeap> Final<H> {
    pub(crate) fn new(plain: Plain<H>, reaction: Reaction) -> Self {
        Final { plain, finalize: Finalizer(reaction) }
    }
}

impl<H: ModelHeap> FinalLeaf<H> {
    pub(crate) fn new(leaf: Leaf<H>, reaction: Reaction) -> Self {
        FinalLeaf { leaf, finalize: Finalizer(reaction), _padding: [0; PADDING] }
    }
}

impl<H: ModelHeap> Big<H> {
    pub(crate) fn new(plain: Plain<H>) -> Self {
        Big { plain, _padding: [0; 600] }
    }
}

// What `Gc::make_mut` clones. A clone is a value of its own, and does nothing in particular when it goes.

impl<H: ModelHeap> Clone for Leaf<H> {
    fn clone(&self) -> Self {
        Leaf::new(&self.probe.world, Kind::Leaf, Reaction::NOTHING)
    }
}

impl<H: ModelHeap> Clone for Plain<H> {
    fn clone(&self) -> Self {
        let world = &self.probe.world;
        let kind = world.shadow().objects[self.probe.id].kind;
        Plain::new(world, kind, self.edges.get(), Reaction::NOTHING)
    }
}

impl<H: ModelHeap> Clone for Final<H> {
    fn clone(&self) -> Self {
        Final::new(self.plain.clone(), Reaction::NOTHING)
    }
}

/// The callback of a weak handle.
pub struct Callback<H: ModelHeap> {
    pub(crate) world: Arc<World<H>>,
    pub(crate) watch: usize,
    pub(crate) reaction: Reaction,
    pub(crate) owned: Option<Owned<H>>,
}

impl<H: ModelHeap> Callback<H> {
    /// Runs it.
    pub fn run(self) {
        let Callback { world, watch, reaction, owned } = self;
        World::called_back(&world, watch, reaction);
        drop(owned);
    }
}

/// What a callback owns, until it has run or is dropped.
pub(crate) struct Owned<H: ModelHeap> {
    world: Arc<World<H>>,
    id: Id,
    _handle: Ref<H>,
}

impl<H: ModelHeap> Owned<H> {
    pub(crate) fn new(world: &Arc<World<H>>, handle: Ref<H>) -> Self {
        let id = handle.id();
        world.shadow().held_mut().push(id);
        Owned { world: Arc::clone(world), id, _handle: handle }
    }
}

impl<H: ModelHeap> Drop for Owned<H> {
    fn drop(&mut self) {
        let mut shadow = self.world.shadow();
        super::shadow::Shadow::forget(shadow.held_mut(), self.id);
        if let Some(forecast) = &mut shadow.forecast {
            forecast.disturbed = true;
        }
    }
}

macro_rules! opaque_debug {
    ($($ty:ident),*) => {$(
        impl<H: ModelHeap> std::fmt::Debug for $ty<H> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($ty)).finish_non_exhaustive()
            }
        }
    )*};
}

pub(super) use opaque_debug;

opaque_debug!(Probe, Tail, Leaf, FinalLeaf, Leaf16, Leaf64, Plain, Final, Big, Callback);

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::{Final, FinalLeaf};
    use tricycle::Biased;

    /// A [`Final`] finds room in slots of a [`FinalLeaf`], which do not keep its alignment.
    #[test]
    fn types_of_different_alignment_share_pages() {
        let slots = [size_of::<Final<Biased>>(), size_of::<FinalLeaf<Biased>>()].map(|value| 32 + value);
        assert!(slots[0] < slots[1] && slots[1] <= slots[0] + slots[0] / 2 && slots[1] <= 512, "{slots:?}");
        assert!(slots[0] % 16 == 0 && slots[1] % 16 == 8, "{slots:?}");
    }
}
