//! A cache that keeps nothing alive: an entry goes with its value, when nobody else has a handle to it.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use tricycle::{Gc, Trace, Weak};

#[derive(Trace)]
struct Image {
    pixels: Vec<u8>,
}

#[derive(Default)]
struct Cache {
    images: Rc<RefCell<HashMap<String, Weak<Image>>>>,
}

impl Cache {
    fn load(&self, path: &str) -> Gc<Image> {
        if let Some(image) = self.images.borrow().get(path).and_then(Weak::upgrade) {
            return image;
        }
        let image = Gc::new(Image { pixels: path.bytes().collect() }); // stands for reading a file
        let (images, key) = (Rc::downgrade(&self.images), path.to_owned());
        let forget = move || {
            let entry = images.upgrade().and_then(|images| images.borrow_mut().remove(&key));
            drop(entry); // when the table is no longer borrowed
        };
        self.images.borrow_mut().insert(path.to_owned(), Gc::downgrade_with(&image, forget));
        image
    }
}

fn main() {
    let cache = Cache::default();
    let (first, second) = (cache.load("sky.png"), cache.load("sky.png"));
    assert!(Gc::ptr_eq(&first, &second) && first.pixels.len() == 7);
    drop((first, second));
    assert!(cache.images.borrow().is_empty());
}
