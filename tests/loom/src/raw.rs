//! As much of the library's `src/raw` as the models need.
#![expect(dead_code, unused_imports, reason = "plain counts come with the shared ones, and are not modelled")]

#[path = "../../../src/raw/base/mod.rs"]
pub(crate) mod base;
#[path = "../../../src/raw/count/mod.rs"]
pub(crate) mod count;
#[path = "../../../src/raw/lock/mod.rs"]
pub(crate) mod lock;
#[path = "../../../src/raw/models/mod.rs"]
mod models;
#[path = "../../../src/raw/threads/mod.rs"]
pub(crate) mod threads;

#[path = "../../../src/raw/heap"]
pub(crate) mod heap {
    pub(crate) mod rest;
}

#[path = "../../../src/raw/memory"]
pub(crate) mod memory {
    pub(crate) mod remote;
    pub(crate) mod tenancy;
}
