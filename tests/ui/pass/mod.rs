//! The twins of the programs that the compiler refuses. Some of them have something to run.

mod argument_not_trace;
mod borrow_not_send;
mod borrowed_data;
mod contradictory_attributes;
mod drop_ban_not_faked;
mod drop_ban_not_faked_unsized;
mod drop_banned;
mod duplicate_attribute;
mod dyn_trace_is_sealed;
mod field_not_trace;
mod finalize_without_impl;
mod gc_is_invariant;
mod gc_is_invariant_higher_ranked;
mod gc_not_mutable;
mod gc_not_send;
mod malformed_attribute;
mod misplaced_attribute;
mod shared_callbacks;
mod shared_contents;
mod shared_values;
mod teardown_is_unsafe;
mod union;
mod unknown_attribute;
mod unsafe_drop_is_unsafe;
mod visitor_is_sealed;
