//! Atomic and biased counts.

mod atomic;
mod biased;
mod limits;

use super::support::{Arc, Late, Object, model, model_late, thread};
use crate::raw::count::atomic::AtomicCount;
use crate::raw::count::biased::BiasedCount;
use crate::raw::count::{Count, Down, Owner, Unique, flag};
use crate::raw::threads::inbox::Inbox;

/// The owner of the object, and somebody else.
const OWNER: Owner = Owner(1);
const OTHER: Owner = Owner(2);
const THIRD: Owner = Owner(3);

/// Two threads drop a handle each.
fn two_drops<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.drop_handle(who[1])
        });
        late.begin(Late::Main);
        object.drop_handle(who[0]);
        other.join().unwrap();
        object.expect(1, 1);
    });
}

/// One thread drops a handle, and another one takes the value out if its own is the last.
fn take_out<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.drop_handle(who[1])
        });
        late.begin(Late::Main);
        object.take_out(who[0]);
        other.join().unwrap();
        object.expect(1, 1);
    });
}

/// The last handle goes while somebody upgrades a weak one.
fn zero_against_upgrade<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        object.count.inc_weak();
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.visit(who[1]);
            theirs.drop_weak();
        });
        late.begin(Late::Main);
        object.drop_handle(who[0]);
        other.join().unwrap();
        object.expect(1, 1);
    });
}

/// Two weak handles go, and the value.
fn memory<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: C::Who)
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        object.count.inc_weak();
        object.count.inc_weak();
        let others = [(), ()].map(|()| {
            let theirs = Arc::clone(&object);
            thread::spawn(move || {
                late.begin(Late::Other);
                theirs.drop_weak();
            })
        });
        late.begin(Late::Main);
        object.drop_handle(who);
        for other in others {
            other.join().unwrap();
        }
        object.expect(1, 1);
    });
}

/// A weak handle is upgraded while the value is being made.
fn cyclic<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.visit(who[1]);
            theirs.drop_weak();
        });
        late.begin(Late::Main);
        object.write();
        object.count.revive();
        object.drop_handle(who[0]);
        other.join().unwrap();
        object.expect(1, 1);
    });
}

/// Somebody looks at the value and drops the other handle: then it may be changed.
fn unique<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.drop_handle(who[1]);
        });
        late.begin(Late::Main);
        if object.count.unique(who[0]) == Unique::Yes {
            object.write();
        }
        other.join().unwrap();
        assert_eq!(object.count.unique(who[0]), Unique::Yes);
    });
}

/// A weak handle is upgraded and goes, before or while somebody asks whether its handle is the only one.
fn unique_against_upgrade<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        object.count.inc_weak();
        let theirs = Arc::clone(&object);
        let asking = thread::spawn(move || {
            late.begin(Late::Other);
            if theirs.count.unique(who[0]) == Unique::Yes {
                theirs.write();
            }
        });
        late.begin(Late::Main);
        let upgraded = object.count.upgrade(who[1]);
        object.drop_weak();
        if upgraded {
            object.drop_handle(who[1]);
        }
        asking.join().unwrap();
        assert_eq!(object.count.unique(who[0]), Unique::Yes);
    });
}

/// Somebody makes a weak handle of the other handle, which goes, while somebody asks.
fn unique_against_downgrade<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.count.inc_weak();
            theirs.drop_handle(who[1]);
            theirs.visit(who[1]);
            theirs.drop_weak();
        });
        late.begin(Late::Main);
        if object.count.unique(who[0]) == Unique::Yes {
            object.write();
        }
        other.join().unwrap();
        assert_eq!(object.count.unique(who[0]), Unique::Yes);
    });
}

/// An object becomes immortal as soon as its value is there.
fn cyclic_immortal<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, who: [C::Who; 2])
where
    C::Who: Send + Sync,
{
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.visit(who[1]);
        });
        object.write();
        object.count.revive();
        object.count.immortalize(who[0]);
        late.begin(Late::Main);
        other.join().unwrap();
        object.expect(0, 0);
    });
}
