//! `tricycle::graph`: objects to records and back, with what is shared and with cycles.

use serde::{Deserialize, Serialize};
use tricycle::graph::{self, Error, Link, Node as Written, Record};
use tricycle::{GcRef, Trace};

use super::objects::*;

type GcOnce<T> = tricycle::GcOnce<T, H>;
type Links = graph::Links<Entry, H>;
type Nodes = graph::Nodes<H>;
type Built = graph::Built<H>;

/// A thing with everything that a handle can be in.
#[derive(Trace)]
struct Thing {
    name: Gc<str>,
    before: Option<Gc<Thing>>,
    parts: GcCell<Vec<Gc<Thing>>>,
    owner: GcOnce<Gc<Thing>>,
    watched: GcCell<Weak<Thing>>,
    number: GcCell<Option<Gc<Number>>>,
}

#[derive(Trace)]
struct Number(u64);

#[derive(Clone, Serialize, Deserialize)]
enum Entry {
    Text(String),
    Number(u64),
    Thing {
        name: Link<str>,
        before: Option<Link<Thing>>,
        parts: Vec<Link<Thing>>,
        owner: Option<Link<Thing>>,
        watched: Option<Link<Thing>>,
        number: Option<Link<Number>>,
    },
    /// Written by nobody.
    Refused,
}

impl Written<Entry, H> for str {
    fn record(&self, _: &mut Links) -> Result<Entry, Error> {
        Ok(Entry::Text(self.to_owned()))
    }
}

impl Written<Entry, H> for Number {
    fn record(&self, _: &mut Links) -> Result<Entry, Error> {
        Ok(Entry::Number(self.0))
    }
}

impl Written<Entry, H> for Thing {
    fn record(&self, links: &mut Links) -> Result<Entry, Error> {
        Ok(Entry::Thing {
            parts: self.parts.try_borrow()?.iter().map(|part| links.link(part)).collect(),
            watched: links.weak(&self.watched.get()),
            owner: self.owner.get().map(|owner| links.link(owner)),
            number: self.number.get().map(|number| links.link(&number)),
            before: self.before.as_ref().map(|before| links.link_before(before)),
            name: links.link_before(&self.name),
        })
    }
}

impl Record<H> for Entry {
    fn build(self, nodes: &Nodes) -> Result<Built, Error> {
        match self {
            Entry::Text(text) => Ok(Built::new(Gc::<str>::from(&*text))),
            Entry::Number(number) => Ok(Built::new(Gc::try_new_in(Number(number), HEAP)?)),
            Entry::Refused => Err(Error::custom("not this one")),
            Entry::Thing { name, before, parts, owner, watched, number } => {
                let before = before.map(|before| nodes.get(before)).transpose()?;
                Ok(Built::with_links(thing(&nodes.get(name)?, before), move |thing, nodes| {
                    let parts: Result<_, _> = parts.into_iter().map(|part| nodes.get(part)).collect();
                    thing.parts.set(parts?);
                    if let Some(owner) = owner {
                        thing.owner.set(nodes.get(owner)?).map_err(|_| Error::custom("two owners"))?;
                    }
                    if let Some(watched) = watched {
                        thing.watched.set(Gc::downgrade(&nodes.get(watched)?));
                    }
                    thing.number.set(number.map(|number| nodes.get(number)).transpose()?);
                    Ok(())
                }))
            }
        }
    }
}

fn thing(name: &Gc<str>, before: Option<Gc<Thing>>) -> Gc<Thing> {
    let (parts, watched, number) = (GcCell::default(), GcCell::default(), GcCell::default());
    gc(Thing { name: name.clone(), before, parts, owner: GcOnce::new(), watched, number })
}

#[derive(Serialize, Deserialize)]
struct File(#[serde(with = "tricycle::graph")] Gc<Thing>);

fn json(root: &Gc<Thing>) -> Result<String, serde_json::Error> {
    serde_json::to_string(&File(root.clone()))
}

fn from_json(json: &str) -> Result<Gc<Thing>, serde_json::Error> {
    serde_json::from_str(json).map(|File(root)| root)
}

/// Through both kinds of formats.
fn both(root: &Gc<Thing>) -> [Gc<Thing>; 2] {
    let bytes = postcard::to_stdvec(&File(root.clone())).unwrap();
    [from_json(&json(root).unwrap()).unwrap(), postcard::from_bytes::<File>(&bytes).unwrap().0]
}

fn parts(thing: &Gc<Thing>) -> GcRef<'_, Vec<Gc<Thing>>, H> {
    thing.parts.borrow()
}

/// What is shared is shared again, cycles close, weak handles lead to what is there.
#[test]
fn there_and_back() {
    let _gate = Gate::open_for(there_and_back);
    {
        let name = "both".into();
        let (a, c) = (thing(&"a".into(), None), thing(&name, None));
        let b = thing(&name, Some(c.clone()));
        let outside = thing(&name, None);
        a.parts.set(vec![b.clone(), a.clone(), c.clone(), b.clone()]);
        assert!(b.owner.set(a.clone()).is_ok() && c.owner.set(b.clone()).is_ok());
        c.watched.set(Gc::downgrade(&b));
        b.watched.set(Gc::downgrade(&outside));
        let number = gc(Number(7));
        a.number.set(Some(number.clone()));
        c.number.set(Some(number));
        for a in both(&a) {
            let [b, me, c, b_again] = &parts(&a)[..] else { panic!("four") };
            assert!(Gc::ptr_eq(b, b_again) && Gc::ptr_eq(me, &a) && Gc::ptr_eq(b.before.as_ref().unwrap(), c));
            assert!(Gc::ptr_eq(b.owner.get().unwrap(), &a) && Gc::ptr_eq(c.owner.get().unwrap(), b));
            assert!(Gc::ptr_eq(&b.name, &c.name) && (&*a.name, &*b.name) == ("a", "both"));
            assert!(Gc::ptr_eq(&c.watched.get().upgrade().unwrap(), b) && b.watched.get().upgrade().is_none());
            let (x, y) = (a.number.get().unwrap(), c.number.get().unwrap());
            assert!(Gc::ptr_eq(&x, &y) && x.0 == 7);
        }
    }
    assert!(collect() >= 9);
}

/// Long lists of both kinds, in either order: no recursion.
#[test]
fn long() {
    let _gate = Gate::open_for(long);
    let n = if cfg!(miri) { 300 } else { 20_000 };
    let name: Gc<str> = "".into();
    let list = (0..n).fold(None, |before, _| Some(thing(&name, before))).unwrap();
    for list in both(&list) {
        assert_eq!(std::iter::successors(Some(&list), |thing| thing.before.as_ref()).count(), n);
    }
    // A list of all of them, the last first: each has to wait for those that come after it.
    let all: Vec<_> = std::iter::successors(Some(&list), |thing| thing.before.as_ref()).cloned().collect();
    for all in [all.to_vec(), all.into_iter().rev().collect::<Vec<_>>()] {
        let root = thing(&name, None);
        root.parts.set(all);
        for root in both(&root) {
            assert!(parts(&root).windows(2).all(|pair| pair[0].before.is_some() || pair[1].before.is_some()));
            drop(root.parts.take());
        }
        drop(root.parts.take());
    }
    let chain: Vec<_> = (0..n).map(|_| thing(&name, None)).collect();
    chain.windows(2).for_each(|pair| pair[0].parts.set(vec![pair[1].clone()]));
    for mut thing in both(&chain[0]) {
        let mut count = 1;
        while let Some(next) = { parts(&thing).first().cloned() } {
            (thing, count) = (next, count + 1);
        }
        assert_eq!(count, n);
    }
}

/// What cannot be written says so; and where.
#[test]
fn not_written() {
    let _gate = Gate::open_for(not_written);
    let (a, b) = (thing(&"a".into(), None), thing(&"b".into(), None));
    a.parts.set(vec![b.clone()]);
    let writer = b.parts.borrow_mut();
    let error = json(&a).unwrap_err().to_string();
    assert!(error.contains("Thing`: the cell is mutably borrowed"), "{error}");
    drop(writer);
    assert!(json(&a).is_ok());
}

/// A cell that is taken for none.
#[test]
fn cycle_of_earlier_ones() {
    #[derive(Trace)]
    struct Wrong(GcCell<Option<Gc<Wrong>>>);
    impl Written<u8, H> for Wrong {
        fn record(&self, links: &mut graph::Links<u8, H>) -> Result<u8, Error> {
            links.link_before(self.0.borrow().as_ref().unwrap());
            Ok(0)
        }
    }
    let _gate = Gate::open_for(cycle_of_earlier_ones);
    let ring: Vec<_> = (0..3).map(|_| gc(Wrong(GcCell::default()))).collect();
    (0..3).for_each(|i| ring[i].0.set(Some(ring[(i + 1) % 3].clone())));
    let error = graph::serialize(&ring[0], &mut serde_json::Serializer::new(Vec::new())).unwrap_err().to_string();
    assert!(error.contains("could not be read back"), "{error}");
    drop(ring[0].0.take());
}

/// An object that comes in between the two looks.
#[test]
fn changed_meanwhile() {
    #[derive(Trace)]
    struct Growing(GcCell<Vec<Gc<Growing>>>);
    impl Written<u8, H> for Growing {
        fn record(&self, links: &mut graph::Links<u8, H>) -> Result<u8, Error> {
            self.0.borrow().iter().for_each(|one| _ = links.link(one));
            self.0.borrow_mut().push(gc(Growing(GcCell::default())));
            Ok(0)
        }
    }
    let _gate = Gate::open_for(changed_meanwhile);
    let root = gc(Growing(GcCell::default()));
    let error = graph::serialize(&root, &mut serde_json::Serializer::new(Vec::new())).unwrap_err().to_string();
    assert!(error.contains("Growing`: the graph was changed while it was written"), "{error}");
}

/// Each kind of bad input is an error that says where, and leaves nothing behind.
#[test]
fn bad_input() {
    let _gate = Gate::open_for(bad_input);
    let thing = |name: &str, before: &str, parts: &str| {
        let rest = r#""owner":null,"watched":null,"number":null"#;
        format!(r#"{{"Thing":{{"name":{name},"before":{before},"parts":[{parts}],{rest}}}}}"#)
    };
    let file = |nodes: &[&str], root: &str| format!(r#"{{"nodes":[{}],"root":{root}}}"#, nodes.join(","));
    let text = r#"{"Text":"x"}"#;
    assert!(from_json(&file(&[text, &thing("0", "null", "1")], "1")).is_ok_and(|root| parts(&root).len() == 1));
    let cases = [
        (file(&[], "0"), "the root: node 0 is asked for, and there are 0 nodes"),
        (file(&[text], "1"), "the root: node 1 is asked for, and there are 1 nodes"),
        (file(&[text], "4294967295"), "the root: node 4294967295 is asked for"),
        (file(&[text], "4294967296"), "invalid value"),
        (file(&[text], "-1"), "invalid value"),
        (file(&[text], "0"), "the root: node 0 is a `str`, where a `"),
        (file(&[&thing("0", "null", "")], "0"), "node 0: node 0 is needed, and does not come before it"),
        (file(&[text, &thing("0", "2", ""), &thing("0", "null", "")], "1"), "node 1: node 2 is needed, and does not"),
        (file(&[text, &thing("0", "0", "")], "1"), "node 1: node 0 is a `str`, where a `"),
        (file(&[text, &thing("0", "null", "1, 0")], "1"), "node 1: node 0 is a `str`, where a `"),
        (file(&[text, &thing("0", "null", "1, 2")], "1"), "node 1: node 2 is asked for, and there are 2 nodes"),
        (file(&[text, r#""Refused""#], "1"), "node 1: not this one"),
        (file(&[r#""Unknown""#], "0"), "unknown variant"),
        (r#"{"nodes":[]}"#.into(), "missing field `root`"),
        (r#"{"root":0}"#.into(), "missing field `nodes`"),
        (r#"{"root":0,"root":0,"nodes":[]}"#.into(), "duplicate field `root`"),
        (r#"{"nodes":[],"nodes":[],"root":0}"#.into(), "duplicate field `nodes`"),
        ("[[]]".into(), "invalid length 1"),
        ("[]".into(), "invalid length 0"),
        ("7".into(), "a graph: `nodes` and `root`"),
        (r#"{"nodes":7}"#.into(), "the records of a graph"),
    ];
    for (json, expected) in cases {
        let error = from_json(&json).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}\n{error}");
    }
    // In another order, and with what later versions may add.
    let later = format!(r#"{{"version":[2],"root":1,"nodes":[{text},{}]}}"#, thing("0", "null", ""));
    assert!(from_json(&later).is_ok());
    // A length that nothing stands for.
    assert!(postcard::from_bytes::<File>(&[0xff, 0xff, 0xff, 0xff, 0x0f]).is_err());
    assert!(postcard::from_bytes::<File>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).is_err());
}

/// Every beginning of a file, and every file with one byte changed: an error or a graph, and no panic.
#[test]
fn damaged() {
    let _gate = Gate::open_for(damaged);
    {
        let a = thing(&"a".into(), Some(thing(&"b".into(), None)));
        a.parts.set(vec![a.clone(), a.before.clone().unwrap()]);
        let bytes = postcard::to_stdvec(&File(a.clone())).unwrap();
        drop(a.parts.take());
        for length in 0..bytes.len() {
            assert!(postcard::from_bytes::<File>(&bytes[..length]).is_err());
        }
        for at in 0..bytes.len() {
            for change in 1..=if cfg!(miri) { 4 } else { 255 } {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                if let Ok(File(root)) = postcard::from_bytes::<File>(&bytes) {
                    drop(root.parts.take());
                }
            }
        }
    }
    collect();
}

/// A graph in the record of a graph: as often as it ends.
#[test]
fn nested() {
    #[derive(Trace)]
    struct Outer(GcCell<Option<Gc<Outer>>>);
    #[derive(Serialize, Deserialize)]
    struct Inner(#[serde(serialize_with = "graph::serialize", deserialize_with = "graph::deserialize")] Gc<Outer>);
    #[derive(Serialize, Deserialize)]
    struct Row(Option<Box<Inner>>);
    impl Written<Row, H> for Outer {
        fn record(&self, _: &mut graph::Links<Row, H>) -> Result<Row, Error> {
            Ok(Row(self.0.get().map(|outer| Box::new(Inner(outer)))))
        }
    }
    impl Record<H> for Row {
        fn build(self, _: &Nodes) -> Result<Built, Error> {
            Ok(Built::new(gc(Outer(GcCell::new(self.0.map(|inner| inner.0))))))
        }
    }
    let _gate = Gate::open_for(nested);
    let inner = gc(Outer(GcCell::default()));
    let outer = Inner(gc(Outer(GcCell::new(Some(inner.clone())))));
    let json = serde_json::to_string(&outer).unwrap();
    assert_eq!(json, r#"{"nodes":[{"nodes":[null],"root":0}],"root":0}"#);
    assert!(serde_json::from_str::<Inner>(&json).is_ok_and(|outer| outer.0.0.get().is_some()));
    inner.0.set(Some(outer.0.clone()));
    assert!(serde_json::to_string(&outer).unwrap_err().to_string().contains("cyclic"));
    drop(inner.0.take());
}
