//! The reader, on files that are damaged. Not for Miri: hundreds of files to compress, and nothing of ours that is unsafe.

use serde_json::json;

use crate::app::heap_file::{HeapFile, HeapFileError, Place};
use crate::parts::{Parts, gzip};

/// Reads a file that must be refused.
#[track_caller]
fn refused(file: &[u8]) -> HeapFileError {
    let error = HeapFile::read(file).expect_err("a damaged file");
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    error
}

/// Reads a damaged file and looks at the field, the byte (if the caller knows it) and a part of the message.
#[track_caller]
fn assert_refused(file: &[u8], field: &str, place: Option<Place>, message: &str) {
    let error = refused(file);
    let text = error.to_string();
    assert_eq!(error.field, field, "{text}");
    assert!(text.contains(message), "{text}");
    if let Some(place) = place {
        assert_eq!(error.place, place, "{text}");
    }
}

#[test]
fn a_sound_file_is_read_as_it_is() {
    let file = HeapFile::read(&*Parts::tiny().file()).unwrap();
    assert_eq!((file.nodes(), file.edge_count(), file.tracked(), file.bytes()), (6, 8, 3, 546));
    assert_eq!(file.edges(0), [1, 3, 1]);
    assert!(file.edges(5).is_empty());
    assert_eq!((file.type_name(1), file.size(1)), ("builtins.dict", 232));
    assert_eq!(file.roots().collect::<Vec<_>>(), [0, 3]);
    let empty = Parts::new(0, &[], &[], &[], &[]);
    assert_eq!(HeapFile::read(&*empty.file()).unwrap().nodes(), 0);
}

#[test]
fn to_the_gzip_stream() {
    let file = Parts::tiny().file();
    assert_refused(b"", "gzip header", Some(Place::File(0)), "cut short");
    assert_refused(b"{\"format\": \"pyheap-1\"}\n", "gzip header", Some(Place::File(0)), "not a gzip file");
    for len in 0..file.len() {
        let place = Some(Place::File(len as u64));
        assert!(refused(&file[..len]).to_string().contains("cut short"), "{len}");
        assert_eq!(Some(refused(&file[..len]).place), place);
    }
    let mut wrong_checksum = file.clone();
    wrong_checksum[file.len() - 8] ^= 1;
    assert_refused(&wrong_checksum, "end", None, "checksum");
    let longer = [&*file, b"more"].concat();
    assert_refused(&longer, "end", Some(Place::File(file.len() as u64)), "after the gzip stream");
    let twice = [&*file, &*file].concat();
    assert_refused(&twice, "end", Some(Place::File(file.len() as u64)), "after the gzip stream");
}

#[test]
fn data_cut_short_names_the_array_and_the_byte() {
    let parts = Parts::tiny();
    let data = parts.data();
    let header = parts.header.to_string().len() + 1;
    let arrays = [("type_of", 6), ("external_refs", 6), ("size", 6), ("offsets", 7), ("targets", 8)];
    let fields = arrays.into_iter().flat_map(|(field, len)| std::iter::repeat_n(field, len * 4));
    for (len, field) in (header..).zip(fields) {
        assert_refused(&gzip(&data[..len]), field, Some(Place::Data(len as u64)), "the data ends");
    }
    for len in 0..header {
        assert_refused(&gzip(&data[..len]), "header", Some(Place::Data(len as u64)), "no line of JSON");
    }
    assert_refused(
        &gzip(&[&*data, b"x"].concat()),
        "end",
        Some(Place::Data(data.len() as u64)),
        "goes on after 6 nodes",
    );
}

#[test]
fn to_the_header() {
    let not_json = gzip(b"{\"format\": pyheap-1}\n");
    assert_refused(&not_json, "header", Some(Place::Data(11)), "not the JSON");
    assert_refused(&gzip(b"[1, 2]\n"), "header", None, "not the JSON");
    assert_refused(&gzip(b"\xff\xfe\n"), "header", None, "not the JSON");
    assert_refused(&gzip(&vec![b' '; 5 << 20]), "header", Some(Place::Data(4 << 20)), "no line of JSON");

    for field in ["format", "nodes", "edges", "tracked", "types"] {
        let mut parts = Parts::tiny();
        parts.header.as_object_mut().unwrap().remove(field);
        assert_refused(&parts.file(), field, None, "missing");
    }
    let numbers = ["nodes", "edges", "tracked"].map(|field| {
        [
            (field, json!(-1), "not a whole number"),
            (field, json!(1.5), "not a whole number"),
            (field, json!("6"), "not a whole number"),
            (field, json!(null), "missing"),
            (field, json!(1u64 << 32), "more than u32 can hold"),
            (field, json!(u64::MAX), "more than u32 can hold"),
        ]
    });
    let others = [
        ("format", json!("pyheap-2"), "\"pyheap-2\" instead of \"pyheap-1\""),
        ("format", json!(1), "1 instead of"),
        ("tracked", json!(7), "7 are tracked out of 6"),
        ("types", json!("builtins.list"), "not the JSON"),
        ("types", json!(["builtins.list", 2]), "not the JSON"),
    ];
    for (field, value, message) in numbers.into_iter().flatten().chain(others) {
        let mut parts = Parts::tiny();
        parts.header[field] = value;
        let place = || {
            let text = parts.header.to_string();
            let key = format!("\"{field}\":");
            Place::Data((text.find(&key).unwrap() + key.len()) as u64)
        };
        let known = (message != "missing").then(place);
        assert_refused(&parts.file(), field, known, message);
    }
}

#[test]
fn numbers_in_the_header_that_do_not_fit_the_data() {
    let with = |field: &str, value: u32| {
        let mut parts = Parts::tiny();
        parts.header[field] = json!(value);
        refused(&parts.file())
    };
    assert_eq!(with("edges", 7).field, "offsets"); // the last offset says 8
    assert_eq!(with("edges", 9).field, "offsets");
    for nodes in [3, 5, 7, 100, u32::MAX] {
        with("nodes", nodes); // the arrays shift; what is found first depends on the data
    }
    // Claims 16 GiB of arrays; what is allocated depends on the 132 bytes that are there.
    assert_eq!(with("nodes", u32::MAX).field, "type_of");
}

#[test]
fn to_the_arrays() {
    let damaged = |damage: fn(&mut Parts), field, array, element, message| {
        let mut parts = Parts::tiny();
        damage(&mut parts);
        assert_refused(&parts.file(), field, Some(parts.byte(array, element)), message);
    };
    damaged(|parts| parts.type_of[2] = 5, "type_of", 0, 2, "element 2 is 5, which is not below 5");
    damaged(|parts| parts.header["types"] = json!([]), "type_of", 0, 0, "element 0 is 0, which is not below 0");
    damaged(|parts| parts.size[..2].fill(u32::MAX), "size", 2, 1, "more than 4294967296 bytes");
    damaged(|parts| parts.offsets[0] = 1, "offsets", 3, 0, "element 0 is 1 instead of 0");
    damaged(|parts| parts.offsets[2] = 2, "offsets", 3, 2, "element 2 is 2, less than the 3 before it");
    damaged(|parts| parts.offsets[4] = 9, "offsets", 3, 4, "element 4 is 9, which is not below 9");
    damaged(|parts| parts.offsets[6] = 7, "offsets", 3, 6, "element 6 is 7 instead of 8");
    damaged(|parts| parts.targets[7] = 6, "targets", 4, 7, "element 7 is 6, which is not below 6");
}

#[test]
fn no_single_changed_byte_makes_the_reader_panic() {
    let parts = Parts::tiny();
    let (data, file) = (parts.data(), parts.file());
    for mask in [1, 0x80, 0xff] {
        for byte in 0..data.len() {
            let mut data = data.clone();
            data[byte] ^= mask;
            let _ = HeapFile::read(&*gzip(&data));
        }
        for byte in 0..file.len() {
            let mut file = file.clone();
            file[byte] ^= mask;
            let _ = HeapFile::read(&*file);
        }
    }
}
