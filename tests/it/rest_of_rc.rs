//! What else `Rc` and `RefCell` have: views of the same memory, values that are written later, raw counts, parts of borrows;
//! cells that are written once.

use std::ffi::{CStr, CString, OsStr};
use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use tricycle::{GcLazy, GcRef, GcRefMut, Trace, unsize};

use super::objects::*;
use crate::support::{inject, injected};

type Handle<T> = tricycle::Gc<T, H>;
type Once<T> = tricycle::GcOnce<T, H>;

/// Text of every kind, in and out of weak handles.
#[test]
fn texts() {
    let _gate = Gate::open_for(texts);
    let path: Handle<Path> = Path::new("/a/größe").into();
    assert_eq!((path.file_name(), Handle::<Path>::from(PathBuf::from("x")).to_str()), (Some(OsStr::new("größe")), Some("x")));
    let os: Handle<OsStr> = OsStr::new("one").into();
    assert_eq!((&*os, os.len(), Handle::<OsStr>::from(OsStr::new("")).len()), (OsStr::new("one"), 3, 0));
    let c: Handle<CStr> = CString::new("two").unwrap().into();
    assert_eq!((c.to_bytes(), c.count_bytes()), (&b"two"[..], 3));
    let weak = Gc::downgrade(&c);
    drop(c);
    assert!(weak.upgrade().is_none() && !Gc::is_tracked(&path));
    let text: Handle<str> = "größe".into();
    let other = text.clone();
    let bytes: Handle<[u8]> = text.into();
    assert_eq!((&*bytes, Gc::strong_count(&other)), ("größe".as_bytes(), 2));
    drop(other);
    assert_eq!(bytes.len(), 7);
}

/// Slices become arrays, if that is what they are to the collector.
#[test]
fn arrays() {
    let _gate = Gate::open_for(arrays);
    let log = Log::new();
    let slice: Handle<[Canary]> = ["a", "b"].map(|name| Canary::new(name, &log)).into();
    let Err(slice) = Gc::<[Canary; 3]>::try_from(slice) else { panic!("there are two") };
    let Ok(array) = Gc::<[Canary; 2]>::try_from(slice) else { panic!("there are two") };
    let Ok([a, b]) = Gc::try_unwrap(array) else { panic!("it is the only handle") };
    assert_eq!((&*a.name, &*b.name), ("a", "b"));
    drop((a, b));
    assert_eq!(log.take().len(), 2);

    let slice: Gc<[Gc<u8>]> = unsize!(gc([gc(1), gc(2)]) => _);
    let Ok(array) = Gc::<[Gc<u8>; 2]>::try_from(slice) else { panic!("it was an array") };
    assert_eq!(Gc::try_unwrap(array).map(|[a, b]| *a + *b), Ok(3));
    let slice: Handle<[Gc<u8>]> = vec![gc(1), gc(2)].into();
    let slice = Gc::<[Gc<u8>; 2]>::try_from(slice).unwrap_err();
    assert_eq!(*slice[1], 2);
    let nothing: Handle<[u8]> = vec![].into();
    assert!(Gc::<[u8; 0]>::try_from(nothing).is_ok());
}

/// Copies of slices and strings that others have.
#[test]
fn make_mut() {
    let _gate = Gate::open_for(make_mut);
    let mut text: Handle<str> = "abc".into();
    let old = text.clone();
    tricycle::Gc::make_mut(&mut text).make_ascii_uppercase();
    assert_eq!((&*text, &*old), ("ABC", "abc"));
    let address = Gc::as_ptr(&text).addr();
    tricycle::Gc::make_mut(&mut text).make_ascii_lowercase();
    assert_eq!((&*text, Gc::as_ptr(&text).addr()), ("abc", address));
    let mut list: Handle<[Gc<u8>]> = vec![gc(1), gc(2)].into();
    let weak = Gc::downgrade(&list);
    tricycle::Gc::make_mut(&mut list)[0] = gc(3);
    assert_eq!((*list[0], weak.upgrade().is_none()), (3, true));
}

#[test]
fn written_later() {
    let _gate = Gate::open_for(written_later);
    let mut uninit: Gc<MaybeUninit<[u64; 9]>> = Gc::new_uninit_in(HEAP);
    Gc::get_mut(&mut uninit).unwrap().write([7; 9]);
    // SAFETY: just written.
    let array = unsafe { uninit.assume_init() };
    assert_eq!(array[8], 7);
    let log = Log::new();
    let mut slice = Handle::<[Canary]>::new_uninit_slice_in(3, HEAP);
    for (n, place) in Gc::get_mut(&mut slice).unwrap().iter_mut().enumerate() {
        place.write(Canary::new(n.to_string(), &log));
    }
    // SAFETY: just written.
    let slice = unsafe { slice.assume_init() };
    let weak = Gc::downgrade(&slice);
    drop(slice);
    assert_eq!((log.take().len(), weak.upgrade().is_none()), (3, true));
    drop(Handle::<[String]>::new_uninit_slice_in(5, HEAP));
}

#[test]
fn pinned() {
    let _gate = Gate::open_for(pinned);
    let pinned = Gc::pin_in((Canary::new("pinned", &Log::new()), PhantomPinned), HEAP);
    let other = pinned.clone();
    assert_eq!((&*other.0.name, std::ptr::eq(&raw const *pinned, &raw const *other)), ("pinned", true));
}

/// Handles as raw pointers, strong and weak.
#[test]
fn raw_counts() {
    let _gate = Gate::open_for(raw_counts);
    let log = Log::new();
    let node = Node::named("node", &log);
    let raw = Gc::into_raw(node);
    // SAFETY: there is a handle, and then two; each is turned back once.
    let node = unsafe {
        tricycle::Gc::<Node, H>::increment_strong_count(raw);
        let node = Gc::from_raw(raw);
        assert_eq!(Gc::strong_count(&node), 2);
        tricycle::Gc::<Node, H>::decrement_strong_count(raw);
        node
    };
    assert_eq!((Gc::strong_count(&node), node.name()), (1, "node"));
    let raw = Gc::downgrade(&node).into_raw();
    assert_eq!(Gc::weak_count(&node), 1);
    // SAFETY: just made by `into_raw`.
    let weak: Weak<Node> = unsafe { tricycle::Weak::from_raw(raw) };
    assert!(weak.upgrade().is_some());
    let heard = log.clone();
    let told = Gc::downgrade_with(&node, move || heard.add("told")).into_raw();
    // SAFETY: as above.
    let told: Weak<Node> = unsafe { tricycle::Weak::from_raw(told) };
    drop(node);
    assert!(weak.upgrade().is_none() && told.upgrade().is_none());
    assert_eq!(log.take(), ["drop node"]);
    let nothing = Weak::<Node>::new().into_raw();
    // SAFETY: as above.
    assert!(unsafe { tricycle::Weak::<Node, H>::from_raw(nothing) }.upgrade().is_none());
}

/// Slices and texts that there may be no memory for.
#[test]
fn fallible() {
    const MANY: usize = if cfg!(miri) { 1000 } else { 100_000 };
    let _gate = Gate::open_for(fallible);
    let slice = Handle::<[Gc<u8>]>::try_from_vec(vec![gc(1), gc(2)]).unwrap();
    assert_eq!(*slice[1], 2);
    assert_eq!(Handle::try_from_str("größe").as_deref(), Ok("größe"));
    assert_eq!(Handle::try_from_os_str(OsStr::new("one")).as_deref(), Ok(OsStr::new("one")));
    assert_eq!(Handle::try_from_path(Path::new("/a")).as_deref(), Ok(Path::new("/a")));
    assert_eq!(Handle::try_from_c_str(c"two").as_deref(), Ok(c"two"));
    let long = "x".repeat(MANY * 8);
    let long_c = CString::new(&*long).unwrap();
    let limit = HEAP.limit();
    HEAP.set_limit(0);
    let refused = Handle::<[Gc<u8>]>::try_from_vec(vec![slice[0].clone(); MANY]);
    let [text, c_text] = [Handle::try_from_str(&long).is_err(), Handle::try_from_c_str(&long_c).is_err()];
    let path = Handle::try_from_path(Path::new(&long));
    let os = Handle::try_from_os_str(OsStr::new(&long));
    HEAP.set_limit(limit);
    assert_eq!(refused.unwrap_err().into_inner().len(), MANY);
    assert!(text && c_text && path.is_err_and(|refused| refused.into_inner() == Path::new(&long)));
    assert!(os.is_err_and(|refused| refused.into_inner() == &*long));
}

/// Parts of borrows, and changes in place.
#[test]
fn borrows() {
    let _gate = Gate::open_for(borrows);
    let cell = GcCell::new((vec![1, 2], 3));
    let Err(all) = GcRef::filter_map(cell.borrow(), |pair| pair.0.get(2)) else { panic!("there are two") };
    let (list, number) = GcRef::map_split(all, |pair| (&*pair.0, &pair.1));
    let Ok(last) = GcRef::filter_map(list, |list| list.last()) else { panic!("there are two") };
    assert_eq!((*last, *number), (2, 3));
    drop(last);
    assert!(cell.try_borrow_mut().is_err());
    drop(number);
    let Err(all) = GcRefMut::filter_map(cell.borrow_mut(), |pair| pair.0.get_mut(2)) else { panic!("there are two") };
    let Ok(mut last) = GcRefMut::filter_map(all, |pair| pair.0.last_mut()) else { panic!("there are two") };
    *last = 5;
    drop(last);
    assert_eq!(cell.replace_with(|(list, number)| (list.clone(), *number + 1)), (vec![1, 5], 3));
    let number = GcCell::new(1);
    number.update(|n| n + 1);
    assert!(injected(|| number.update(|_| inject("update"))).is_err());
    assert_eq!((cell.get().1, number.get()), (4, 2));
}

#[derive(Trace)]
struct Cons {
    next: Once<Gc<Cons>>,
    canary: Canary,
}

/// Written once, part of a cycle.
#[test]
fn once() {
    let _gate = Gate::open_for(once);
    let log = Log::new();
    let new = |name: &str| gc(Cons { next: Once::new(), canary: Canary::new(name, &log) });
    let [a, b] = [new("a"), new("b")];
    assert!(a.next.get().is_none() && a.next.set(b.clone()).is_ok());
    let refused = a.next.set(a.clone());
    assert!(refused.is_err_and(|back| Gc::ptr_eq(&back, &a)));
    let made = b.next.get_or_init(|| {
        assert_eq!(collect(), 0);
        a.clone()
    });
    assert!(Gc::ptr_eq(made, &a) && Gc::ptr_eq(b.next.get_or_init(|| unreachable!()), &a));
    assert_eq!((HEAP.referents(&a).len(), &*a.canary.name), (1, "a"));
    let weak = Gc::downgrade(&a);
    drop((a, b));
    assert_eq!((collect(), log.sorted(), weak.upgrade().is_none()), (2, vec!["drop a".into(), "drop b".into()], true));

    let mut cell: Once<u8> = Once::default();
    assert!(injected(|| *cell.get_or_init(|| inject("init"))).is_err() && cell.get().is_none());
    assert_eq!((cell.set(1), cell.set(2), format!("{cell:?}")), (Ok(()), Err(2), "GcOnce(1)".to_owned()));
    assert_eq!((cell.get_mut().copied(), cell.clone() == Once::from(1), cell.take(), cell.into_inner()), (Some(1), true, Some(1), None));
}

/// A function that asks for the value that it is about to make.
#[test]
#[should_panic(expected = "borrowed")]
fn once_within_itself() {
    let cell: Once<u8> = Once::new();
    let _ = cell.get_or_init(|| *cell.get_or_init(|| 1));
}

#[test]
fn lazy() {
    let _gate = Gate::open_for(lazy);
    let list: GcLazy<Handle<[Gc<u8>]>, H, _> = GcLazy::new(|| vec![gc(1), gc(2)].into());
    assert!(GcLazy::get(&list).is_none());
    assert_eq!((*list[1], GcLazy::get(&list).map(|list| list.len())), (2, Some(2)));
    let fails: GcLazy<u8, H, _> = GcLazy::new(|| inject("lazy"));
    assert!(injected(|| *fails).is_err() && GcLazy::get(&fails).is_none());
}
