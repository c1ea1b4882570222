//! Handles to the values that programs allocate, whatever their type.

use super::ModelHeap;
use super::node::{Big, Callback, Face, Final, FinalLeaf, Leaf, Leaf16, Leaf64, Plain, opaque_debug};
use super::shadow::Id;
use tricycle::{AnyGc, Gc, GcMut, Trace, Weak};

macro_rules! refs {
    ($($kind:ident($ty:ty)),*) => {
        /// A handle of any kind.
        #[derive(Trace)]
        #[trace(bound = "")]
        pub enum Ref<H: ModelHeap> {
            $(#[expect(missing_docs, reason = "as `Kind`")] $kind(Gc<$ty, H>),)*
        }

        /// A weak handle of any kind.
        #[derive(Trace)]
        #[trace(bound = "")]
        pub enum WeakRef<H: ModelHeap> {
            $(#[expect(missing_docs, reason = "as `Kind`")] $kind(Weak<$ty, H>),)*
        }

        impl<H: ModelHeap> Clone for Ref<H> {
            fn clone(&self) -> Self {
                match self { $(Ref::$kind(gc) => Ref::$kind(gc.clone()),)* }
            }
        }

        impl<H: ModelHeap> Clone for WeakRef<H> {
            fn clone(&self) -> Self {
                match self { $(WeakRef::$kind(weak) => WeakRef::$kind(weak.clone()),)* }
            }
        }

        impl<H: ModelHeap> Ref<H> {
            fn face(&self) -> &dyn Face<H> {
                match self { $(Ref::$kind(gc) => refs!(@face $kind gc),)* }
            }

            pub(crate) fn downgrade(&self) -> WeakRef<H> {
                match self { $(Ref::$kind(gc) => WeakRef::$kind(Gc::downgrade(gc)),)* }
            }

            pub(crate) fn watch(&self, callback: Callback<H>) -> WeakRef<H> {
                match self { $(Ref::$kind(gc) => WeakRef::$kind(H::watch(gc, callback)),)* }
            }

            pub(crate) fn address(&self) -> usize {
                match self { $(Ref::$kind(gc) => Gc::as_ptr(gc).addr(),)* }
            }

            pub(crate) fn strong_count(&self) -> usize {
                match self { $(Ref::$kind(gc) => Gc::strong_count(gc),)* }
            }

            pub(crate) fn weak_count(&self) -> usize {
                match self { $(Ref::$kind(gc) => Gc::weak_count(gc),)* }
            }

            pub(crate) fn is_tracked(&self) -> bool {
                match self { $(Ref::$kind(gc) => Gc::is_tracked(gc),)* }
            }

            pub(crate) fn is_finalized(&self) -> bool {
                match self { $(Ref::$kind(gc) => Gc::is_finalized(gc),)* }
            }

            pub(crate) fn immortalize(&self) {
                match self { $(Ref::$kind(gc) => Gc::immortalize(gc),)* }
            }

            pub(crate) fn external_bytes(&self, bytes: usize) {
                match self { $(Ref::$kind(gc) => Gc::external_bytes(gc, bytes),)* }
            }

            pub(crate) fn referents(&self) -> Vec<AnyGc<H>> {
                match self { $(Ref::$kind(gc) => H::default().referents(gc),)* }
            }

            pub(crate) fn referrers(&self) -> Vec<AnyGc<H>> {
                match self { $(Ref::$kind(gc) => H::default().referrers(gc),)* }
            }

            /// Calls `f` with exclusive access, or without if there is none.
            pub(crate) fn with_mut<R>(&mut self, f: impl FnOnce(Option<Guard<'_, H>>) -> R) -> R {
                match self { $(Ref::$kind(gc) => f(Gc::get_mut(gc).map(Guard::$kind)),)* }
            }
        }

        /// A guard of any kind.
        #[expect(dead_code, reason = "held, or forgotten")]
        pub(crate) enum Guard<'a, H: ModelHeap> {
            $($kind(GcMut<'a, $ty, H>),)*
        }

        impl<H: ModelHeap> WeakRef<H> {
            pub(crate) fn upgrade(&self) -> Option<Ref<H>> {
                match self { $(WeakRef::$kind(weak) => weak.upgrade().map(Ref::$kind),)* }
            }
        }

        /// The value of an object that introspection returned, if it is one of ours.
        pub(crate) fn face_of<H: ModelHeap>(any: &AnyGc<H>) -> Option<&dyn Face<H>> {
            $(if let Some(gc) = any.downcast_ref::<$ty>() {
                return Some(refs!(@face $kind gc));
            })*
            None
        }
    };
    (@face Dyn $gc:ident) => { H::face($gc) };
    (@face Slice $gc:ident) => { &$gc[0] as &dyn Face<H> };
    (@face $kind:ident $gc:ident) => { &**$gc as &dyn Face<H> };
}

refs! {
    Leaf(Leaf<H>), FinalLeaf(FinalLeaf<H>), Leaf16(Leaf16<H>), Leaf64(Leaf64<H>), Plain(Plain<H>), Final(Final<H>), Big(Big<H>), Slice([Plain<H>]),
    Dyn(H::Dyn)
}

impl<H: ModelHeap> Ref<H> {
    pub(crate) fn id(&self) -> Id {
        self.face().probe().checked_id()
    }

    pub(crate) fn plain(&self) -> Option<&Plain<H>> {
        self.face().plain()
    }
}

/// The numbers of what introspection returned.
pub(crate) fn ids<H: ModelHeap>(objects: &[AnyGc<H>]) -> Vec<Id> {
    let mut ids: Vec<Id> = objects.iter().filter_map(face_of).map(|face| face.probe().checked_id()).collect();
    ids.sort_unstable();
    ids
}

opaque_debug!(Ref, WeakRef);
