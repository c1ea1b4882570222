// The links of the file lead to the other files; here, to the modules. The first definition counts.
//! [`rc_refcell`]: self::rc_refcell
//! [`gc_arena`]: self::gc_arena
//! [`rust_cc`]: self::rust_cc
//! [`boa_gc`]: self::boa_gc
//! [`dumpster`]: self::dumpster
//! [`gcmodule`]: self::gcmodule
//! [`bacon_rajan_cc`]: self::bacon_rajan_cc
//!
#![doc = include_str!("../docs/moving/README.md")]

#[doc = include_str!("../docs/moving/rc_refcell.md")]
pub mod rc_refcell {}

#[doc = include_str!("../docs/moving/gc_arena.md")]
pub mod gc_arena {}

#[doc = include_str!("../docs/moving/rust_cc.md")]
pub mod rust_cc {}

#[doc = include_str!("../docs/moving/boa_gc.md")]
pub mod boa_gc {}

#[doc = include_str!("../docs/moving/dumpster.md")]
pub mod dumpster {}

#[doc = include_str!("../docs/moving/gcmodule.md")]
pub mod gcmodule {}

#[doc = include_str!("../docs/moving/bacon_rajan_cc.md")]
pub mod bacon_rajan_cc {}
