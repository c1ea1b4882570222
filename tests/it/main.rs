//! The semantics suite: what the crate promises, on every heap.
//!
//! It covers CPython's tests of its memory system: each line of the behaviour checklist made from `Lib/test/test_gc.py`,
//! `test_finalization.py` and `test_weakref.py` has a test here, named in its doc comment, or a reason why not.
//!
//! | `test_gc` | here |
//! |---|---|
//! | `list`, `dict`, `tuple`, `instance`, `newinstance`, `method`, `function`, `frame`, `boom`, `boom2` | `cycles`, of the same name |
//! | `class`, `newstyleclass`, `do_not_cleanup_type_subclasses_before_finalization` | types are not objects here |
//! | `legacy_finalizer`, `_newclass`, `collect_garbage`, `refcount_errors` | `callbacks::uncollectable`, `too_few_handles`: only a broken `Trace` makes garbage uncollectable |
//! | `function_tp_clear_leaves_consistent_state`, `del`, `del_newclass`, `bug21435` | `finalizers` |
//! | `datetime_weakref_cycle`, `bug1055820b` | `weak` |
//! | `saveall` | `save_all::save_all` |
//! | `get_count`, `collect_generations`, `get_objects_generations`, `get_stats`, `heap_size`, `bug1055820c`, `d`, `indirect_calls_with_gc_disabled`, `threshold_zero` | `generations` |
//! | `trashcan`, `trash_weakref_clear` | `trash` |
//! | `trashcan_threads` | `tests/threads` |
//! | `get_referents`, `_on_capsule`, `is_tracked`, `is_finalized`, `get_objects`, `get_objects_during_gc` | `introspection` |
//! | `get_objects_arguments` | a wrong generation does not compile |
//! | `garbage_at_shutdown`, `gc_main_module_at_shutdown`, `gc_ordinary_module_at_shutdown`, `global_del_SystemExit` | `teardown`, for the end of a thread; there are no warnings |
//! | `gc_debug_stats` | `tracing_events`: spans and events instead of lines |
//! | `freeze`, `traverse_frozen_objects` | `freeze` |
//! | `deferred_refcount_frozen`, `tuple_untrack_counts` | only the free-threaded build has such objects |
//! | `resurrection_*` | `resurrection` |
//! | `collect`, `collect_generation` | `callbacks` |
//! | `PythonFinalizationTests` | no type objects, no interpreter to shut down; `teardown` uses the heap after its end |
//! | `_testcapi`: `enable`, `disable`, `is_enabled`; `visit_objects` | `generations::switched_off`; `introspection::a_walk_over_the_objects` |
//!
//! | `test_finalization` | here |
//! |---|---|
//! | `SimpleFinalizationTest`, `SelfCycleFinalizationTest`, `CycleChainFinalizationTest` | `finalizers` |
//! | `test_legacy*` (`tp_del`) | there is one kind of finalizer |
//!
//! | `test_weakref` | here |
//! |---|---|
//! | `basic_ref`, `basic_callback`, `multiple_callbacks`, `multiple_selfref_callbacks`, `callbacks_protected`, `sf_bug_840829`, `callback_*`, `callbacks_on_callback`, `gc_during_*_creation`, `ref_created_during_del`, `trashcan_16602`, `clearing_weakrefs_in_gc`, `subclass_refs_with_cycle` | `weak` |
//! | `ref_reuse` | `weak::counts`; a weak handle is a count, there is no object to share |
//! | `no_memory_when_clearing` | `tests/alloc_failure.rs`, as far as memory can be short without ending the process: Rust's collections abort |
//! | `weak_*_len_cycles`, `_len_race`, `_cascading_deletes` | `weak_maps` |
//! | `weak_*_destroy_while_iterating`, `bad_delitem` | the borrow checker refuses them |
//! | `threaded_weak_*` | `tests/threads` |
//! | `finalize`, `order`, `all_freed` | `weak_maps::finalize_objects`, in the order of registration |
//! | `atexit` | `teardown::garbage_made_at_the_end`, `weak_callbacks_in_a_thread_local`, `panics` |
//!
//! What is ours alone (collections in steps, guards, cells, unsized values, limits, faults) is in the other modules, and
//! the traps that other collectors fell into are in `traps`.
//!
//! Not all of it is for all heaps:
//!
//! | module | not on | why |
//! |---|---|---|
//! | `std_cells` | heaps that threads share | the cells of the standard library are not `Sync` |
//! | `teardown` | heaps that threads share | the end of a thread is not the end of the heap: nothing is collected. `tests/threads` has what happens instead |
//! | `steps`, `step_parts`, `step_faults` | `Atomic`, `Biased` | there a full collection is done in one piece, `deep::ring_in_steps` |
//!
//! Tests open a [`Gate`](support::Gate), which fails them if they leak; those that mean to leak run on a thread of their own.
#![expect(clippy::duplicate_mod, reason = "each file is compiled once for every heap")]
#![expect(clippy::type_complexity, reason = "awkward types are what is tested")]
#![allow(clippy::arc_with_non_send_sync, reason = "on heaps that threads share it is")]
#![expect(clippy::modulo_one, reason = "alignments from a macro, one among them")]

mod names_of_heaps;
mod support;

/// Instantiates the suite for a heap: `module: Heap, its kind, what can be stored on it`. Modules in braces are for this
/// heap only.
macro_rules! suite {
    ($($module:ident: $heap:path, $kind:ident, $storable:ident { $(mod $more:ident;)* })+) => {$(
        #[path = "."]
        mod $module {
            use crate::support::$storable as Storable;
            use $heap as HEAP;

            tricycle::heap! {
                /// Another heap of the same kind.
                pub(crate) Other: $kind
            }
            impl crate::support::Kind for Other {}

            mod objects;

            mod ephemerons;
            mod callbacks;
            mod cells;
            mod closures;
            mod counted;
            mod cycles;
            mod deep;
            mod defer_drop;
            mod finalizers;
            mod foreign_fields;
            mod freeze;
            mod generations;
            mod issue_01;
            mod issue_02;
            mod guards;
            mod introspection;
            mod leaf_slots;
            mod leaves;
            mod limits;
            mod looking;
            mod panics;
            mod rest_of_rc;
            mod resurrection;
            mod save_all;
            mod serde_graphs;
            mod serde_values;
            mod suspects;
            mod tracing_events;
            mod trait_objects;
            mod traps;
            mod trash;
            mod uniqueness;
            mod unsized_values;
            mod wake;
            mod weak;
            mod weak_maps;
            mod weak_nodes;
            $(mod $more;)*
        }
    )+};
}

suite! {
    local: tricycle::Local, Local, Anything {
        mod std_cells;
        mod step_faults;
        mod step_parts;
        mod steps;
        mod teardown;
    }
    vm: crate::support::Vm, Local, Anything {
        mod std_cells;
        mod step_faults;
        mod step_parts;
        mod steps;
        mod teardown;
    }
    locked: crate::support::Locked, Locked, SendSync {
        mod step_faults;
        mod step_parts;
        mod steps;
    }
    atomic: crate::support::Atomic, Atomic, SendSync {}
    biased: crate::support::Biased, Biased, SendSync {}
}
