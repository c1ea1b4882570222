//! `Serialize` and `Deserialize` of handles and cells as their values.

use std::ffi::CStr;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{from_str, to_string};
use tricycle::{Leaf, Trace};

use super::objects::*;
use crate::support::{inject, injected};

type GcOnce<T> = tricycle::GcOnce<T, H>;

#[derive(Trace, Serialize, Deserialize)]
struct Folder {
    name: Gc<str>,
    inside: GcCell<Vec<Gc<Folder>>>,
    first: GcOnce<Gc<Folder>>,
    #[serde(skip)]
    parent: GcCell<Weak<Folder>>,
}

fn folder(name: &str, inside: &[&Gc<Folder>]) -> Gc<Folder> {
    let inside = GcCell::new(inside.iter().copied().cloned().collect());
    gc(Folder { name: name.into(), inside, first: GcOnce::new(), parent: GcCell::default() })
}

/// Writes the value, and reads it back from both kinds of formats.
fn both<T: Serialize + DeserializeOwned>(value: &T) -> (String, T, T) {
    let json = to_string(value).unwrap();
    let read = from_str(&json).unwrap();
    (json, read, postcard::from_bytes(&postcard::to_stdvec(value).unwrap()).unwrap())
}

/// An object is written for each way to it, and becomes as many.
#[test]
fn as_values() {
    let _gate = Gate::open_for(as_values);
    let shared = folder("shared", &[]);
    let root = folder("root", &[&shared, &shared]);
    assert!(root.first.set(shared.clone()).is_ok());
    root.parent.set(Gc::downgrade(&shared));
    let (json, a, b) = both(&root);
    let inner = r#"{"name":"shared","inside":[],"first":null}"#;
    assert_eq!(json, format!(r#"{{"name":"root","inside":[{inner},{inner}],"first":{inner}}}"#));
    for read in [a, b] {
        let inside = read.inside.get();
        assert_eq!((&*read.name, &*inside[0].name, &*inside[1].name), ("root", "shared", "shared"));
        assert!(!Gc::ptr_eq(&inside[0], &inside[1]) && read.first.get().is_some_and(|first| &*first.name == "shared"));
        assert!(read.parent.get().upgrade().is_none());
    }
}

/// All that a handle can be to.
#[test]
fn unsized_values() {
    let _gate = Gate::open_for(unsized_values);
    let (json, a, b) = both::<(Gc<[Gc<u8>]>, Gc<str>)>(&(vec![gc(1), gc(2)].into(), "a\"b".into()));
    assert_eq!((&*json, a.0.len(), *b.0[1], &*a.1, &*b.1), (r#"[[1,2],"a\"b"]"#, 2, 2, "a\"b", "a\"b"));
    let (_, a, b) = both::<(Gc<Path>, Gc<CStr>)>(&(Path::new("/x").into(), c"y".into()));
    assert_eq!((&*a.0, &*b.0, &*a.1, &*b.1), (Path::new("/x"), Path::new("/x"), c"y", c"y"));
    #[cfg(any(unix, windows))]
    {
        use std::ffi::OsStr;
        let (_, a, b) = both::<Gc<OsStr>>(&OsStr::new("z").into());
        assert_eq!((&*a, &*b), (OsStr::new("z"), OsStr::new("z")));
    }
    let (json, a, b) = both(&Leaf(vec![7]));
    assert_eq!((&*json, &a.0, &b.0), ("[7]", &vec![7], &vec![7]));
}

/// A cycle is an error, in each place where it can be entered; what is written twice is none, also after an error.
#[test]
fn cycles() {
    let _gate = Gate::open_for(cycles);
    let ring: Vec<_> = (0..3).map(|i| folder(&i.to_string(), &[])).collect();
    (0..3).for_each(|i| ring[i].inside.set(vec![ring[(i + 1) % 3].clone()]));
    for folder in &ring {
        let error = to_string(folder).unwrap_err().to_string();
        assert!(error.contains("cyclic") && error.contains("tricycle::graph"), "{error}");
    }
    drop(ring[2].inside.take());
    assert!(to_string(&(&ring[0], &ring[2], &ring[0])).is_ok());
    // Of leaves, too.
    #[derive(Trace, Serialize)]
    #[trace(acyclic)]
    struct Hidden(GcCell<Option<Gc<Hidden>>>);
    let hidden = gc(Hidden(GcCell::default()));
    hidden.0.set(Some(hidden.clone()));
    assert!(to_string(&hidden).unwrap_err().to_string().contains("cyclic"));
    drop(hidden.0.take());
}

/// Neither direction comes to the end of the stack.
#[test]
fn deep() {
    #[derive(Trace, Serialize, Deserialize)]
    struct List(Option<Gc<List>>);
    let _gate = Gate::open_for(deep);
    let list = |n| (1..n).fold(gc(List(None)), |list, _| gc(List(Some(list))));
    assert_eq!(postcard::from_bytes::<Gc<List>>(&postcard::to_stdvec(&list(256)).unwrap()).map(drop), Ok(()));
    let n = if cfg!(miri) { 300 } else { 100_000 };
    assert!(to_string(&list(n)).unwrap_err().to_string().starts_with("more than 256 handles"));
    assert!(postcard::from_bytes::<Gc<List>>(&vec![1; n]).is_err());
    assert!(postcard::from_bytes::<Gc<List>>(&[[1; 254].as_slice(), &[0]].concat()).is_ok());
    assert!(from_str::<Gc<List>>("7").is_err());
}

/// A cell that is borrowed: an error, and no panic, and no wait for oneself.
#[test]
fn borrowed() {
    let _gate = Gate::open_for(borrowed);
    let cell: Gc<GcCell<u8>> = gc(GcCell::new(1));
    let reader = cell.borrow();
    assert_eq!(to_string(&cell).unwrap(), "1");
    drop(reader);
    let writer = cell.borrow_mut();
    assert!(to_string(&cell).unwrap_err().to_string().contains("mutably borrowed"));
    drop(writer);
    assert_eq!(to_string(&cell).unwrap(), "1");
}

/// What panics leaves nothing behind.
#[test]
fn panics() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            inject("in the middle")
        }
    }
    impl<'de> Deserialize<'de> for Panics {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            inject("in the middle")
        }
    }
    let _gate = Gate::open_for(panics);
    let object = gc(Leaf(Panics));
    for _ in 0..300 {
        assert!(injected(|| to_string(&object)).is_err());
        assert!(injected(|| from_str::<Gc<Leaf<Panics>>>("0")).is_err());
    }
    assert_eq!(to_string(&gc(1)).unwrap(), "1");
}

/// At the limit of a heap, to read is an error.
#[test]
#[cfg_attr(miri, ignore = "takes too long")]
fn no_memory() {
    let _gate = Gate::open_for(no_memory);
    let bytes = postcard::to_stdvec(&"x".repeat(1 << 20)).unwrap();
    HEAP.set_limit(1 << 19);
    let text = postcard::from_bytes::<Gc<str>>(&bytes);
    let slice = postcard::from_bytes::<Gc<[u8]>>(&bytes);
    let value = postcard::from_bytes::<Gc<String>>(&bytes);
    HEAP.set_limit(usize::MAX);
    assert!(text.is_err() && slice.is_err() && value.is_ok());
}
